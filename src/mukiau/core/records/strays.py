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
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, takewhile
from typing import NamedTuple

from mukiau.core.event import JSONObject
from mukiau.core.records.formats import looks_like_object
from mukiau.core.records.headers import sniff
from mukiau.core.records.open_entry import OpenEntry
from mukiau.core.records.record import SAME_MOMENT_MS, Record, apart_ms
from mukiau.core.records.saving import record_from_json, record_to_json
from mukiau.core.records.succession import is_go_call
from mukiau.core.traces.generic import is_message_of_perl
from mukiau.core.traces.registry import RUNTIMES, classify_line
from mukiau.core.traces.trace import LineKind

MAX_LINES = 16
"""Lines remembered: the header, a message of some lines and the first frames."""
MAX_PREFIXES = 4
"""Prefixes of one stream; the one learned first makes room for another."""
MAX_PREFIX_CHARS = 160
MAX_MESSAGE_LINES = 4
"""Lines of a message under a type that only the frames below make one."""

# Where the inner line of a trace may begin behind a prefix; `classify_line` decides.
_OPENINGS = sorted(
    {opening for runtime in RUNTIMES for opening in runtime.OPENINGS if len(opening) > 1 and opening[0] not in "|│"}
)


def _by_first_letter(words: Iterable[str]) -> str:
    """An alternation that looks at a word only where its first letter stands: most places of a line have none."""
    groups: dict[str, list[str]] = {}
    for word in words:
        groups.setdefault(word[0], []).append(re.escape(word[1:]))
    return "|".join(f"{re.escape(first)}(?:{'|'.join(rests)})" for first, rests in groups.items())


# What it stands behind is a part of the match, for `re` to look for those few characters first.
_INNER = re.compile(rf"[\s|:\]>)!.](?={_by_first_letter(_OPENINGS)}|#\d|\d{{1,3}}: |\{{\"|\(\w)")
_INNER_PLACE = re.compile(r"[\s|:\]>)!](?=\S{1,200}\.(?:go|rb|exs?|erl|swift|rs):\d|\S{0,100}@\S{1,200}:\d)")
"""The same for lines that begin with a file's or a function's name, looked for only in lines with one of `_MARKS`."""
_MARKS = (".go:", ".rb:", ".ex", ".erl:", ".swift:", ".rs:", "@")
_DELIMITER = re.compile(r"[|:\]>)!] ?")
# A type behind up to two of a message's parts: `checkout failed: Refused: no stock`.
WEAK_START = re.compile(
    r"(?:[^:\n]{1,80}: ){0,2}?(?:(?:[\w$]{1,80}[.\\]){1,12}[A-Z][\w$]{0,80}|[A-Z][\w$]{2,80})(?: \[\w{1,60}\])?: \S"
)
_PIECES = re.compile(r"\d{1,400}| {1,400}|[^\d ]{1,400}")


class Stray(NamedTuple):
    """A line as it stood in the stream."""

    at: int
    """The stream's line counter."""
    record: Record
    text: str
    is_owned: bool = False
    """It has begun an entry: what comes below joins that."""


class Prefix(NamedTuple):
    """What stands in front of each line."""

    text: str
    """As it stood in the line it was learned from."""
    pattern: re.Pattern[str]
    is_headed: bool

    def off(self, line: str) -> str:
        """The line without it; as it is where it has none."""
        match = self.pattern.match(line)
        return line[match.end() :] if match is not None else line


class Lesson(NamedTuple):
    """A prefix just learned: the lines above that have it, oldest first, each with its text behind the prefix."""

    prefix: Prefix
    above: tuple[tuple[Stray, str], ...]
    rest: str
    """The text of the line that taught it, behind the prefix."""


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
            return [one.record for one in above[-2:] if sniff(one.text) is None or one is above[-1]]
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

    def learn(self, at: int, record: Record, text: str, *, is_headed: bool) -> Lesson | None:
        """Learn a prefix from a line that goes on with a trace behind it, where the lines above have it too."""
        last = self.lines[-1] if self.is_last(at - 1) else None
        if last is None or not _may_share_prefix(last.text, text) or not _is_near(last.record, record):
            return None
        cut = find_cut(text, is_headed=is_headed)
        if not cut:
            return None
        pattern = shape_of_prefix(text[:cut])
        above = []
        for one in reversed(self.lines):
            match = pattern.match(one.text)
            if match is None or not _is_near(one.record, record):
                break
            above.append((one, one.text[match.end() :]))
        above = _of_trace(above[::-1], is_headed=is_headed)
        if not above:
            return None
        if text[cut] == "\t" and all(rest[:1] == "\t" for _, rest in above if rest):
            # The tab ends the prefix; it is no indent of the trace's.
            cut, above = cut + 1, [(one, rest[1:]) for one, rest in above]
            pattern = shape_of_prefix(text[:cut])
        prefix = Prefix(text[:cut], pattern, is_headed)
        self._keep(prefix)
        self.lines.clear()
        return Lesson(prefix, tuple(above), text[cut:])

    def learn_from(self, entry: OpenEntry, text: str) -> Prefix | None:
        """Learn a prefix from an inner line of a trace below an entry all of whose lines have it."""
        cut = find_cut(text)
        pattern = shape_of_prefix(text[:cut]) if cut else None
        if pattern is None or entry.has_trace or not all(map(pattern.match, entry.lines[:MAX_LINES])):
            return None
        prefix = Prefix(text[:cut], pattern, is_headed=False)
        self._keep(prefix)
        return prefix

    def _keep(self, prefix: Prefix) -> None:
        known = [one for one in self.prefixes if one.pattern.pattern != prefix.pattern.pattern]
        self.prefixes = [*known, prefix][-MAX_PREFIXES:]

    def to_json(self) -> JSONObject:
        """Everything a restart needs."""
        return {
            "lines": [[one.at, record_to_json(one.record), one.text, one.is_owned] for one in self.lines],
            "prefixes": [[prefix.text, prefix.is_headed] for prefix in self.prefixes],
        }

    @classmethod
    def from_json(cls, value: JSONObject, key: tuple[str, str, str]) -> "Strays":
        """Rebuild what `to_json` gave."""
        strays = cls()
        for at, saved, text, is_owned in value["lines"]:
            strays.lines.append(Stray(at, record_from_json(saved, key), text, is_owned))
        strays.prefixes = [Prefix(text, shape_of_prefix(text), is_headed) for text, is_headed in value["prefixes"]]
        return strays


def _of_trace(above: list[tuple[Stray, str]], *, is_headed: bool) -> list[tuple[Stray, str]]:
    """The lines that teach: with heads only those of the trace itself, else all; empty where they prove too little."""
    begins = [number for number, (_, rest) in enumerate(above) if _begins_trace(rest, is_headed=is_headed)]
    if not is_headed:
        return above if begins or len(above) > 1 else []
    if begins:
        return above[begins[-1] :]
    return above[-1:] if above and above[-1][0].is_owned else []


def _is_near(one: Record, other: Record) -> bool:
    apart = apart_ms(one.timestamp_ms, other.timestamp_ms)
    return apart is None or apart <= SAME_MOMENT_MS


def _may_share_prefix(one: str, other: str) -> bool:
    """Whether two lines begin alike, digits aside."""
    return one[:1] == other[:1] or (one[:1].isdigit() and other[:1].isdigit())


def _begins_trace(rest: str, *, is_headed: bool) -> bool:
    return classify_line(rest) is LineKind.START or (is_headed and WEAK_START.match(rest) is not None)


def head_of(text: str) -> str:
    """Time and level of a line, as far as they go."""
    head = sniff(text)
    return f"{text[: head.message_at].rstrip()} " if head is not None else ""


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


def find_cut(text: str, *, is_headed: bool = False) -> int:
    """Index where the inner line of a trace begins behind something; 0 where there is none.

    A JSON object counts too, but not behind a head: there it is a part of the message.

    >>> find_cut("web.1   |     at run (a.js:1:2)")
    10
    """
    head = text[: MAX_PREFIX_CHARS * 2]
    places = _cuts(_INNER_PLACE, head) if any(map(head.__contains__, _MARKS)) else ()
    for at in chain(_cuts(_INNER, head), places):
        if _is_inner(text[at:], is_headed=is_headed):
            # `gateway  |   |   File …`: the bars of an exception group are not the prefix's.
            earlier = (found.end() for found in _DELIMITER.finditer(text, 0, at))
            return next((cut for cut in earlier if _is_inner(text[cut:], is_headed=is_headed)), at)
    return 0


def _cuts(inner: re.Pattern[str], head: str) -> Iterator[int]:
    """Where something ends that the inner line of a trace may begin behind: the gap between both is that line's indent."""
    for match in inner.finditer(head):
        at = len(head[: match.end()].rstrip())
        at += head[at : at + 1] == " "
        if at > MAX_PREFIX_CHARS:
            return
        if head[:at].strip():
            yield at


def _is_inner(rest: str, *, is_headed: bool) -> bool:
    return classify_line(rest) is LineKind.BODY or (not is_headed and looks_like_object(rest))


def shape_of_prefix(text: str) -> re.Pattern[str]:
    """A pattern of a prefix: any digits for digits, any width for gaps."""
    pieces = _PIECES.findall(text)
    shape = []
    for number, piece in enumerate(pieces):
        if piece[0] == " ":
            shape.append("(?: |$)" if number == len(pieces) - 1 else " {1,40}")
        else:
            shape.append(r"\d{1,20}" if piece.isdigit() else re.escape(piece))
    return re.compile("".join(shape), re.MULTILINE)  # the gap at its end may end the line
