"""The stored JSON of an event in numbered lines, a page of them at a time, long texts folded.

A line has the same number on every page, so a link to one stays good; where a part of the payload begins is listed
beside it.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from mukiau.core.event import JSONObject
from mukiau.web.event.sheet import html_bytes

MAX_PAGE_BYTES = 100_000
MAX_PAGE_LINES = 500
LINE_BYTES = 62
OPEN_CHARS = 240
FOLDED_CHARS = 4_000
MAX_PARTS = 60
_PART = re.compile(r'(?: {2}| {4})"([^"\\]{1,80})": ')


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonLine:
    """One line."""

    number: int
    text: str
    more: str
    """What follows, folded."""
    left_out: int
    """Characters that are only in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonPart:
    """Where a part of the document begins."""

    name: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonPage:
    """Lines of one page."""

    lines: tuple[JsonLine, ...]
    total: int
    parts: tuple[JsonPart, ...]
    """Of the whole document."""

    @property
    def first(self) -> int:
        return self.lines[0].number if self.lines else 1

    @property
    def previous(self) -> int | None:
        """Where the page before begins."""
        return max(1, self.first - MAX_PAGE_LINES) if self.first > 1 else None

    @property
    def next(self) -> int | None:
        """Where the page after begins."""
        last = self.lines[-1].number if self.lines else self.total
        return last + 1 if last < self.total else None


def json_text(document: JSONObject) -> str:
    """Return the document indented; half a surrogate pair, which cannot be sent, becomes a question mark."""
    indented = json.dumps(document, ensure_ascii=False, indent=2, default=str)
    return indented.encode("utf-8", "replace").decode()


def json_page(document: JSONObject, *, first: int = 1) -> JsonPage:
    """Return the lines from `first` on that fit on a page."""
    every = json_text(document).split("\n")
    first = min(max(1, first), len(every))
    return JsonPage(lines=tuple(_fitting(every, first)), total=len(every), parts=tuple(_parts(every)))


def _fitting(every: Sequence[str], first: int) -> list[JsonLine]:
    left = MAX_PAGE_BYTES
    lines: list[JsonLine] = []
    for number, whole in enumerate(every[first - 1 : first - 1 + MAX_PAGE_LINES], first):
        end = OPEN_CHARS + FOLDED_CHARS
        shown = whole[:end]
        left -= html_bytes(shown) + LINE_BYTES
        if left < 0 and lines:
            break
        lines.append(
            JsonLine(number=number, text=shown[:OPEN_CHARS], more=shown[OPEN_CHARS:], left_out=max(0, len(whole) - end))
        )
    return lines


def _parts(every: Sequence[str]) -> list[JsonPart]:
    found = ((number, _PART.match(line)) for number, line in enumerate(every, 1))
    return [JsonPart(name=match[1], number=number) for number, match in found if match][:MAX_PARTS]
