"""The last lines that nothing is known of yet, and what a line below them tells: that they head a trace, or have a prefix.

Tools put all kinds of things in front of each line: `gateway  | `, `npm ERR! `, `[10:00:00] `, `E/App(4711): `, `host api: `.
No list of them is complete, so a prefix is *learned*: where the inner line of a trace stands behind something, and the
lines directly above begin with something of the same shape (digits and the width of gaps aside), that is a prefix. It
takes three lines, or two when the first of them begins a trace behind it.

A prefix with a time or level in it (*headed*) is taken off a line only where the rest goes on with a trace: elsewhere it
is the head that tells one entry from the next. Any other prefix is taken off every line from then on.
"""

import re
from collections import deque
from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from mukiau.core.event import JSONObject, Level
from mukiau.core.records.headers import sniff
from mukiau.core.records.learned import Prefix, common_gap, find_cuts, shape_of_prefix
from mukiau.core.records.moments import read_time
from mukiau.core.records.open_entry import OpenEntry
from mukiau.core.records.record import SAME_MOMENT_MS, Record, apart_ms, is_same_instant
from mukiau.core.records.saving import record_from_json, record_to_json
from mukiau.core.records.succession import is_go_call
from mukiau.core.traces.generic import is_message_of_perl
from mukiau.core.traces.registry import classify_line
from mukiau.core.traces.trace import LineKind

MAX_LINES = 16
"""Lines remembered: the header, a message of some lines and the first frames."""
MAX_PREFIXES = 4
"""Prefixes of one stream; the one learned first makes room for another."""
MAX_MESSAGE_LINES = 4
"""Lines of a message under a type that only the frames below make one."""

# A type behind up to two of a message's parts: `checkout failed: Refused: no stock`.
WEAK_START = re.compile(
    r"(?:[^:\n]{1,80}: ){0,2}?(?:(?:[\w$]{1,80}[.\\]){1,12}[A-Z][\w$]{0,80}|[A-Z][\w$]{2,80})(?: \[\w{1,60}\])?: \S"
)


_FRACTION = re.compile(r"\d[.,]\d{3}")


class Stray(NamedTuple):
    """A line as it stood in the stream."""

    at: int
    """The stream's line counter."""
    record: Record
    text: str
    is_owned: bool = False
    """It has begun an entry: what comes below joins that."""


class Lesson(NamedTuple):
    """A prefix just learned: the lines above that have it, oldest first, each with its text behind the prefix."""

    prefix: Prefix
    above: tuple[tuple[Stray, str], ...]
    rest: str
    """The text of the line that taught it, behind the prefix."""
    is_begun: bool
    """The beginning of a trace is among the lines above."""


class Above(NamedTuple):
    """The trace above a line."""

    entry: OpenEntry
    between: tuple[tuple[Stray, str], ...]
    """The lines between both, oldest first, each with its text behind the prefix."""


class Strays:
    """The strays of one stream and the prefixes it has taught."""

    def __init__(self) -> None:
        self.lines: deque[Stray] = deque(maxlen=MAX_LINES)
        self.prefixes: list[Prefix] = []
        self._head = ""
        """The learned head in front of the last line that got it taken off."""

    def note(self, at: int, record: Record, text: str, *, is_owned: bool = False) -> None:
        """Remember a line; only lines directly below each other are kept."""
        if self.lines and self.lines[-1].at != at - 1:
            self.lines.clear()
        self.lines.append(Stray(at, record, text, is_owned))

    def is_last(self, at: int) -> bool:
        """Whether the stream's last line is remembered here, so that the next one may depend on it."""
        return bool(self.lines) and self.lines[-1].at == at

    def is_waiting(self, at: int) -> bool:
        """Whether the next line may depend on what is held here."""
        return bool(self.prefixes) or self.is_last(at)

    def find(self, at: int) -> Stray | None:
        """The line remembered at a position of the stream."""
        return next((one for one in self.lines if one.at == at), None)

    def header_of(self, at: int, body: str) -> list[Record]:
        """The lines directly above an inner line of a trace that begin it without having looked like it."""
        above = list(takewhile(lambda one: not one.is_owned, reversed(self.lines)))[::-1]
        if not above or not self.is_last(at - 1):
            return []
        last = above[-1].text
        if is_message_of_perl(last):
            return [above[-1].record]
        for lines in range(1, min(len(above), MAX_MESSAGE_LINES) + 1):
            if WEAK_START.match(above[-lines].text):
                return [one.record for one in above[-lines:]]
        if ".go:" in body and is_go_call(last):
            return [one.record for one in above[-2:]]
        return []

    def head_above(self, at: int) -> Record | None:
        """The line directly above when it has a time and no level: with a trace under it, it is an error's."""
        last = self.lines[-1] if self.is_last(at - 1) else None
        head = sniff(last.text) if last is not None and not last.is_owned else None
        return last.record if last is not None and head is not None and head.level is None else None

    def strip(self, text: str) -> str:
        """Take a prefix without time and level off a text, and off those of its further lines that have it too."""
        for prefix in self.prefixes:
            if not prefix.is_headed and prefix.pattern.match(text) is not None:
                return "\n".join(map(prefix.off, text.split("\n")))
        return text

    def headed_rest(self, text: str) -> str | None:
        """What stands behind a headed prefix; None where the text has none."""
        for prefix in self.prefixes:
            if prefix.is_headed and (match := prefix.pattern.match(text)) is not None:
                return text[match.end() :]
        return None

    def note_head(self, head: str) -> None:
        """Remember what was taken off the stream's last line."""
        self._head = head

    def is_same_call(self, head: str) -> bool:
        """Whether two lines with heads were written by one call, as far as a time with a fraction of a second tells."""
        return _FRACTION.search(head) is not None and is_same_instant(read_time(self._head), read_time(head))

    def learn(self, at: int, record: Record, text: str, *, is_headed: bool) -> Lesson | None:
        """Learn a prefix from a line that goes on with a trace behind it, where the lines above have it too."""
        last = self.lines[-1] if self.is_last(at - 1) else None
        if last is None or not _may_share_prefix(last.text, text) or not _is_near(last.record, record):
            return None
        lessons = [self._lesson(record, text, cut, is_headed=is_headed) for cut in find_cuts(text, is_headed=is_headed)]
        lesson = max(filter(None, lessons), key=_worth, default=None)
        if lesson is not None:
            self._keep(lesson.prefix)
            self.lines.clear()
        return lesson

    def _lesson(self, record: Record, text: str, cut: int, *, is_headed: bool) -> Lesson | None:
        """What the lines above say of a prefix that ends there; None where they do not have it or prove too little."""
        pattern = shape_of_prefix(text[:cut])
        above = []
        for one in reversed(self.lines):
            match = pattern.match(one.text)
            if match is None or not _is_near(one.record, record):
                break
            above.append((one, one.text[match.end() :]))
        above.reverse()
        gap = common_gap([text[cut:], *(rest for _, rest in above)])
        above = _behind(above, gap)
        is_begun = any(_begins_trace(rest, is_headed=is_headed) for _, rest in above)
        if len(gap) > 1 and not (is_begun or any(WEAK_START.match(rest) for _, rest in above)):
            # Most of it may be the indent of the trace's frames, whose beginning is not among the lines.
            above, gap = [(one, gap[1:] + rest) for one, rest in above], gap[:1]
        prefix = Prefix(text[: cut + len(gap)], shape_of_prefix(text[: cut + len(gap)]), is_headed)
        rest = text[len(prefix.text) :]
        above = _of_trace(above, rest, is_headed=is_headed)
        return Lesson(prefix, tuple(above), rest, is_begun) if above else None

    def learn_from(self, entry: OpenEntry, text: str) -> Prefix | None:
        """Learn a prefix from an inner line of a trace below an entry all of whose lines have it."""
        if entry.has_trace:
            return None
        for cut in find_cuts(text):
            pattern = shape_of_prefix(text[:cut])
            matches = [pattern.match(line) for line in entry.lines[:MAX_LINES]]
            rests = [match.string[match.end() :] for match in matches if match is not None]
            if len(rests) == len(matches):
                whole = text[: cut + len(common_gap([text[cut:], *rests]))]
                prefix = Prefix(whole, shape_of_prefix(whole), is_headed=False)
                self._keep(prefix)
                return prefix
        return None

    def _keep(self, prefix: Prefix) -> None:
        known = [one for one in self.prefixes if one.pattern.pattern != prefix.pattern.pattern]
        self.prefixes = [*known, prefix][-MAX_PREFIXES:]

    def to_json(self) -> JSONObject:
        """Everything a restart needs."""
        return {
            "lines": [[one.at, record_to_json(one.record), _own_text(one), one.is_owned] for one in self.lines],
            "head": self._head,
            "prefixes": [[prefix.text, prefix.is_headed] for prefix in self.prefixes],
        }

    @classmethod
    def from_json(cls, value: JSONObject, key: tuple[str, str, str]) -> "Strays":
        """Rebuild what `to_json` gave."""
        strays = cls()
        for at, saved, text, is_owned in value["lines"]:
            record = record_from_json(saved, key)
            strays.lines.append(Stray(at, record, record.message if text is None else text, is_owned))
        strays._head = value.get("head", "")  # not in a state that an earlier version saved
        strays.prefixes = [Prefix(text, shape_of_prefix(text), is_headed) for text, is_headed in value["prefixes"]]
        return strays


def _own_text(stray: Stray) -> str | None:
    """Return the text where it is not the record's, as nearly always: it is not saved twice."""
    return None if stray.text == stray.record.message else stray.text


def _behind(lines: list[tuple[Stray, str]], gap: str) -> list[tuple[Stray, str]]:
    """The lines without what stands in front of each, of which a blank one may have less."""
    return [(one, rest[len(gap) :]) for one, rest in lines]


def _worth(lesson: Lesson) -> tuple[bool, int, int]:
    """What all lines of a trace have is the prefix's, as long as the beginning of the trace has it too."""
    return lesson.is_begun, len(lesson.above), len(lesson.prefix.text)


def _of_trace(above: list[tuple[Stray, str]], below: str, *, is_headed: bool) -> list[tuple[Stray, str]]:
    """The lines that teach: with heads only those of the trace itself, else all; empty where they prove too little."""
    begins = [_begins_trace(rest, is_headed=is_headed) for _, rest in above]
    if not is_headed:
        return above if any(begins) or len(above) > 1 else []
    if any(begins):
        first = len(begins) - 1 - begins[::-1].index(True)
        while first and begins[first - 1]:  # `Unhandled exception:` and under it what it was
            first -= 1
        return above[first:]
    if ".go:" in below and above and is_go_call(above[-1][1].strip()):
        return above[-2:]
    return above[-1:] if above and above[-1][0].is_owned else []


def _is_near(one: Record, other: Record) -> bool:
    apart = apart_ms(one.timestamp_ms, other.timestamp_ms)
    return apart is None or apart <= SAME_MOMENT_MS


def _may_share_prefix(one: str, other: str) -> bool:
    """Whether two lines begin alike, digits aside."""
    return one[:1] == other[:1] or (one[:1].isdigit() and other[:1].isdigit())


def _begins_trace(rest: str, *, is_headed: bool) -> bool:
    if classify_line(rest) is LineKind.START:
        return True
    return is_headed and (WEAK_START.match(rest) is not None or _is_head_of_error(rest))


def _is_head_of_error(rest: str) -> bool:
    """Whether a logger's own head stands behind that of what shipped the line, and says that a trace may follow."""
    head = sniff(rest)
    return head is not None and head.level in (Level.WARNING, Level.ERROR, Level.FATAL)


def with_head(prefix: str, rest: str) -> str:
    """A text with time and level of the prefix it stood behind, where it has none of its own."""
    head = sniff(prefix) if sniff(rest) is None else None
    return f"{prefix[: head.message_at].rstrip()} {rest}" if head is not None else rest


def trace_above(entries: Sequence[OpenEntry], strays: Strays, at: int) -> Above | None:
    """The trace directly above a line, past the lines with a learned prefix that nobody has claimed."""
    between: list[tuple[Stray, str]] = []
    for above in range(at - 1, at - 1 - MAX_LINES, -1):
        traced = next((one for one in entries if one.touched == above and one.has_trace), None)
        if traced is not None:
            return Above(traced, tuple(reversed(between)))
        stray = strays.find(above)
        rest = strays.headed_rest(stray.text) if stray is not None else None
        if stray is None or rest is None:
            return None
        between.append((stray, rest))
    return None
