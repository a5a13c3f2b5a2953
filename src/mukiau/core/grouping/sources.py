"""What a policy may name of an event: `tag:code`, `message`, `frames:3`, … and texts that hold such names in `{{ }}`.

One list for all that names something: what counts besides (`also`), a rule's `fingerprint` and `title`, and what would
tell the events of one issue apart.
"""

from collections.abc import Callable
from itertools import islice

from mukiau.core.event import Event, ExceptionInfo
from mukiau.core.grouping.chain import crash_frame, crashed_link, name_of, own_frames, root_cause
from mukiau.core.grouping.message import first_line, values_in, without_frames
from mukiau.core.grouping.names import logger_name, type_name
from mukiau.core.grouping.policy import Counting, Source, SourceKind, Text
from mukiau.core.templates import codes_of

MAX_VALUE_CHARS = 300


def value_of(event: Event, source: Source, counting: Counting) -> str:
    """Return what the event has there, as it is compared; "" when it has nothing."""
    if source.kind is SourceKind.TAG:
        return next((value for key, value in event.tags if key == source.argument), "")[:MAX_VALUE_CHARS]
    if source.kind is SourceKind.VALUE:
        return _named_values(event).get(source.argument, "")[:MAX_VALUE_CHARS]
    if source.kind is SourceKind.FRAMES:
        return _frames(event, int(source.argument))
    return _VALUES[source.kind](event, counting)


def render(event: Event, text: Text, counting: Counting, *, as_words: bool = False) -> str:
    """Return a text with the event's own values; `as_words` takes messages as they are, not their templates."""
    if as_words:
        return "".join(
            piece if isinstance(piece, str) else _words(event, piece, counting) for piece in text.pieces
        ).strip()
    return "".join(piece if isinstance(piece, str) else value_of(event, piece, counting) for piece in text.pieces)


def keys_named(event: Event) -> list[str]:
    """Return the keys whose values the event's messages and fields name."""
    return list(_named_values(event))


def raised_link(chain: tuple[ExceptionInfo, ...], counting: Counting) -> ExceptionInfo | None:
    """Return the outermost exception that says something of its own, else the root cause."""
    return next((link for link in chain if not counting.see_through.fit(link.type)), None) or root_cause(chain)


def _words(event: Event, source: Source, counting: Counting) -> str:
    if source.kind is SourceKind.MESSAGE:
        return first_line(event.message).strip()
    if source.kind is SourceKind.ROOT_MESSAGE:
        return first_line(_root(event).message).strip()
    return value_of(event, source, counting)


def _named_values(event: Event) -> dict[str, str]:
    """The log message names first, then the exceptions, outermost first, then the fields beside the message."""
    found: dict[str, str] = {}
    for message in (event.message, *(link.message for link in event.exceptions)):
        for key, value in values_in(message).items():
            found.setdefault(key, value)
    extra = event.payload.get("extra")
    for key, value in extra.items() if isinstance(extra, dict) else ():
        if isinstance(value, str | int | float | bool):
            found.setdefault(key, str(value))
    return found


def _frames(event: Event, count: int) -> str:
    link = crashed_link(event.exceptions)
    names = dict.fromkeys(name_of(frame) for frame in own_frames(link.frames)) if link is not None else ()
    return " < ".join(islice(names, count))


_NO_LINK = ExceptionInfo(type="")


def _root(event: Event) -> ExceptionInfo:
    return root_cause(event.exceptions) or _NO_LINK


def _function(event: Event, _: Counting) -> str:
    link = crashed_link(event.exceptions)
    frame = crash_frame(link.frames) if link is not None else None
    return name_of(frame) if frame is not None else ""


def _entry(event: Event, _: Counting) -> str:
    link = crashed_link(event.exceptions)
    return name_of([*own_frames(link.frames)][-1]) if link is not None else ""


def _codes(event: Event, counting: Counting) -> str:
    messages = (event.message, *(link.message for link in event.exceptions))
    return " ".join(dict.fromkeys(code for text in messages for code in codes_of(counting.template(first_line(text)))))


_VALUES: dict[SourceKind, Callable[[Event, Counting], str]] = {
    SourceKind.SERVICE: lambda event, _: event.service,
    SourceKind.TYPE: lambda event, counting: type_name((raised_link(event.exceptions, counting) or _NO_LINK).type),
    SourceKind.ROOT_TYPE: lambda event, _: type_name(_root(event).type),
    SourceKind.TYPES: lambda event, _: " < ".join(type_name(link.type) for link in reversed(event.exceptions)),
    SourceKind.MESSAGE: lambda event, counting: counting.template(
        without_frames(event.message_template or event.message)
    ),
    SourceKind.ROOT_MESSAGE: lambda event, counting: counting.template(first_line(_root(event).message)),
    SourceKind.FUNCTION: _function,
    SourceKind.ENTRY: _entry,
    SourceKind.CODES: _codes,
    SourceKind.LOGGER: lambda event, _: logger_name(event.logger),
    SourceKind.LEVEL: lambda event, _: event.level.value,
    SourceKind.PLATFORM: lambda event, _: event.platform,
    SourceKind.TRANSACTION: lambda event, _: event.transaction,
    SourceKind.CALL_SITE: lambda event, _: event.call_site,
}
