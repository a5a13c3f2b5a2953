"""What the command line reads of a data folder, while the server runs or not; no web framework, one snapshot each."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mukiau.stores.schema import STATE_FILE
from mukiau.stores.spool_reader import SPOOL_FILE, SpoolReader
from mukiau.stores.sqlite import connect

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Events are counted by their issues' sums: ten thousand rows instead of a million.
_STATE = """
SELECT position, digested_items, heartbeat_ms,
  (SELECT count(*) FROM issue WHERE event_count > 0), (SELECT coalesce(sum(event_count), 0) FROM issue),
  (SELECT count(*) FROM stream_state WHERE is_open), (SELECT count(*) FROM set_aside)
FROM digest_state WHERE id = 1
"""
_EVENTS = """
SELECT event.event_id, fingerprint.issue_id, fingerprint.hash, event.environment, event.occurred_ms,
  event.payload, event.payload_codec
FROM event JOIN fingerprint ON fingerprint.id = event.fingerprint_id ORDER BY event.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How far everything is."""

    accepted: int
    """Items (requests) the door has kept, ever."""
    accepted_records: int
    """Log records in them."""
    digested: int
    """Items digested, those set aside included."""
    pending: int
    """Items not digested yet, and log streams whose last entry is still being assembled; 0: everything is visible."""
    open_entries: int
    """The second part of `pending`."""
    issues: int
    events: int
    duplicates: int
    """Events and records that were known already."""
    dropped: dict[str, int]
    """What was accepted, or sent, and not kept: counts by reason."""
    refused: dict[str, int]
    """Requests the door did not take: counts by reason."""
    deleted: dict[str, int]
    """What retention deleted, by what and why: `payload_by_age`, `event_by_age`, `payload_by_budget`."""
    set_aside: int
    heartbeat_ms: int
    """When digest was last alive, in unix milliseconds; 0 for never."""
    oldest_waiting_ms: int
    """When the oldest item not digested was accepted, in unix milliseconds; 0: none waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One digested event."""

    event_id: str
    record_ids: tuple[str, ...]
    """Records it was assembled from; empty for an SDK's event."""
    issue: int
    fingerprint_hash: str
    environment: str
    occurred_at: str
    """ISO 8601, UTC."""


def read_status(data: Path) -> Status:
    """Read the counts of a data folder that has a state file."""
    # State first: what the spool gains meanwhile shows as pending, never as digested before it was accepted.
    with closing(connect(data / STATE_FILE, readonly=True)) as state:
        position, digested, heartbeat_ms, issues, events, open_entries, set_aside = state.execute(_STATE).fetchone()
        counted = Counter(
            {(row[0], row[1]): row[2] for row in state.execute("SELECT name, reason, count FROM digest_counter")}
        )
    with closing(SpoolReader(data / SPOOL_FILE)) as spool:
        door = Counter(spool.counters())
        waiting = spool.pending(position)
        oldest_waiting_ms = spool.oldest_received_ms(position)
    return Status(
        accepted=_sum(door, "accepted"),
        accepted_records=_sum(door, "accepted_records"),
        digested=digested,
        pending=waiting + open_entries,
        open_entries=open_entries,
        issues=issues,
        events=events,
        duplicates=_sum(counted, "duplicate"),
        dropped=_by_reason(door + counted, "dropped", "rejected_records"),
        refused=_by_reason(door, "refused"),
        deleted=_by_reason(counted, "deleted"),
        set_aside=set_aside,
        heartbeat_ms=heartbeat_ms,
        oldest_waiting_ms=oldest_waiting_ms,
    )


def iter_events(data: Path) -> Iterator[EventLine]:
    """Yield every digested event in the order of digesting."""
    from mukiau.stores.dictionaries import Dictionaries  # noqa: PLC0415 - `status` is quick and does without decoders
    from mukiau.stores.payloads import unpack  # noqa: PLC0415

    with closing(connect(data / STATE_FILE, readonly=True)) as state:
        find = Dictionaries(state).find
        for event_id, issue, group, environment, occurred_ms, payload, payload_codec in state.execute(_EVENTS):
            origin = unpack(payload, payload_codec, find).get("origin", {})
            yield EventLine(
                event_id=event_id,
                record_ids=tuple(origin.get("record_ids", ())),
                issue=issue,
                fingerprint_hash=group,
                environment=environment,
                occurred_at=(_EPOCH + timedelta(milliseconds=occurred_ms)).isoformat(timespec="milliseconds"),
            )


def request_replay(data: Path, ids: tuple[int, ...] | None = None) -> int:
    """Ask the digester to digest items set aside again (all, without ids); return how many will be."""
    chosen = "" if ids is None else f" AND id IN ({','.join('?' * len(ids))})"
    statement = f"UPDATE set_aside SET is_requested = 1 WHERE is_requested = 0{chosen}"  # noqa: S608 - marks only
    with closing(connect(data / STATE_FILE)) as state:
        return int(state.execute(statement, ids or ()).rowcount)


def _sum(counts: Counter[tuple[str, str]], name: str) -> int:
    return sum(count for (counted, _), count in counts.items() if counted == name)


def _by_reason(counts: Counter[tuple[str, str]], *names: str) -> dict[str, int]:
    found: Counter[str] = Counter()
    for (name, reason), count in sorted(counts.items()):
        if name in names:
            found[reason] += count
    return dict(found)
