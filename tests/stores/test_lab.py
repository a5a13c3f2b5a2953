"""A policy is tried on what is stored, put in force and taken back, and nothing is lost, doubled or seen in between."""

import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lab_files import (
    BY_CODE,
    BY_CODE_IN_ORDERS,
    ONE_PER_SERVICE,
    StopAfter,
    applied,
    asking,
    digest,
    find,
    raw_event,
    replayed,
    shown,
    undone,
    work,
)
from state_files import assert_counts_are_right, rows

from mukiau.digest.policies import GroupedBy
from mukiau.digest.ports import PolicyChanged
from mukiau.stores.grouping_changes import By
from mukiau.stores.lab.policies import InForce, find_in_force, save_policy
from mukiau.stores.lab.preview import read_preview
from mukiau.stores.lab.runs import RunRefused, RunState, request_apply, request_run, request_undo, stop_run
from mukiau.stores.regrouping import NotByHand, merge, split_off, undo
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect
from mukiau.stores.state_writer import StateWriter

BY = By(actor="alice", at_ms=5)


def issues(data: Path) -> list[tuple[Any, ...]]:
    return rows(data, "SELECT id, event_count FROM issue WHERE event_count > 0 ORDER BY id")


@pytest.fixture
def shop(data_folder: Path) -> Path:
    """Issue 1: refusals with codes A (3), B (1) and none (1); issue 2: a time-out; issue 3: of another service."""
    digest(data_folder, *(raw_event(number, code="A") for number in range(3)), raw_event(3, code="B"), raw_event(4))
    digest(data_folder, raw_event(5, "carrier timed out", code="A"), raw_event(6, service="cart"))
    return data_folder


def test_a_replay_changes_nothing_and_says_what_has_which_hash(shop: Path) -> None:
    before = shown(shop)

    run = replayed(shop, BY_CODE)

    assert (run.state, run.done, run.cursor) == (RunState.READY, 7, run.until)
    assert rows(shop, "SELECT fingerprint_id, count FROM lab_piece ORDER BY 1, 2") == [
        (1, 1),
        (1, 1),
        (1, 3),
        (2, 1),
        (3, 1),
    ]
    assert shown(shop) == before


def test_a_policy_that_tells_more_apart_splits_and_the_largest_part_keeps_its_number(shop: Path) -> None:
    run = applied(shop, replayed(shop, BY_CODE))

    assert run.state is RunState.APPLIED
    assert issues(shop) == [(1, 3), (2, 1), (3, 1), (4, 1), (5, 1)]
    assert_counts_are_right(shop)


def test_a_policy_that_tells_less_apart_merges_and_merged_issues_lead_on(shop: Path) -> None:
    applied(shop, replayed(shop, ONE_PER_SERVICE))

    assert issues(shop) == [(1, 6), (3, 1)]
    assert rows(shop, "SELECT merged_into_id FROM issue WHERE id = 2") == [(1,)]
    assert_counts_are_right(shop)


@pytest.mark.parametrize("text", [BY_CODE, ONE_PER_SERVICE, BY_CODE_IN_ORDERS])
def test_undoing_gives_everything_back(shop: Path, text: str) -> None:
    before = shown(shop)

    run = undone(shop, applied(shop, replayed(shop, text)))

    assert run.state is RunState.UNDONE
    assert shown(shop) == before
    assert rows(shop, "SELECT count(*) FROM issue WHERE merged_into_id IS NOT NULL AND event_count > 0") == [(0,)]
    assert_counts_are_right(shop)


def test_events_that_come_at_any_time_are_where_the_policy_in_force_puts_them(shop: Path) -> None:
    run = replayed(shop, BY_CODE)
    digest(shop, raw_event(10, code="B"), raw_event(11, code="C"))

    run = applied(shop, run)
    digest(shop, raw_event(12, code="B"), raw_event(13, code="D"))

    assert sorted(count for _, count in issues(shop)) == [1, 1, 1, 1, 1, 3, 3]
    assert_counts_are_right(shop)

    undone(shop, run)
    digest(shop, raw_event(14, code="E"))

    assert issues(shop) == [(1, 10), (2, 1), (3, 1)]
    assert_counts_are_right(shop)


def test_what_came_while_a_merging_policy_was_in_force_is_told_apart_again_when_it_is_undone(shop: Path) -> None:
    run = applied(shop, replayed(shop, ONE_PER_SERVICE))
    digest(
        shop, raw_event(20, "stock is negative"), raw_event(21, "carrier timed out"), raw_event(22, "stock is negative")
    )
    assert issues(shop) == [(1, 9), (3, 1)]

    undone(shop, run)

    assert sorted(count for _, count in issues(shop)) == [1, 2, 2, 5]
    assert_counts_are_right(shop)


def test_what_people_merged_and_split_stays_so_under_another_policy(shop: Path) -> None:
    digest(shop, raw_event(7, "stock is negative"), raw_event(8, "queue is full"))
    merge(shop, [2], into=1, by=BY)
    merge(shop, [5], into=4, by=BY)
    split_off(shop, 4, [5], by=BY)

    applied(shop, replayed(shop, ONE_PER_SERVICE))

    assert issues(shop)[0] == (1, 7)
    assert len({issue for _, issue in shown(shop)["events"]}) == 3
    assert_counts_are_right(shop)


def test_a_batch_made_by_the_policy_before_is_refused(shop: Path) -> None:
    with closing(StateWriter(shop / STATE_FILE)) as writer:
        assert writer.load_policies() == GroupedBy()
        applied(shop, replayed(shop, BY_CODE))

    with pytest.raises(PolicyChanged):
        digest_by(shop, stamp=0)


def digest_by(data: Path, *, stamp: int) -> None:
    from mukiau.digest.batch import Batch  # noqa: PLC0415 - only this test writes a batch of its own

    with closing(StateWriter(data / STATE_FILE)) as writer:
        position = writer.position()
        writer.write(Batch(after=position, position=position + 1, digested_ms=1, policies_stamp=stamp))


def test_an_application_that_was_stopped_can_be_begun_again(shop: Path) -> None:
    before = shown(shop)
    run = replayed(shop, BY_CODE)
    with asking(shop) as connection:
        request_apply(connection, run.id, author="alice", at_ms=6)
    stop = threading.Event()
    stop.set()
    work(shop, stop=stop)

    with asking(shop) as connection:
        stopped = stop_run(connection, run.id, at_ms=9)
        in_force = find_in_force(connection, 1)

    assert (stopped.state, in_force) == (RunState.READY, InForce(version=1))
    assert shown(shop) == before
    assert applied(shop, run).state is RunState.APPLIED


def test_what_makes_no_sense_is_refused_in_a_sentence(shop: Path) -> None:
    run = applied(shop, replayed(shop, BY_CODE))
    with asking(shop) as connection:
        again = save_policy(connection, 1, BY_CODE, author="alice", reason="", at_ms=5)

        with pytest.raises(RunRefused, match=r"Version 2 is in force already\."):
            request_run(connection, 1, again, author="alice", at_ms=6)
        with pytest.raises(RunRefused, match=r"Only a run that is ready can be applied\."):
            request_apply(connection, run.id, author="alice", at_ms=6)
    with pytest.raises(NotByHand, match="undo it in the grouping lab"):
        undo(shop, run.change_id or 0, by=BY)


def test_a_merge_by_hand_on_top_is_undone_first(shop: Path) -> None:
    run = applied(shop, replayed(shop, BY_CODE))
    change = merge(shop, [4], into=1, by=BY)

    with pytest.raises(RunRefused, match=f"undo change {change.change_id} first"):
        undone(shop, run)

    assert find(shop, run.id).state is RunState.APPLIED
    undo(shop, change.change_id, by=BY)
    assert undone(shop, run).state is RunState.UNDONE


def test_a_merge_that_comes_between_asking_and_undoing_leaves_the_run_applied(shop: Path) -> None:
    run = applied(shop, replayed(shop, BY_CODE))
    with asking(shop) as connection:
        request_undo(connection, run.id, author="alice", at_ms=8)
    change = merge(shop, [4], into=1, by=BY)

    work(shop)

    refused = find(shop, run.id)
    assert refused.state is RunState.APPLIED
    assert f"undo change {change.change_id} first" in refused.error


TEXTS = (
    BY_CODE,
    ONE_PER_SERVICE,
    BY_CODE_IN_ORDERS,
    "defaults = 1\n[count]\nservice = false\n",
    'defaults = 1\nalso = ["tag:code", "message"]\n',
)
raws = st.builds(
    raw_event,
    st.integers(0, 60),
    st.sampled_from(
        ["payment refused", "carrier timed out", "no calendar for depot 8X2X", "no calendar for depot KWXE"]
    ),
    code=st.sampled_from(["", "A", "B"]),
    service=st.sampled_from(["orders", "cart"]),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    given_raws=st.lists(raws, min_size=1, max_size=12),
    text=st.sampled_from(TEXTS),
    later=st.lists(raws, max_size=4),
    data=st.data(),
)
def test_applying_any_policy_and_undoing_it_is_as_if_nothing_had_been(
    migrated_state: Path, given_raws: list[Any], text: str, later: list[Any], data: st.DataObject, tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("lab")
    (folder / STATE_FILE).write_bytes(migrated_state.read_bytes())
    digest(folder, *given_raws)
    before = shown(folder)

    run = replayed(folder, text)
    with asking(folder) as connection:
        preview = read_preview(connection, run)
        request_apply(connection, run.id, author="alice", at_ms=6)
    while find(folder, run.id).state is RunState.APPLYING:
        assert shown(folder) == before
        work(folder, stop=StopAfter(data.draw(st.integers(2, 6))))
    assert_counts_are_right(folder)
    after = shown(folder)
    assert (preview.issues_before, preview.issues_after) == (len(before["issues"]), len(after["issues"]))
    assert preview.moved == len(set(before["events"]) - set(after["events"]))
    digest(folder, *later)
    assert_counts_are_right(folder)
    undone(folder, run)
    assert_counts_are_right(folder)

    if not later:
        assert shown(folder) == before
    with closing(connect(folder / STATE_FILE, readonly=True)) as connection:
        assert find_in_force(connection, 1) == InForce(version=1)
