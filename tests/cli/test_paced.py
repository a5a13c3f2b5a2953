"""Batches of a source that may fall silent."""

import threading
from collections.abc import Iterator

import pytest

from mukiau.cli.paced import paced_batches

LONG = 60.0


def test_what_has_come_is_handed_on_while_the_source_is_silent() -> None:
    go_on = threading.Event()

    def source() -> Iterator[int]:
        yield from (1, 2)
        go_on.wait(LONG)
        yield 3

    batches = paced_batches(source(), 10, pause_seconds=0.01)
    came: list[int] = []
    while len(came) < 2:
        came += next(batches)
    go_on.set()

    assert came == [1, 2]
    assert [one for batch in batches for one in batch] == [3]


def test_batches_are_no_larger_than_asked_for_and_nothing_is_lost() -> None:
    batches = list(paced_batches(iter(range(10_000)), 100, pause_seconds=LONG))

    assert {len(batch) for batch in batches} == {100}
    assert [one for batch in batches for one in batch] == list(range(10_000))


def test_what_the_source_raises_comes_behind_all_that_came_before_it() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise OSError("cut")

    batches = paced_batches(source(), 10, pause_seconds=LONG)

    assert next(batches) == [1]
    with pytest.raises(OSError, match="cut"):
        next(batches)


def test_a_source_that_nobody_takes_from_any_more_is_let_go() -> None:
    closed = threading.Event()

    def source() -> Iterator[int]:
        try:
            yield from range(1_000_000)
        finally:
            closed.set()

    batches = paced_batches(source(), 10, pause_seconds=LONG)
    next(batches)
    batches.close()  # type: ignore[attr-defined]

    assert closed.wait(LONG)
