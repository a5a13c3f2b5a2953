"""Deciding, resolving and undoing: what was before comes back, and what had come before is answered once."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from state_files import NOON, assert_counts_are_right, batch, event, rows, write

from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect, transaction
from mukiau.stores.work.decisions import (
    ChangedSince,
    Done,
    NoSuchIssue,
    NothingToUndo,
    WorkRefused,
    assign,
    decide,
    reopen,
    resolve,
    take_snapshot,
    undo,
)
from mukiau.stores.work.deploys import Deployed, record_deploy
from mukiau.stores.work.issue_work import Who
from mukiau.work.decisions import Choice, Decision, Mistake, find_mistake
from mukiau.work.purposes import Purpose
from mukiau.work.watching import Watch

NOON_MS = int(NOON.timestamp() * 1000)
ALICE, BOB = Who(name="alice", id=1), Who(name="bob", id=2)
EACH, BATCH = (Choice(decision=one) for one in (Decision.HANDLE_EACH, Decision.HANDLE_BATCH))
WATCH = Choice(decision=Decision.WATCH, watch=Watch(per_hour=3), reason="known")


@contextmanager
def asking(data: Path) -> Iterator[Connection]:
    with closing(connect(data / STATE_FILE)) as connection, transaction(connection):
        yield connection


def do(data: Path, act: Callable[..., Done], *args: Any, at_ms: int = NOON_MS, who: Who = ALICE, **rest: Any) -> Done:
    with asking(data) as connection:
        return act(connection, *args, who=who, at_ms=at_ms, **rest)


def snapshot(data: Path, issue: int = 1) -> dict[str, Any]:
    with asking(data) as connection:
        return {name: value for name, value in take_snapshot(connection, issue).items() if name != "version"}


def handlings(data: Path) -> list[tuple[Any, ...]]:
    return rows(data, "SELECT kind, environment, occurrence_count, state FROM handling ORDER BY environment, id")


def test_a_decision_answers_in_one_batch_per_environment_what_had_come_before(data_folder: Path) -> None:
    write(
        data_folder, batch(*(event(n, minutes=n) for n in range(1, 6)), event(6, environment="globex-prod", minutes=6))
    )
    write(data_folder, batch(event(7, environment="acme-stg", minutes=7), after=1))

    done = do(data_folder, decide, 1, EACH)

    assert done.handlings == 2
    assert handlings(data_folder) == [("batch", "acme-prod", 5, "open"), ("batch", "globex-prod", 1, "open")]
    write(data_folder, batch(event(8, minutes=8), after=2))
    assert handlings(data_folder)[1] == ("each", "acme-prod", 1, "open")
    assert_counts_are_right(data_folder)


def test_what_was_decided_once_is_not_answered_again_by_deciding_again(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    do(data_folder, decide, 1, WATCH)

    assert do(data_folder, decide, 1, BATCH).handlings == 0
    assert handlings(data_folder) == []


def test_undoing_a_decision_takes_its_untouched_handlings_along_and_asks_again(data_folder: Path) -> None:
    write(data_folder, batch(event(1), event(2, environment="globex-prod")))
    before = snapshot(data_folder)
    done = do(data_folder, decide, 1, EACH)
    with asking(data_folder) as connection:
        connection.execute("UPDATE handling SET state = 'in_progress', version = 2 WHERE environment = 'globex-prod'")

    do(data_folder, undo, done.history_id, who=BOB)

    assert snapshot(data_folder) == before
    assert handlings(data_folder) == [("batch", "globex-prod", 1, "in_progress")]
    assert_counts_are_right(data_folder)
    with pytest.raises(NothingToUndo):
        do(data_folder, undo, done.history_id)


def test_undoing_takes_back_only_what_the_act_changed(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    do(data_folder, resolve, 1)
    given_ = do(data_folder, assign, 1, team_id=None, assignee_id=7)
    write(data_folder, batch(event(2, minutes=1), after=1))

    do(data_folder, undo, given_.history_id)

    assert rows(data_folder, "SELECT assignee_id, needs_decision, why_needed FROM issue_work") == [
        (None, 1, "regressed")
    ]
    assert rows(data_folder, "SELECT state FROM issue_state") == [("regressed",)]


def test_open_handlings_follow_their_issue_to_another_team_and_back(data_folder: Path) -> None:
    write(data_folder, batch(event(1), event(2, environment="globex-prod"), event(3, failure="load")))
    do(data_folder, decide, 1, EACH)
    do(data_folder, decide, 2, EACH)
    with asking(data_folder) as connection:
        connection.execute("UPDATE handling SET state = 'done', closed_ms = 1 WHERE environment = 'globex-prod'")

    def teams() -> list[Any]:
        return [row[0] for row in rows(data_folder, "SELECT team_id FROM handling ORDER BY id")]

    first = do(data_folder, assign, 1, team_id=7, assignee_id=None)
    given_ = teams()
    second = do(data_folder, assign, 1, team_id=8, assignee_id=None)
    again = teams()
    do(data_folder, undo, second.history_id)

    assert (given_, again, teams()) == ([7, None, None], [8, None, None], [7, None, None])
    with pytest.raises(ChangedSince):
        do(data_folder, undo, first.history_id)


def test_undoing_a_decision_takes_along_what_has_arrived_since_unless_it_was_to_be_handled_before(
    data_folder: Path,
) -> None:
    write(data_folder, batch(event(1)))
    first = do(data_folder, decide, 1, WATCH)
    each = do(data_folder, decide, 1, EACH)
    write(data_folder, batch(event(2, minutes=1), after=1))
    in_batches = do(data_folder, decide, 1, BATCH)
    write(data_folder, batch(event(3, minutes=2), after=2))

    do(data_folder, undo, in_batches.history_id)
    assert [handling[0] for handling in handlings(data_folder)] == ["each", "batch"]
    again = do(data_folder, decide, 1, WATCH)
    assert (first.handlings, each.handlings, again.handlings) == (0, 0, 0)
    assert_counts_are_right(data_folder)


def test_what_somebody_has_changed_since_is_neither_overwritten_nor_undone(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    first = do(data_folder, decide, 1, WATCH, version=1)

    with pytest.raises(ChangedSince):
        do(data_folder, decide, 1, EACH, version=1, who=BOB)
    do(data_folder, decide, 1, BATCH, version=2, who=BOB)
    with pytest.raises(ChangedSince):
        do(data_folder, undo, first.history_id)
    with pytest.raises(NoSuchIssue):
        do(data_folder, decide, 9, EACH)


def test_an_issue_resolved_in_a_release_is_over_where_it_runs_and_awaited_elsewhere(data_folder: Path) -> None:
    write(data_folder, batch(event(1), event(2, environment="globex-prod")))
    with asking(data_folder) as connection:
        connection.execute(
            'INSERT INTO deploy (project_id, service, environment, "release", at_ms, actor, recorded_ms) '
            "VALUES (1, 'orders', 'acme-prod', '2.0.0', 1, 'ci', 1)"
        )

    do(data_folder, resolve, 1, release="2.0.0")

    assert rows(data_folder, "SELECT environment, state FROM issue_state ORDER BY 1") == [
        ("acme-prod", "resolved"),
        ("globex-prod", "awaiting_deploy"),
    ]
    assert rows(data_folder, "SELECT needs_decision FROM issue_work") == [(0,)]


def test_what_is_resolved_in_one_environment_after_another_is_over_in_both_and_the_rest_waits_for_a_decision(
    data_folder: Path,
) -> None:
    places = ("acme-prod", "globex-prod", "acme-stg")
    write(data_folder, batch(*(event(n, environment=name) for n, name in enumerate(places, 1))))

    def needed() -> list[tuple[Any, ...]]:
        return rows(data_folder, "SELECT needs_decision FROM issue_work")

    do(data_folder, resolve, 1, environments=["acme-prod"])
    assert needed() == [(1,)]
    do(data_folder, resolve, 1, environments=["globex-prod"], release="2.0.0")

    assert needed() == [(0,)]
    assert rows(data_folder, "SELECT environment, state FROM issue_state ORDER BY 1") == [
        ("acme-prod", "resolved"),
        ("globex-prod", "awaiting_deploy"),
    ]
    write(data_folder, batch(event(5, minutes=1), event(6, minutes=1, environment="globex-prod"), after=1))
    assert rows(data_folder, "SELECT environment, state FROM issue_state ORDER BY 1") == [
        ("acme-prod", "regressed"),
        ("globex-prod", "awaiting_deploy"),
    ]


def test_resolving_one_environment_leaves_what_came_back_in_another_to_be_decided(data_folder: Path) -> None:
    write(data_folder, batch(event(1), event(2, environment="globex-prod")))
    do(data_folder, decide, 1, WATCH)
    do(data_folder, resolve, 1)
    write(data_folder, batch(event(3, minutes=1), after=1))

    do(data_folder, resolve, 1, environments=["globex-prod"], at_ms=NOON_MS + 120_000)

    assert rows(data_folder, "SELECT needs_decision, why_needed FROM issue_work") == [(1, "regressed")]


def test_what_is_said_of_an_environment_goes_before_what_is_said_of_all(data_folder: Path) -> None:
    write(data_folder, batch(event(1), event(2, environment="globex-prod")))
    do(data_folder, resolve, 1)
    do(data_folder, resolve, 1, environments=["globex-prod"], release="2.0.0")

    write(data_folder, batch(event(3, minutes=1), event(4, minutes=1, environment="globex-prod"), after=1))

    assert rows(data_folder, "SELECT environment, state FROM issue_state ORDER BY 1") == [
        ("acme-prod", "regressed"),
        ("globex-prod", "awaiting_deploy"),
    ]


def test_a_deploy_of_the_fix_ends_the_waiting_for_it_and_what_comes_then_has_regressed(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    do(data_folder, resolve, 1, release="2.0.0")

    def deploy(release: str, at_ms: int) -> None:
        told = Deployed(project_id=1, service="orders", environment="acme-prod", release=release, at_ms=at_ms)
        with asking(data_folder) as connection:
            record_deploy(connection, told, actor="ci", now_ms=at_ms)

    deploy("1.9.0", NOON_MS + 1)
    assert rows(data_folder, "SELECT state FROM issue_state") == [("awaiting_deploy",)]
    deploy("2.1.0", NOON_MS + 2)
    assert rows(data_folder, "SELECT state FROM issue_state") == [("resolved",)]
    assert rows(data_folder, "SELECT actor FROM issue_history WHERE kind = 'deployed'") == [("ci",)]
    write(data_folder, batch(event(2, minutes=1), after=1))

    assert rows(data_folder, "SELECT state FROM issue_state") == [("regressed",)]


_acts = st.lists(
    st.one_of(
        st.tuples(st.just("decide"), st.sampled_from([EACH, BATCH, WATCH])),
        st.tuples(st.just("resolve"), st.sampled_from([(), ("acme-prod",), ("acme-prod", "globex-prod")])),
        st.tuples(st.just("reopen"), st.none()),
        st.tuples(st.just("undo"), st.integers(1, 8)),
    ),
    max_size=8,
)


@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(_acts)
def test_undoing_everything_in_turn_leaves_the_issue_as_it_was(
    migrated_state: Path, acts: list[tuple[str, Any]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        shutil.copy(migrated_state, data / STATE_FILE)
        write(data, batch(event(1), event(2, environment="globex-prod")))
        before = snapshot(data)
        for what, given_ in acts:
            try:
                if what == "decide":
                    do(data, decide, 1, given_)
                elif what == "resolve":
                    do(data, resolve, 1, environments=given_)
                elif what == "reopen":
                    do(data, reopen, 1)
                else:
                    do(data, undo, given_)
            except WorkRefused:
                pass
            assert_counts_are_right(data)

        undo_everything(data)

        assert snapshot(data) == before
        assert handlings(data) == []


def undo_everything(data: Path) -> None:
    """Undo line by line, the latest first; each is the latest act then."""
    while lines := rows(data, "SELECT id, details FROM issue_history WHERE undone_ms IS NULL ORDER BY id DESC LIMIT 1"):
        with asking(data) as connection:
            after = connection.execute("SELECT version FROM issue_work WHERE issue_id = 1").fetchone()[0]
            connection.execute(
                "UPDATE issue_history SET details = json_set(details, '$.after.version', ?) WHERE id = ?",
                (after, lines[0][0]),
            )
        do(data, undo, lines[0][0])


# --- What can be decided ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "mistake"),
    [
        (EACH, None),
        (WATCH, None),
        (Choice(decision=Decision.HANDLE_EACH, scope=frozenset()), Mistake.NO_SCOPE),
        (Choice(decision=Decision.WATCH, watch=Watch(per_hour=3), reason=" "), Mistake.NO_REASON),
        (Choice(decision=Decision.WATCH, watch=Watch(until_ms=NOON_MS), reason="known"), Mistake.PAST),
        (Choice(decision=Decision.WATCH, reason="known", review_ms=NOON_MS + 1), Mistake.FOR_EVER),
        (Choice(decision=Decision.HANDLE_EACH, scope=frozenset({Purpose.STAGING})), None),
    ],
)
def test_a_choice_says_what_is_missing(choice: Choice, mistake: Mistake | None) -> None:
    assert find_mistake(choice, now_ms=NOON_MS, is_admin=False) == mistake


def test_only_an_administrator_has_something_watched_for_ever_and_with_a_day_of_review() -> None:
    for_ever = Choice(decision=Decision.WATCH, reason="a partner's bug")

    assert find_mistake(for_ever, now_ms=1, is_admin=True) is Mistake.NO_REVIEW
    reviewed = Choice(decision=Decision.WATCH, reason="a partner's bug", review_ms=2)
    assert find_mistake(reviewed, now_ms=1, is_admin=True) is None
