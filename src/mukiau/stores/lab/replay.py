"""Replaying a policy on stored events: how many events of each fingerprint have which hash under it.

Reading and hashing is done in processes of their own, range of ids by range of ids; what they count is written with the
range they came to, so a replay that is interrupted goes on behind the last range that was written.
"""

import gc
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing, contextmanager
from multiprocessing import get_context
from pathlib import Path

from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.digest.policies import PolicyText, policy_of
from mukiau.stores.sqlite import Connection
from mukiau.stores.stored_events import StoredEvents

RANGE = 2_000
"""Ids a process is given at a time: some tenths of a second."""

Counted = tuple[int, int, int]
"""Events, and the lowest and highest `event.id` of them."""
Tally = Mapping[tuple[int, str], Counted]
"""(fingerprint id, hash under the policy) → what has it; the hash is empty where no payload is left to tell."""

_ADD_PIECE = """
INSERT INTO lab_piece (run_id, fingerprint_id, hash, count, first_event_pk, last_event_pk) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = count + excluded.count, first_event_pk = min(first_event_pk, excluded.first_event_pk),
  last_event_pk = max(last_event_pk, excluded.last_event_pk)
"""


def add_pieces(connection: Connection, run_id: int, tally: Tally) -> None:
    """Add what was counted, in the transaction at hand."""
    rows = [(run_id, *key, *counted) for key, counted in sorted(tally.items())]
    connection.executemany(_ADD_PIECE, rows)


def tally_range(path: Path, project_id: int, policy: PolicyText, after: int, until: int) -> Tally:
    """Count a project's events with `after` < id <= `until`."""
    found: dict[tuple[int, str], Counted] = {}
    compiled = policy_of(policy)
    with closing(StoredEvents(path)) as events:
        for stored in events.read(project_id, after=after, until=until):
            key = (stored.fingerprint_id, "" if stored.event is None else fingerprint_of(stored.event, compiled).hash)
            count, first, _ = found.get(key, (0, stored.pk, 0))
            found[key] = (count + 1, first, stored.pk)
    return found


@contextmanager
def replay(
    path: Path, project_id: int, policy: PolicyText, *, after: int, until: int, processes: int
) -> Iterator[Iterator[tuple[int, Tally]]]:
    """Give an iterator of (id reached, what was counted on the way), in order; leaving the block ends the processes.

    With none everything is done in this one.
    """
    if not processes:
        yield ((end, tally_range(path, project_id, policy, start, end)) for start, end in _ranges(after, until))
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_begin) as pool:
        try:
            yield _results(pool, path, project_id, policy, after, until, 2 * processes)
        finally:
            pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Thousands of events are made and none is kept: the collector need not look at them so often."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _results(
    pool: ProcessPoolExecutor, path: Path, project_id: int, policy: PolicyText, after: int, until: int, ahead: int
) -> Iterator[tuple[int, Tally]]:
    waiting: list[tuple[int, Future[Tally]]] = []
    for start, end in _ranges(after, until):
        waiting.append((end, pool.submit(tally_range, path, project_id, policy, start, end)))
        if len(waiting) > ahead:
            reached, future = waiting.pop(0)
            yield reached, future.result()
    for reached, future in waiting:
        yield reached, future.result()


def _ranges(after: int, until: int) -> Iterator[tuple[int, int]]:
    return ((start, min(start + RANGE, until)) for start in range(after, until, RANGE))
