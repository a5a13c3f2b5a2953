"""Seeding: every issue comes, sizes are very different, and what is written is counted right."""

import random
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bench.seed.__main__ import SPAN, choose_issues, make_events, moment
from bench.seed.prototypes import MAX_ISSUES, kind_of, make_occurrence, make_prototype

from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.stores import sqlite
from mukiau.stores.projects import Source

REPOSITORY = Path(__file__).parents[2]
NOW = datetime(2026, 1, 15, tzinfo=UTC)
SOURCE = Source(id=2, project_id=1, label="", public_key="a" * 32, service="", environment="", is_active=True)


def test_every_issue_comes_and_the_first_ranks_have_most_events() -> None:
    chosen = Counter(choose_issues(5_000, 200, random.Random(1)))

    assert set(chosen) == set(range(200))
    assert chosen[0] > 10 * chosen[199]


def test_there_may_be_as_many_issues_as_events() -> None:
    assert sorted(choose_issues(50, 50, random.Random(1))) == list(range(50))


def test_different_indexes_are_different_kinds() -> None:
    kinds = [kind_of(index) for index in range(0, MAX_ISSUES, 7)]

    assert len({(kind.service.name, kind.subject, kind.action, kind.failure.message) for kind in kinds}) == len(kinds)


def test_different_indexes_are_different_issues() -> None:
    hashes = {make_prototype(index, project_id=1, source_id=2, at=NOW).fingerprint.hash for index in range(300)}

    assert len(hashes) == 300


@pytest.mark.parametrize("index", [0, 1])
def test_an_occurrence_would_be_grouped_as_its_prototype_says(index: int) -> None:
    prototype = make_prototype(index, project_id=1, source_id=2, at=NOW)

    event = make_occurrence(prototype, NOW, random.Random(1)).event

    assert fingerprint_of(event).hash == prototype.fingerprint.hash
    assert event.event_id == event.payload["event_id"] != prototype.event.event_id
    assert event.message != prototype.event.message


def test_events_lie_in_order_in_the_last_two_weeks() -> None:
    events = list(make_events(500, issues=20, source=SOURCE, until=NOW, rng=random.Random(1)))

    times = [made.event.occurred_at for made in events]
    assert times == sorted(times)
    assert times[0] == NOW - SPAN
    assert NOW - times[-1] < timedelta(hours=3)
    assert len({made.event.event_id for made in events}) == 500


def test_time_only_goes_forward() -> None:
    shares = [moment(step / 1000) for step in range(1001)]

    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == pytest.approx(1)


@pytest.mark.slow
def test_a_seeded_folder_holds_what_was_asked_for(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.seed", "--data", str(tmp_path / "data"), "-n", "300", "--issues", "30"]

    subprocess.run([*command, "--runbooks", "30", "--handled", "100"], check=True, capture_output=True, cwd=REPOSITORY)

    with closing(sqlite.connect(tmp_path / "data" / "state.sqlite3", readonly=True)) as state:
        found = state.execute(
            "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM issue), (SELECT sum(event_count) FROM issue),"
            " (SELECT sum(count) FROM fingerprint_hour), (SELECT position FROM digest_state)"
        ).fetchone()
        work = state.execute(
            "SELECT (SELECT count(*) FROM runbook WHERE state = 'published'), (SELECT count(*) FROM handling_occurrence),"
            " (SELECT sum(occurrence_count) FROM handling), (SELECT count(DISTINCT state) FROM handling)"
        ).fetchone()
        matched = state.execute("SELECT count(*) FROM runbook_match").fetchone()
    assert found == (300, 30, 300, 300, 0)
    assert work == (30, 100, 100, 2)
    assert matched > (0,)
