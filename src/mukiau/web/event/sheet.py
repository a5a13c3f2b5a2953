"""The page of an event as a sheet with so much room: what does not fit is left out and counted, never silently.

A payload may have a megabyte, in one text or in ten thousand small ones; the page stays small enough for a phone. Each
section gets a part of the sheet. Whoever wants all of it opens the page with `?all=1`, which has no bound.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.html import escape

from mukiau.core.event import JSONValue
from mukiau.web.event.remarks import Remarks
from mukiau.web.event.shapes import entries_of, text

MAX_EVENT_BYTES = 78_000
"""HTML of everything that comes from the event; with the frame of the page and what is known of the issue 150 KB."""
INLINE_JSON_CHARS = 80
"""An object or list whose JSON is longer stands on lines of its own."""
VALUE_MARKUP_BYTES = 70
MIN_FOLDED_CHARS = 100
MAX_NAME_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """How much of a text is open, how much folded; what is longer still is not on the page."""

    open_chars: int
    open_lines: int
    max_chars: int

    def at(self, shown: str) -> int:
        """Return where the open part of a text ends, never just before its end."""
        at = 0
        for _ in range(self.open_lines):
            end = shown.find("\n", at)
            if end < 0 or end > self.open_chars:
                at = self.open_chars
                break
            at = end + 1
        return at if len(shown) > at + MIN_FOLDED_CHARS else len(shown)


SHORT = Fold(open_chars=500, open_lines=12, max_chars=6_000)
MESSAGE = Fold(open_chars=2_000, open_lines=25, max_chars=8_400)
LOG = Fold(open_chars=2_500, open_lines=40, max_chars=20_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value as it is shown."""

    text: str
    more: str = ""
    """What follows, folded."""
    left_out: int = 0
    """Characters that are not on the page."""
    remark: str = ""
    """What the sender did to it, in words."""

    @property
    def whole(self) -> str:
        """All that is on the page."""
        return self.text + self.more

    @property
    def is_there(self) -> bool:
        return bool(self.text or self.left_out or self.remark)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Named values."""

    entries: tuple[tuple[str, Value], ...] = ()
    hidden: int = 0
    """Further entries that are not on the page."""

    @property
    def count(self) -> int:
        return len(self.entries) + self.hidden


NOTHING = Pairs()


class Sheet:
    """The room that is left on a page, and the remarks to the values put on it."""

    def __init__(self, remarks: Remarks, *, max_bytes: float = MAX_EVENT_BYTES, above: "Sheet | None" = None) -> None:
        self.remarks = remarks
        self._above = above
        self._left = max_bytes
        self.is_short = False
        """Something did not fit."""

    def part(self, max_bytes: float) -> "Sheet":
        """Return a part of the sheet that holds no more than this; the whole sheet counts it too."""
        return Sheet(self.remarks, max_bytes=self.left if self.is_endless else max_bytes, above=self)

    @property
    def left(self) -> float:
        return self._left if self._above is None else min(self._left, self._above.left)

    @property
    def is_endless(self) -> bool:
        return self.left == float("inf")

    def takes(self, size: int) -> bool:
        """Take room for so many bytes, if there is so much."""
        if size > self.left:
            self.fall_short()
            return False
        self._left -= size
        return self._above is None or self._above.takes(size)

    def fall_short(self) -> None:
        """Remember that something did not fit."""
        self.is_short = True
        if self._above is not None:
            self._above.fall_short()

    def value(self, content: JSONValue, path: str = "", *, fold: Fold = SHORT) -> Value:
        """Return a value with what fits of it."""
        whole = show_json(content)
        fitting = self._fitting(whole, fold.max_chars)
        at = fold.at(fitting)
        remark = self.remarks.at(path) if path else ""
        return Value(text=fitting[:at], more=fitting[at:], left_out=len(whole) - len(fitting), remark=remark)

    def pairs(self, content: JSONValue, path: str = "", *, known: Collection[str] = ()) -> Pairs:
        """Return the entries of an object (or a list of pairs) but the known ones, then remarks to values that are
        gone."""
        given = [(name, value) for name, value in entries_of(content) if name not in known]
        names = {name for name, _ in entries_of(content)}
        given += [(n, "") for n in self.remarks.names_below(path) if path and n not in names and n not in known]
        shown: list[tuple[str, Value]] = []
        for name, value in given:
            if self.left < 2 * VALUE_MARKUP_BYTES:
                self.fall_short()
                break
            shown.append((self._fitting(name), self.value(value, f"{path}.{name}" if path else name)))
        return Pairs(entries=tuple(shown), hidden=len(given) - len(shown))

    def _fitting(self, whole: str, max_chars: int = MAX_NAME_CHARS) -> str:
        """Return the beginning of a text that fits, and take its room."""
        fitting = whole if self.is_endless else whole[:max_chars]
        size = html_bytes(fitting)
        room = self.left - VALUE_MARKUP_BYTES
        if size > max(0, room):
            fitting = fitting[: max(0, int(len(fitting) * room / size))]
            size = html_bytes(fitting)
        if len(fitting) < len(whole):
            self.fall_short()
        size += VALUE_MARKUP_BYTES
        self.takes(size if self.is_endless else min(size, int(self.left)))
        return fitting


def html_bytes(shown: str) -> int:
    """Return the length of a text in escaped HTML."""
    return len(escape(shown).encode("utf-8", "replace"))


def show_json(value: JSONValue) -> str:
    """Return a text as it is, a small object or list on one line, a larger one indented, null as `null`."""
    if not isinstance(value, dict | list):
        return "null" if value is None else text(value)
    flat = json.dumps(value, ensure_ascii=False, default=str)
    return flat if len(flat) <= INLINE_JSON_CHARS else json.dumps(value, ensure_ascii=False, indent=2, default=str)
