"""What people do with handlings: nothing is overwritten, what was followed stays, and every act can be told and undone."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from state_files import NOON, assert_counts_are_right, batch, event, rows, write

from mukiau.stores.retention import Retention, RetentionPolicy
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect, transaction
from mukiau.stores.work import answering, runbooks
from mukiau.stores.work.answering import Told
from mukiau.stores.work.answering_many import count_before, finish_all_before, undo_all_before
from mukiau.stores.work.handling_refusals import (
    BadMinutes,
    CannotBeDone,
    HandlingConflict,
    HandlingRefused,
    NothingToUndo,
    OpenedAgain,
    ReasonMissing,
    UnknownHandling,
)
from mukiau.stores.work.handling_rows import FoundHandling
from mukiau.stores.work.issue_work import Who
from mukiau.work.handling import CLOSED_STATES, Outcome, State

ALICE, BOB = Who(name="alice", id=1), Who(name="bob", id=2)
NOON_MS = int(NOON.timestamp() * 1000)
WORKED = Told(outcome=Outcome.WORKED, minutes=5, note="as written")


@contextmanager
def asking(data: Path) -> Iterator[Connection]:
    with closing(connect(data / STATE_FILE)) as connection, transaction(connection):
        yield connection


def handle(data: Path, *, key: str = "") -> None:
    """From now on each occurrence of issue 1 gets a handling."""
    with asking(data) as connection:
        connection.execute(
            "UPDATE issue_work SET decision = 'handle_each', key = ?, needs_decision = 0, decided_ms = ?",
            (key, NOON_MS),
        )


@pytest.fixture
def opened(data_folder: Path) -> Path:
    """A data folder with handlings 1 to 3 of one issue and environment, and 4 of another environment."""
    write(data_folder, batch(event(1)))
    handle(data_folder)
    others = (event(number, minutes=number) for number in (2, 3, 4))
    write(data_folder, batch(*others, event(5, minutes=1, environment="globex-prod"), after=1))
    return data_folder


def do(data: Path, act: Callable[..., FoundHandling], number: int, *args: Any, **named: Any) -> FoundHandling:
    """Do something with a handling as it is, in a transaction of its own."""
    with asking(data) as connection:
        version = answering.get_handling(connection, number).version
        named = {"version": version, "who": ALICE, "at_ms": NOON_MS + 1, **named}
        return act(connection, number, *args, **named)


def states(data: Path) -> list[str]:
    return [row[0] for row in rows(data, "SELECT state FROM handling ORDER BY id")]


def history(data: Path) -> list[tuple[str, str, dict[str, Any]]]:
    found = rows(data, "SELECT kind, actor, details FROM issue_history WHERE kind LIKE 'handling_%' ORDER BY id")
    return [(kind, actor, json.loads(details)) for kind, actor, details in found]


def publish(data: Path, text: str, *, runbook: int | None = None) -> None:
    """Publish a runbook for everything of `orders`, or a new version of it."""
    whole = f"---\ntitle: Orders\nmatch:\n  - service: orders\n---\n{text}"
    by = runbooks.Author(id=1, name="alice", at_ms=1)
    with asking(data) as connection:
        if runbook is None:
            saved = runbooks.create_runbook(connection, whole, prefix="ORD", by=by)
            runbooks.link_issue(connection, 1, saved.id, by=by)
        else:
            saved = runbooks.save_version(connection, runbook, whole, expected=1, by=by)
        runbooks.publish(connection, saved.id, number=saved.number, by=by)


def test_who_takes_one_is_at_it_and_who_finishes_it_says_what_it_took(opened: Path) -> None:
    taken = do(opened, answering.take, 1)
    done = do(opened, answering.finish, 1, WORKED, at_ms=NOON_MS + 9)

    assert (taken.state, taken.assignee_id, taken.started_ms) == (State.IN_PROGRESS, 1, NOON_MS + 1)
    assert (done.state, done.outcome, done.minutes, done.note) == (State.DONE, Outcome.WORKED, 5, "as written")
    assert (done.closed_ms, done.closed_by, done.closed_by_id) == (NOON_MS + 9, "alice", 1)
    assert [(kind, actor) for kind, actor, _ in history(opened)] == [
        ("handling_taken", "alice"),
        ("handling_done", "alice"),
    ]
    assert history(opened)[1][2]["before"]["state"] == "in_progress"
    assert history(opened)[1][2]["after"]["minutes"] == 5
    assert_counts_are_right(opened)


def test_a_closed_one_keeps_what_its_first_occurrence_said(opened: Path) -> None:
    done = do(opened, answering.finish, 1, WORKED)

    kept = done.kept
    assert kept is not None
    assert (kept.message, kept.environment, kept.occurred_ms) == ("save failed", "acme-prod", NOON_MS + 120_000)
    with asking(opened) as connection:
        connection.execute("DELETE FROM event WHERE id = 2")
    do(opened, answering.reopen, 1)
    assert do(opened, answering.finish, 1, WORKED).kept == kept


def test_the_second_of_two_people_is_told_and_overwrites_nothing(opened: Path) -> None:
    with asking(opened) as connection:
        seen = answering.get_handling(connection, 1).version
    do(opened, answering.finish, 1, WORKED, version=seen)

    with pytest.raises(HandlingConflict) as told:
        do(opened, answering.dismiss, 1, Told(note="noise"), version=seen, who=BOB)

    assert told.value.version == seen + 1
    assert states(opened)[0] == "done"
    assert len(history(opened)) == 1


def test_not_needed_needs_a_reason(opened: Path) -> None:
    with pytest.raises(ReasonMissing):
        do(opened, answering.dismiss, 1, Told(note="  "))

    dismissed = do(opened, answering.dismiss, 1, Told(note="the customer's own test", outcome=Outcome.WORKED))

    assert (dismissed.state, dismissed.note, dismissed.outcome) == (State.NOT_NEEDED, "the customer's own test", None)


@pytest.mark.parametrize("minutes", [-1, 1441])
def test_nobody_takes_less_than_no_time_or_more_than_a_day(opened: Path, minutes: int) -> None:
    with pytest.raises(BadMinutes):
        do(opened, answering.finish, 1, Told(minutes=minutes))
    assert states(opened)[0] == "open"


def test_a_ticked_step_says_who_did_it_and_takes_the_handling(opened: Path) -> None:
    do(opened, answering.tick, 1, 2, is_done=True, drafted=Told(note="looked at it"))
    do(opened, answering.tick, 1, 3, is_done=True, who=BOB)
    ticked = do(opened, answering.tick, 1, 2, is_done=False, who=BOB)

    assert {step: tick.who for step, tick in ticked.ticked.items()} == {3: "bob"}
    assert (ticked.state, ticked.assignee_id, ticked.note) == (State.IN_PROGRESS, 1, "looked at it")
    assert [kind for kind, _, _ in history(opened)] == ["handling_taken"]


def test_a_closed_one_takes_no_tick_and_is_not_handed_over(opened: Path) -> None:
    do(opened, answering.finish, 1, WORKED)

    with pytest.raises(CannotBeDone):
        do(opened, answering.tick, 1, 1, is_done=True)
    with pytest.raises(CannotBeDone):
        do(opened, answering.hand_over, 1, BOB, note="")
    with pytest.raises(UnknownHandling):
        do(opened, lambda connection, *_, **__: answering.get_handling(connection, 99), 1)


def test_who_gets_one_reads_why(opened: Path) -> None:
    do(opened, answering.tick, 1, 1, is_done=True, drafted=Told(note="half done"))

    given_ = do(opened, answering.hand_over, 1, BOB, note="please ask the customer")

    assert (given_.assignee_id, given_.state) == (2, State.IN_PROGRESS)
    assert given_.note == "half done\nalice → bob: please ask the customer"
    assert history(opened)[-1][2]["to"] == "bob"


def test_the_version_of_the_runbook_that_is_followed_never_changes(opened: Path) -> None:
    publish(opened, "# Steps\n- [ ] look\n")
    pinned = do(opened, answering.take, 1).runbook_version_id
    publish(opened, "# Steps\n- [ ] look twice\n", runbook=1)

    later = do(opened, answering.finish, 2, WORKED).runbook_version_id
    acts = [
        do(opened, answering.tick, 1, 1, is_done=True),
        do(opened, answering.hand_over, 1, BOB, note=""),
        do(opened, answering.finish, 1, WORKED),
        do(opened, answering.reopen, 1),
        do(opened, answering.take, 1),
    ]

    assert pinned is not None
    assert {one.runbook_version_id for one in acts} == {pinned}
    assert later == pinned + 1


def test_one_of_a_key_stays_closed_while_another_is_open_for_it(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    handle(data_folder, key="order_id")
    tags = (("order_id", "ORD-1"),)
    write(data_folder, batch(event(2, tags=tags), after=1))
    do(data_folder, answering.finish, 1, WORKED)
    write(data_folder, batch(event(3, tags=tags), after=2))

    with pytest.raises(OpenedAgain) as told:
        do(data_folder, answering.reopen, 1)

    assert told.value.other_id == 2
    assert states(data_folder) == ["done", "open"]
    assert_counts_are_right(data_folder)


# --- All before one -----------------------------------------------------------------------------------------------


def test_all_before_one_are_handled_by_one_act_and_open_again_by_one(opened: Path) -> None:
    with asking(opened) as connection:
        third = answering.get_handling(connection, 3)
        counted = count_before(connection, third, who=ALICE)
        done = finish_all_before(connection, 3, version=third.version, who=ALICE, at_ms=NOON_MS)
    closed = states(opened)
    assert_counts_are_right(opened)

    with asking(opened) as connection, pytest.raises(NothingToUndo):
        undo_all_before(connection, 4, done.history_id, who=BOB, at_ms=NOON_MS + 5)  # an act of another handling
    with asking(opened) as connection:
        undone = undo_all_before(connection, 3, done.history_id, who=BOB, at_ms=NOON_MS + 5)

    assert (counted, done.count, closed) == (2, 2, ["done", "done", "open", "open"])
    assert (undone.count, undone.left, states(opened)) == (2, 0, ["open"] * 4)
    assert rows(opened, "SELECT undone_ms, undone_by FROM issue_history WHERE kind = 'handling_all_before'") == [
        (NOON_MS + 5, "bob")
    ]
    with asking(opened) as connection, pytest.raises(NothingToUndo):
        undo_all_before(connection, 3, done.history_id, who=BOB, at_ms=NOON_MS + 6)


def test_what_somebody_else_is_at_or_a_request_is_asked_for_stays_open(opened: Path) -> None:
    do(opened, answering.take, 1, who=BOB)
    do(opened, answering.wait, 2)

    with asking(opened) as connection:
        third = answering.get_handling(connection, 3)
        done = finish_all_before(connection, 3, version=third.version, who=ALICE, at_ms=NOON_MS)

    assert done.count == 0
    assert states(opened) == ["in_progress", "waiting", "open", "open"]


def test_what_another_team_is_to_handle_stays_open(opened: Path) -> None:
    with asking(opened) as connection:
        connection.execute("UPDATE handling SET team_id = 7 WHERE id = 2")
        done = finish_all_before(connection, 3, version=1, who=ALICE, at_ms=NOON_MS)

    assert (done.count, states(opened)[:2]) == (1, ["done", "open"])


def test_undoing_leaves_alone_what_was_changed_since(opened: Path) -> None:
    with asking(opened) as connection:
        done = finish_all_before(connection, 3, version=1, who=ALICE, at_ms=NOON_MS)
    do(opened, answering.reopen, 1, who=BOB)
    do(opened, answering.finish, 1, Told(minutes=30, note="it was not"), who=BOB)

    with asking(opened) as connection:
        undone = undo_all_before(connection, 3, done.history_id, who=ALICE, at_ms=NOON_MS)

    assert (undone.count, undone.left) == (1, 1)
    assert states(opened)[:2] == ["done", "open"]


# --- Always -------------------------------------------------------------------------------------------------------

ACTS: dict[str, Callable[[Connection, int, dict[str, Any]], object]] = {
    "take": lambda connection, number, by: answering.take(connection, number, **by),
    "wait": lambda connection, number, by: answering.wait(connection, number, **by),
    "tick": lambda connection, number, by: answering.tick(connection, number, 1, is_done=True, **by),
    "untick": lambda connection, number, by: answering.tick(connection, number, 1, is_done=False, **by),
    "finish": lambda connection, number, by: answering.finish(connection, number, WORKED, **by),
    "too long": lambda connection, number, by: answering.finish(connection, number, Told(minutes=5_000), **by),
    "dismiss": lambda connection, number, by: answering.dismiss(connection, number, Told(note="noise"), **by),
    "reopen": lambda connection, number, by: answering.reopen(connection, number, **by),
    "hand over": lambda connection, number, by: answering.hand_over(connection, number, BOB, note="x", **by),
    "all before": lambda connection, number, by: finish_all_before(connection, number, **by),
}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(1, 4), st.integers(0, 1)), max_size=15))
def test_whatever_people_do_the_handlings_say_what_happened(opened: Path, acts: list[tuple[str, int, int]]) -> None:
    with closing(connect(opened / STATE_FILE)) as connection:
        for act, number, lag in acts:
            was = answering.get_handling(connection, number)
            by = {"version": was.version - lag, "who": ALICE, "at_ms": NOON_MS}
            try:
                with transaction(connection):
                    ACTS[act](connection, number, by)
            except HandlingRefused:
                assert answering.get_handling(connection, number) == was
            else:
                assert lag == 0
    told = rows(
        opened,
        "SELECT state, closed_ms IS NOT NULL, closed_by <> '', snapshot <> '', coalesce(minutes, 0) FROM handling",
    )
    for state, has_time, has_name, has_snapshot, minutes in told:
        is_closed = state in set(CLOSED_STATES)
        assert (has_time, has_name) == (is_closed, is_closed)
        assert has_snapshot or not is_closed
        assert 0 <= minutes <= 1440
    assert_counts_are_right(opened)


def test_what_an_open_handling_answers_is_never_deleted(opened: Path) -> None:
    """Events 1 and 4 are the first and last of their fingerprint, which are kept anyway."""

    def keep(days: int) -> list[int]:
        with closing(Retention(opened / STATE_FILE, RetentionPolicy(payload_days=1, event_days=2))) as kept:
            for _ in range(20):
                kept.step(NOON_MS + days * 86_400_000)
        return [row[0] for row in rows(opened, "SELECT id FROM event WHERE payload_codec <> 0 ORDER BY id")]

    do(opened, answering.finish, 1, WORKED)
    do(opened, answering.wait, 2)
    held = keep(90)
    do(opened, answering.dismiss, 2, Told(note="gone"))

    assert held == [1, 3, 4, 5]
    assert keep(92) == [1, 4, 5]
