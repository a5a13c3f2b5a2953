"""Target sentry: a batch's records into events, by the very stations the server has: assemble, normalise, scrub, group.

The fingerprint goes into the event's `fingerprint`, so any server of the protocol groups as mukiau does. Ids come from
the records, so what is sent twice is one event.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from mukiau import __version__
from mukiau.core.event import JSONObject, Origin
from mukiau.core.event_builder import build_event
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.normalize import normalize_payload
from mukiau.core.records.assemble import Assembler
from mukiau.core.records.entry import LogEntry, entry_to_payload
from mukiau.core.records.log_groups import LogGroupTable
from mukiau.core.records.record import Record
from mukiau.core.scrub import Scrubber, ScrubPolicy

SDK = {"name": "mukiau.forwarder", "version": __version__}
"""What made the events."""
MAX_RAW_CHARS = 16_384
"""Of the log text that goes along where the chain has no frames; else it would be the same once more."""


class EventMaker:
    """Makes events for one project."""

    def __init__(self, *, project_id: int, table: LogGroupTable) -> None:
        self._project_id = project_id
        self._table = table
        self._scrubber = Scrubber(ScrubPolicy())

    def make(
        self, records: Sequence[Record], *, before: Iterable[Record] = (), after: Iterable[Record] = ()
    ) -> Iterator[JSONObject]:
        """Yield the events whose first record is one of `records`; `before` and `after` only complete them."""
        own = {record.record_id for record in records}
        received_at = _newest(records)
        assembler = Assembler()
        for entry in [*assembler.feed([*before, *records, *after]), *assembler.flush_all()]:
            if entry.record_ids[0] in own:
                yield self._event(entry, received_at)

    def _event(self, entry: LogEntry, received_at: datetime) -> JSONObject:
        payload, origin, event_id = entry_to_payload(entry, project_id=self._project_id, source_id=0, table=self._table)
        payload = {**payload, **_around(entry, payload)}
        normalized = normalize_payload(payload, received_at=received_at)
        scrubbed = self._scrubber.scrub(normalized.payload).payload
        event = build_event(scrubbed, origin=replace(origin, raw=""), received_at=received_at)
        return {
            **scrubbed,
            "event_id": event_id,
            "fingerprint": [fingerprint_of(event).hash],
            "tags": {**scrubbed.get("tags", {}), **_tags(origin, service=event.service)},
            **({"environment": event.environment} if event.environment else {}),
        }


def _around(entry: LogEntry, payload: JSONObject) -> JSONObject:
    """Where the log is, and its text where nothing better was read from it."""
    place = {
        "type": "log",
        "account": entry.account,
        "log_group": entry.log_group,
        "log_stream": entry.log_stream,
        "record_id": entry.record_ids[0],
    }
    raw = {} if any(link.frames for link in entry.exceptions) else {"log": entry.raw[:MAX_RAW_CHARS]}
    return {
        "contexts": {**payload.get("contexts", {}), "log": place},
        "extra": {**payload.get("extra", {}), **raw},
        "sdk": SDK,
    }


def _tags(origin: Origin, *, service: str) -> dict[str, str]:
    tags = {"service": service, "account": origin.account, "log_group": origin.log_group[:200]}
    return {name: value for name, value in tags.items() if value}


def _newest(records: Sequence[Record]) -> datetime:
    """The newest record's time stands for now: a repeated call then makes the very same events."""
    newest = max((record.timestamp_ms for record in records if record.timestamp_ms is not None), default=0)
    return datetime.fromtimestamp(newest / 1000, UTC)
