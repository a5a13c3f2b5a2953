"""What a line's own words say about whether an entry may take it; no state, no neighbours beyond the entry's last."""

from mukiau.core.records.formats import Loads
from mukiau.core.records.open_entry import OpenEntry
from mukiau.core.records.record import Record
from mukiau.core.records.succession import is_wanted, shape_of, wants_source
from mukiau.core.traces.registry import classify_line
from mukiau.core.traces.trace import LineKind

# A process dies with these; they never belong to the log message before them.
OWN_STARTS = ("Exception in thread ", "panic: ", "fatal error: ", "thread '", "PHP Fatal error", "Unhandled exception",
               "Uncaught ", "(node:")  # fmt: skip
JOINS = ("The above exception was", "During handling of")


def note_kinds(entry: OpenEntry, lines: list[str]) -> None:
    """What the further lines of a multi-line record are: its trace is there already."""
    for line in lines[1:]:
        kind = classify_line(line)
        if kind is not LineKind.NONE:
            entry.has_trace = True
            entry.last_kind = kind
            entry.has_frames = entry.has_frames or kind is LineKind.BODY


def may_continue(entry: OpenEntry, line: str) -> bool:
    """Whether a line of no kind can be more of this entry: indented, asked for, or more of a message."""
    is_message = entry.last_kind is not LineKind.BODY and (entry.has_header or entry.has_trace)
    return line[0] in " \t" or is_message or is_wanted(line, entry)


def wants_start(entry: OpenEntry, line: str) -> bool:
    """The entry's trace goes on with a line that would begin one: a chain's next part, the type under the frames."""
    if entry.last_line.startswith(JOINS):
        return True
    return (
        not line.startswith(("Traceback", *OWN_STARTS))
        and line[0] not in " \t"
        and entry.has_frames
        and wants_source(entry, line)
    )


def is_second_start(entry: OpenEntry, line: str) -> bool:
    """A trace that begins in two lines (`panic: …` and `goroutine 1 [running]:`); two alike are two traces."""
    return entry.last_kind is LineKind.START and not entry.has_frames and shape_of(line) != shape_of(entry.last_line)


def is_same_instant(one: Record, other: Record) -> bool:
    """Whether both were written within two milliseconds; unknown times say no."""
    if one.timestamp_ms is None or other.timestamp_ms is None:
        return False
    return abs(other.timestamp_ms - one.timestamp_ms) <= 2


def is_json(text: str, loads: Loads) -> bool:
    """Whether the text is a whole JSON value."""
    try:
        loads(text)
    except (ValueError, RecursionError):
        return False
    return True
