"""A bad item is set aside with its reason and may be digested again; what is around it is digested as if it were not."""

import threading
from contextlib import suppress
from dataclasses import replace

import pytest
from digesting import MAKER, TRACE, Clock, MemorySpool, drain, make_worker, trace_records

from mukiau.digest import log_streams, pipeline
from mukiau.digest import worker as worker_module
from mukiau.digest.batch import Batch, DigestedEvent, Written
from mukiau.digest.event_maker import EventMaker, RawEvent
from mukiau.digest.ports import AnotherDigester, SourceDefaults, StoreBusy
from mukiau.stores.memory import MemoryState


class TouchyMaker(EventMaker):
    """Cannot make an event of a payload that speaks of a bomb."""

    def __init__(self) -> None:
        self.is_mended = False

    def make(self, raw: RawEvent, *, defaults: SourceDefaults | None = None) -> DigestedEvent:
        if not self.is_mended and "bomb" in str(raw.payload):
            raise ZeroDivisionError("bang")
        return MAKER.make(raw, defaults=defaults)


def put_events(spool: MemorySpool, *messages: str) -> None:
    for message in messages:
        spool.put_event({"message": message}, event_id=f"{len(spool.items):032x}")


def messages_of(store: MemoryState) -> list[str]:
    return [digested.event.message for digested in store.events.values()]


def test_a_poison_item_is_set_aside_and_the_others_are_digested_once() -> None:
    spool, store = MemorySpool(), MemoryState()
    put_events(spool, "one", "bomb", "two", "bomb", "three")

    drain(spool, store, maker=TouchyMaker())

    assert messages_of(store) == ["one", "two", "three"]
    assert [(aside.position, aside.kind) for aside in store.set_aside.values()] == [(2, "envelope"), (4, "envelope")]
    assert "ZeroDivisionError: bang" in store.set_aside[1].reason
    assert store.position() == 5
    assert store.counters["duplicate", "event_id"] == 0


def test_an_item_that_cannot_be_unpacked_says_why() -> None:
    spool, store = MemorySpool(), MemoryState()
    spool.put("envelope", b"no gzip", encoding="gzip")
    spool.put("envelope", b"[]\n")
    spool.put("smoke", b"")

    drain(spool, store)

    assert [aside.reason for aside in store.set_aside.values()] == [
        "The compressed body ends too early.",
        "The envelope cannot be read: invalid envelope header.",
        "The item is of an unknown kind: smoke.",
    ]


def test_of_a_batch_of_records_only_the_bad_entry_is_set_aside() -> None:
    spool, store, maker = MemorySpool(), MemoryState(), TouchyMaker()
    bad = trace_records(stream="bad")
    bad[0]["message"] = bad[0]["message"].replace("order", "bomb")
    spool.put_records(trace_records(stream="good") + bad)
    drain(spool, store, maker=maker)
    assert len(store.events) == 1
    assert [aside.kind for aside in store.set_aside.values()] == ["entry"]

    maker.is_mended = True
    store.requested = {1}
    drain(spool, store, maker=maker)

    assert len(store.events) == 2
    assert store.set_aside == {}
    again = messages_of(store)[1]
    assert "bomb 4711 failed" in again


def test_an_item_set_aside_is_digested_again_on_request() -> None:
    spool, store, maker = MemorySpool(), MemoryState(), TouchyMaker()
    put_events(spool, "bomb", "one")
    drain(spool, store, maker=maker)

    store.requested = {1}
    drain(spool, store, maker=maker)
    assert messages_of(store) == ["one"]  # not mended yet: it stays aside, under a new number
    assert list(store.set_aside) == [2]

    maker.is_mended = True
    store.requested = {2}
    drain(spool, store, maker=maker)

    assert messages_of(store) == ["one", "bomb"]
    assert store.set_aside == {}


def test_a_stream_nobody_can_read_is_set_aside_and_its_item_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    class Brittle(log_streams.Assembler):
        def flush_idle(self, now_ms, idle_ms):  # type: ignore[no-untyped-def]
            if any(key[2] == "bad" for key in self._streams):
                raise ZeroDivisionError("bang")
            return super().flush_idle(now_ms, idle_ms)

    monkeypatch.setattr(log_streams, "Assembler", Brittle)
    spool, store = MemorySpool(), MemoryState()
    spool.put_records(trace_records(stream="bad"))
    spool.put_records(trace_records(stream="good"))

    drain(spool, store)

    assert [digested.event.origin.log_stream for digested in store.events.values()] == ["good"]
    assert [aside.kind for aside in store.set_aside.values()] == ["stream"]
    monkeypatch.undo()
    store.requested = {1}
    drain(spool, store)
    assert [digested.event.origin.log_stream for digested in store.events.values()] == ["good", "bad"]


def test_a_saved_stream_of_another_version_is_set_aside() -> None:
    spool, store = MemorySpool(), MemoryState()
    spool.put_records(trace_records()[:3])
    make_worker(spool, store).turn()
    [(key, state)] = store.streams.items()
    store.streams[key] = type(state)(project_id=1, stream_key=state.stream_key, state='{"key": ["a", "b"]}')

    drain(spool, store)

    assert store.streams == {}
    assert [aside.reason for aside in store.set_aside.values()] == ["The saved stream cannot be read."]


class Picky(MemoryState):
    """Refuses what SQLite could not keep either."""

    error: Exception = OverflowError("too large")

    def write(self, batch: Batch) -> Written:
        if any("huge" in digested.event.message for digested in batch.events):
            raise self.error
        return super().write(batch)


def test_what_only_the_store_refuses_is_found_and_set_aside() -> None:
    spool, store = MemorySpool(), Picky()
    put_events(spool, "one", "huge", "two")

    drain(spool, store)

    assert messages_of(store) == ["one", "two"]
    assert [(aside.position, aside.reason[:26]) for aside in store.set_aside.values()] == [
        (2, "OverflowError: too large (")
    ]


@pytest.mark.parametrize("error", [StoreBusy("locked"), AnotherDigester("taken")])
def test_a_busy_store_is_nobodys_fault(error: Exception) -> None:
    spool, store = MemorySpool(), Picky()
    store.error = error
    put_events(spool, "huge")
    worker = make_worker(spool, store)

    with pytest.raises(type(error)):
        worker.turn()

    assert (store.position(), store.set_aside) == (0, {})


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 20])
def test_an_item_of_many_records_is_kept_in_parts_and_goes_on_there_after_a_crash(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(pipeline, "PART_RECORDS", size)
    monkeypatch.setattr(worker_module, "MAX_BATCH_EVENTS", 1)
    spool, store = MemorySpool(), MemoryState()
    for stream in ("a", "b"):
        without_ids = [{**one, "id": None} for one in trace_records(stream=stream)]
        spool.put_records([*trace_records(0), *trace_records(10), *without_ids])
    after_each_batch = []

    while store.position() < 2:
        make_worker(spool, store).turn()
        after_each_batch.append((store.position(), store.records_done()))
    drain(spool, store)

    assert len(store.events) == 4
    assert all(digested.event.exceptions for digested in store.events.values())
    assert store.counters["records", "digested"] == 4 * len(TRACE)
    assert store.counters["duplicate", "record"] == 2 * len(TRACE)
    assert after_each_batch == sorted(set(after_each_batch))
    assert store.records_done() == 0


class Death(BaseException):
    """The end of the process."""


class DeadlyMaker(EventMaker):
    def __init__(self) -> None:
        self.tries = 0

    def make(self, raw: RawEvent, *, defaults: SourceDefaults | None = None) -> DigestedEvent:
        if "bomb" in str(raw.payload):
            self.tries += 1
            raise Death
        return MAKER.make(raw, defaults=defaults)


def start_digesting(spool: MemorySpool, store: MemoryState, maker: EventMaker, *, turns: int) -> None:
    worker, stop = make_worker(spool, store, maker=maker), threading.Event()
    left = iter(range(turns))
    turn = worker.turn

    def counted() -> bool:
        if next(left, None) is None:
            stop.set()
            return True
        return turn()

    worker.turn = counted  # type: ignore[method-assign]
    worker.run(stop)


def test_an_item_that_ends_the_process_is_set_aside_after_some_tries() -> None:
    spool, store, maker = MemorySpool(), MemoryState(), DeadlyMaker()
    put_events(spool, "one", "two", "bomb", "three", "four")

    starts = 0
    while store.position() < 5:
        starts += 1
        assert starts < 20
        with suppress(Death):
            start_digesting(spool, store, maker, turns=10)

    assert messages_of(store) == ["one", "two", "three", "four"]
    assert [(aside.position, aside.reason) for aside in store.set_aside.values()] == [
        (3, "The process ended 3 times while this item was digested.")
    ]
    assert maker.tries == starts - 1


def test_starting_often_with_nothing_to_do_makes_no_item_suspect() -> None:
    spool, store = MemorySpool(), MemoryState()
    for _ in range(20):
        start_digesting(spool, store, MAKER, turns=1)
    put_events(spool, "one")
    for _ in range(20):
        start_digesting(spool, store, MAKER, turns=0)  # killed before it could begin

    start_digesting(spool, store, MAKER, turns=5)

    assert messages_of(store) == ["one"]
    assert store.set_aside == {}


def test_a_part_is_not_taken_for_one_of_another_item_where_the_spool_was_lost() -> None:
    spool, store = MemorySpool(), MemoryState(part=5)
    spool.put_records(trace_records())
    spool.items[0] = replace(spool.items[0], position=1_001)

    drain(spool, store)

    assert [len(digested.record_ids) for digested in store.events.values()] == [len(TRACE)]


def test_a_clock_that_is_set_back_holds_up_no_entry() -> None:
    spool, store, clock = MemorySpool(), MemoryState(), Clock(7_200_000)
    spool.put_records(trace_records(), received_ms=7_200_000)
    worker = make_worker(spool, store, clock=clock)
    worker.turn()

    clock.now_ms = 3_600_000
    worker.turn()

    assert len(store.events) == 1


def test_the_loop_survives_a_busy_store_and_ends_when_told(caplog: pytest.LogCaptureFixture) -> None:
    spool, store, stop = MemorySpool(), Picky(), threading.Event()
    store.error = StoreBusy("locked")
    put_events(spool, "huge")
    worker = make_worker(spool, store, clock=Clock())
    loop = threading.Thread(target=worker.run, args=(stop,))

    loop.start()
    stop.wait(0.2)
    store.error = KeyError("gone")
    stop.set()
    loop.join(timeout=5)

    assert not loop.is_alive()
    assert "locked" in caplog.text
    assert all(record.exc_info is None for record in caplog.records)  # it passes: no fault to be traced
