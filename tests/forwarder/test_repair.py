"""Traces that a batch's edge cuts, put together from the stream: any cut gives the events of the whole."""

import pytest

from mukiau.core.records.log_groups import DEFAULT
from mukiau.core.records.record import Record
from mukiau.forwarder.events import EventMaker
from mukiau.forwarder.repair import WAITS_SECONDS, Line, Repair

AT = 1_795_514_400_000
LINES = (
    "2026-11-24 10:00:00,000 INFO  [w1] order.api - POST /orders",
    "2026-11-24 10:00:00,001 ERROR [w1] order.api - order 118 failed",
    "java.lang.IllegalStateException: no stock for A-1",
    "\tat com.acme.Stock.take(Stock.java:41)",
    "\tat com.acme.Api.post(Api.java:12)",
    "Caused by: java.net.SocketTimeoutException: read timed out",
    "\tat com.acme.Client.get(Client.java:9)",
    "2026-11-24 10:00:00,009 ERROR [w1] order.mail - mail 7 failed",
    "2026-11-24 10:00:00,010 INFO  [w1] order.api - 500",
)
RECORDS = [
    Record(record_id=f"r{at}", message=line, timestamp_ms=AT + at, log_group="/ecs/acme-prod/order", log_stream="web/1")
    for at, line in enumerate(LINES)
]
MAKER = EventMaker(project_id=1, table=DEFAULT)


class Stream:
    """A stream that has so many lines, and one more for each second that is waited."""

    def __init__(self, there: int) -> None:
        self.there = there
        self.reads = 0

    def sleep(self, seconds: float) -> None:
        self.there += int(seconds) * 3

    def read(self, log_group: str, log_stream: str, *, start_ms: int, end_ms: int, from_start: bool) -> list[Line]:
        assert (log_group, log_stream) == ("/ecs/acme-prod/order", "web/1")
        self.reads += 1
        lines = [(record.timestamp_ms or 0, record.message) for record in RECORDS[: self.there]]
        return [line for line in lines if start_ms <= line[0] < end_ms]


def sent(cuts: list[int], stream: Stream) -> list[tuple[object, object, object]]:
    repair = Repair(stream, sleep=stream.sleep)
    found = []
    for start, end in zip([0, *cuts], [*cuts, len(RECORDS)], strict=True):
        stream.there = max(stream.there, end)
        batch = RECORDS[start:end]
        before, after = repair.around(batch, time_left=lambda: 60)
        found += [
            (event["event_id"], event["fingerprint"], event.get("exception"))
            for event in MAKER.make(batch, before=before, after=after)
        ]
    return found


WHOLE = sent([], Stream(len(RECORDS)))


@pytest.mark.parametrize("cut", range(1, len(RECORDS)))
@pytest.mark.parametrize("is_late", [False, True], ids=["there already", "still to come"])
def test_any_cut_gives_the_events_of_the_whole(cut: int, *, is_late: bool) -> None:
    assert len(WHOLE) == 2

    assert sent([cut], Stream(0 if is_late else len(RECORDS))) == WHOLE


def test_a_trace_over_three_batches_is_one_event() -> None:
    assert sent([3, 5], Stream(len(RECORDS))) == WHOLE


def test_edges_between_lines_that_say_what_they_are_cost_nothing() -> None:
    stream = Stream(len(RECORDS))

    Repair(stream, sleep=stream.sleep).around(RECORDS[:1], time_left=lambda: 60)

    assert stream.reads == 0


def test_nothing_is_waited_for_without_time() -> None:
    stream = Stream(3)

    _, after = Repair(stream, sleep=stream.sleep).around(RECORDS[:3], time_left=lambda: 0.5)

    assert (after, stream.reads, stream.there) == ([], 1, 3)
    assert len(WAITS_SECONDS) > 1


def test_equal_lines_of_one_moment_are_counted() -> None:
    class Same:
        def read(self, *_: object, **__: object) -> list[Line]:
            return [(AT, "\tat a.b(C.java:1)")] * 3

    batch = [Record(record_id="1", message="\tat a.b(C.java:1)", timestamp_ms=AT, log_stream="s")]

    before, _ = Repair(Same(), sleep=lambda _: None).around(batch, time_left=lambda: 60)

    assert len(before) == 2
