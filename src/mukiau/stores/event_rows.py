"""One digested event as a row of `event` and as what it adds to the counts of its fingerprint."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from mukiau.core.event import EventProblem, Origin
from mukiau.digest.batch import DigestedEvent, Packed
from mukiau.stores.payloads import Packer

HOUR_MS = 3_600_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
MAX_TITLE_CHARS = 500
MAX_MESSAGE_CHARS = 2_000
"""Enough for a list; the whole message is in the payload."""
MAX_NAME_CHARS = 200
MAX_TAG_CHARS = 200

INSERT_EVENT = """
INSERT INTO event (
  project_id, event_id, source_id, environment, service, "release", level, occurred_ms, sent_ms, received_ms,
  digested_ms, title, message, payload_codec, revision, payload, trace_key, fingerprint_id
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
REPLACE_EVENT = """
UPDATE event SET
  project_id = ?, event_id = ?, source_id = ?, environment = ?, service = ?, "release" = ?, level = ?, occurred_ms = ?,
  sent_ms = ?, received_ms = ?, digested_ms = ?, title = ?, message = ?, payload_codec = ?, revision = ?, payload = ?,
  trace_key = ?, fingerprint_id = ?
WHERE id = ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """An event ready to be stored: everything costly is done before the transaction begins."""

    digested: DigestedEvent
    project_id: int
    event_id: str
    environment: str
    service: str
    occurred_ms: int
    tags: tuple[tuple[str, str], ...]
    """What counts in `fingerprint_tag`, each pair once."""
    values: tuple[Any, ...]
    """The columns of INSERT_EVENT up to trace_key."""

    @property
    def hour(self) -> int:
        return self.occurred_ms // HOUR_MS

    @property
    def received_ms(self) -> int:
        return unix_ms_of(self.digested.event.received_at)

    @property
    def release(self) -> str:
        return self.digested.event.release


def make_row(digested: DigestedEvent, packing: "Packing", *, digested_ms: int) -> EventRow:
    """Return the row of an event; packs its payload unless that is done."""
    event, origin = digested.event, digested.event.origin
    occurred_ms = unix_ms_of(event.occurred_at)
    environment, service = event.environment[:MAX_NAME_CHARS], event.service[:MAX_NAME_CHARS]
    packed = digested.packed or packing.pack(digested)
    values = (
        origin.project_id,
        event.event_id,
        origin.source_id,
        environment,
        service,
        event.release,
        event.level.value,
        occurred_ms,
        unix_ms_of(event.sent_at) if event.sent_at else None,
        unix_ms_of(event.received_at),
        digested_ms,
        digested.title.title[:MAX_TITLE_CHARS],
        event.message[:MAX_MESSAGE_CHARS],
        packed.codec,
        digested.revision,
        packed.body,
        trace_key_of(origin.project_id, event.trace_id) if event.trace_id else None,
    )
    return EventRow(
        digested=digested,
        project_id=origin.project_id,
        event_id=event.event_id,
        environment=environment,
        service=service,
        occurred_ms=occurred_ms,
        tags=_counted_tags(digested),
        values=values,
    )


class Packing:
    """Puts payloads into the form `event.payload` has, with the dictionary in use."""

    def __init__(self, dictionary: bytes = b"") -> None:
        self.use(dictionary)

    def use(self, dictionary: bytes) -> None:
        """Pack with this dictionary from now on; without one payloads are plain Zstandard."""
        self.dictionary = dictionary
        self._packer = Packer(dictionary)

    def __call__(self, digested: DigestedEvent) -> DigestedEvent:
        """Return the event with its payload packed."""
        return replace(digested, event=replace(digested.event, payload={}), packed=self.pack(digested))

    def pack(self, digested: DigestedEvent) -> Packed:
        """Return the document `event.payload` holds, compressed."""
        document = {
            "payload": digested.event.payload,
            "origin": _origin_to_json(digested.event.origin),
            "problems": [_problem_to_json(problem) for problem in digested.event.problems],
            "tags": _counted_tags(digested),
        }
        return Packed(codec=self._packer.payload_codec, body=self._packer.pack(document))


def unix_ms_of(moment: datetime) -> int:
    """Return unix milliseconds; in integers, because a float loses the last one."""
    return (moment - _EPOCH) // _MILLISECOND


def trace_key_of(project_id: int, trace_id: str) -> int:
    """Return what the events of a project's trace have in common: 64 bits, signed."""
    digest = blake2b(f"{project_id}|{trace_id}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _counted_tags(digested: DigestedEvent) -> tuple[tuple[str, str], ...]:
    event = digested.event
    given = [*event.tags, ("release", event.release), ("level", event.level.value)]
    return tuple(dict.fromkeys((key[:MAX_TAG_CHARS], value[:MAX_TAG_CHARS]) for key, value in given if key and value))


def _origin_to_json(origin: Origin) -> dict[str, Any]:
    """Return what is known of the origin; empty fields are left out, ids are columns."""
    fields = {
        "account": origin.account,
        "log_group": origin.log_group,
        "log_stream": origin.log_stream,
        "record_ids": origin.record_ids,
        "call_site": origin.call_site,
        "language": origin.language,
        "raw": origin.raw,
    }
    return {name: value for name, value in fields.items() if value}


def _problem_to_json(problem: EventProblem) -> dict[str, str]:
    return {"kind": problem.kind, "path": problem.path, "given": problem.given, "note": problem.note}
