"""Suggested runbooks: offered where no runbook answers, remembered when declined, and what accepting one does."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from state_files import batch, event, rows, write

from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect
from mukiau.stores.work.known_runbooks import Hit, KnownRunbooks
from mukiau.stores.work.matching import continue_matching, find_runbook_for
from mukiau.stores.work.runbooks import Author, create_runbook, publish, retire, save_version
from mukiau.stores.work.suggestions import (
    UnknownProposal,
    accept,
    accept_for_issue,
    decline,
    decline_for_issue,
    find_proposals,
    link_for_issue,
    reconsider,
    record_proposals,
    suggestions_for,
)

ALICE = Author(id=1, name="alice", at_ms=1_000)


@pytest.fixture
def state(data_folder: Path) -> Iterator[Connection]:
    """Two issues: 1 cannot save orders, 2 cannot print labels."""
    write(
        data_folder,
        batch(
            event(1, failure="save", message="order OD20261 cannot be saved: no stock"),
            event(2, failure="print", message="label of OD20261 cannot be printed"),
        ),
    )
    with closing(connect(data_folder / STATE_FILE)) as connection:
        yield connection


def runbook(state: Connection, title: str, body: str = "Look.\n", *, is_draft: bool = False) -> int:
    saved = create_runbook(state, f'---\ntitle: "{title}"\n---\n{body}', prefix="ORD", by=ALICE)
    if not is_draft:
        publish(state, saved.id, number=1, by=ALICE)
    return saved.id


def suggested(state: Connection, known: KnownRunbooks | None = None) -> dict[int, list[int]]:
    found = suggestions_for(state, [1, 2], known=known or KnownRunbooks())
    return {issue: [hit.runbook.id for hit in hits] for issue, hits in found.items()}


def hit_for(state: Connection, issue_id: int) -> Hit:
    return suggestions_for(state, [issue_id], known=KnownRunbooks())[issue_id][0]


def propose(state: Connection, runbook_ids: list[int], *, since_ms: int = 0) -> int:
    found = find_proposals(state, runbook_ids, known=KnownRunbooks(), since_ms=since_ms)
    return record_proposals(state, found, at_ms=2)


def match_all(state: Connection) -> None:
    while continue_matching(state):
        pass


def test_a_runbook_with_the_words_of_an_issue_is_suggested_with_these_words(state: Connection) -> None:
    one = runbook(state, "Order cannot be saved: no stock")

    hit = hit_for(state, 1)

    assert hit.runbook.id == one
    assert {"stock", "order", "saved"} <= set(hit.words)


def test_a_suggestion_is_not_applied(state: Connection) -> None:
    runbook(state, "Order cannot be saved: no stock")

    suggested(state)

    assert find_runbook_for(state, 1) is None


def test_drafts_and_retired_runbooks_are_not_suggested(state: Connection) -> None:
    runbook(state, "Order cannot be saved: no stock", is_draft=True)
    retire(state, runbook(state, "Order cannot be saved: no stock"), by=ALICE)

    assert suggested(state) == {}


def test_nothing_is_suggested_for_an_issue_that_a_runbook_answers(state: Connection) -> None:
    runbook(state, "Order cannot be saved: no stock")
    accept_for_issue(state, 1, hit_for(state, 1), by=ALICE)
    match_all(state)

    assert suggested(state) == {}


def test_what_changes_is_seen_by_who_asked_before(state: Connection) -> None:
    known = KnownRunbooks()
    one = runbook(state, "Label cannot be printed")
    assert suggested(state, known) == {2: [one]}

    saved = save_version(state, one, "---\ntitle: Order cannot be saved, no stock\n---\n", expected=1, by=ALICE)
    assert suggested(state, known) == {2: [one]}
    publish(state, one, number=saved.number, by=ALICE)
    assert suggested(state, known) == {1: [one]}
    retire(state, one, by=ALICE)
    assert suggested(state, known) == {}


def test_accepting_adds_a_rule_that_matches_the_issue(state: Connection) -> None:
    one = runbook(state, "Order cannot be saved: no stock")

    accepted = accept_for_issue(state, 1, hit_for(state, 1), by=ALICE)
    match_all(state)

    found = find_runbook_for(state, 1)
    assert accepted.is_in_force
    assert found is not None
    assert (found.id, found.how, found.number) == (one, "rule", 2)


def test_accepting_does_not_publish_what_somebody_is_writing(state: Connection) -> None:
    one = runbook(state, "Order cannot be saved: no stock")
    save_version(state, one, "---\ntitle: Order cannot be saved\n---\nNot yet.\n", expected=1, by=ALICE)

    accepted = accept_for_issue(state, 1, hit_for(state, 1), by=ALICE)

    published = state.execute("SELECT number, published_number FROM runbook").fetchone()
    assert not accepted.is_in_force
    assert published == (3, 1)


def test_linking_answers_this_issue_by_a_persons_word(state: Connection) -> None:
    one = runbook(state, "Order cannot be saved: no stock")

    link_for_issue(state, 1, hit_for(state, 1), by=ALICE)

    found = find_runbook_for(state, 1)
    assert found is not None
    assert (found.id, found.how) == (one, "link")
    assert state.execute("SELECT count(*) FROM match_rule").fetchone() == (0,)


def test_what_was_declined_is_not_suggested_and_not_proposed_again(state: Connection) -> None:
    one = runbook(state, "Order cannot be saved: no stock")
    decline_for_issue(state, 1, hit_for(state, 1), by=ALICE)

    proposed = propose(state, [one])

    assert (suggested(state), proposed) == ({}, 0)


def test_proposals_are_made_for_the_runbooks_brought_in_and_once(state: Connection) -> None:
    one = runbook(state, "Order cannot be saved: no stock")
    runbook(state, "Label cannot be printed")

    counts = [propose(state, [one]) for _ in range(2)]

    assert counts == [1, 0]
    assert state.execute("SELECT runbook_id, state FROM runbook_proposal").fetchall() == [(one, "open")]


def test_old_issues_are_not_gone_through(state: Connection) -> None:
    one = runbook(state, "Order cannot be saved: no stock")

    assert propose(state, [one], since_ms=2**60) == 0


def test_a_proposal_is_answered_once_and_a_decline_can_be_taken_back(state: Connection) -> None:
    one = runbook(state, "Order cannot be saved: no stock")
    propose(state, [one])

    decline(state, 1, by=ALICE)
    with pytest.raises(UnknownProposal):
        accept(state, 1, by=ALICE)
    reconsider(state, 1, by=ALICE)
    accept(state, 1, by=ALICE)
    match_all(state)

    assert find_runbook_for(state, 1) is not None
    with pytest.raises(UnknownProposal):
        decline(state, 1, by=ALICE)


def test_errors_with_one_rule_are_one_proposal(data_folder: Path) -> None:
    message = "order OD20261 cannot be saved: no stock"
    write(data_folder, batch(event(1, failure="save", message=message), event(2, failure="store", message=message)))
    with closing(connect(data_folder / STATE_FILE)) as state:
        one = runbook(state, "Order cannot be saved: no stock")
        propose(state, [one])

        accept(state, 1, by=ALICE)

    assert rows(data_folder, "SELECT state, actor FROM runbook_proposal") == [("accepted", "alice")] * 2


def test_a_pasted_text_finds_the_runbook_with_a_rule_before_those_with_its_words(state: Connection) -> None:
    known = KnownRunbooks()
    runbook(state, "label of order cannot be printed")
    by_rule = create_runbook(
        state,
        '---\ntitle: Printers\nmatch:\n  - {service: orders, type: ValueError, message: "no stock"}\n---\n',
        prefix="PRN",
        by=ALICE,
    )

    hits = known.find_in_text(state, "label of OD99 cannot be printed: ValueError: no stock")

    assert [hit.runbook.id for hit in hits] == [by_rule.id, 1]
    assert [reason.aspect for reason in hits[0].reasons] == ["type", "message"]
    assert hits[0].runbook.is_draft
