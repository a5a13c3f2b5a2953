"""The state store's twin in memory, for tests of what stands before it: the same rules, nothing on disk."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from mukiau.digest.batch import Batch, DigestedEvent, SeenRecord, SetAside, StreamState, Written
from mukiau.digest.policies import GroupedBy
from mukiau.digest.ports import AnotherDigester, PolicyChanged

EventKey = tuple[int, str]


@dataclass(slots=True)
class MemoryState:
    """Keeps what digest made."""

    events: dict[EventKey, DigestedEvent] = field(default_factory=dict)
    """By (project, event id), in the order of their first arrival."""
    seen: set[SeenRecord] = field(default_factory=set)
    streams: dict[tuple[int, str], StreamState] = field(default_factory=dict)
    counters: Counter[tuple[str, str]] = field(default_factory=Counter)
    set_aside: dict[int, SetAside] = field(default_factory=dict)
    requested: set[int] = field(default_factory=set)
    """Ids of items set aside that are to be digested again."""
    at: int = 0
    part: int = 0
    """Records digested of the item behind `at`."""
    last_aside: int = 0
    grouped_by: GroupedBy = GroupedBy()  # noqa: RUF009 - a value
    """What events are to be grouped by."""
    trials: dict[str, tuple[tuple[int, int], int]] = field(default_factory=dict)
    """What was tried → (where, how many times in a row)."""

    def position(self) -> int:
        return self.at

    def records_done(self) -> int:
        return self.part

    def count_trial(self, what: str, position: int, records_done: int) -> int:
        point = (position, records_done)
        known, count = self.trials.get(what, (point, 0))
        self.trials[what] = (point, count + 1 if known == point else 1)
        return self.trials[what][1]

    def load_policies(self) -> GroupedBy:
        return self.grouped_by

    def load_streams(self) -> Sequence[StreamState]:
        return [self.streams[key] for key in sorted(self.streams)]

    def load_requested(self, *, max_items: int) -> Sequence[tuple[int, SetAside]]:
        return [(number, self.set_aside[number]) for number in sorted(self.requested & self.set_aside.keys())][
            :max_items
        ]

    def find_seen(self, records: Collection[SeenRecord]) -> frozenset[SeenRecord]:
        return frozenset(self.seen.intersection(records))

    def write(self, batch: Batch) -> Written:
        if (batch.after, batch.after_records) != (self.at, self.part):
            raise AnotherDigester(f"The state stands at {self.at}, the batch follows {batch.after}.")
        if batch.policies_stamp != self.grouped_by.stamp:
            raise PolicyChanged
        issues = self._issues()
        changed = Counter(self._keep(digested) for digested in batch.events)
        self._remember(batch)
        self.counters.update(batch.counters)
        if changed["duplicate"]:
            self.counters["duplicate", "event_id"] += changed["duplicate"]
        self.at, self.part = batch.position, batch.records
        return Written(
            new_events=changed["new"],
            replaced_events=changed["replaced"],
            duplicates=changed["duplicate"],
            new_issues=len(self._issues() - issues),
        )

    def beat(self, now_ms: int, *, steady_ms: int = 0) -> None:
        """Nobody looks."""

    def prune_seen(self, before_ms: int, *, max_rows: int) -> int:
        """Memory is short anyway."""
        return 0

    def _keep(self, digested: DigestedEvent) -> str:
        key = (digested.event.origin.project_id, digested.event.event_id)
        stored = self.events.get(key)
        if stored is not None and digested.revision <= stored.revision:
            return "duplicate"
        self.events[key] = digested
        return "new" if stored is None else "replaced"

    def _remember(self, batch: Batch) -> None:
        self.seen.update(batch.seen)
        for state in batch.streams:
            key = (state.project_id, state.stream_key)
            if state.state:
                self.streams[key] = state
            else:
                self.streams.pop(key, None)
        for item in batch.set_aside:
            self.last_aside += 1
            self.set_aside[self.last_aside] = item
        for number in batch.replayed:
            self.set_aside.pop(number, None)

    def _issues(self) -> set[tuple[int, str]]:
        return {(project, digested.fingerprint.hash) for (project, _), digested in self.events.items()}
