"""What digest does to the work about issues: asked once, answered exactly once, and back when a fix did not hold."""

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from state_files import NOON, assert_counts_are_right, batch, change, event, rows, write

from mukiau.digest.batch import DigestedEvent
from mukiau.digest.ports import AnotherDigester
from mukiau.stores import regrouping
from mukiau.stores.event_rows import Packing
from mukiau.stores.grouping_changes import By
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.state_writer import StateWriter
from mukiau.work.watching import Fired

NOON_MS = int(NOON.timestamp() * 1000)
MINUTE_MS = 60_000


def decide(data: Path, decision: str, *, issue: int = 1, **columns: Any) -> None:
    values = {"decision": decision, "needs_decision": 0, "decided_ms": NOON_MS, **columns}
    names = ", ".join(f"{name} = ?" for name in values)
    change(data, f"UPDATE issue_work SET {names} WHERE issue_id = ?", *values.values(), issue)


def resolve(data: Path, *, environment: str = "", release: str = "") -> None:
    change(
        data,
        'INSERT INTO issue_resolution (issue_id, environment, "release", resolved_ms, actor) VALUES (1, ?, ?, ?, ?)',
        environment,
        release,
        NOON_MS,
        "alice",
    )


def beside(number: int, order_id: Any) -> DigestedEvent:
    """An event as digest passes it on: packed, what a log line says beside its message in the payload only."""
    made = event(number)
    return Packing()(replace(made, event=replace(made.event, payload={"extra": {"order_id": order_id}})))


def handlings(data: Path) -> list[tuple[Any, ...]]:
    """(kind, key, environment, number of occurrences) of each."""
    return rows(data, "SELECT kind, key, environment, occurrence_count FROM handling ORDER BY id")


def asked(data: Path) -> list[tuple[Any, ...]]:
    return rows(data, "SELECT issue_id, why_needed FROM issue_work WHERE needs_decision ORDER BY issue_id")


def states(data: Path) -> list[tuple[Any, ...]]:
    return rows(data, "SELECT environment, state, event_pk FROM issue_state ORDER BY environment")


def test_a_new_issue_needs_a_decision_when_it_occurs_in_production(data_folder: Path) -> None:
    write(data_folder, batch(event(1), event(2, failure="load", environment="acme-stg"), event(3)))

    assert asked(data_folder) == [(1, "new")]
    assert rows(data_folder, "SELECT needed_since_ms FROM issue_work WHERE issue_id = 1") == [(NOON_MS,)]
    assert handlings(data_folder) == []
    write(data_folder, batch(event(4, failure="load"), after=1))
    assert asked(data_folder) == [(1, "new"), (2, "new")]


def test_an_issue_waits_for_a_decision_since_its_earliest_occurrence_however_late_that_comes(data_folder: Path) -> None:
    write(data_folder, batch(event(1, minutes=5), event(2, minutes=3)))
    write(data_folder, batch(event(3, minutes=1), after=1))

    assert rows(data_folder, "SELECT needed_since_ms FROM issue_work") == [(NOON_MS + MINUTE_MS,)]


def test_each_occurrence_in_scope_gets_one_handling_and_a_duplicate_none(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    decide(data_folder, "handle_each")

    write(data_folder, batch(event(2), event(3, environment="acme-stg"), event(4), after=1))
    write(data_folder, batch(event(2), event(4), after=2))

    assert handlings(data_folder) == [("each", "", "acme-prod", 1)] * 2
    assert rows(data_folder, "SELECT event_pk FROM handling_occurrence ORDER BY 1") == [(2,), (4,)]
    assert_counts_are_right(data_folder)


def test_occurrences_of_one_key_join_its_open_handling(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    decide(data_folder, "handle_each", key="order_id")
    one, other = (("order_id", "ORD-1"),), (("order_id", "ORD-2"),)

    write(data_folder, batch(event(2, tags=one), event(3, tags=other), event(4, tags=one), event(5), after=1))
    write(data_folder, batch(event(6, tags=one), after=2))
    change(data_folder, "UPDATE handling SET state = 'done', closed_ms = 1 WHERE key = 'ORD-1'")
    write(data_folder, batch(event(7, tags=one), after=3))

    assert handlings(data_folder) == [
        ("keyed", "ORD-1", "acme-prod", 3),
        ("keyed", "ORD-2", "acme-prod", 1),
        ("each", "", "acme-prod", 1),
        ("keyed", "ORD-1", "acme-prod", 1),
    ]
    assert_counts_are_right(data_folder)


def test_a_key_is_also_found_in_messages_and_in_fields_beside_them(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    decide(data_folder, "handle_each", key="order_id")
    in_message = event(2, message="not saved order_id=ORD-1")

    write(data_folder, batch(in_message, beside(3, "ORD-1"), beside(4, 1), beside(5, "9" * 201), event(6), after=1))

    assert handlings(data_folder) == [
        ("keyed", "ORD-1", "acme-prod", 2),
        ("keyed", "1", "acme-prod", 1),
        ("each", "", "acme-prod", 1),
        ("each", "", "acme-prod", 1),
    ]
    assert_counts_are_right(data_folder)


def test_a_batch_is_one_a_day_and_environment(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    decide(data_folder, "handle_batch")

    write(data_folder, batch(event(2), event(3, environment="globex-prod"), event(4, minutes=60 * 14), after=1))
    write(data_folder, batch(event(5, minutes=1), after=2))

    assert handlings(data_folder) == [
        ("batch", "2026-10-05", "acme-prod", 2),
        ("batch", "2026-10-05", "globex-prod", 1),
        ("batch", "2026-10-06", "acme-prod", 1),
    ]
    assert_counts_are_right(data_folder)


def test_a_retry_storm_becomes_one_batch(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    decide(data_folder, "handle_each")

    write(data_folder, batch(*(event(number) for number in range(2, 52)), after=1))
    write(data_folder, batch(*(event(number) for number in range(52, 62)), after=2))

    assert handlings(data_folder) == [("each", "", "acme-prod", 1)] * 20 + [("batch", "2026-10-05", "acme-prod", 40)]
    assert_counts_are_right(data_folder)


def test_an_event_that_is_replaced_keeps_its_handling_and_takes_it_along(data_folder: Path) -> None:
    write(data_folder, batch(event(1), event(9)))
    decide(data_folder, "handle_each")
    write(data_folder, batch(event(2), after=1))

    write(data_folder, batch(event(2, revision=1, failure="load"), after=2))

    assert handlings(data_folder) == [("each", "", "acme-prod", 1)]
    assert_counts_are_right(data_folder)


def test_merged_and_split_issues_take_their_handlings_and_decisions_along(data_folder: Path) -> None:
    by = By(actor="alice", at_ms=5)
    write(data_folder, batch(event(1), event(2, failure="load")))
    decide(data_folder, "handle_batch")
    decide(data_folder, "handle_batch", issue=2)
    write(data_folder, batch(event(3), event(4, failure="load"), after=1))

    regrouping.merge(data_folder, [1, 2], into=1, by=by)
    write(data_folder, batch(event(5, failure="load"), after=2))
    split = regrouping.split_off(data_folder, 1, [2], by=by)

    assert handlings(data_folder)[0][3] + handlings(data_folder)[1][3] == 3
    assert rows(data_folder, "SELECT decision FROM issue_work WHERE issue_id = ?", split.issue_id) == [
        ("handle_batch",)
    ]
    write(data_folder, batch(event(6, failure="load"), after=3))
    assert sum(handling[3] for handling in handlings(data_folder)) == 4


# --- Watching -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("watch", "fired"),
    [
        ({"per_hour": 2}, Fired.PER_HOUR),
        ({"per_day": 2}, Fired.PER_DAY),
        ({"customers": 1}, Fired.CUSTOMERS),
        ({"per_hour": 3}, None),
        ({"above_usual": True}, None),
    ],
)
def test_a_watched_issue_comes_back_when_its_condition_is_met(
    data_folder: Path, watch: dict[str, Any], fired: Fired | None
) -> None:
    write(data_folder, batch(event(1)))
    decide(data_folder, "watch", watch=json.dumps(watch))

    write(data_folder, batch(event(2, minutes=1), event(3, minutes=2, environment="globex-prod"), after=1))

    assert asked(data_folder) == ([(1, "condition")] if fired else [])
    found = rows(data_folder, "SELECT details FROM issue_history WHERE kind = 'condition'")
    assert [json.loads(row[0])["condition"] for row in found] == ([fired] if fired else [])
    assert handlings(data_folder) == []


def test_what_occurred_before_the_decision_never_reopens_it(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    decide(data_folder, "watch", watch='{"per_hour": 1}', decided_ms=NOON_MS + 10 * MINUTE_MS)

    write(data_folder, batch(event(2, minutes=5), event(3, minutes=10), after=1))
    assert asked(data_folder) == []
    write(data_folder, batch(event(4, minutes=11), after=2))

    assert asked(data_folder) == [(1, "condition")]


def test_a_date_wakes_an_issue_without_any_event(data_folder: Path) -> None:
    write(data_folder, batch(event(1), event(2, failure="load")))
    decide(data_folder, "watch", watch='{"until_ms": 50}', watch_until_ms=50)
    decide(data_folder, "watch", watch="{}", watch_until_ms=60, issue=2)

    with closing(StateWriter(data_folder / STATE_FILE)) as writer:
        writer.beat(49)
        assert asked(data_folder) == []
        writer.beat(60)
        writer.beat(61)

    assert asked(data_folder) == [(1, "condition"), (2, "review")]
    assert rows(data_folder, "SELECT needed_since_ms FROM issue_work ORDER BY issue_id") == [(60,), (60,)]
    assert len(rows(data_folder, "SELECT id FROM issue_history")) == 2


def test_a_date_that_comes_while_an_issue_waits_for_a_decision_changes_nothing_about_that(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    decide(data_folder, "watch", watch='{"per_hour": 1, "until_ms": 50}', watch_until_ms=50, needs_decision=1)
    change(data_folder, "UPDATE issue_work SET why_needed = 'regressed', needed_since_ms = 40")

    with closing(StateWriter(data_folder / STATE_FILE)) as writer:
        writer.beat(60)

    assert rows(data_folder, "SELECT why_needed, needed_since_ms, watch_until_ms FROM issue_work") == [
        ("regressed", 40, 0)
    ]


# --- Resolved -----------------------------------------------------------------------------------------------------


def test_an_issue_resolved_everywhere_regresses_where_it_comes_back_and_late_events_change_nothing(
    data_folder: Path,
) -> None:
    write(data_folder, batch(event(1, minutes=-5)))
    decide(data_folder, "none_yet")
    resolve(data_folder)

    write(data_folder, batch(event(2, minutes=-1), after=1))
    assert (states(data_folder), asked(data_folder)) == ([], [])
    write(data_folder, batch(event(3, minutes=1, environment="globex-prod"), event(4, minutes=2), after=2))
    write(data_folder, batch(event(5, minutes=3), after=3))

    assert states(data_folder) == [("acme-prod", "regressed", 4), ("globex-prod", "regressed", 3)]
    assert asked(data_folder) == [(1, "regressed")]
    assert len(rows(data_folder, "SELECT id FROM issue_history WHERE kind = 'regressed'")) == 2


def test_an_environment_that_does_not_run_the_fix_awaits_it(data_folder: Path) -> None:
    write(data_folder, batch(event(1, minutes=-5)))
    decide(data_folder, "none_yet")
    resolve(data_folder, release="1.5.0")
    for environment, release in (("acme-prod", "1.4.0"), ("globex-prod", "1.5.1")):
        change(
            data_folder,
            'INSERT INTO deploy (project_id, service, environment, "release", at_ms, actor, recorded_ms) '
            "VALUES (1, 'orders', ?, ?, 1, 'ci', 1)",
            environment,
            release,
        )

    write(data_folder, batch(event(2, minutes=1), after=1))
    assert asked(data_folder) == []
    write(data_folder, batch(event(3, minutes=2, environment="globex-prod"), after=2))

    assert states(data_folder) == [("acme-prod", "awaiting_deploy", 2), ("globex-prod", "regressed", 3)]
    assert asked(data_folder) == [(1, "regressed")]


def deploy(data: Path, release: str, *, at_ms: int) -> None:
    change(
        data,
        'INSERT INTO deploy (project_id, service, environment, "release", at_ms, actor, recorded_ms) '
        "VALUES (1, 'orders', 'acme-prod', ?, ?, 'ci', 1)",
        release,
        at_ms,
    )


def test_a_process_of_before_that_still_logs_does_not_take_the_fix_from_an_environment_that_runs_it(
    data_folder: Path,
) -> None:
    write(data_folder, batch(event(1, minutes=-5)))
    decide(data_folder, "none_yet")
    resolve(data_folder, release="1.5.0")
    change(data_folder, "INSERT INTO issue_state VALUES (1, 'acme-prod', 'resolved', ?, NULL)", NOON_MS)
    deploy(data_folder, "1.5.0", at_ms=NOON_MS - 1)

    write(data_folder, batch(event(2, minutes=1, release="1.4.0"), after=1))
    held = states(data_folder)
    deploy(data_folder, "1.4.0", at_ms=NOON_MS + 2)
    write(data_folder, batch(event(3, minutes=2, release="1.4.0"), after=2))

    assert held == [("acme-prod", "resolved", None)]
    assert states(data_folder) == [("acme-prod", "awaiting_deploy", 3)]


def test_what_comes_back_outside_the_scope_asks_for_nothing(data_folder: Path) -> None:
    write(data_folder, batch(event(1, minutes=-5)))
    decide(data_folder, "none_yet")
    resolve(data_folder)

    write(data_folder, batch(event(2, minutes=1, environment="acme-stg"), after=1))

    assert states(data_folder) == [("acme-stg", "regressed", 2)]
    assert asked(data_folder) == []


def test_two_digesters_at_the_same_items_answer_each_occurrence_once(data_folder: Path) -> None:
    """The second is told with its first batch; begun anew where the first left off, it finds nothing to answer twice."""
    write(data_folder, batch(event(1)))
    decide(data_folder, "handle_each")
    with closing(StateWriter(data_folder / STATE_FILE)) as one, closing(StateWriter(data_folder / STATE_FILE)) as other:
        one.write(batch(event(2), event(3), after=1))
        with pytest.raises(AnotherDigester):
            other.write(batch(event(2), event(3), event(4), after=1))
        other.write(batch(event(2), event(3), event(4), after=2))
        with pytest.raises(AnotherDigester):
            one.write(batch(event(5), after=2))

    assert handlings(data_folder) == [("each", "", "acme-prod", 1)] * 3
    assert_counts_are_right(data_folder)
