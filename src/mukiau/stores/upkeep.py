"""What somebody who runs mukiau wants to know of its data folder: room, retention, the last backup. Reads only."""

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from mukiau.config import Settings
from mukiau.stores.backups import find_last_backup
from mukiau.stores.deleting import OldEvents
from mukiau.stores.retention import RetentionPolicy, Walk, find_due, load_walk
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sizes import Storage, read_storage
from mukiau.stores.sqlite import Connection, connect

_LAST_EVENT = "SELECT coalesce(max(id), 0) FROM event"
_DELETED = "SELECT name, reason, count FROM digest_counter WHERE name IN ('deleted', 'deleted_bytes')"
_STEADY = "SELECT iif(steady_ms, steady_ms, heartbeat_ms) FROM digest_state"
DRY_ROWS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """How a data folder is kept."""

    storage: Storage
    policy: RetentionPolicy
    looked_at: int
    """Events the present walk of retention has looked at, of `last_event`; all of them count that are behind it."""
    last_event: int
    walk_finished_ms: int
    """When the last walk was through; 0 while one is on its way."""
    deleted: dict[str, int]
    """Counts since the data folder was made, by what and why: `payload_by_age`, `event_by_age`, `payload_by_budget`."""
    deleted_bytes: dict[str, int]
    last_backup_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueByAge:
    """What is too old now."""

    payloads: int
    events: int
    bytes: int
    """Of payloads, compressed."""


def read_upkeep(settings: Settings) -> Upkeep:
    """Read it of a data folder that has a state file; raises sqlite.Error or OSError where that cannot be read."""
    folder = Path(settings.data)
    with closing(connect(folder / STATE_FILE, readonly=True)) as state:
        walk = load_walk(state)
        last_event = int(state.execute(_LAST_EVENT).fetchone()[0])
        counted = {(name, reason): count for name, reason, count in state.execute(_DELETED)}
    return Upkeep(
        storage=read_storage(settings),
        policy=RetentionPolicy.of(settings),
        looked_at=min(walk.after_id, last_event),
        last_event=last_event,
        walk_finished_ms=walk.finished_ms,
        deleted={reason: count for (name, reason), count in counted.items() if name == "deleted"},
        deleted_bytes={reason: count for (name, reason), count in counted.items() if name == "deleted_bytes"},
        last_backup_ms=find_last_backup(folder),
    )


def count_due(settings: Settings, *, now_ms: int) -> DueByAge:
    """Count what retention by age would delete now; looks at every old event, which may take a while."""
    with closing(connect(Path(settings.data) / STATE_FILE, readonly=True)) as state:
        steady_ms = int(state.execute(_STEADY).fetchone()[0])
        counts = _count_all(state, RetentionPolicy.of(settings), now_ms=min(now_ms, steady_ms or now_ms))
    return DueByAge(payloads=counts["payloads"], events=counts["events"], bytes=counts["bytes"])


def _count_all(state: Connection, policy: RetentionPolicy, *, now_ms: int) -> Counter[str]:
    events = OldEvents(state, newest_events=policy.newest_events)
    walk = Walk(after_id=0, reached_ms=0, began_ms=now_ms, finished_ms=0)
    counts: Counter[str] = Counter()
    is_end = False
    while not is_end:
        due = find_due(events, policy, walk, now_ms=now_ms, max_changed=DRY_ROWS)
        walk, is_end = due.walk, due.is_end
        counts["payloads"] += len(due.payloads)
        counts["events"] += len(due.rows)
        counts["bytes"] += sum(event.payload_bytes for event in (*due.payloads, *due.rows))
    return counts
