"""Items become events, each once, however they were cut, and nothing else stops the line."""

import json

import pytest
from digesting import Clock, MemorySpool, drain, make_worker, record, trace_records

from mukiau.core.event import Relation
from mukiau.digest.batch import DigestedEvent
from mukiau.stores.memory import MemoryState


def events_of(store: MemoryState) -> list[DigestedEvent]:
    return list(store.events.values())


def test_an_sdk_event_goes_by_the_id_the_door_answered() -> None:
    spool, store = MemorySpool(), MemoryState()
    spool.put_event({"event_id": "a" * 32, "message": "boom", "level": "fatal"}, event_id="b" * 32)

    drain(spool, store)

    [digested] = events_of(store)
    assert (digested.event.event_id, digested.event.message, digested.event.level) == ("b" * 32, "boom", "fatal")
    assert digested.event.payload["event_id"] == "b" * 32
    assert (digested.event.service, digested.event.environment) == ("by-key", "by-key-prod")


def test_what_an_envelope_brings_besides_is_counted_and_not_kept() -> None:
    spool, store = MemorySpool(), MemoryState()
    report = {"discarded_events": [{"reason": "sample_rate", "quantity": 3}, {"reason": "made up", "quantity": 1}]}
    items = [
        ({"type": "session"}, b"{}"),
        ({"type": "client_report"}, json.dumps(report).encode()),
        ({"type": "never heard of"}, b"x"),
    ]
    lines = [part for header, body in items for part in (json.dumps({**header, "length": len(body)}).encode(), body)]
    spool.put("envelope", b"\n".join([b"{}", *lines]))

    drain(spool, store)

    assert store.counters == {
        ("dropped", "unsupported:session"): 1,
        ("dropped", "unsupported:unknown"): 1,
        ("client_report", "sample_rate"): 3,
        ("client_report", "other"): 1,
    }
    assert events_of(store) == []


def test_a_store_body_is_an_event_and_a_transaction_is_none() -> None:
    spool, store = MemorySpool(), MemoryState()
    spool.put("store", b'{"message": "boom"}', event_id="c" * 32)
    spool.put("store", b'{"type": "transaction"}', event_id="d" * 32)

    drain(spool, store)

    assert [digested.event.event_id for digested in events_of(store)] == ["c" * 32]
    assert store.counters["dropped", "unsupported:transaction"] == 1


def test_an_event_that_is_no_json_is_kept_as_a_message() -> None:
    spool, store = MemorySpool(), MemoryState()
    spool.put("store", b'{"message": broken', event_id="c" * 32)

    drain(spool, store)

    [digested] = events_of(store)
    assert "broken" in digested.event.message
    assert "not_json" in {problem.kind for problem in digested.event.problems}


def test_a_trace_over_many_items_is_one_event() -> None:
    spool, store = MemorySpool(), MemoryState()
    for number, line in enumerate(trace_records()):
        spool.put_records([line], received_ms=number * 100)

    drain(spool, store)

    [digested] = events_of(store)
    assert [link.type for link in digested.event.exceptions] == [
        "java.lang.IllegalStateException",
        "java.io.IOException",
    ]
    assert digested.event.exceptions[1].relation is Relation.CAUSE
    assert len(digested.record_ids) == 7
    assert (digested.event.service, digested.event.environment) == ("orders", "acme-prod")


def test_a_tail_that_comes_late_joins_its_event_and_changes_its_fingerprint() -> None:
    spool, store = MemorySpool(), MemoryState()
    lines = trace_records()
    spool.put_records(lines[:4])
    drain(spool, store)
    [before] = events_of(store)

    spool.put_records(lines[4:], received_ms=60_000)
    drain(spool, store)

    [after] = events_of(store)
    assert after.event.event_id == before.event.event_id
    assert (before.revision, after.revision) == (0, 1)
    assert after.fingerprint.hash != before.fingerprint.hash
    assert len(after.record_ids) == 7


def test_records_sent_again_are_dropped_line_by_line() -> None:
    spool, store = MemorySpool(), MemoryState()
    lines = trace_records()
    spool.put_records(lines[:5])
    spool.put_records(lines[2:])
    spool.put_records(lines)

    drain(spool, store)

    [digested] = events_of(store)
    assert len(digested.record_ids) == 7
    assert store.counters["duplicate", "record"] == 3 + 7
    assert store.counters["records", "digested"] == 7


def test_an_entry_whose_rest_waits_in_the_spool_is_not_torn_apart_by_a_late_digester() -> None:
    spool, store = MemorySpool(), MemoryState()
    lines = trace_records()
    spool.put_records(lines[:3], received_ms=1_000)
    spool.put_records(lines[3:], received_ms=1_100)

    drain(spool, store)  # long after: its clock stands at the end

    [digested] = events_of(store)
    assert digested.revision == 0


def test_a_restart_goes_on_with_the_open_entry() -> None:
    spool, store = MemorySpool(), MemoryState()
    lines = trace_records()
    spool.put_records(lines[:3])
    make_worker(spool, store).turn()
    assert events_of(store) == []
    assert [state.is_open for state in store.load_streams()] == [True]

    spool.put_records(lines[3:])
    drain(spool, store)

    [digested] = events_of(store)
    assert (len(digested.record_ids), digested.revision) == (7, 0)
    assert [state.is_open for state in store.load_streams()] == [False]


@pytest.mark.parametrize("level", ["INFO", "WARN"])
def test_a_line_that_is_no_error_leaves_nothing_open(level: str) -> None:
    spool, store = MemorySpool(), MemoryState()
    spool.put_records([record(1, f"2026-10-05 12:00:00,000 {level} [main] shop.Orders - order 4711 placed")])

    drain(spool, store)

    assert events_of(store) == []
    assert [state for state in store.load_streams() if state.is_open] == []


def test_a_stream_that_ended_long_ago_is_forgotten() -> None:
    spool, store, clock = MemorySpool(), MemoryState(), Clock()
    spool.put_records(trace_records())
    drain(spool, store)
    assert len(store.load_streams()) == 1

    worker = make_worker(spool, store, clock=clock)
    clock.now_ms = 3_600_000
    worker.turn()
    clock.now_ms += 1_000
    worker.turn()

    assert store.load_streams() == []
    assert len(store.events) == 1
