r"""The envelope: a header line, then items of one header line and a payload each.

    {"event_id": "…", "dsn": "…"}\n
    {"type": "event", "length": 41}\n
    <41 bytes>\n

A payload has the length its header gives; without one it runs to the next newline. Only header lines are decoded here,
so framing costs microseconds however large an event is. Unknown items are kept, marked,
and skipped by everybody else: an SDK newer than this program must not lose its events.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from mukiau.core.event import EventProblem, JSONObject, JSONValue
from mukiau.core.limits import MAX_ENVELOPE_HEADER_BYTES, MAX_ENVELOPE_ITEMS, MAX_EVENT_BYTES
from mukiau.core.refusal import Refused

Loads = Callable[[bytes], JSONValue]
"""Decodes one JSON text; raises ValueError."""

KNOWN_ITEM_TYPES = frozenset(
    """attachment check_in client_report event feedback form_data log metric_buckets nel otel_log profile profile_chunk
    raw_security replay_event replay_recording replay_video security session sessions span statsd trace_metric
    transaction unreal_report user_report""".split()
)

EMPTY_BODY = Refused(reason="empty request body", status=400)
BAD_HEADER = Refused(reason="invalid envelope header", status=400)
BAD_ITEM_HEADER = Refused(reason="invalid item header", status=400)
MISSING_NEWLINE = Refused(reason="missing newline after header or payload", status=400)
UNEXPECTED_END = Refused(reason="unexpected end of file", status=400)
TWO_EVENTS = Refused(reason="more than one event in the envelope", status=400)
TOO_MANY_ITEMS = Refused(reason="too many items in the envelope", status=413)
EVENT_TOO_LARGE = Refused(reason="envelope exceeded size limits for type 'event'", status=413)

_EVENT_ID = re.compile(r"[0-9a-f]{32}")
_NEWLINE = 0x0A
_DECODER = json.JSONDecoder()


class EnvelopeItem(NamedTuple):
    """One item; its payload is still undecoded. Made for each request: a tuple takes a third of a frozen dataclass's time."""

    type: str
    header: Mapping[str, JSONValue]
    payload: bytes

    @property
    def is_known(self) -> bool:
        return self.type in KNOWN_ITEM_TYPES


class Envelope(NamedTuple):
    """A well-framed envelope."""

    header: Mapping[str, JSONValue]
    items: tuple[EnvelopeItem, ...] = ()
    problems: tuple[EventProblem, ...] = ()

    @property
    def event_id(self) -> str:
        """The header's event id (32 hex digits), "" without a usable one."""
        return parse_event_id(self.header.get("event_id"))

    @property
    def event_item(self) -> EnvelopeItem | None:
        """The item that holds the event, None when the envelope brings something else."""
        return next((item for item in self.items if item.type == "event"), None)


def parse_event_id(value: object) -> str:
    """Return an event id in its one form (32 lower-case hex digits, no dashes), "" when it is none.

    >>> parse_event_id("9EC79C33-EC99-42AB-8353-589FCB2E04DC")
    '9ec79c33ec9942ab8353589fcb2e04dc'
    """
    if not isinstance(value, str) or len(value) > 40:
        return ""
    text = value.strip().replace("-", "").lower()
    return text if _EVENT_ID.fullmatch(text) else ""


def choose_event_id(envelope_id: object, payload_id: object, *, new_id: str) -> str:
    """Return the id an event goes by: the envelope's beats the payload's, `new_id` serves when neither is usable."""
    return parse_event_id(envelope_id) or parse_event_id(payload_id) or new_id


def parse_envelope_header(body: bytes, *, loads: Loads = json.loads) -> JSONObject | Refused:
    """Return the first line only: enough to find the `dsn` of a request without a key."""
    if not body.strip():
        return EMPTY_BODY
    found = _header(body, 0, loads, BAD_HEADER)
    return found if isinstance(found, Refused) else found[0]


def parse_envelope(body: bytes, *, loads: Loads = json.loads) -> Envelope | Refused:
    """Check the framing of a whole envelope and return its items; see the module's text for the rules."""
    if not body or body.isspace():
        return EMPTY_BODY
    head = _header(body, 0, loads, BAD_HEADER)
    if isinstance(head, Refused):
        return head
    header, at = head
    items = _items(body, at, loads)
    if isinstance(items, Refused):
        return items
    return _checked(Envelope(header=header, items=items, problems=_unknown_items(items)))


def _checked(envelope: Envelope) -> Envelope | Refused:
    sizes = [len(item.payload) for item in envelope.items if item.type == "event"]
    if len(sizes) > 1:
        return TWO_EVENTS
    return EVENT_TOO_LARGE if sum(sizes) > MAX_EVENT_BYTES else envelope


def _unknown_items(items: tuple[EnvelopeItem, ...]) -> tuple[EventProblem, ...]:
    unknown = {item.type for item in items} - KNOWN_ITEM_TYPES
    if not unknown:
        return ()
    note = "An item of the envelope is of a type nobody here knows; it was skipped."
    return tuple(EventProblem(kind="unknown_item", given=name[:100], note=note) for name in sorted(unknown)[:10])


def _items(body: bytes, at: int, loads: Loads) -> tuple[EnvelopeItem, ...] | Refused:
    items: list[EnvelopeItem] = []
    while (at := _skip_blank_lines(body, at)) < len(body):
        head = _header(body, at, loads, BAD_ITEM_HEADER)
        if isinstance(head, Refused):
            return head
        header, at = head
        end = _payload_end(body, at, header.get("length"))
        if isinstance(end, Refused):
            return end
        kind = header.get("type")
        if not isinstance(kind, str) or not kind:
            return BAD_ITEM_HEADER
        items.append(EnvelopeItem(type=kind, header=header, payload=body[at:end]))
        if len(items) > MAX_ENVELOPE_ITEMS:
            return TOO_MANY_ITEMS
        at = end + 1
    return tuple(items)


def _skip_blank_lines(body: bytes, at: int) -> int:
    """Trailing newlines are common; between items they are no worse."""
    while at < len(body) and body[at] == _NEWLINE:
        at += 1
    return at


def _payload_end(body: bytes, at: int, length: JSONValue) -> int | Refused:
    if length is None:
        end = body.find(b"\n", at)
        return end if end >= 0 else max(at, len(body))
    if not isinstance(length, int) or isinstance(length, bool) or length < 0:
        return BAD_ITEM_HEADER
    end = at + length
    if end > len(body):
        return UNEXPECTED_END if length else at
    return end if end == len(body) or body[end] == _NEWLINE else MISSING_NEWLINE


def _header(body: bytes, at: int, loads: Loads, refusal: Refused) -> tuple[JSONObject, int] | Refused:
    """Return one header and where what follows its newline begins (past the end at the end of the body)."""
    end = body.find(b"\n", at)
    end = len(body) if end < 0 else end
    if end - at > MAX_ENVELOPE_HEADER_BYTES:
        return refusal
    try:
        header = loads(body[at:end])
    except (ValueError, RecursionError):
        return _long_header(body, at, loads, refusal)
    return (header, end + 1) if isinstance(header, dict) else refusal


def _long_header(body: bytes, at: int, loads: Loads, refusal: Refused) -> tuple[JSONObject, int] | Refused:
    """Read a header that is no JSON up to its newline: one with line breaks inside, or with something behind it."""
    text = body[at : at + MAX_ENVELOPE_HEADER_BYTES].decode("latin-1")  # one character a byte: positions stay true
    start = len(text) - len(text.lstrip(" \t\r"))
    try:
        end = _DECODER.raw_decode(text, start)[1]
        header = loads(body[at : at + end])
    except (ValueError, RecursionError):
        return refusal
    if not isinstance(header, dict):
        return refusal
    rest = text[end:].lstrip(" \t\r")
    if rest and not rest.startswith("\n"):
        return MISSING_NEWLINE
    return header, at + len(text) - len(rest) + 1
