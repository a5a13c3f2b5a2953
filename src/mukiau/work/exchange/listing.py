"""A list of manuals that are kept elsewhere (a wiki, a shared drive), as CSV: one runbook a line.

Columns are found by their headings, in either language and any order; only the title is required. Several services or
keywords stand in one cell, apart by `;`, `、` or a line end, as spreadsheets write them. A line that cannot be used is told
with its number, and the others are taken all the same.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MAX_LISTED = 5_000
"""Manuals in one list; a company's wiki has some hundred."""
MAX_CELL_CHARS = 2_000
_COLUMNS = {
    "title": "title",
    "name": "title",
    "タイトル": "title",
    "題名": "title",
    "件名": "title",
    "手順名": "title",
    "マニュアル名": "title",
    "url": "url",
    "link": "url",
    "リンク": "url",
    "service": "services",
    "services": "services",
    "サービス": "services",
    "keyword": "keywords",
    "keywords": "keywords",
    "キーワード": "keywords",
}
_SEVERAL = re.compile(r"[;；、\n]")
_ADDRESS = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)


class ListProblem(StrEnum):
    """Why a line or a whole list was not taken; commands and pages have a sentence for each."""

    NO_TITLE_COLUMN = "no_title_column"
    NO_TITLE = "no_title"
    BAD_ADDRESS = "bad_address"
    TWICE = "twice"
    TOO_MANY = "too_many"
    NOT_CSV = "not_csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manual:
    """One line: what is known of a manual."""

    line: int
    """Of the file, from 1."""
    title: str
    url: str = ""
    services: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a file held."""

    manuals: tuple[Manual, ...]
    problems: tuple[tuple[int, ListProblem], ...]
    """Line numbers, from 1, and what is wrong there."""


@dataclass(slots=True)
class _Reading:
    manuals: list[Manual] = field(default_factory=list)
    problems: list[tuple[int, ListProblem]] = field(default_factory=list)
    titles: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)

    def take(self, line: int, cells: Mapping[str, str]) -> None:
        title, url = " ".join(cells.get("title", "").split()), cells.get("url", "").strip()
        manual = Manual(
            line=line,
            title=title,
            url=url,
            services=_several(cells.get("services", "")),
            keywords=_several(cells.get("keywords", "")),
        )
        if (wrong := self._what_is_wrong(manual)) is not None:
            self.problems.append((line, wrong))
            return
        self.titles.add((title, manual.services))
        self.manuals.append(manual)

    def _what_is_wrong(self, manual: Manual) -> ListProblem | None:
        if not manual.title:
            return ListProblem.NO_TITLE
        if manual.url and not _ADDRESS.fullmatch(manual.url):
            return ListProblem.BAD_ADDRESS
        if (manual.title, manual.services) in self.titles:
            return ListProblem.TWICE
        return ListProblem.TOO_MANY if len(self.manuals) >= MAX_LISTED else None


def parse_listing(text: str) -> Listing:
    """Read a list; whatever it holds, there is a result.

    >>> parse_listing("サービス,タイトル\\norder;cart,在庫不足\\n").manuals[0].services
    ('order', 'cart')
    """
    reading = _Reading()
    try:
        rows = list(_rows(text.removeprefix("\ufeff")))
    except csv.Error:
        return Listing(manuals=(), problems=((1, ListProblem.NOT_CSV),))
    header = [_COLUMNS.get(_folded(cell), "") for cell in rows[0][1]] if rows else []
    if "title" not in header:
        return Listing(manuals=(), problems=((1, ListProblem.NO_TITLE_COLUMN),))
    for line, cells in rows[1:]:
        reading.take(line, {name: cell[:MAX_CELL_CHARS] for name, cell in zip(header, cells, strict=False) if name})
    return Listing(manuals=tuple(reading.manuals), problems=tuple(reading.problems))


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that hold something, with the number of their first; tabs part cells where the first line has them."""
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter="\t" if "\t" in first else ",")
    before = 0
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield before + 1, cells
        before = reader.line_num


def _folded(heading: str) -> str:
    return unicodedata.normalize("NFKC", heading).strip().casefold()


def _several(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(part.split()) for part in _SEVERAL.split(cell) if part.strip()))
