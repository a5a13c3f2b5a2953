"""An error as it is looked for in the runbooks: from an issue's words, or from what a person pasted.

A person pastes what is at hand: one line of a chat, a line of JSON as the log has it, a whole trace with its causes. The
text is read as a log would be; where it holds no log entry, every line is a sentence. Of a trace the root cause and the
raised exception say most, the team's own functions something, and the frames of libraries nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mukiau.core.event import ExceptionInfo
from mukiau.core.grouping.chain import name_of, own_frames, root_cause, short_name, suppressed
from mukiau.core.grouping.message import without_frames
from mukiau.core.records.assemble import Assembler
from mukiau.core.records.entry import LogEntry
from mukiau.core.records.formats import find_object, read_fields
from mukiau.core.records.record import Record
from mukiau.core.traces.registry import find_trace_in_text

MAX_PASTED_CHARS = 100_000
MAX_PASTED_LINES = 500
MAX_SENTENCES = 12
MAX_FUNCTIONS = 8
_CODE_FIELDS = frozenset(
    "code errorcode error_code errcode err_code errno sqlstate status statuscode status_code".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What is known of an error."""

    service: str = ""
    """Empty when nobody said it."""
    logger: str = ""
    types: tuple[str, ...] = ()
    """Exception types as printed, the raised one first."""
    sentences: tuple[str, ...] = ()
    """The log call's message and the messages of the exceptions, the root cause's first."""
    functions: tuple[str, ...] = ()
    """The team's own functions, nearest the crash first."""


def failure_of(
    *, message: str, exceptions: tuple[ExceptionInfo, ...] = (), service: str = "", logger: str = ""
) -> Failure:
    """Return what is looked for of an event."""
    aside = suppressed(exceptions)
    chain = tuple(link for at, link in enumerate(exceptions) if at not in aside)
    root = root_cause(exceptions)
    ordered = [root, *chain] if root is not None else []
    said = [*(link.message for link in ordered), without_frames(message)]
    return Failure(
        service=service,
        logger=logger,
        types=tuple(dict.fromkeys(link.type for link in chain if link.type)),
        sentences=_distinct(said)[:MAX_SENTENCES],
        functions=tuple(dict.fromkeys(_functions(ordered)))[:MAX_FUNCTIONS],
    )


def failure_in_text(text: str) -> Failure:
    """Return the error in a pasted text; the first one where there are several. Never raises."""
    lines = text[:MAX_PASTED_CHARS].splitlines()[:MAX_PASTED_LINES]
    if _is_broken_json(lines):
        return failure_of(message="\n".join(lines))
    if (entry := _first_entry(lines)) is not None:
        said = (entry.message, *(f"{key}={value}" for key, value in entry.fields if key.lower() in _CODE_FIELDS))
        return failure_of(
            message="\n".join(said), exceptions=entry.exceptions, service=entry.service, logger=entry.logger
        )
    trace = find_trace_in_text("\n".join(lines))
    if trace is not None and any(link.type or link.message for link in trace.exceptions):
        return failure_of(message="\n".join(lines[: trace.first_line]), exceptions=trace.exceptions)
    fields = read_fields(lines)
    return failure_of(message=fields.message, service=fields.service, logger=fields.logger)


def _is_broken_json(lines: Sequence[str]) -> bool:
    """A line of JSON that was cut, or mended by hand: its words count, and nothing that looks like a trace inside of it."""
    first = next((line.strip() for line in lines if line.strip()), "")
    return first.startswith('{"') and find_object(first) is None and find_object("\n".join(lines)) is None


def _first_entry(lines: Iterable[str]) -> LogEntry | None:
    """The first error among log lines; None when they are no log's, or say of no line that it is an error."""
    assembler = Assembler()
    records = (Record(record_id=str(at), message=line) for at, line in enumerate(lines) if line.strip())
    found = [*assembler.feed(records), *assembler.flush_all()]
    return min(found, key=lambda entry: int(entry.record_ids[0])) if found else None


def _distinct(sentences: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sentence.strip() for sentence in sentences if sentence.strip()))


def _functions(links: Iterable[ExceptionInfo]) -> Iterator[str]:
    for link in links:
        for frame in own_frames(link.frames):
            yield name_of(frame)


def type_names(failure: Failure) -> tuple[str, ...]:
    """Return the exception types without package or namespace."""
    return tuple(dict.fromkeys(short_name(name) for name in failure.types))
