"""What the lines of a log look like."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.event import Level
from mukiau.core.records.record import Record
from mukiau.core.records.survey import LOOKED_AT_ALL, LOOKED_AT_ONE_IN, Shape, Survey, Trouble


def survey(*lines: str, **fields: str) -> Survey:
    seen = Survey()
    for number, line in enumerate(lines, 1):
        seen.note(Record(record_id=str(number), message=line, **fields))
    return seen


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ('{"level":"error","msg":"boom"}', Shape.JSON),
        ("2026-10-05 12:00:00,000 ERROR [main] shop.Orders - failed", Shape.TIME_AND_LEVEL),
        ("2026-10-05 12:00:00 listening", Shape.TIME),
        ("[ERROR] no stock", Shape.LEVEL),
        ("\tat shop.Orders.place(Orders.java:12)", Shape.TRACE),
        ("java.lang.IllegalStateException: no stock", Shape.TRACE),
        ("and so on", Shape.OTHER),
        ("  ", Shape.BLANK),
    ],
)
def test_each_line_has_a_shape(line: str, shape: Shape) -> None:
    assert survey(line).shapes == {shape: 1}


def test_levels_time_service_and_log_group_are_counted() -> None:
    lines = [
        json.dumps({"level": "info", "time": "2026-10-05T12:00:00Z", "msg": "a", "service": "order"}),
        json.dumps({"level": "error", "time": "2026-10-05T12:30:00Z", "msg": "b", "service": "order"}),
        "2026-10-05 12:10:00 WARN [main] c",
    ]

    seen = survey(*lines, log_group="/ecs/p/order")

    assert seen.levels == {Level.INFO: 1, Level.ERROR: 1, Level.WARNING: 1}
    assert (seen.services, seen.log_groups) == ({"order": 2}, {"/ecs/p/order": 3})
    assert seen.period == (1_791_201_600_000, 1_791_203_400_000)


def test_what_a_container_runtime_put_in_front_is_seen_through() -> None:
    seen = survey("2026-10-05T12:00:00.1Z stderr F 2026-10-05 12:00:00 ERROR boom\n", "INFO: plain\n")

    assert (seen.wrapped, seen.shapes) == (1, {Shape.TIME_AND_LEVEL: 1, Shape.LEVEL: 1})


def test_lines_nobody_can_read_as_they_were_meant_are_named() -> None:
    seen = survey("hello", '{"level":"error","msg":"cut', "2026-10-05 12:00:00 ERROR a", "more of it", "\ufffd\ufffd")

    assert seen.troubles == {Trouble.STRAY: 1, Trouble.BROKEN_JSON: 1, Trouble.UNDECODABLE: 1}
    assert seen.samples[Trouble.STRAY] == [("1", "hello")]


def test_of_a_long_log_every_line_is_counted_and_some_are_looked_at() -> None:
    further = 100 * LOOKED_AT_ONE_IN
    seen = survey(*["x"] * (LOOKED_AT_ALL + further))

    assert (seen.lines, seen.looked_at) == (LOOKED_AT_ALL + further, LOOKED_AT_ALL + 100)


@given(st.lists(st.text(max_size=200), max_size=20))
def test_looking_never_raises(lines: list[str]) -> None:
    seen = survey(*lines)

    assert sum(seen.shapes.values()) == len(lines)
