"""The translations: what the program says, and what the catalogue has for it.

Run as a program it brings the .po file up to date (new texts come without a translation) and compiles it:

    python tests/web/catalogue.py
"""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).parents[2] / "src" / "mukiau"
KEYWORDS: dict[str, object] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def catalogue_path(language: str) -> Path:
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"


def read_catalogue(language: str) -> Catalog:
    with catalogue_path(language).open("rb") as file:
        return read_po(file, locale=language)


def extract_catalogue() -> Catalog:
    """Return every text of Python files and templates."""
    catalogue = Catalog(fuzzy=False)
    for path in sorted(PACKAGE.joinpath("web").rglob("*")):
        if path.suffix in {".py", ".html"}:
            for line, text, context in _texts(path):
                place = (path.relative_to(PACKAGE.parent).as_posix(), line)
                catalogue.add(text, locations=[place], context=context)
    return catalogue


def _texts(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], str | None]]:
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".html":  # what is left of the markup must not look like indentation
        source = "\n".join(line.lstrip() for line in templatize(source, origin=str(path)).splitlines())
    file = io.BytesIO(source.encode())
    for line, text, _comments, context in extract("python", file, keywords=KEYWORDS):  # type: ignore[arg-type]
        yield line, text, context


def update(language: str) -> list[str]:
    """Bring a catalogue up to date, compile it, and return the texts that have no translation."""
    path = catalogue_path(language)
    catalogue = read_catalogue(language) if path.exists() else Catalog(locale=language)
    catalogue.update(extract_catalogue(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy, catalogue.header_comment = False, f"# mukiau in {catalogue.locale.english_name}."
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as po:
        write_po(po, catalogue, width=120, omit_header=False, sort_output=False, include_lineno=False)
    with path.with_suffix(".mo").open("wb") as mo:
        write_mo(mo, catalogue)
    return missing(catalogue)


def missing(catalogue: Catalog) -> list[str]:
    """Return the texts without a (complete) translation."""
    return [str(message.id) for message in catalogue if message.id and not _is_translated(message.string)]


def _is_translated(text: str | tuple[str, ...]) -> bool:
    return all(text) if isinstance(text, tuple) else bool(text)


if __name__ == "__main__":
    for untranslated in update("ja"):
        print(untranslated)
