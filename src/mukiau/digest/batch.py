"""What digest makes of the spool: values that the state store keeps in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from mukiau.core.event import Event
from mukiau.core.grouping.fingerprint import Fingerprint
from mukiau.core.grouping.title import Title


@dataclass(frozen=True, slots=True)
class Packed:
    """A payload in the form the store keeps."""

    codec: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestedEvent:
    """An event with what it is grouped by and the words of its issue."""

    event: Event
    fingerprint: Fingerprint
    title: Title
    other: Fingerprint | None = None
    """By the other policy, while there is one."""
    revision: int = 0
    """How often its log entry was given out before; a higher one holds more records and replaces what is stored."""
    packed: Packed | None = None
    """The payload once the store has packed it; the event has none any more then."""

    @property
    def other_hash(self) -> str:
        """By the other policy; empty where there is none."""
        return "" if self.other is None else self.other.hash

    @property
    def record_ids(self) -> tuple[str, ...]:
        """Ids of the records it was assembled from; empty for an SDK's event."""
        return self.event.origin.record_ids


class SeenRecord(NamedTuple):
    """A record id to remember, so that the record counts once however often it is sent. A tuple: there are millions."""

    day: int
    """Days since 1970-01-01 UTC of the record's own time stamp."""
    hash: int
    """64 bits, signed, over project, stream and id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """A log stream as the assembler saved it."""

    project_id: int
    stream_key: str
    state: str
    """JSON; empty when nothing is to be remembered any more."""
    is_open: bool = False
    """Records of an entry wait for the rest of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """Records arrived from a service in an environment, errors or not."""

    project_id: int
    service: str
    environment: str
    received_ms: int
    """When the last of them did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A spool item, or one log entry or stream of it, that could not be digested; may be digested again as an item."""

    position: int
    kind: str
    project_id: int
    source_id: int
    received_ms: int
    encoding: str
    event_id: str
    body: bytes
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Everything one transaction keeps."""

    after: int
    """The position digest stood at before; the store refuses a batch that does not follow its own position."""
    position: int
    """Of the last whole item in the batch; equal to `after` when streams were flushed and no item was read."""
    after_records: int = 0
    """Records of the item behind `after` that were digested before this batch."""
    records: int = 0
    """Records of the item behind `position` that are digested with this batch; 0 unless that item takes several."""
    digested_ms: int
    policies_stamp: int = 0
    """Of the grouping policies its events were made by; the store refuses those of others."""
    steady_ms: int = 0
    """The same by the steady clock, from which it is counted how long records are remembered; 0: there is none."""
    item_count: int = 0
    events: tuple[DigestedEvent, ...] = ()
    """In the order they are to be counted; of several with one event id the highest revision stays."""
    seen: tuple[SeenRecord, ...] = ()
    streams: tuple[StreamState, ...] = ()
    arrived: tuple[Arrived, ...] = ()
    """Where records came from; events say it themselves."""
    counters: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Additions by (name, reason)."""
    set_aside: tuple[SetAside, ...] = ()
    replayed: tuple[int, ...] = ()
    """Ids of items set aside earlier that are digested by this batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a batch changed."""

    new_events: int = 0
    replaced_events: int = 0
    duplicates: int = 0
    new_issues: int = 0
