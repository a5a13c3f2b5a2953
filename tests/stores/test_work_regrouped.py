"""What is asked and answered about issues goes along when they are merged and split, and when events change place."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from lab_files import ONE_PER_SERVICE, applied, digest, raw_event, replayed
from state_files import NOON, assert_counts_are_right, batch, change, event, rows, write

from mukiau.stores import regrouping
from mukiau.stores.grouping_changes import By, Move, move_fingerprints
from mukiau.stores.issue_rows import insert_issue
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect, transaction
from mukiau.stores.work.comments import add_comment, load_comments
from mukiau.stores.work.handlings import _FOLLOW_REQUESTED
from mukiau.stores.work.requested import _TOUCHED

BY = By(actor="alice", at_ms=5)
NOON_MS = int(NOON.timestamp() * 1000)


@pytest.fixture
def three(data_folder: Path) -> Path:
    """Issues 1, 2 and 3, an event each, a minute apart; a decision is made about the first."""
    failures = ("save", "load", "send")
    write(data_folder, batch(*(event(n, failure=name, minutes=n) for n, name in enumerate(failures, 1))))
    change(data_folder, "UPDATE issue_work SET needs_decision = 0, decision = 'handle_batch' WHERE issue_id = 1")
    return data_folder


def needed(data: Path) -> dict[int, tuple[Any, ...]]:
    """Issue → (why it needs a decision, since how many minutes after noon)."""
    query = "SELECT issue_id, why_needed, needed_since_ms FROM issue_work WHERE needs_decision"
    return {issue: (why, (since_ms - NOON_MS) // 60_000) for issue, why, since_ms in rows(data, query)}


def test_a_merged_issue_needs_a_decision_when_one_of_its_parts_did_since_the_earliest(three: Path) -> None:
    before = needed(three)

    regrouping.merge(three, [3, 2], into=1, by=BY)

    assert 1 not in before
    assert needed(three)[1][1] == 2
    assert rows(three, "SELECT decision FROM issue_work WHERE issue_id = 1") == [("handle_batch",)]


def test_why_a_decision_was_needed_before_stays_said(three: Path) -> None:
    change(three, "UPDATE issue_work SET needs_decision = 1, why_needed = 'regressed', needed_since_ms = ?", NOON_MS)
    change(three, "UPDATE issue_work SET why_needed = 'new', needed_since_ms = ? WHERE issue_id = 2", NOON_MS - 60_000)

    regrouping.merge(three, [2], into=1, by=BY)

    assert needed(three)[1] == ("regressed", -1)


def test_what_a_part_needs_that_is_put_back_is_needed_by_the_whole(three: Path) -> None:
    regrouping.merge(three, [2], into=1, by=BY)
    change(three, "UPDATE issue_work SET needs_decision = 0")
    split = regrouping.split_off(three, 1, [2], by=BY)
    change(three, "UPDATE issue_work SET needs_decision = 1 WHERE issue_id = ?", split.issue_id)

    regrouping.undo(three, split.change_id, by=BY)

    assert 1 in needed(three)


def test_undoing_a_merge_asks_nothing_about_the_part_that_was_decided(three: Path) -> None:
    merged = regrouping.merge(three, [1], into=2, by=BY)

    regrouping.undo(three, merged.change_id, by=BY)

    assert sorted(needed(three)) == [2, 3]


def test_a_new_issue_goes_on_with_the_decision_of_the_first_it_comes_from(three: Path) -> None:
    with closing(connect(three / STATE_FILE)) as connection, transaction(connection):
        new = insert_issue(connection, 1)
        move_fingerprints(connection, [Move(1, 1, new), Move(2, 2, new)])

    assert rows(three, "SELECT decision, needs_decision FROM issue_work WHERE issue_id = ?", new) == [
        ("handle_batch", 1)
    ]


def test_another_policy_that_merges_issues_loses_no_need(data_folder: Path) -> None:
    digest(data_folder, raw_event(1), raw_event(2, "carrier timed out"))
    change(data_folder, "UPDATE issue_work SET needs_decision = issue_id = 2, needed_since_ms = 7")

    applied(data_folder, replayed(data_folder, ONE_PER_SERVICE))

    assert rows(data_folder, "SELECT needs_decision, needed_since_ms FROM issue_work WHERE issue_id = 1") == [(1, 7)]


# --- Events that change their fingerprint -------------------------------------------------------------------------


def test_a_batch_goes_with_its_latest_event_when_its_fingerprint_is_dropped(three: Path) -> None:
    write(three, batch(event(4, minutes=9), after=1))

    write(three, batch(event(4, minutes=9, failure="poll", revision=1), after=2))
    write(three, batch(event(1, minutes=1, failure="load", revision=1), after=3))

    assert rows(three, "SELECT h.kind, f.title FROM handling h JOIN fingerprint f ON f.id = h.fingerprint_id") == [
        ("batch", "poll failed")
    ]
    assert_counts_are_right(three)


def test_a_batch_whose_events_are_deleted_stays_with_its_issue(three: Path) -> None:
    write(three, batch(event(4, minutes=9), after=1))
    regrouping.merge(three, [2], into=1, by=BY)
    change(three, "UPDATE handling SET state = 'done', closed_ms = 1")
    change(three, "DELETE FROM handling_occurrence")

    write(three, batch(event(4, minutes=9, failure="send", revision=1), after=2))
    write(three, batch(event(1, minutes=1, failure="send", revision=1), after=3))

    assert rows(three, "SELECT f.title FROM handling h JOIN fingerprint f ON f.id = h.fingerprint_id") == [
        ("load failed",)
    ]


def request_about(data: Path, fingerprint: int, event_pk: int) -> None:
    change(
        data,
        "INSERT INTO request_occurrence (request_id, fingerprint_id, event_pk, environment, message) "
        "VALUES (1, ?, ?, 'acme-prod', 'save failed')",
        fingerprint,
        event_pk,
    )


def test_what_is_requested_about_an_event_follows_it_and_the_rest_stays(three: Path) -> None:
    write(three, batch(event(4, minutes=9), after=1))
    request_about(three, 1, 4)
    request_about(three, 1, 0)

    write(three, batch(event(4, minutes=9, failure="send", revision=1), after=2))

    assert rows(three, "SELECT fingerprint_id, event_pk FROM request_occurrence ORDER BY event_pk") == [(1, 0), (3, 4)]


@pytest.mark.parametrize(("statement", "values"), [(_FOLLOW_REQUESTED, (3, 4)), (_TOUCHED, (1,))])
def test_what_is_requested_about_an_event_is_found_by_an_index(three: Path, statement: str, values: Any) -> None:
    steps = [step for *_, step in rows(three, f"EXPLAIN QUERY PLAN {statement}", *values)]

    assert any("INDEX request_occurrence_event (event_pk=?)" in step for step in steps), steps
    assert not any("SCAN" in step for step in steps), steps


def test_an_issue_that_was_none_after_all_leaves_nothing(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    change(data_folder, "INSERT INTO issue_state VALUES (1, 'acme-prod', 'resolved', 1, NULL)")
    change(
        data_folder,
        "INSERT INTO issue_resolution (issue_id, environment, \"release\", resolved_ms, actor) VALUES (1, '', '', 1, 'x')",
    )
    change(
        data_folder,
        "INSERT INTO issue_history (issue_id, at_ms, actor, kind, details) VALUES (1, 1, 'mukiau', 'regressed', '')",
    )
    change(
        data_folder,
        "INSERT INTO runbook (id, code, title, state, number, created_ms, updated_ms) VALUES (1, 'A-1', '', 'draft', 1, 1, 1)",
    )
    change(
        data_folder,
        "INSERT INTO runbook_proposal (runbook_id, fingerprint_id, share, words, rule, state, at_ms) "
        "VALUES (1, 1, 1, '', '', 'declined', 1)",
    )

    write(data_folder, batch(event(1, failure="load", revision=1), after=1))

    left = {
        table: rows(data_folder, f"SELECT count(*) FROM {table} WHERE {column} = 1")[0][0]
        for table, column in (
            ("issue", "id"),
            ("issue_work", "issue_id"),
            ("issue_state", "issue_id"),
            ("issue_resolution", "issue_id"),
            ("issue_history", "issue_id"),
            ("runbook_proposal", "fingerprint_id"),
        )
    }
    assert set(left.values()) == {0}, left


def test_what_people_said_of_an_issue_is_read_where_its_events_went(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    with closing(connect(data_folder / STATE_FILE)) as state:
        add_comment(state, 1, "Looks like the carrier.", author_id=1, author="alice", at_ms=1)

    write(data_folder, batch(event(1, failure="load", revision=1), after=1))

    with closing(connect(data_folder / STATE_FILE)) as state:
        assert regrouping.find_current(state, 1) == 2
        assert [one.text for one in load_comments(state, 2)] == ["Looks like the carrier."]
    assert_counts_are_right(data_folder)
