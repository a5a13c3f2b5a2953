"""Maker processes do the same as the digester alone, and leave to it what they cannot do."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from digesting import MAKER, MemorySpool, OneSource, make_worker, trace_records

from mukiau.core.records.log_groups import DEFAULT
from mukiau.digest.batch import DigestedEvent
from mukiau.digest.makers import HAND_JOBS, MAX_PASSED_BYTES, MIN_JOBS, MakerPool
from mukiau.digest.making import Job, Made, Making, sdk_job
from mukiau.digest.pipeline import Pipeline
from mukiau.digest.ports import MakerLost
from mukiau.digest.worker import Worker
from mukiau.stores.event_rows import Packing
from mukiau.stores.memory import MemoryState
from mukiau.stores.payloads import train

BAD = "the job that fails"


@contextmanager
def pool_of(size: int, packing: Packing | None = None, *, dies: bool = False) -> Iterator[MakerPool]:
    packing = packing or Packing()
    making = Making(maker=MAKER, table=DEFAULT, pack=packing)
    here = os.getpid()

    def make(job: Job) -> Made:
        if dies and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        if job.item is not None and BAD.encode() in job.item.body:
            raise ValueError(BAD)
        return making(job)

    pool = MakerPool(make, packing, size=size)
    try:
        yield pool
    finally:
        pool.close()


def jobs_of(*messages: str) -> list[Job]:
    spool = MemorySpool()
    for number, message in enumerate(messages):
        spool.put_event({"message": message, "tags": {"n": str(number)}}, event_id=f"{number:032x}")
    return [sdk_job(item, OneSource().find_defaults(1)) for item in spool.items]


def messages_of(made: list[Made | None]) -> list[str | None]:
    return [None if one is None else one.events[0].event.message for one in made]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_results_stand_in_the_order_of_the_jobs_whoever_made_them(size: int) -> None:
    messages = [f"payment {number} refused" for number in range(10 * HAND_JOBS + 3)]

    with pool_of(size) as pool:
        made = pool.make_all(jobs_of(*messages))

    assert messages_of(made) == messages


def test_what_another_process_made_equals_what_this_one_makes() -> None:
    jobs = jobs_of(*(f"stock of shelf {number} is negative" for number in range(4 * HAND_JOBS)))
    alone = Making(maker=MAKER, table=DEFAULT, pack=Packing())

    with pool_of(2) as pool:
        made = pool.make_all(jobs)

    assert made == [alone(job) for job in jobs]


def test_a_job_that_fails_is_left_to_the_digester_and_spoils_no_other() -> None:
    messages = [f"fine {number}" for number in range(6 * HAND_JOBS)]
    messages[5] = messages[-1] = BAD

    with pool_of(1) as pool:
        made = pool.make_all(jobs_of(*messages))

    assert messages_of(made) == [None if message == BAD else message for message in messages]


def test_few_jobs_are_left_to_the_digester() -> None:
    with pool_of(1) as pool:
        made = pool.make_all(jobs_of(*["one"] * (MIN_JOBS - 1)))

    assert made == [None] * (MIN_JOBS - 1)


def test_without_makers_every_job_is_left_to_the_digester() -> None:
    with pool_of(0) as pool:
        made = pool.make_all(jobs_of(*["one"] * MIN_JOBS))

    assert made == [None] * MIN_JOBS


def test_jobs_too_large_to_be_passed_on_are_not_lost() -> None:
    large = "x" * (HAND_JOBS * MAX_PASSED_BYTES)

    with pool_of(1) as pool:
        made = pool.make_all(jobs_of(large, *["small"] * (4 * HAND_JOBS)))

    assert len(made) == 1 + 4 * HAND_JOBS
    assert messages_of(made)[HAND_JOBS:] == ["small"] * (1 + 3 * HAND_JOBS)


def test_makers_pack_with_the_dictionary_in_use_now() -> None:
    packing = Packing()
    samples = [
        f'{{"payload":{{"message":"order {n} not charged","tags":{{"n":"{n}"}}}}}}'.encode() * 8 for n in range(300)
    ]

    trained = train(samples)
    assert trained is not None

    with pool_of(1, packing) as pool:
        before = pool.make_all(jobs_of(*["order not charged"] * (4 * HAND_JOBS)))
        packing.use(trained[1])
        after = pool.make_all(jobs_of(*["order not charged"] * (4 * HAND_JOBS)))

    assert {codec_of(made) for made in before} == {1}
    assert {codec_of(made) for made in after} == {trained[0]}


def codec_of(made: Made | None) -> int:
    assert made is not None
    packed = made.events[0].packed
    assert packed is not None
    return packed.codec


def test_a_maker_that_ends_by_itself_ends_the_digester_too() -> None:
    with pool_of(1, dies=True) as pool, pytest.raises(MakerLost):
        pool.make_all(jobs_of(*["one"] * (4 * HAND_JOBS)))


def test_the_worker_does_not_go_on_without_its_makers() -> None:

    spool, state = spool_of_many(), MemoryState()

    with pool_of(1, dies=True) as pool, pytest.raises(MakerLost):
        sharing_worker(spool, state, pool).run(threading.Event())


def test_a_batch_is_the_same_with_and_without_makers() -> None:
    spool, alone, shared = spool_of_many(), MemoryState(), MemoryState()

    with pool_of(2) as pool:
        exhaust(sharing_worker(spool, shared, pool))
    exhaust(make_worker(spool, alone))

    assert alone.events.keys() == shared.events.keys()
    assert [plain(event) for event in alone.events.values()] == [plain(event) for event in shared.events.values()]
    assert alone.counters == shared.counters


def plain(digested: DigestedEvent) -> DigestedEvent:
    return replace(digested, event=replace(digested.event, payload={}), packed=None)


def spool_of_many() -> MemorySpool:
    spool = MemorySpool()
    for number in range(5 * HAND_JOBS):
        spool.put_event({"message": f"refused {number}"}, event_id=f"{number:032x}")
    spool.put_records(
        [one for number in range(40) for one in trace_records(100 * number, stream=f"ecs/orders/{number}")]
    )
    spool.put("envelope", b"no envelope at all")
    return spool


def sharing_worker(spool: MemorySpool, state: MemoryState, pool: MakerPool) -> Worker:
    pipeline = Pipeline(
        make=Making(maker=MAKER, table=DEFAULT, pack=Packing()),
        share=pool.make_all,
        sources=OneSource(),
        find_seen=state.find_seen,
    )
    worker = Worker(spool=spool, store=state, pipeline=pipeline, clock=lambda: 0, idle_ms=1_000)
    worker.restore()
    return worker


def exhaust(worker: Worker) -> None:
    while worker.turn():
        pass
