"""Merging, splitting and undoing: counts stay right whatever comes in between, and what is undone leaves no trace."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from state_files import assert_counts_are_right, batch, dump, event, rows, write

from mukiau.stores import regrouping, sqlite, state_file
from mukiau.stores.grouping_changes import By
from mukiau.stores.regrouping import (
    AlreadyUndone,
    LaterChange,
    MergedElsewhere,
    NothingToMerge,
    NothingToSplit,
    OtherProject,
    RegroupingRefused,
    TooManyFingerprints,
    TooManyIssues,
    UnknownChange,
    UnknownIssue,
    find_current,
    merge,
    split_off,
    undo,
)
from mukiau.stores.retention import Retention, RetentionPolicy
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect

BY = By(actor="alice", at_ms=5, reason="the same cause")
FAILURES = ("save", "load", "send")


@pytest.fixture
def three(data_folder: Path) -> Path:
    """Issues 1 (save, 2 events), 2 (load, 1 event) and 3 (send, the latest event)."""
    write(data_folder, batch(event(1), event(2, minutes=1), event(3, failure="load", environment="acme-stg")))
    write(data_folder, batch(event(4, failure="send", minutes=9), after=1))
    return data_folder


def issues(data: Path) -> list[tuple[Any, ...]]:
    return rows(data, "SELECT id, title, event_count FROM issue WHERE event_count > 0 ORDER BY id")


def current(data: Path, issue: int) -> int | None:
    with closing(connect(data / STATE_FILE, readonly=True)) as state:
        return find_current(state, issue)


def test_a_merge_adds_up_and_has_the_words_of_the_latest_event(three: Path) -> None:
    made = merge(three, [2, 3], into=1, by=BY)

    assert (made.issue_id, made.fingerprints) == (1, 2)
    assert issues(three) == [(1, "send failed", 4)]
    assert rows(three, "SELECT * FROM issue_environment ORDER BY 2")[0][:3] == (1, "acme-prod", 3)
    assert_counts_are_right(three)


def test_a_merged_issue_leads_to_where_it_went_however_often(three: Path) -> None:
    merge(three, [3], into=2, by=BY)
    merge(three, [2], into=1, by=BY)

    assert [current(three, issue) for issue in (1, 2, 3, 4)] == [1, 1, 1, None]


def test_new_events_of_a_merged_fingerprint_count_for_the_target(three: Path) -> None:
    merge(three, [2], into=1, by=BY)

    write(three, batch(event(5, failure="load", minutes=20), after=2))

    assert issues(three) == [(1, "load failed", 4), (3, "send failed", 1)]
    assert_counts_are_right(three)


def test_splitting_off_makes_a_new_issue_of_the_named_fingerprints(three: Path) -> None:
    merge(three, [2, 3], into=1, by=BY)

    made = split_off(three, 1, [2], by=BY)

    assert made.issue_id == 4
    assert issues(three) == [(1, "send failed", 3), (4, "load failed", 1)]
    assert_counts_are_right(three)


def test_undoing_a_merge_gives_the_issues_back_with_their_ids_words_and_counts(three: Path) -> None:
    before = issues(three)
    change = merge(three, [1, 2], into=3, by=BY).change_id

    undo(three, change, by=By(actor="bob", at_ms=8))

    assert issues(three) == before
    assert [current(three, issue) for issue in (1, 2, 3)] == [1, 2, 3]
    assert rows(three, "SELECT kind, actor, undone_ms, undone_by FROM grouping_change") == [
        ("merge", "alice", 8, "bob")
    ]
    assert_counts_are_right(three)


def test_undoing_a_split_lets_the_new_issue_lead_back(three: Path) -> None:
    merge(three, [2], into=1, by=BY)
    made = split_off(three, 1, [2], by=BY)

    undo(three, made.change_id, by=BY)

    assert issues(three) == [(1, "save failed", 3), (3, "send failed", 1)]
    assert current(three, made.issue_id) == 1


def test_what_a_person_said_about_pairs_holds_as_long_as_the_change(three: Path) -> None:
    pairs = "SELECT kind, fingerprint_a, fingerprint_b FROM grouping_constraint ORDER BY id"
    merged = merge(three, [2, 3], into=1, by=BY).change_id
    split = split_off(three, 1, [3], by=BY).change_id

    assert rows(three, pairs) == [
        ("must_link", 1, 2),
        ("must_link", 1, 3),
        ("cannot_link", 1, 3),
        ("cannot_link", 2, 3),
    ]
    undo(three, split, by=BY)
    assert rows(three, pairs) == [("must_link", 1, 2), ("must_link", 1, 3)]
    undo(three, merged, by=BY)
    assert rows(three, pairs) == []


def test_what_later_changes_build_on_is_undone_after_them(three: Path) -> None:
    first = merge(three, [2], into=1, by=BY).change_id
    second = merge(three, [1], into=3, by=BY).change_id

    with pytest.raises(LaterChange, match=f"undo change {second} first"):
        undo(three, first, by=BY)

    undo(three, second, by=BY)
    undo(three, first, by=BY)
    assert len(issues(three)) == 3


def test_a_split_is_not_undone_under_what_was_merged_into_its_issue(three: Path) -> None:
    merge(three, [2], into=1, by=BY)
    split = split_off(three, 1, [2], by=BY)
    merge(three, [3], into=split.issue_id, by=BY)

    with pytest.raises(LaterChange):
        undo(three, split.change_id, by=BY)


def test_an_earlier_change_of_other_fingerprints_can_be_undone_alone(three: Path) -> None:
    first = merge(three, [2], into=1, by=BY).change_id
    merge(three, [3], into=1, by=BY)

    undo(three, first, by=BY)

    assert issues(three) == [(1, "send failed", 3), (2, "load failed", 1)]
    assert_counts_are_right(three)


def test_what_cannot_be_done_is_refused_in_a_sentence_and_changes_nothing(three: Path) -> None:
    with closing(connect(three / STATE_FILE)) as state:
        state.execute("INSERT INTO project (id, slug, name, created_ms) VALUES (2, 'other', 'Other', 0)")
        state.execute(
            "INSERT INTO issue SELECT 9, service, title, subtitle, template, culprit, root_type, root_message,"
            " level, logger, language, 0, 0, 1, 0, 0, 2, NULL FROM issue WHERE id = 1"
        )
    change = merge(three, [2], into=1, by=BY).change_id
    undone = merge(three, [3], into=1, by=BY).change_id
    undo(three, undone, by=BY)
    before = rows(three, "SELECT * FROM issue"), rows(three, "SELECT * FROM grouping_change")

    for refusal, attempt in (
        (NothingToMerge, lambda: merge(three, [1], into=1, by=BY)),
        (UnknownIssue, lambda: merge(three, [77], into=1, by=BY)),
        (UnknownIssue, lambda: merge(three, [1], into=77, by=BY)),
        (MergedElsewhere, lambda: merge(three, [2], into=3, by=BY)),
        (MergedElsewhere, lambda: split_off(three, 2, [2], by=BY)),
        (OtherProject, lambda: merge(three, [9], into=1, by=BY)),
        (TooManyIssues, lambda: merge(three, range(1, 102), into=1, by=BY)),
        (NothingToSplit, lambda: split_off(three, 1, [], by=BY)),
        (NothingToSplit, lambda: split_off(three, 1, [1, 2], by=BY)),
        (NothingToSplit, lambda: split_off(three, 1, [3], by=BY)),
        (UnknownChange, lambda: undo(three, 77, by=BY)),
        (AlreadyUndone, lambda: undo(three, undone, by=BY)),
    ):
        with pytest.raises(refusal, match=r"^[A-Z0-9].+\.$"):
            attempt()

    assert (rows(three, "SELECT * FROM issue"), rows(three, "SELECT * FROM grouping_change")) == before
    assert change == 1


def test_an_issue_gets_no_more_fingerprints_than_one_query_can_merge(
    three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regrouping, "MAX_FINGERPRINTS_AN_ISSUE", 2)

    with pytest.raises(TooManyFingerprints):
        merge(three, [2, 3], into=1, by=BY)

    assert len(issues(three)) == 3


def test_undoing_is_exact_when_payloads_and_rows_are_gone_by_then(three: Path) -> None:
    write(
        three,
        batch(*(event(number, failure=FAILURES[number % 3], minutes=number) for number in range(10, 40)), after=2),
    )
    before = rows(three, "SELECT * FROM issue"), rows(three, "SELECT * FROM issue_environment")
    change = merge(three, [2, 3], into=1, by=BY).change_id

    with closing(Retention(three / STATE_FILE, RetentionPolicy(payload_days=1, event_days=1))) as kept:
        for _ in range(20):
            kept.step(90 * 86_400_000)
    undo(three, change, by=BY)

    assert rows(three, "SELECT count(*) FROM event")[0][0] < 34
    assert (rows(three, "SELECT * FROM issue"), rows(three, "SELECT * FROM issue_environment")) == before


def test_a_fingerprint_that_lost_its_last_event_meanwhile_is_not_given_back(three: Path) -> None:
    change = merge(three, [2], into=1, by=BY).change_id
    write(three, batch(event(3, failure="send", environment="acme-stg", revision=1), after=2))

    moved = undo(three, change, by=BY)

    assert moved.fingerprints == 0
    assert issues(three) == [(1, "save failed", 2), (3, "send failed", 2)]
    assert current(three, 2) == 1
    assert_counts_are_right(three)


# --- Whatever happens in between ----------------------------------------------------------------------------------

_events = st.builds(
    event,
    st.integers(1, 8),
    failure=st.sampled_from([*FAILURES, "poll", "sync"]),
    environment=st.sampled_from(["acme-prod", "acme-stg", ""]),
    minutes=st.integers(-90, 90),
    revision=st.integers(0, 3),
    tags=st.lists(st.tuples(st.just("plan"), st.sampled_from("abc")), max_size=2),
)
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.lists(_events, min_size=1, max_size=6)),
        st.tuples(st.sampled_from(["merge", "split", "undo"]), st.integers(0, 2**16)),
    ),
    max_size=14,
)


def regroup(data: Path, what: str, choice: int) -> None:
    """Do something to the issues there are, or be refused."""
    shown = [row[0] for row in issues(data)]
    if not shown:
        return
    some = shown[choice % len(shown)]
    try:
        if what == "merge":
            merge(data, [issue for place, issue in enumerate(shown) if choice >> (4 + place) & 1], into=some, by=BY)
        elif what == "split":
            fingerprints = [
                row[0] for row in rows(data, "SELECT id FROM fingerprint WHERE issue_id = ? ORDER BY id", some)
            ]
            split_off(data, some, [one for place, one in enumerate(fingerprints) if choice >> (4 + place) & 1], by=BY)
        else:
            undo(data, 1 + choice % 6, by=BY)
    except RegroupingRefused:
        pass


def undo_everything(data: Path) -> None:
    for (change,) in rows(data, "SELECT id FROM grouping_change WHERE undone_ms IS NULL ORDER BY id DESC"):
        undo(data, change, by=BY)


def without_history(data: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table; an issue is named by its first fingerprint, because a split uses a number up."""
    with closing(connect(data / STATE_FILE)) as state:
        names = {
            f"({issue})": f"<{first}>"
            for issue, first in state.execute("SELECT issue_id, min(id) FROM fingerprint GROUP BY 1")
        }
        tables = dump(state)
        tables["search"] = state.execute("SELECT rowid, grams FROM fingerprint_search ORDER BY 1").fetchall()
    for name in [
        name for name in tables if name.startswith(("fingerprint_search_", "grouping_", "notification", "sqlite_"))
    ]:
        del tables[name]
    named = {
        "issue": [(names.get(f"({row[0]})"), *row[1:]) for row in tables["issue"] if f"({row[0]})" in names],
        "issue_environment": [(names[f"({row[0]})"], *row[1:]) for row in tables["issue_environment"]],
        # What is asked about an issue is said of the issue that an event came to at that time.
        "issue_work": [(names[f"({row[0]})"], row[1]) for row in tables["issue_work"] if f"({row[0]})" in names],
        "fingerprint": [(*row[:4], names[f"({row[4]})"], *row[5:]) for row in tables["fingerprint"]],
    }
    return {name: sorted(found, key=repr) for name, found in (tables | named).items()}


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_steps)
def test_counts_are_right_after_each_step_and_undoing_everything_leaves_no_trace(
    migrated_state: Path, steps: list[tuple[str, Any]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        regrouped, untouched = (Path(folder) / name for name in ("regrouped", "untouched"))
        for data in (regrouped, untouched):
            data.mkdir()
            shutil.copy(migrated_state, data / STATE_FILE)
        position = 0
        for what, given_ in steps:
            if what == "write":
                for data in (regrouped, untouched):
                    write(data, batch(*given_, after=position))
                position += 1
            else:
                regroup(regrouped, what, given_)
            assert_counts_are_right(regrouped)

        undo_everything(regrouped)

        assert without_history(regrouped) == without_history(untouched)
        assert_counts_are_right(regrouped)


# --- Dying in the middle ------------------------------------------------------------------------------------------


@contextmanager
def dying_after(monkeypatch: pytest.MonkeyPatch, statements: int) -> Iterator[None]:
    """Let the connection that changes something fail at its nth statement."""

    def connecting(path: Path) -> Any:
        return _Dying(connect(path), statements)

    with monkeypatch.context() as patched:
        patched.setattr(state_file, "connect", connecting)
        yield


class _Dying:
    def __init__(self, connection: sqlite.Connection, statements: int) -> None:
        self._connection, self._left = connection, statements

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, statement: str, *values: Any) -> Any:
        return self._run(self._connection.execute, statement, *values)

    def executemany(self, statement: str, *values: Any) -> Any:
        return self._run(self._connection.executemany, statement, *values)

    def _run(self, run: Any, statement: str, *values: Any) -> Any:
        if statement != "ROLLBACK":
            if not self._left:
                raise sqlite.OperationalError("database or disk is full")
            self._left -= 1
        return run(statement, *values)


@pytest.mark.parametrize("what", ["merge", "split", "undo"])
def test_a_change_that_fails_at_any_statement_leaves_everything_as_it_was(
    three: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    merged = merge(three, [2], into=1, by=BY).change_id
    attempt = {
        "merge": lambda: merge(three, [3], into=1, by=BY),
        "split": lambda: split_off(three, 1, [2], by=BY),
        "undo": lambda: undo(three, merged, by=BY),
    }[what]
    before = json.dumps(whole(three))
    failed = 0
    while True:
        with dying_after(monkeypatch, failed):
            try:
                attempt()
                break
            except sqlite.OperationalError:
                failed += 1
                assert json.dumps(whole(three)) == before

    assert failed > 8
    assert json.dumps(whole(three)) != before
    assert_counts_are_right(three)


def whole(data: Path) -> dict[str, list[Any]]:
    with closing(connect(data / STATE_FILE)) as state:
        return {name: [repr(row) for row in found] for name, found in dump(state).items()}
