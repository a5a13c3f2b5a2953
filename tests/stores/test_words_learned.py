"""Words that vary are learned by themselves: visible as a run of the lab, undone by one click, never against people."""

import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lab_files import StopAfter, applied, asking, digest, find, raw_event, replayed, shown, undone, work
from state_files import assert_counts_are_right, rows

from mukiau.core.grouping.learned_text import wordings_in
from mukiau.digest.event_maker import RawEvent
from mukiau.stores.grouping_changes import By
from mukiau.stores.lab.learning import Learner
from mukiau.stores.lab.objections import Why
from mukiau.stores.lab.policies import InForce, find_in_force, find_saved, list_policies, save_policy
from mukiau.stores.lab.quiet import AFTER_OWN_MS, AFTER_PEOPLE_MS, DRAFT_WAITS_MS
from mukiau.stores.lab.runs import RunState, list_runs, request_run
from mukiau.stores.lab.waking import LOOK_EVERY_MS, Looked, WakeLab, read_looked
from mukiau.stores.lab.wanted import is_lab_wanted, nothing_wanted
from mukiau.stores.lab.work import Lab
from mukiau.stores.payloads import DELETED
from mukiau.stores.regrouping import merge, undo
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect
from mukiau.stores.work.decisions import Choice, decide
from mukiau.stores.work.issue_work import Who
from mukiau.work.decisions import Decision

NAMES = "Abe Baba Chiba Doi Endo Fujii Goto Honda Inoue Jinbo Kato Mori".split()
PATTERN = "no seat for {word} in hall"
NOW = 1_800_000_000_000
LATER = NOW + 2 * AFTER_PEOPLE_MS


def seats(names: list[str], *, first: int = 0) -> list[RawEvent]:
    return [raw_event(number, f"no seat for {name} in hall") for number, name in enumerate(names, first)]


def learn(data: Path, *, least: int = 10, at_ms: int = NOW) -> None:
    """What the lab's process does until nothing is left."""
    learner = Learner(data, least=least, clock=lambda: at_ms)
    lab = Lab(data, processes=0, clock=lambda: at_ms, stop=threading.Event())
    while lab.work() or learner.step():
        pass


def issues(data: Path) -> list[tuple[Any, ...]]:
    return rows(data, "SELECT id, event_count FROM issue WHERE event_count > 0 ORDER BY id")


def versions(data: Path) -> int:
    with closing(connect(data / STATE_FILE, readonly=True)) as connection:
        return len(list_policies(connection, 1))


def text_in_force(data: Path) -> str:
    with closing(connect(data / STATE_FILE, readonly=True)) as connection:
        return find_saved(connection, 1, find_in_force(connection, 1).version).text


@pytest.fixture
def hall(data_folder: Path) -> Path:
    """Twelve issues for twelve names, and one of something else."""
    digest(data_folder, *seats(NAMES), raw_event(90, "stock is negative"))
    return data_folder


def test_twelve_names_become_one_issue_and_newcomers_join_it(hall: Path) -> None:
    assert len(issues(hall)) == 13

    learn(hall)

    assert issues(hall) == [(1, 12), (13, 1)]
    assert PATTERN in wordings_in(text_in_force(hall))
    assert_counts_are_right(hall)
    digest(hall, *seats(["Noda"], first=40))
    assert issues(hall) == [(1, 13), (13, 1)]


def test_what_was_learned_stands_in_versions_runs_history_and_audit_log(hall: Path) -> None:
    learn(hall)

    with closing(connect(hall / STATE_FILE, readonly=True)) as connection:
        (version, *_), (run,) = list_policies(connection, 1), list_runs(connection, 1)
    assert (version.author, version.is_learned) == ("mukiau", True)
    assert version.reason.startswith("Learned by itself: 10 different words")
    assert (run.author, run.state, run.version) == ("mukiau", RunState.APPLIED, version.version)
    assert rows(hall, "SELECT kind, actor, undone_ms FROM grouping_change") == [("policy", "mukiau", None)]
    assert rows(hall, "SELECT actor, action, target FROM audit_entry ORDER BY id") == [
        ("mukiau", "policy_tried", "v2"),
        ("mukiau", "policy_applied", "v2"),
    ]
    explained = rows(hall, "SELECT explanation FROM fingerprint_explanation WHERE policy_version = 2")
    assert sum(f"rule:learned: {PATTERN}" in one for (one,) in explained) == 12


def test_undoing_restores_every_issue_and_it_is_never_learned_again(hall: Path) -> None:
    before = shown(hall)
    learn(hall)

    undone(hall, find(hall, 1))

    assert shown(hall) == before
    digest(hall, *seats(["Noda", "Ono"], first=40))
    learn(hall, at_ms=LATER)
    assert len(issues(hall)) == 15
    assert versions(hall) == 2


def test_names_whose_payloads_are_deleted_stay_apart_and_are_not_tried_again(hall: Path) -> None:
    digest(hall, *seats([f"{name}{name.lower()}" for name in NAMES], first=20))
    with asking(hall) as connection:
        connection.execute(f"UPDATE event SET payload = x'', payload_codec = {DELETED} WHERE id > 13")

    learn(hall)
    digest(hall, raw_event(91, "queue is full"))
    learn(hall, at_ms=LATER)

    assert len(issues(hall)) == 15
    assert versions(hall) == 2
    assert_counts_are_right(hall)


def test_names_that_came_meanwhile_have_issues_of_their_own_when_it_is_undone(hall: Path) -> None:
    learn(hall)
    digest(hall, *seats(["Noda", "Ono", "Noda"], first=40))
    assert issues(hall) == [(1, 15), (13, 1)]

    undone(hall, find(hall, 1))

    assert sorted(count for _, count in issues(hall)) == [1] * 14 + [2]
    assert_counts_are_right(hall)


def test_a_pattern_that_somebody_deleted_from_the_text_is_not_learned_again(hall: Path) -> None:
    learn(hall)
    applied(hall, replayed(hall, "defaults = 1\n"))

    learn(hall, at_ms=LATER)

    assert len(issues(hall)) == 13
    assert text_in_force(hall) == "defaults = 1\n"


def test_nothing_is_learned_where_it_is_switched_off_or_words_are_too_few(hall: Path) -> None:
    learn(hall, least=0)
    learn(hall, least=13)

    assert len(issues(hall)) == 13
    assert versions(hall) == 1


def decided(data: Path, issue: int) -> None:
    with asking(data) as connection:
        decide(connection, issue, Choice(decision=Decision.HANDLE_BATCH), who=Who(name="bob", id=2), at_ms=9)


def test_with_a_decision_on_one_of_them_nothing_happens(hall: Path) -> None:
    decided(hall, 5)

    learn(hall)

    assert len(issues(hall)) == 13
    assert versions(hall) == 1


def test_what_somebody_merged_or_thought_of_merging_stays_theirs(hall: Path) -> None:
    by = By(actor="alice", at_ms=5)
    undo(hall, merge(hall, [2], into=1, by=by).change_id, by=by)

    learn(hall)

    assert len(issues(hall)) == 13


def test_a_decision_that_comes_while_it_is_tried_keeps_the_issues_apart(hall: Path) -> None:
    Learner(hall, least=10, clock=lambda: NOW).step()
    work(hall)
    decided(hall, 5)

    learn(hall)

    assert find(hall, 1).state is RunState.FAILED
    assert len(issues(hall)) == 13


def test_a_decision_that_comes_while_it_is_put_in_force_keeps_the_issues_apart(hall: Path) -> None:
    learner = Learner(hall, least=10, clock=lambda: NOW)
    learner.step()
    work(hall)
    learner.step()
    assert find(hall, 1).state is RunState.APPLYING
    decided(hall, 5)

    work(hall)

    assert find(hall, 1).state is RunState.FAILED
    assert len(issues(hall)) == 13
    with closing(connect(hall / STATE_FILE, readonly=True)) as connection:
        assert find_in_force(connection, 1) == InForce(version=1)
    learn(hall, at_ms=LATER)
    assert len(issues(hall)) == 13


def test_a_text_of_somebodys_own_is_kept_and_only_grows(hall: Path) -> None:
    own = 'defaults = 1\n# ours\n[[rules]]\nname = "ours"\nwhen.service = "cart"\nalso = ["tag:code"]\n'
    applied(hall, replayed(hall, own))

    learn(hall, at_ms=LATER)

    assert text_in_force(hall).startswith(own)
    assert issues(hall) == [(1, 12), (13, 1)]


def test_where_a_rule_of_somebodys_acts_nothing_is_learned_and_it_is_not_tried_again(hall: Path) -> None:
    own = 'defaults = 1\n[[rules]]\nname = "ours"\nwhen.logger = "shop"\ntitle = "{{ message }}"\n'
    applied(hall, replayed(hall, own))

    learn(hall, at_ms=LATER)
    learn(hall, at_ms=LATER)

    assert [find(hall, run).state for run in (1, 2)] == [RunState.APPLIED, RunState.STOPPED]
    assert text_in_force(hall) == own
    assert versions(hall) == 3


def test_a_version_that_would_split_something_is_left_to_people(hall: Path) -> None:
    Learner(hall, least=10, clock=lambda: NOW).step()
    work(hall)
    with asking(hall) as connection:
        connection.execute("UPDATE lab_piece SET count = 0 WHERE fingerprint_id = 13")
        connection.execute(
            "INSERT INTO lab_piece SELECT run_id, 13, 'other', 1, 0, 0 FROM lab_piece WHERE fingerprint_id = 13"
        )

    learn(hall)
    learn(hall, at_ms=LATER)

    left = find(hall, 1)
    assert (left.state, left.error) == (
        RunState.READY,
        Why.SPLITS,
    )
    assert len(issues(hall)) == 13
    applied(hall, left)
    assert find(hall, 1).author == "alice"


def test_a_version_that_would_join_something_else_is_left_to_people(hall: Path) -> None:
    digest(hall, raw_event(91, "queue is full"))
    Learner(hall, least=10, clock=lambda: NOW).step()
    work(hall)
    with asking(hall) as connection:
        connection.execute("UPDATE lab_piece SET hash = 'one' WHERE fingerprint_id IN (13, 14)")

    learn(hall)

    assert find(hall, 1).state is RunState.READY
    assert find(hall, 1).error == Why.JOINS_OTHERS
    assert len(issues(hall)) == 14


def test_a_draft_that_waits_for_somebody_is_waited_for(hall: Path) -> None:
    with asking(hall) as connection:
        version = save_policy(connection, 1, "defaults = 1\n", author="alice", reason="", at_ms=NOW)
    learn(hall)
    assert len(issues(hall)) == 13

    with asking(hall) as connection:
        request_run(connection, 1, version, author="alice", at_ms=NOW)
    learn(hall)
    assert find(hall, 1).state is RunState.READY
    assert len(issues(hall)) == 13
    assert read_looked(hall) == Looked(0, NOW + DRAFT_WAITS_MS)

    learn(hall, at_ms=NOW + DRAFT_WAITS_MS)
    assert issues(hall) == [(1, 12), (13, 1)]


def test_what_was_put_in_force_last_can_be_undone_for_a_while(hall: Path) -> None:
    learn(hall)
    digest(hall, *(raw_event(number, f"no ticket for {name} at all") for number, name in enumerate(NAMES, 50)))

    learn(hall, at_ms=NOW + AFTER_OWN_MS - 1)
    assert len(issues(hall)) == 14
    assert read_looked(hall).wait_until_ms == NOW + AFTER_OWN_MS

    learn(hall, at_ms=NOW + AFTER_OWN_MS)
    assert [count for _, count in issues(hall)] == [12, 1, 12]


def test_a_version_that_somebody_puts_in_force_meanwhile_is_what_it_is_learned_on(hall: Path) -> None:
    Learner(hall, least=10, clock=lambda: NOW).step()
    work(hall)
    own = 'defaults = 1\nalso = ["tag:code"]\n'
    applied(hall, replayed(hall, own))

    learn(hall)
    assert find(hall, 1).state is RunState.FAILED
    assert len(issues(hall)) == 13

    learn(hall, at_ms=LATER)
    assert issues(hall) == [(1, 12), (13, 1)]
    assert text_in_force(hall).startswith(own)


def test_the_lab_is_woken_by_new_fingerprints_only_and_not_all_the_time(hall: Path) -> None:
    wake = WakeLab(hall, clock=lambda: NOW)
    wake.step(0)
    assert is_lab_wanted(hall)
    learn(hall, least=13)
    nothing_wanted(hall)

    wake.step(LOOK_EVERY_MS)
    assert not is_lab_wanted(hall)

    digest(hall, raw_event(91, "queue is full"))
    wake.step(2 * LOOK_EVERY_MS - 1)
    assert not is_lab_wanted(hall)
    wake.step(2 * LOOK_EVERY_MS)
    assert is_lab_wanted(hall)


def test_the_lab_is_not_woken_while_something_is_waited_for(hall: Path) -> None:
    learn(hall)

    WakeLab(hall, clock=lambda: NOW + AFTER_OWN_MS - 1).step(0)
    assert not is_lab_wanted(hall)
    WakeLab(hall, clock=lambda: NOW + AFTER_OWN_MS).step(0)
    assert is_lab_wanted(hall)


def test_a_folder_whose_state_cannot_be_read_keeps_nobody_from_digesting(tmp_path: Path) -> None:
    (tmp_path / "lab.looked").write_text("[1")

    WakeLab(tmp_path, clock=lambda: NOW).step(0)

    assert not is_lab_wanted(tmp_path)


def killed_now_and_then(data: Path, looks: Iterator[int]) -> None:
    """Learn in processes that are killed, until nothing is left."""
    is_busy = True
    while is_busy:
        Lab(data, processes=0, clock=lambda: NOW, stop=StopAfter(next(looks))).work()
        with closing(connect(data / STATE_FILE, readonly=True)) as connection:
            is_done = all(run.state not in ("waiting", "replaying", "applying") for run in list_runs(connection, 1))
        is_busy = not is_done or Learner(data, least=4, clock=lambda: NOW).step()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(st.sampled_from([*NAMES, "8X2X", "KWXE"]), min_size=4, max_size=16),
    others=st.lists(st.sampled_from(["stock is negative", "no seat left", "no seat for A 1 in hall"]), max_size=3),
    looks=st.lists(st.integers(3, 7), min_size=2, max_size=9),
)
def test_learning_and_undoing_is_as_if_nothing_had_been_however_often_it_is_killed(
    migrated_state: Path, names: list[str], others: list[str], looks: list[int], tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("learned")
    (folder / STATE_FILE).write_bytes(migrated_state.read_bytes())
    digest(folder, *seats(names), *(raw_event(number, text) for number, text in enumerate(others, 70)))
    before = shown(folder)

    killed_now_and_then(folder, cycle(looks))

    assert_counts_are_right(folder)
    if versions(folder) > 1:
        assert find(folder, 1).state is RunState.APPLIED
        undone(folder, find(folder, 1))
    assert_counts_are_right(folder)
    assert shown(folder) == before
