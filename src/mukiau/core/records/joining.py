"""What a line's own words say about whether an entry may take it; no state, no neighbours beyond the entry's last."""

import re
from collections.abc import Sequence

from mukiau.core.records.decoding import Loads, find_value
from mukiau.core.records.headers import sniff
from mukiau.core.records.open_entry import OpenEntry
from mukiau.core.records.record import Record, is_same_instant
from mukiau.core.records.succession import is_wanted, shape_of, wants_source
from mukiau.core.traces.registry import classify_line
from mukiau.core.traces.trace import LineKind

# Words of a line without a level that a trace may follow; the line alone is no error for them.
_MAY_FAIL = re.compile(
    r"(?i)\b(?:panic|fatal|exception|error|fail(?:ed|ure)?|uncaught|unhandled|crash(?:ed)?|abort|task timed out)|Error\b|Exception\b"
)
_FAILURES = ("panic", "fatal", "exception", "error", "fail", "uncaught", "unhandled", "crash", "abort", "timed out")
"""One of them, in whatever case, is in each of these words; looked for first, as hardly a line has any."""
# A process dies with these; they never belong to the log message before them.
OWN_STARTS = ("Exception in thread ", "panic: ", "fatal error: ", "thread '", "PHP Fatal error", "Unhandled exception",
               "Uncaught ", "(node:")  # fmt: skip
_TAG = re.compile(r"\[([\w-]{8,64})\] ?")
"""A request's id that a logger puts in front of every line of a message."""
_FURTHER = re.compile(r"(?P<who>(?:\S{1,80} ){0,5})(?:DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION):  ")
"""PostgreSQL gives every part of a message its own time; the error's own line comes first."""
_LINKS = ("Caused by: ", "Wrapped by: ", "Suppressed: ", "Next ", "[cause]: ")
"""What names the next exception of a chain: more of its message may follow."""
_SECOND_TIME = "[ERROR] FATAL UNHANDLED EXCEPTION: "
_JOINS = ("The above exception was", "During handling of")


def may_fail(text: str) -> bool:
    """Whether a trace may follow a line of this text, although it states no level."""
    return any(map(text.lower().__contains__, _FAILURES)) and _MAY_FAIL.search(text) is not None


def find_tagged(line: str, entries: list[OpenEntry]) -> tuple[OpenEntry, str] | None:
    """The entry whose first line has the tag this line begins with (`[request id] …`), and the line without it."""
    tag = _TAG.match(line)
    if tag is None or not any(char.isdigit() for char in tag[1]):
        return None
    owners = [entry for entry in entries if tag[0].rstrip() in entry.lines[0][:400]]
    return (max(owners, key=lambda entry: entry.touched), line[tag.end() :]) if owners else None


def find_whole(text: str, entries: list[OpenEntry]) -> OpenEntry | None:
    """The entry that a database's further part (`DETAIL:  …`) belongs to: the last with the same process in front."""
    part = _FURTHER.match(text)
    if part is None:
        return None
    owners = [entry for entry in entries if part["who"].strip() in entry.lines[0][:200]]
    return max(owners, key=lambda entry: entry.touched, default=None)


def is_written_on(entry: OpenEntry, record: Record) -> bool:
    """Whether a line directly under the entry was written at the same moment, as the rest of one log call is."""
    return entry.has_header and is_written_with(entry, record)


def is_written_with(entry: OpenEntry, record: Record) -> bool:
    """Whether a line has the time of the entry's last."""
    return is_same_instant(entry.last_ms, record.timestamp_ms)


def note_kinds(entry: OpenEntry, lines: list[str]) -> None:
    """What the further lines of a multi-line record are: its trace is there already."""
    for line in lines[1:]:
        kind = classify_line(line)
        if kind is not LineKind.NONE:
            entry.note_kind(kind)


def may_continue(entry: OpenEntry, line: str) -> bool:
    """Whether a line of no kind can be more of this entry: indented, asked for, or more of a message."""
    is_open = entry.last_kind is not LineKind.BODY or entry.last_line.lstrip().startswith(_LINKS)
    is_message = is_open and (entry.has_header or entry.has_trace)
    return line[0] in " \t" or is_message or is_wanted(line, entry)


def goes_on(entry: OpenEntry, rest: str, *, is_apart: bool) -> bool:
    """Whether the text behind a head is one more line of the entry's trace, whose lines all have heads of their own.

    With other lines between (`is_apart`) only what continues a trace and nothing else.
    """
    if is_apart:
        return classify_line(rest) is LineKind.BODY
    if not rest.strip():
        return entry.has_trace
    kind = classify_line(rest)
    if kind is LineKind.NONE:
        return entry.has_trace and (rest[0] in " \t" or is_wanted(rest, entry))
    return entry.has_trace if kind is LineKind.BODY else wants_start(entry, rest)


def wants_start(entry: OpenEntry, line: str) -> bool:
    """The entry's trace goes on with a line that would begin one: a chain's next part, the type under the frames."""
    if entry.last_line.startswith(_JOINS):
        return True
    if entry.last_line.startswith("╰─"):
        return True  # rich's box; the exception stands under it
    if ".rb:" in line and "from " in entry.last_line[:16]:
        return entry.has_frames  # Ruby prints the cause under the frames of what it caused, once the header too
    return (
        not line.startswith(("Traceback", *OWN_STARTS))
        and line[0] not in " \t"
        and entry.has_frames
        and wants_source(entry, line)
    )


def is_second_start(entry: OpenEntry, line: str) -> bool:
    """A trace that begins in two lines (`panic: …` and `goroutine 1 [running]:`); two alike are two traces."""
    return entry.last_kind is LineKind.START and not entry.has_frames and shape_of(line) != shape_of(entry.last_line)


def find_repeated(text: str, entries: Sequence[OpenEntry]) -> OpenEntry | None:
    """The entry of an uncaught exception that Mono prints a second time, behind words of its own."""
    if not text.startswith(_SECOND_TIME):
        return None
    first = text[len(_SECOND_TIME) :].strip()
    return next((entry for entry in entries if any(line.strip() == first for line in entry.lines[:4])), None)


def is_last_word(entry: OpenEntry, line: str) -> bool:
    """Whether a shell says of the process above that it died: no event of its own."""
    return entry.has_trace and line.startswith(("Aborted", "Segmentation fault"))


def is_own_line(text: str, loads: Loads) -> bool:
    """Whether a line cannot be the next piece of a cut one: it has a header or is a whole object."""
    return sniff(text) is not None or (text[:2] == '{"' and text[-1:] == "}" and find_value(text, loads) is not None)
