"""The benchmark's own sums: percentiles, verdicts, tables, the load generator's requests."""

import pytest
from bench.load import Target as Door
from bench.measure import Results
from bench.numbers import percentile
from bench.report import describe_machine, render_table
from bench.targets import PARTS, TARGETS, Better, Target
from hypothesis import given
from hypothesis import strategies as st


def target(better: Better, goal: float | None) -> Target:
    return Target(key="k", what="w", unit="", part="events", better=better, goal=goal)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1))
def test_a_percentile_is_one_of_the_values(values: list[float]) -> None:
    assert percentile(values, 100) == max(values)
    assert percentile(values, 0) == min(values)
    assert percentile(values, 50) in values


def test_the_95th_of_a_hundred_values_leaves_five_above() -> None:
    assert percentile(range(1, 101), 95) == 95


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


@pytest.mark.parametrize(
    ("better", "value", "verdict"),
    [
        (Better.HIGHER, 10, "hit"),
        (Better.HIGHER, 9.99, "**MISS**"),
        (Better.LOWER, 10, "hit"),
        (Better.LOWER, 10.01, "**MISS**"),
        (Better.EQUAL, 10, "hit"),
        (Better.EQUAL, 11, "**MISS**"),
    ],
)
def test_a_verdict_is_honest_at_the_edge(better: Better, value: float, verdict: str) -> None:
    assert target(better, 10).verdict(value) == verdict


def test_nothing_is_promised_without_a_goal() -> None:
    assert target(Better.HIGHER, None).verdict(1) == ""


def test_the_best_run_counts_but_an_exact_number_is_not_chosen() -> None:
    assert target(Better.HIGHER, 1).best([1, 3, 2]) == 3
    assert target(Better.LOWER, 1).best([3, 1, 2]) == 1
    assert target(Better.EQUAL, 1).best([3, 1, 2]) == 3


def test_every_target_has_its_own_key_and_a_known_part() -> None:
    keys = [row.key for row in TARGETS]

    assert len(set(keys)) == len(keys)
    assert {row.part for row in TARGETS} == set(PARTS)


def test_a_table_shows_all_runs_and_leaves_out_what_was_not_measured() -> None:
    results = Results()
    results.add("digested", 1400.0)
    results.add("digested", 1500.0)

    table = render_table(results, part="events")

    assert len(table.splitlines()) == 3
    assert "1,500/s (1,400, 1,500)" in table
    assert "| hit |" in table


def test_the_machine_is_described_without_paths() -> None:
    assert "SQLite" in describe_machine()
    assert "/" not in describe_machine()


def test_a_load_request_opens_the_door_with_its_key() -> None:
    door = Door.from_dsn("http://" + "a" * 32 + "@127.0.0.1:8000/prefix/7", "records")

    head, _, body = door.request(b"packed").partition(b"\r\n\r\n")

    assert door.address == ("127.0.0.1", 8000)
    assert head.startswith(b"POST /prefix/api/7/records/ HTTP/1.1\r\n")
    assert b"sentry_key=" + b"a" * 32 in head
    assert b"Content-Length: 6" in head
    assert body == b"packed"
