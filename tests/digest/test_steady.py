"""The clock that ages are measured by does not jump, whatever the machine's does."""

from dataclasses import dataclass

import pytest
from digesting import Clock, MemorySpool, make_worker, trace_records
from hypothesis import given
from hypothesis import strategies as st

from mukiau.digest.steady import MAX_RATE, SteadyClock, follow
from mukiau.digest.worker import SEEN_KEPT_MS
from mukiau.stores.memory import MemoryState

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
TODAY_MS = 1_795_500_000_000


@dataclass
class Machine:
    """Two clocks: one anybody may set, one nobody sets."""

    wall_ms: int = TODAY_MS
    passed_ms: int = 0

    def wait(self, ms: int) -> None:
        self.wall_ms += ms
        self.passed_ms += ms


def steady_on(machine: Machine, *, at_ms: int = TODAY_MS) -> SteadyClock:
    return SteadyClock(at_ms=at_ms, wall=lambda: machine.wall_ms, monotonic=lambda: machine.passed_ms)


def test_it_goes_with_a_clock_that_is_right() -> None:
    machine = Machine()
    steady = steady_on(machine)

    machine.wait(123)

    assert steady() == TODAY_MS + 123


@pytest.mark.parametrize("years", [-30, -1, 1, 70])
def test_a_clock_that_is_wrong_for_an_hour_makes_it_wrong_by_a_day_at_most(years: int) -> None:
    machine = Machine()
    steady = steady_on(machine)
    machine.wall_ms += years * 365 * DAY_MS
    for _ in range(3_600):
        machine.wait(1_000)
        assert abs(steady() - TODAY_MS) <= DAY_MS

    machine.wall_ms = TODAY_MS + HOUR_MS
    machine.wait(2 * HOUR_MS)

    assert steady() == TODAY_MS + 3 * HOUR_MS


def test_it_begins_where_it_was_left_and_catches_up() -> None:
    machine = Machine(wall_ms=TODAY_MS + 7 * DAY_MS)
    steady = steady_on(machine)

    assert steady() == TODAY_MS
    machine.wait(8 * HOUR_MS)
    assert steady() == machine.wall_ms


def test_a_first_one_begins_at_the_machines_clock() -> None:
    assert steady_on(Machine(), at_ms=0)() == TODAY_MS


@given(st.integers(0, 2**52), st.integers(0, 2**52), st.integers(0, 10**9))
def test_it_never_passes_its_aim_nor_goes_faster_than_it_may(at_ms: int, wall_ms: int, passed_ms: int) -> None:
    found = follow(at_ms, wall_ms, passed_ms=passed_ms)

    assert min(at_ms, wall_ms) <= found <= max(at_ms, wall_ms)
    assert abs(found - at_ms) <= MAX_RATE * passed_ms


class Remembering(MemoryState):
    """Knows up to when it was told to forget."""

    forgotten_before_ms = 0

    def prune_seen(self, before_ms: int, *, max_rows: int) -> int:
        self.forgotten_before_ms = before_ms
        return 0


def test_records_are_not_forgotten_because_the_clock_jumps() -> None:
    spool, store, clock = MemorySpool(), Remembering(), Clock(TODAY_MS)
    spool.put_records(trace_records())
    worker = make_worker(spool, store, clock=clock, steady=lambda: TODAY_MS)
    worker.turn()

    clock.now_ms += 400 * DAY_MS
    worker.turn()

    assert store.forgotten_before_ms == TODAY_MS - SEEN_KEPT_MS
