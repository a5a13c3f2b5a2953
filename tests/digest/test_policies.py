"""Events are grouped by the policies the store says are in force, in the digester and in its makers."""

import threading

from digesting import IDLE_MS, Clock, MemorySpool, OneSource
from test_makers import jobs_of

from mukiau.core.records.log_groups import DEFAULT
from mukiau.core.scrub import Scrubber, ScrubPolicy
from mukiau.digest.batch import Batch, Written
from mukiau.digest.event_maker import EventMaker
from mukiau.digest.makers import HAND_JOBS, MakerPool
from mukiau.digest.making import Making
from mukiau.digest.pipeline import Pipeline
from mukiau.digest.policies import GroupedBy, Policies, PolicyText, ProjectPolicies
from mukiau.digest.worker import Worker
from mukiau.stores.event_rows import Packing
from mukiau.stores.memory import MemoryState

BY_TAG = PolicyText(version=2, text='defaults = 1\nalso = ["tag:n"]\n')
MUKIAUS_OWN = PolicyText(version=1, text="defaults = 1\n")


def grouped_by(in_force: PolicyText, other: PolicyText | None = None, *, stamp: int = 1) -> GroupedBy:
    return GroupedBy(stamp=stamp, projects=(ProjectPolicies(project_id=1, in_force=in_force, other=other),))


class ChangingState(MemoryState):
    """Somebody puts another policy in force just before the first batch is written."""

    def write(self, batch: Batch) -> Written:
        if not self.grouped_by.stamp:
            self.grouped_by = grouped_by(BY_TAG)
        return super().write(batch)


def hashes_of(store: MemoryState) -> set[tuple[str, str]]:
    return {(digested.fingerprint.hash, digested.other_hash) for digested in store.events.values()}


def digest(spool: MemorySpool, store: MemoryState) -> None:
    policies = Policies()
    making = Making(maker=EventMaker(Scrubber(ScrubPolicy()), policies), table=DEFAULT)
    pipeline = Pipeline(make=making, sources=OneSource(), find_seen=store.find_seen)
    worker = Worker(spool=spool, store=store, pipeline=pipeline, clock=Clock(), idle_ms=IDLE_MS, policies=policies)
    stop = threading.Event()
    running = threading.Thread(target=worker.run, args=(stop,))
    running.start()
    while store.position() < len(spool.items):
        stop.wait(0.01)
    stop.set()
    running.join()


def put_events(spool: MemorySpool) -> None:
    for number in range(4):
        spool.put_event({"message": "payment refused", "tags": {"n": str(number)}}, event_id=f"{number:032x}")


def test_events_are_grouped_by_the_policy_in_force_and_counted_by_the_other_one() -> None:
    spool, store = MemorySpool(), MemoryState(grouped_by=grouped_by(MUKIAUS_OWN, BY_TAG))
    put_events(spool)

    digest(spool, store)

    assert len({hash_ for hash_, _ in hashes_of(store)}) == 1
    assert len({other for _, other in hashes_of(store)}) == 4


def test_a_batch_made_by_a_policy_that_is_not_in_force_any_more_is_made_again() -> None:
    spool, store = MemorySpool(), ChangingState()
    put_events(spool)

    digest(spool, store)

    assert len(hashes_of(store)) == 4
    assert store.counters["duplicate", "event_id"] == 0
    assert not store.set_aside


def test_makers_group_by_the_policies_in_use_now() -> None:
    packing, policies = Packing(), Policies()
    making = Making(maker=EventMaker(Scrubber(ScrubPolicy()), policies), table=DEFAULT, pack=packing)
    pool = MakerPool(making, packing, policies, size=1)
    jobs = jobs_of(*["payment refused"] * (4 * HAND_JOBS))
    try:
        before = {one.events[0].fingerprint.hash for one in pool.make_all(jobs) if one}
        policies.use(grouped_by(BY_TAG))
        after = {one.events[0].fingerprint.hash for one in pool.make_all(jobs) if one}
    finally:
        pool.close()

    assert len(before) == 1
    assert len(after) == 4 * HAND_JOBS
