"""Bodies of the SDKs' doors into the one event they hold, and counts of everything else in them."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from mukiau import codec
from mukiau.core.envelope import Envelope, EnvelopeItem, parse_envelope, parse_event_id
from mukiau.core.event import EventProblem, JSONValue
from mukiau.core.limits import MAX_ENVELOPE_BYTES
from mukiau.core.normalizing.times import parse_time
from mukiau.core.refusal import Refused

_MAX_SHOWN_CHARS = 8_000
_REPORT_REASONS = frozenset(
    """backpressure before_send buffer_overflow cache_overflow event_processor insufficient_data internal_sdk_error
    network_error queue_overflow ratelimit_backoff sample_rate send_error""".split()
)
"""What the protocol lists; anything else counts as `other`, because a client may write what it likes."""


class Undigestible(Exception):  # noqa: N818 - says what the item is
    """An item that was accepted and cannot be read: it is set aside with this sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a body held."""

    payload: JSONValue = None
    """The event as decoded; None without one."""
    is_ordinary: bool = False
    """Nothing in it has to be mended to be kept, and it is neither long nor deep."""
    event_id: str = ""
    sent_at: datetime | None = None
    problems: tuple[EventProblem, ...] = ()
    counters: Counter[tuple[str, str]]
    """What was dropped, by (name, reason)."""


def open_envelope(body: bytes, encoding: str, *, event_id: str) -> Opened:
    """Unpack and read an envelope; `event_id` is what the door answered. Raises Undigestible or codec.BodyError."""
    envelope = parse_envelope(codec.decompress(body, encoding, max_bytes=MAX_ENVELOPE_BYTES), loads=codec.loads)
    if isinstance(envelope, Refused):
        raise Undigestible(f"The envelope cannot be read: {envelope.reason}.")
    counters = _count_others(envelope)
    item = envelope.event_item
    if item is None:
        return Opened(counters=counters)
    return _event(
        _decode(item.payload),
        event_id=event_id or envelope.event_id,
        sent_at=parse_time(envelope.header.get("sent_at")),
        problems=envelope.problems,
        counters=counters,
    )


def open_store(body: bytes, encoding: str, *, event_id: str) -> Opened:
    """Unpack and read a body of the older door, which is the event alone. Raises codec.BodyError."""
    text = codec.decompress(body, encoding, max_bytes=MAX_ENVELOPE_BYTES)
    decoded = _decode(codec.decode_store_body(text, max_bytes=MAX_ENVELOPE_BYTES))
    return _event(decoded, event_id=event_id, sent_at=None, problems=(), counters=Counter())


class _Decoded(NamedTuple):
    payload: JSONValue
    is_ordinary: bool = False
    problems: tuple[EventProblem, ...] = ()


def _event(
    decoded: _Decoded,
    *,
    event_id: str,
    sent_at: datetime | None,
    problems: tuple[EventProblem, ...],
    counters: Counter[tuple[str, str]],
) -> Opened:
    payload = decoded.payload
    if isinstance(payload, dict) and payload.get("type") == "transaction":
        counters["dropped", "unsupported:transaction"] += 1
        return Opened(counters=counters)
    found = event_id or (parse_event_id(payload.get("event_id")) if isinstance(payload, dict) else "")
    if not found:
        raise Undigestible("The event has no id, and the door gave it none.")
    return Opened(
        payload=payload,
        is_ordinary=decoded.is_ordinary,
        event_id=found,
        sent_at=sent_at,
        problems=(*problems, *decoded.problems),
        counters=counters,
    )


def _decode(text: bytes) -> _Decoded:
    """Read the event; one that is no JSON is kept as a message, because it was accepted."""
    with suppress(ValueError):
        return _Decoded(codec.loads_ordinary(text), is_ordinary=True)
    try:
        return _Decoded(codec.loads(text))
    except ValueError:
        shown = text[:_MAX_SHOWN_CHARS].decode("utf-8", "replace")
        note = EventProblem(kind="not_json", note="The event is no JSON.")
        return _Decoded({"logentry": {"formatted": shown}}, problems=(note,))


def _count_others(envelope: Envelope) -> Counter[tuple[str, str]]:
    counters: Counter[tuple[str, str]] = Counter()
    for item in envelope.items:
        if item.type == "client_report":
            _count_report(item, counters)
        elif item.type != "event":
            counters["dropped", f"unsupported:{item.type if item.is_known else 'unknown'}"] += 1
    return counters


def _count_report(item: EnvelopeItem, counters: Counter[tuple[str, str]]) -> None:
    """Count what the client itself says it did not send."""
    try:
        report = codec.loads(item.payload)
    except ValueError:
        return
    discarded = report.get("discarded_events") if isinstance(report, dict) else None
    for entry in discarded if isinstance(discarded, list) else ():
        if isinstance(entry, dict) and isinstance(quantity := entry.get("quantity"), int) and 0 < quantity < 10**9:
            reason = entry.get("reason")
            counters["client_report", reason if isinstance(reason, str) and reason in _REPORT_REASONS else "other"] += (
                quantity
            )
