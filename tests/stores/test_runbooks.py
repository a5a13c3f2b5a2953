"""Runbooks as they are kept: versions, conflicts, reviews, and which errors a runbook answers, whenever it was written."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from state_files import batch, event, rows, write

from mukiau.stores.grouping_changes import By
from mukiau.stores.regrouping import merge, split_off, undo
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect
from mukiau.stores.state_file import changing
from mukiau.stores.state_writer import StateWriter
from mukiau.stores.work import matching
from mukiau.stores.work.facts import ReadFacts, read_facts
from mukiau.stores.work.matching import continue_matching, find_runbook_for, find_runbooks_for
from mukiau.stores.work.runbooks import (
    Author,
    BadCode,
    EditConflict,
    NoFingerprints,
    NotPublishable,
    OwnReview,
    Review,
    UnknownRunbook,
    comment,
    create_runbook,
    link_issue,
    publish,
    retire,
    review,
    save_version,
    unlink_issue,
)

ALICE = Author(id=1, name="alice", at_ms=1_000)
BOB = Author(id=2, name="bob", at_ms=2_000)


def text_with(*rules: str, title: str = "Orders cannot be saved") -> str:
    matching_rules = "".join(f"  - {{{rule}}}\n" for rule in rules)
    return (
        f"---\ntitle: {title}\nservices: [orders]\n" + (f"match:\n{matching_rules}" if rules else "") + "---\nLook.\n"
    )


def published(data: Path, *rules: str, title: str = "Orders cannot be saved") -> int:
    with changing(data) as connection:
        saved = create_runbook(connection, text_with(*rules, title=title), prefix="ORD", by=ALICE)
        publish(connection, saved.id, number=1, by=ALICE)
    return saved.id


def match_all(data: Path) -> int:
    with closing(connect(data / STATE_FILE)) as connection:
        steps = 0
        while continue_matching(connection):
            steps += 1
    return steps


def code_for(data: Path, issue_id: int) -> str:
    with closing(connect(data / STATE_FILE, readonly=True)) as connection:
        found = find_runbook_for(connection, issue_id)
    return found.code if found else ""


@pytest.fixture
def state(data_folder: Path) -> Iterator[Connection]:
    with changing(data_folder) as connection:
        yield connection


def test_codes_count_up_within_a_prefix(state: Connection) -> None:
    codes = [create_runbook(state, text_with(), prefix=prefix, by=ALICE).code for prefix in ("ORD", "ORD", "OR", "ORD")]

    assert codes == ["ORD-1", "ORD-2", "OR-1", "ORD-3"]


@pytest.mark.parametrize("code", ["ORD-1", "ord-2", "ORD-02", "ORD", "ORD-1x"])
def test_a_code_that_is_taken_or_none_is_refused(state: Connection, code: str) -> None:
    create_runbook(state, text_with(), prefix="ORD", by=ALICE)

    with pytest.raises(BadCode):
        create_runbook(state, text_with(), prefix="ORD", by=ALICE, code=code)


def test_the_second_of_two_who_save_sees_the_conflict_and_overwrites_nothing(state: Connection) -> None:
    saved = create_runbook(state, text_with(), prefix="ORD", by=ALICE)
    save_version(state, saved.id, text_with(title="By Alice"), expected=1, by=ALICE)

    with pytest.raises(EditConflict) as conflict:
        save_version(state, saved.id, text_with(title="By Bob"), expected=1, by=BOB)

    assert (conflict.value.number, conflict.value.author) == (2, "alice")
    assert state.execute("SELECT number, title FROM runbook_version ORDER BY number").fetchall() == [
        (1, "Orders cannot be saved"),
        (2, "By Alice"),
    ]


def test_a_text_that_did_not_change_makes_no_version(state: Connection) -> None:
    saved = create_runbook(state, text_with(), prefix="ORD", by=ALICE)

    assert save_version(state, saved.id, text_with(), expected=1, by=BOB) == saved


def test_a_saved_version_is_in_force_only_once_it_is_published(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    runbook = published(data_folder, "service: orders")
    match_all(data_folder)
    with changing(data_folder) as connection:
        save_version(connection, runbook, text_with("service: billing", title="New"), expected=1, by=ALICE)
    match_all(data_folder)

    assert code_for(data_folder, 1) == "ORD-1"
    assert rows(data_folder, "SELECT title FROM runbook") == [("Orders cannot be saved",)]


def test_a_text_with_a_mistake_is_kept_and_not_published(state: Connection) -> None:
    saved = create_runbook(state, "---\ntitle: x\nminutes: soon\n---\n", prefix="ORD", by=ALICE)

    with pytest.raises(NotPublishable):
        publish(state, saved.id, number=1, by=ALICE)


def test_nobody_reviews_their_own_version(state: Connection) -> None:
    saved = create_runbook(state, text_with(), prefix="ORD", by=ALICE)

    with pytest.raises(OwnReview):
        review(state, saved.id, number=1, verdict=Review.APPROVED, by=ALICE)
    review(state, saved.id, number=1, verdict=Review.APPROVED, by=BOB, note="tried it")

    assert state.execute("SELECT review, reviewer, review_note FROM runbook_version").fetchall() == [
        ("approved", "bob", "tried it")
    ]


def test_what_is_not_there_is_refused(state: Connection) -> None:
    saved = create_runbook(state, text_with(), prefix="ORD", by=ALICE)

    with pytest.raises(UnknownRunbook):
        publish(state, 99, number=1, by=ALICE)
    with pytest.raises(UnknownRunbook):
        comment(state, saved.id, "?", number=7, by=BOB)
    with pytest.raises(NoFingerprints):
        link_issue(state, 99, saved.id, by=BOB)


# --- Matching ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_first", [True, False], ids=["the runbook first", "the error first"])
def test_an_error_finds_its_runbook_whichever_came_first(data_folder: Path, *, is_first: bool) -> None:
    arrivals = batch(event(1), event(2, failure="load"))
    if is_first:
        published(data_folder, "service: orders, message: save failed")
        write(data_folder, arrivals)
    else:
        write(data_folder, arrivals)
        published(data_folder, "service: orders, message: save failed")
    match_all(data_folder)

    assert (code_for(data_folder, 1), code_for(data_folder, 2)) == ("ORD-1", "")


def test_one_digester_sees_runbooks_published_between_its_batches(data_folder: Path) -> None:
    with closing(StateWriter(data_folder / STATE_FILE)) as writer:
        writer.write(batch(event(1)))
        published(data_folder, "message: load failed")
        writer.write(batch(event(2, failure="load"), after=1))
        published(data_folder, "message: pay failed")
        writer.write(batch(event(3, failure="pay"), after=2))

    assert [code_for(data_folder, issue) for issue in (1, 2, 3)] == ["", "ORD-1", "ORD-2"]


def test_digest_finishes_a_matching_that_nobody_is_at(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    published(data_folder, "service: orders")

    with closing(StateWriter(data_folder / STATE_FILE)) as writer:
        writer.beat(5)

    assert code_for(data_folder, 1) == "ORD-1"
    assert rows(data_folder, "SELECT matched_to FROM runbook") == [(None,)]


def test_matching_goes_in_steps_and_ends(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "FINGERPRINTS_A_STEP", 2)
    write(data_folder, batch(*(event(number, failure=f"f{number}x") for number in range(1, 6))))
    published(data_folder, "service: orders")

    assert match_all(data_folder) == 3
    assert rows(data_folder, "SELECT count(*) FROM runbook_match") == [(5,)]


def test_fingerprints_from_before_there_were_runbooks_are_matched_by_their_events(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    with changing(data_folder) as connection:
        connection.execute("DELETE FROM fingerprint_fact")
    published(data_folder, "logger: shop, service: orders, message: save failed")
    match_all(data_folder)

    assert code_for(data_folder, 1) == "ORD-1"


def test_what_is_compared_is_read_while_others_may_write(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(data_folder, batch(event(1)))
    published(data_folder, "service: orders")
    held = []

    def read(connection: Connection, fingerprints: Any) -> ReadFacts:
        held.append(connection.in_transaction)
        return read_facts(connection, fingerprints)

    monkeypatch.setattr(matching, "read_facts", read)
    match_all(data_folder)

    assert held == [False]
    assert code_for(data_folder, 1) == "ORD-1"


def test_a_step_during_which_the_rules_changed_is_made_again(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(data_folder, batch(event(1), event(2, failure="load")))
    runbook = published(data_folder, "message: save failed")
    texts = [text_with("message: load failed")]

    def read(connection: Connection, fingerprints: Any) -> ReadFacts:
        if texts:
            with changing(data_folder) as other:
                save_version(other, runbook, texts.pop(), expected=1, by=ALICE)
                publish(other, runbook, number=2, by=ALICE)
        return read_facts(connection, fingerprints)

    monkeypatch.setattr(matching, "read_facts", read)
    match_all(data_folder)

    assert (code_for(data_folder, 1), code_for(data_folder, 2)) == ("", "ORD-1")


def test_an_error_that_is_new_during_a_step_keeps_its_runbook(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(data_folder, batch(event(1)))
    published(data_folder, "service: orders")

    def read(connection: Connection, fingerprints: Any) -> ReadFacts:
        write(data_folder, batch(event(2, failure="load"), after=1))
        return read_facts(connection, fingerprints)

    monkeypatch.setattr(matching, "read_facts", read)
    match_all(data_folder)

    assert (code_for(data_folder, 1), code_for(data_folder, 2)) == ("ORD-1", "ORD-1")


def test_new_rules_take_the_place_of_the_old_ones(data_folder: Path) -> None:
    write(data_folder, batch(event(1), event(2, failure="load")))
    runbook = published(data_folder, "message: save failed")
    match_all(data_folder)
    with changing(data_folder) as connection:
        save_version(connection, runbook, text_with("message: load failed"), expected=1, by=ALICE)
        publish(connection, runbook, number=2, by=ALICE)
    match_all(data_folder)

    assert (code_for(data_folder, 1), code_for(data_folder, 2)) == ("", "ORD-1")


def test_a_retired_runbook_answers_nothing_and_comes_back(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    runbook = published(data_folder, "service: orders")
    match_all(data_folder)
    with changing(data_folder) as connection:
        retire(connection, runbook, by=BOB)
    at_once = code_for(data_folder, 1)
    match_all(data_folder)
    left = rows(data_folder, "SELECT * FROM runbook_match")
    with changing(data_folder) as connection:
        publish(connection, runbook, number=1, by=BOB)
    match_all(data_folder)

    assert (at_once, left, code_for(data_folder, 1)) == ("", [], "ORD-1")


def test_the_heavier_rule_wins_and_a_persons_word_before_all(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    published(data_folder, "service: orders", title="light")
    published(data_folder, "service: orders, message: save failed", title="heavy")
    linked = published(data_folder, title="linked")
    match_all(data_folder)
    by_rule = code_for(data_folder, 1)
    with changing(data_folder) as connection:
        link_issue(connection, 1, linked, by=BOB)
        every = [(one.title, one.how) for one in find_runbooks_for(connection, 1)]
        unlink_issue(connection, 1)

    assert by_rule == "ORD-2"
    assert every == [("linked", "link"), ("heavy", "rule"), ("light", "rule")]
    assert code_for(data_folder, 1) == "ORD-2"


def test_the_reasons_name_what_was_looked_for_and_what_was_there(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    published(data_folder, "type: Value*, service: orders")
    match_all(data_folder)

    with closing(connect(data_folder / STATE_FILE)) as connection:
        found = find_runbook_for(connection, 1)

    assert found is not None
    assert [(one.aspect, one.patterns, one.value) for one in found.reasons] == [
        ("type", ("Value*",), "ValueError"),
        ("service", ("orders",), "orders"),
    ]


def test_links_and_matches_go_with_the_fingerprint_through_merge_split_and_undo(data_folder: Path) -> None:
    by = By(actor="alice", at_ms=1, reason="")
    write(data_folder, batch(event(1), event(2, failure="load")))
    linked = published(data_folder, title="linked")
    published(data_folder, "message: load failed", title="by rule")
    match_all(data_folder)
    with changing(data_folder) as connection:
        link_issue(connection, 1, linked, by=BOB)
    before = (code_for(data_folder, 1), code_for(data_folder, 2))

    merged = merge(data_folder, [1], into=2, by=by)
    together = code_for(data_folder, 2)
    parted = split_off(data_folder, 2, [1], by=by)
    apart = (code_for(data_folder, parted.issue_id), code_for(data_folder, 2))
    undo(data_folder, parted.change_id, by=by)
    undo(data_folder, merged.change_id, by=by)

    assert before == ("ORD-1", "ORD-2")
    assert together == "ORD-1"
    assert apart == ("ORD-1", "ORD-2")
    assert (code_for(data_folder, 1), code_for(data_folder, 2)) == before


def test_a_fingerprint_that_goes_takes_its_facts_matches_and_links_along(data_folder: Path) -> None:
    runbook = published(data_folder, "service: orders")
    write(data_folder, batch(event(1)))
    with changing(data_folder) as connection:
        link_issue(connection, 1, runbook, by=BOB)
    write(data_folder, batch(event(1, failure="load", revision=1), after=1))

    for table in ("fingerprint_fact", "runbook_match", "runbook_link"):
        gone = f"SELECT count(*) FROM {table} WHERE fingerprint_id NOT IN (SELECT id FROM fingerprint)"
        assert rows(data_folder, gone) == [(0,)]
    assert code_for(data_folder, 2) == "ORD-1"
