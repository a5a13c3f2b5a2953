"""Reads tables of a policy's text: every value checked, every mistake noted with its line, a sound value always returned."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TypeVar

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.grouping.globs import MAX_GLOB_CHARS, Globs
from mukiau.core.grouping.policy import MAX_FRAMES_COUNTED, WITH_ARGUMENT, Source, SourceKind, Text
from mukiau.core.grouping.policy_lines import Path
from mukiau.core.grouping.policy_mistakes import Mistake, MistakeKind, find_meant, shortened
from mukiau.core.grouping.shapes import ShapeError, check_shape

MAX_ENTRIES = 200
"""Of a list of globs or shapes."""
MUST_NOT_SPLIT = frozenset(
    "environment env deployment.environment release version dist server_name host hostname host.name node pod".split()
)
"""Tags (and fields) that say where or with what something ran; they never make another issue."""
SOURCES = tuple(
    f"frames:1…{MAX_FRAMES_COUNTED}" if kind is SourceKind.FRAMES
    else f"{kind}:{'NAME' if kind is SourceKind.TAG else 'KEY'}" if kind in WITH_ARGUMENT
    else kind.value
    for kind in SourceKind
)  # fmt: skip
_NAMED = re.compile(r"\{\{ {0,9}([^{}]{0,100}?) {0,9}\}\}")
Choice = TypeVar("Choice", bound=StrEnum)


class Reading:
    """Mistakes so far, and where everything stands."""

    def __init__(self, lines: dict[Path, int]) -> None:
        self.mistakes: list[Mistake] = []
        self._lines = lines

    def line_of(self, path: Path) -> int:
        """Return the line of a key, else of what it stands in."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def table(self, given: JSONObject, path: Path, allowed: Sequence[str] | None) -> "Table":
        """Return a table whose keys are looked at; None allows every key."""
        table = Table(self, given, path)
        for key in given if allowed is not None else ():
            if key not in (allowed or ()):
                kind = MistakeKind.MUST_NOT_SPLIT if key in MUST_NOT_SPLIT else MistakeKind.UNKNOWN_KEY
                meant = "" if key in MUST_NOT_SPLIT else find_meant(key, allowed or ())
                table.mistake(kind, key, given=key, allowed=tuple(allowed or ()), meant=meant)
        return table


class Table:
    """One table of the text."""

    def __init__(self, reading: Reading, given: JSONObject, path: Path) -> None:
        self.given = given
        self._reading = reading
        self._path = path

    def mistake(self, kind: MistakeKind, *keys: str | int, **more: object) -> None:
        """Note a mistake at a key of this table."""
        path = (*self._path, *keys)
        shown = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
        given = more.pop("given", "")
        self._reading.mistakes.append(
            Mistake(kind=kind, line=self._reading.line_of(path), path=shown, given=shortened(given), **more)  # type: ignore[arg-type]
        )

    def required(self, key: str, allowed: str) -> None:
        """Note it where a key is missing."""
        if key not in self.given:
            self.mistake(MistakeKind.MISSING, key, allowed=(allowed,))

    def inner(self, key: str, allowed: Sequence[str] | None) -> "Table":
        """Return a table within this one, empty where there is none."""
        given = self.given.get(key, {})
        if not isinstance(given, dict):
            self._wrong_type("a table", key)
            given = {}
        return self._reading.table(given, (*self._path, key), allowed)

    def tables(self, key: str, allowed: Sequence[str], *, most: int) -> "list[Table]":
        """Return the tables of `[[key]]`."""
        given = self.given.get(key, [])
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            self._wrong_type(f"tables, each under [[{key}]]", key)
            return []
        if len(given) > most:
            self.mistake(MistakeKind.TOO_MANY, key, most, allowed=(f"at most {most}",))
        return [self._reading.table(one, (*self._path, key, index), allowed) for index, one in enumerate(given[:most])]

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        given = self.given.get(key, default)
        if isinstance(given, bool):
            return given
        self._wrong_type("true or false", key)
        return default

    def whole(self, key: str, default: int, *, least: int, most: int) -> int:
        """Return a whole number within its range."""
        given = self.given.get(key, default)
        allowed = f"{least}" if least == most else f"a whole number from {least} to {most}"
        if not isinstance(given, int) or isinstance(given, bool):
            self._wrong_type(allowed, key)
        elif not least <= given <= most:
            self.mistake(MistakeKind.OUT_OF_RANGE, key, given=given, allowed=(allowed,))
        else:
            return given
        return default

    def choice(self, key: str, default: Choice, choices: type[Choice]) -> Choice:
        """Return one of the values of an enumeration."""
        given = self.given.get(key, default.value)
        allowed = [choice.value for choice in choices]
        if isinstance(given, str) and given in allowed:
            return choices(given)
        self._not_allowed(given, allowed, key)
        return default

    def text(self, key: str, *, chars: int) -> str:
        """Return a text of one line; "" where there is none."""
        given = self.given.get(key, "")
        if not isinstance(given, str):
            self._wrong_type("a text", key)
            return ""
        return given.strip() if key not in self.given or self._is_fit(given, chars, key) else ""

    def texts(self, key: str, *, most: int, chars: int) -> tuple[str, ...]:
        """Return a list of texts; one text alone is a list of it."""
        given = self.given.get(key, [])
        entries = given if isinstance(given, list) else [given]
        if not all(isinstance(entry, str) for entry in entries):
            self._wrong_type("a text or a list of texts", key)
            return ()
        if len(entries) > most:
            self.mistake(MistakeKind.TOO_MANY, key, allowed=(f"at most {most}",))
        return tuple(entry for index, entry in enumerate(entries[:most]) if self._is_fit(entry, chars, key, index))

    def globs(self, key: str, *, in_names: bool) -> Globs:
        """Return a list of globs."""
        return Globs(self.texts(key, most=MAX_ENTRIES, chars=MAX_GLOB_CHARS), in_names=in_names)

    def shapes(self, key: str) -> tuple[str, ...]:
        """Return a list of shapes."""
        entries = self.texts(key, most=MAX_ENTRIES, chars=MAX_GLOB_CHARS)
        return tuple(entry for index, entry in enumerate(entries) if self._is_shape(entry, key, index))

    def words(self, key: str, allowed: Sequence[str]) -> frozenset[str] | None:
        """Return some of the allowed words; None where the key is missing."""
        if key not in self.given:
            return None
        entries = self.texts(key, most=MAX_ENTRIES, chars=MAX_GLOB_CHARS)
        for index, entry in enumerate(entries):
            if entry not in allowed:
                self._not_allowed(entry, allowed, key, index)
        return frozenset(entries)

    def matching(self, key: str, pattern: re.Pattern[str], allowed: str) -> frozenset[str] | None:
        """Return texts of one form; None where the key is missing."""
        if key not in self.given:
            return None
        entries = self.texts(key, most=MAX_ENTRIES, chars=MAX_GLOB_CHARS)
        for index, entry in enumerate(entries):
            if not pattern.fullmatch(entry):
                self._not_allowed(entry, (allowed,), key, index)
        return frozenset(entries)

    def is_fair(self, key: str, *, name: str = "") -> bool:
        """Say whether a tag may tell issues apart; note it where not."""
        if (name or key).lower() not in MUST_NOT_SPLIT:
            return True
        self.mistake(MistakeKind.MUST_NOT_SPLIT, key, given=name or key)
        return False

    def source(self, key: str, index: int, entry: str) -> Source | None:
        """Return what an entry names of an event; None, and a mistake, where it names nothing."""
        kind, colon, argument = (part.strip() for part in entry.partition(":"))
        if kind in MUST_NOT_SPLIT:
            self.mistake(MistakeKind.MUST_NOT_SPLIT, key, index, given=kind)
            return None
        is_known = (
            kind in list(SourceKind) and bool(argument) is (kind in WITH_ARGUMENT) and bool(colon) is bool(argument)
        )
        if not is_known or (kind == SourceKind.FRAMES and argument not in _COUNTS):
            self.mistake(
                MistakeKind.NOT_ALLOWED, key, index, given=entry, allowed=SOURCES, meant=_meant_source(kind, argument)
            )
            return None
        if kind == SourceKind.TAG and not self.is_fair(key, name=argument):
            return None
        return Source(SourceKind(kind), argument)

    def template(self, key: str, entry: str, index: int = 0) -> Text | None:
        """Return a text with what it names of an event; None, and a mistake, where it cannot be read."""
        literals = _NAMED.split(entry)
        if any("{{" in piece or "}}" in piece for piece in literals[::2]):
            self.mistake(MistakeKind.BAD_TEXT, key, index, given=entry)
            return None
        if literals[1::2] == ["default"] and not "".join(literals[::2]).strip():
            return Text((), is_default=True)
        pieces = [self.source(key, index, piece) if at % 2 else piece for at, piece in enumerate(literals)]
        return None if None in pieces else Text(tuple(piece for piece in pieces if piece))

    def _is_fit(self, entry: str, chars: int, *keys: str | int) -> bool:
        if not entry.strip():
            self.mistake(MistakeKind.EMPTY, *keys)
        elif len(entry) > chars:
            self.mistake(MistakeKind.TOO_LONG, *keys, given=entry, allowed=(f"at most {chars} characters",))
        elif not entry.replace("\u3000", " ").isprintable():
            self.mistake(MistakeKind.WRONG_TYPE, *keys, given=entry, allowed=("one line of visible characters",))
        else:
            return True
        return False

    def _is_shape(self, entry: str, key: str, index: int) -> bool:
        try:
            check_shape(entry)
        except ShapeError as error:
            self.mistake(MistakeKind.BAD_SHAPE, key, index, given=entry, note=str(error))
            return False
        return True

    def _wrong_type(self, allowed: str, key: str) -> None:
        self.mistake(MistakeKind.WRONG_TYPE, key, given=self.given.get(key), allowed=(allowed,))

    def _not_allowed(self, given: JSONValue, allowed: Iterable[str], *keys: str | int) -> None:
        allowed = tuple(allowed)
        self.mistake(
            MistakeKind.NOT_ALLOWED, *keys, given=given, allowed=allowed, meant=find_meant(str(given), allowed)
        )


_COUNTS = frozenset(str(count) for count in range(1, MAX_FRAMES_COUNTED + 1))


def _meant_source(kind: str, argument: str) -> str:
    meant = find_meant(kind, list(SourceKind))
    if meant in WITH_ARGUMENT:
        return f"{meant}:{argument or ('3' if meant == SourceKind.FRAMES else 'NAME')}"
    return meant
