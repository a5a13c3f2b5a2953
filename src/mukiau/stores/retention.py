"""Retention: what need not be kept any longer is deleted, payloads before the rows of their events.

Two things make an event's payload go. *By age*: it was digested more than `payload_days` ago; its row follows after
`event_days`. *By budget*: the state takes more than `max_state_bytes`; then the oldest payloads go until it takes a
tenth less. Counts always stay. The first and the last event of a fingerprint (nearly always: of an issue) stay by either;
the newest events of each stay by age, and by budget as long as others are left.

The digester does it between two batches, in steps of some milliseconds, so that no other process waits for it and
nothing of it touches the spool. The walk over old events goes by `event.id`, which is the order of digesting; how far it
has come is kept in the transaction of each step, so a process may die at any moment. One walk begins a day after the
last one began. The age of an event is that of the latest one digested before it, events of a far future left aside: so
a clock that was wrong for an hour makes no event older or younger than its neighbours, and where there is none whose age
could be believed, nothing is old. Now is what the steady clock says, and no event is stamped earlier than that.
"""

import json
import logging
from dataclasses import dataclass, replace
from pathlib import Path

from mukiau.config import Settings
from mukiau.stores.deleting import OldEvent, OldEvents
from mukiau.stores.dictionaries import Dictionaries
from mukiau.stores.payloads import DELETED
from mukiau.stores.sizes import WARN_FROM, used_bytes
from mukiau.stores.sqlite import Connection, OperationalError, connect, transaction

DAY_MS = 86_400_000
MIN_EVENT_DAYS = 16
"""A row must outlive what may send its event again."""
WALK_EVERY_MS = DAY_MS
SLACK_MS = 2 * DAY_MS
"""The steady clock may be so far behind the one that events were stamped by."""
LOW_WATER = 0.9
"""Of the budget: down to here payloads are evicted, so that it is not done one by one."""
MAX_LOOKED, MAX_CHANGED_BY_AGE, MAX_CHANGED_BY_BUDGET = 2_000, 50, 200
"""Rows of one step: about 10 ms each way. By budget as many as a batch digests, so that it keeps pace."""
REST_MS = 600_000
"""After nothing more could be evicted, and after a fault."""

_LOAD_WALK = "SELECT after_id, reached_ms, began_ms, finished_ms, needed_codecs FROM retention_walk WHERE id = 1"
_SAVE_WALK = """
UPDATE retention_walk SET after_id = ?, reached_ms = ?, began_ms = ?, finished_ms = ?, needed_codecs = ? WHERE id = 1
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """How long what is kept; 0 each: for ever, none, no budget."""

    payload_days: int = 0
    event_days: int = 0
    newest_events: int = 0
    max_state_bytes: int = 0

    @classmethod
    def of(cls, settings: Settings) -> "RetentionPolicy":
        return cls(
            payload_days=settings.retention_payload_days,
            event_days=settings.retention_event_days,
            newest_events=settings.retention_newest_events,
            max_state_bytes=settings.max_state_bytes,
        )

    def payloads_before(self, now_ms: int) -> int:
        """Return the time before which payloads are too old; 0 for never."""
        return now_ms - self.payload_days * DAY_MS if self.payload_days else 0

    def events_before(self, now_ms: int) -> int:
        """Return the time before which rows are too old; 0 for never."""
        return now_ms - max(self.event_days, MIN_EVENT_DAYS) * DAY_MS if self.event_days else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """How far the walk over old events has come; see the model."""

    after_id: int
    reached_ms: int
    began_ms: int
    finished_ms: int
    needed: frozenset[int] = frozenset()


@dataclass(slots=True)
class Due:
    """What is too old among some events."""

    payloads: list[OldEvent]
    rows: list[OldEvent]
    walk: Walk
    is_end: bool
    """Everything behind is younger, or there is nothing."""


class Retention:
    """Deletes from one state file; in the digester's thread, which is the only other writer of events."""

    def __init__(self, path: Path, policy: RetentionPolicy) -> None:
        self._connection = connect(path)
        self._policy = policy
        self._events = OldEvents(self._connection, newest_events=policy.newest_events)
        self._none_new = OldEvents(self._connection, newest_events=0)
        self._rest_until_ms = 0
        self._is_evicting = self._evicts_new = False
        """The second: also the newest events of each issue, because no others are left."""
        self._evicted_id = 0
        """Up to this `event.id` no payload is left to evict."""
        self._has_warned = False

    def close(self) -> None:
        self._connection.close()

    def step(self, steady_ms: int) -> None:
        """Delete a little, by budget before by age. A lock or a full disk lets it rest for a while."""
        if steady_ms < self._rest_until_ms <= steady_ms + REST_MS:
            return
        try:
            if not self._evict(steady_ms):
                self._walk(steady_ms)
        except OperationalError as error:
            log.warning("What is too old cannot be deleted now: %s", error)
            self._rest_until_ms = steady_ms + REST_MS

    # --- By age ---------------------------------------------------------------------------------------------------

    def _walk(self, now_ms: int) -> None:
        walk = load_walk(self._connection)
        if walk.finished_ms and walk.began_ms <= now_ms < walk.began_ms + WALK_EVERY_MS:
            return
        if walk.finished_ms or not walk.began_ms:
            walk = Walk(after_id=0, reached_ms=0, began_ms=now_ms, finished_ms=0)
        due = find_due(self._events, self._policy, walk, now_ms=now_ms, max_changed=MAX_CHANGED_BY_AGE)
        with transaction(self._connection):
            self._events.delete_payloads(due.payloads, at_ms=now_ms, by="age")
            self._events.delete_rows(due.rows)
            if due.is_end:
                Dictionaries(self._connection).forget_unneeded(due.walk.needed, before_id=due.walk.after_id)
            _save_walk(self._connection, replace(due.walk, finished_ms=now_ms if due.is_end else 0))

    # --- By budget ------------------------------------------------------------------------------------------------

    def _evict(self, now_ms: int) -> bool:
        """Delete the oldest payloads while the state takes too much; say whether there was something to do."""
        budget = self._policy.max_state_bytes
        if not budget:
            return False
        used = used_bytes(self._connection)
        self._warn(used / budget)
        self._is_evicting = used > budget * (LOW_WATER if self._is_evicting else 1)
        if not self._is_evicting:
            self._spare_new()
            return False
        events = self._none_new if self._evicts_new else self._events
        self._evicted_id, payloads, is_end = find_evictable(
            events, self._evicted_id, excess_bytes=int(used - budget * LOW_WATER)
        )
        with transaction(self._connection):
            events.delete_payloads(payloads, at_ms=now_ms, by="budget")
        if is_end and self._evicts_new:
            log.warning("The state takes more than MUKIAU_MAX_STATE_BYTES and has no payload left to delete.")
            self._rest_until_ms = now_ms + REST_MS
            self._spare_new()
        elif is_end:
            self._evicts_new, self._evicted_id = True, 0
        return True

    def _spare_new(self) -> None:
        if self._evicts_new:
            self._evicts_new, self._evicted_id = False, 0

    def _warn(self, share: float) -> None:
        if share >= WARN_FROM and not self._has_warned:
            log.warning(
                "The state takes %.0f %% of MUKIAU_MAX_STATE_BYTES; beyond 100 %% old payloads go.", 100 * share
            )
        self._has_warned = share >= WARN_FROM


def find_due(events: OldEvents, policy: RetentionPolicy, walk: Walk, *, now_ms: int, max_changed: int) -> Due:
    """Return what is too old among the next events of a walk, and the walk as it stands behind them."""
    payloads_before, events_before = policy.payloads_before(now_ms), policy.events_before(now_ms)
    due = Due([], [], walk, is_end=False)
    known: dict[int, tuple[int, int] | None] = {}
    after_id, reached_ms, needed = walk.after_id, walk.reached_ms, set(walk.needed)
    looked = 0
    for looked, event in enumerate(events.read(after_id, max_rows=MAX_LOOKED), 1):  # noqa: B007 - used below
        if event.digested_ms <= now_ms + SLACK_MS:
            reached_ms = max(reached_ms, event.digested_ms)
        due.is_end = reached_ms >= max(payloads_before, events_before)
        if due.is_end or len(due.payloads) + len(due.rows) >= max_changed:
            break
        after_id = event.id
        is_kept = not reached_ms or event.is_held or events.is_among_newest(event, known)
        if not is_kept and not event.is_edge and reached_ms < events_before:
            due.rows.append(event)
        elif not is_kept and event.payload_codec != DELETED and reached_ms < payloads_before:
            due.payloads.append(event)
        else:
            needed.add(event.payload_codec)
    else:
        due.is_end = looked < MAX_LOOKED
    due.walk = replace(walk, after_id=after_id, reached_ms=reached_ms, needed=frozenset(needed))
    return due


def find_evictable(events: OldEvents, after_id: int, *, excess_bytes: int) -> tuple[int, list[OldEvent], bool]:
    """Return the id looked at last, the next events whose payloads may go, and whether there are no more events.

    No more of them than take `excess_bytes`, which may turn out too few, because pages are freed whole.
    """
    known: dict[int, tuple[int, int] | None] = {}
    found: list[OldEvent] = []
    looked = 0
    for looked, event in enumerate(events.read(after_id, max_rows=MAX_LOOKED), 1):  # noqa: B007 - used below
        after_id = event.id
        if event.payload_codec != DELETED and not event.is_held and not events.is_among_newest(event, known):
            found.append(event)
            excess_bytes -= event.payload_bytes
        if len(found) >= MAX_CHANGED_BY_BUDGET or excess_bytes <= 0:
            return after_id, found, False
    return after_id, found, looked < MAX_LOOKED


def load_walk(connection: Connection) -> Walk:
    """Return how far the walk has come."""
    *numbers, needed = connection.execute(_LOAD_WALK).fetchone()
    after_id, reached_ms, began_ms, finished_ms = numbers
    return Walk(
        after_id=after_id,
        reached_ms=reached_ms,
        began_ms=began_ms,
        finished_ms=finished_ms,
        needed=frozenset(json.loads(needed)),
    )


def _save_walk(connection: Connection, walk: Walk) -> None:
    needed = json.dumps(sorted(walk.needed))
    connection.execute(_SAVE_WALK, (walk.after_id, walk.reached_ms, walk.began_ms, walk.finished_ms, needed))
