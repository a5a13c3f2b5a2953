"""Requests and handlings: one waits for the other, and what is verified is done."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lab_files import digest, raw_event

from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect
from mukiau.stores.work.handlings import Occurrence, Opening
from mukiau.stores.work.request_links import About
from mukiau.stores.work.request_refusals import UnknownOccurrence
from mukiau.stores.work.request_rows import FoundRequest
from mukiau.stores.work.requests import By, Said, act_on_request, file_request
from mukiau.work.handling import Kind as HandlingKind
from mukiau.work.request_content import Content
from mukiau.work.requests import Act, Kind, Person, Side

DORA = Person(id=1, sides=frozenset({Side.DEVELOPMENT}), may_ask=True, may_approve=False)
OTTO = Person(id=2, sides=frozenset({Side.OPERATIONS}), may_ask=True, may_approve=True)
VERA = Person(id=3, sides=frozenset({Side.SUPPORT}), may_ask=False, may_approve=False)
NAMES = {1: "dora", 2: "otto", 3: "vera"}
INVESTIGATION = Content(kind=Kind.INVESTIGATE, side=Side.DEVELOPMENT, title="Why does it happen?")


@pytest.fixture
def state(data_folder: Path) -> Iterator[Connection]:
    """Four events of one issue; handling 1 answers the first, handling 2 (a batch) the next two."""
    digest(data_folder, *(raw_event(number) for number in range(1, 5)))
    with closing(connect(data_folder / STATE_FILE)) as connection:
        connection.execute("DELETE FROM handling_occurrence")
        connection.execute("DELETE FROM handling")
        opening = Opening(connection, 1000)
        opening.answer(_occurrence(1), HandlingKind.EACH)
        join(opening, 2, 3)
        opening.write()
        yield connection


def _occurrence(event_pk: int) -> Occurrence:
    return Occurrence(
        event_pk=event_pk,
        project_id=1,
        issue_id=1,
        fingerprint_id=1,
        environment="acme-prod",
        service="orders",
        occurred_ms=event_pk,
    )


def join(opening: Opening, *event_pks: int) -> None:
    for event_pk in event_pks:
        opening.answer(_occurrence(event_pk), HandlingKind.BATCH, "2026-10-05")


def by(person: Person) -> By:
    return By(person=person, name=NAMES[person.id], at_ms=5000)


def file(state: Connection, *event_pks: int, handling_id: int | None = None, ask: bool = True) -> FoundRequest:
    about = About(project_id=1, event_pks=event_pks, handling_id=handling_id)
    return file_request(state, INVESTIGATION, about, by=by(OTTO), ask=ask)[0]


def act(state: Connection, found: FoundRequest, act: Act, person: Person, **said: str) -> FoundRequest:
    return act_on_request(state, found.id, act, Said(**said), version=found.version, by=by(person))


def verified(state: Connection, found: FoundRequest) -> FoundRequest:
    running = act(state, found, Act.START, DORA)
    return act(state, act(state, running, Act.REPORT, DORA, result="the queue was full"), Act.VERIFY, OTTO)


def states(state: Connection) -> list[str]:
    return [row[0] for row in state.execute("SELECT state FROM handling ORDER BY id")]


def test_a_handling_waits_for_its_request_and_is_done_when_that_is_verified(state: Connection) -> None:
    asked = file(state, handling_id=2)
    waiting = states(state)

    verified(state, asked)

    assert (waiting, states(state)) == (["open", "waiting"], ["open", "done"])
    row: Any = state.execute(
        "SELECT closed_ms, closed_by, closed_by_id, snapshot FROM handling WHERE id = 2"
    ).fetchone()
    assert row[:3] == (5000, "otto", 2)
    assert json.loads(row[3])["message"] == "payment refused"


def test_the_minutes_of_a_verification_count_once_however_many_handlings_it_closes(state: Connection) -> None:
    opening = Opening(state, 1000)
    opening.answer(_occurrence(4), HandlingKind.EACH)
    opening.write()
    reported = act(state, act(state, file(state, 1, 4), Act.START, DORA), Act.REPORT, DORA, result="full")

    act_on_request(state, reported.id, Act.VERIFY, Said(minutes=30), version=reported.version, by=by(OTTO))

    closed = state.execute("SELECT id, minutes, outcome FROM handling WHERE state = 'done' ORDER BY id").fetchall()
    assert closed == [(1, 30, "worked"), (3, 0, "worked")]


def test_the_history_of_the_issue_says_what_was_asked_and_closed(state: Connection) -> None:
    verified(state, file(state, handling_id=2))

    rows = state.execute("SELECT actor, details FROM issue_history WHERE kind = 'request' ORDER BY id").fetchall()

    assert [(actor, json.loads(details)) for actor, details in rows] == [
        ("otto", {"request": 1, "act": "ask"}),
        ("otto", {"request": 1, "act": "verify", "handlings": 1}),
    ]


def test_a_draft_lets_nothing_wait(state: Connection) -> None:
    file(state, handling_id=2, ask=False)

    assert states(state) == ["open", "open"]


def test_a_request_about_one_occurrence_of_a_batch_leaves_the_batch_alone(state: Connection) -> None:
    asked = file(state, 1, 2)
    waiting = states(state)

    verified(state, asked)

    assert (waiting, states(state)) == (["waiting", "open"], ["done", "open"])


def test_a_batch_that_others_have_joined_since_is_given_back_for_them(state: Connection) -> None:
    asked = file(state, handling_id=2)
    opening = Opening(state, 2000)
    join(opening, 4)
    opening.write()

    verified(state, asked)

    assert states(state) == ["open", "in_progress"]


@pytest.mark.parametrize("last", [Act.DECLINE, Act.WITHDRAW])
def test_a_request_that_is_not_done_gives_the_handling_back(state: Connection, last: Act) -> None:
    asked = file(state, handling_id=2)
    waiting = states(state)

    act(state, asked, last, DORA if last is Act.DECLINE else OTTO, note="known already")

    assert (waiting, states(state)) == (["open", "waiting"], ["open", "in_progress"])


def test_a_handling_goes_on_waiting_for_another_request(state: Connection) -> None:
    first, second = file(state, handling_id=2), file(state, handling_id=2)

    verified(state, first)
    after_first = states(state)
    verified(state, second)

    assert (after_first, states(state)) == (["open", "waiting"], ["open", "done"])


def test_what_is_closed_already_stays_as_it_is(state: Connection) -> None:
    asked = file(state, handling_id=2)
    state.execute("UPDATE handling SET state = 'not_needed', closed_by = 'dora' WHERE id = 2")

    verified(state, asked)

    assert states(state) == ["open", "not_needed"]


def test_a_handling_of_another_project_is_none(state: Connection) -> None:
    state.execute("UPDATE handling SET project_id = 7 WHERE id = 2")

    with pytest.raises(UnknownOccurrence):
        file(state, handling_id=2)


def test_a_refused_act_moves_no_handling(state: Connection) -> None:
    asked = file(state, handling_id=2)
    before = state.execute("SELECT state, version FROM handling ORDER BY id").fetchall()

    with pytest.raises(Exception, match="not_now"):
        act(state, asked, Act.VERIFY, replace(OTTO, is_admin=True))

    assert state.execute("SELECT state, version FROM handling ORDER BY id").fetchall() == before


def test_an_inquiry_of_somebody_who_handles_nothing_moves_no_handling(state: Connection) -> None:
    inquiry = replace(INVESTIGATION, kind=Kind.CUSTOMER_INQUIRY, side=Side.OPERATIONS)
    found, _ = file_request(state, inquiry, About(project_id=1, event_pks=(1,)), by=by(VERA), ask=True)

    assert found.state == "asked"
    assert state.execute("SELECT state, assignee_id FROM handling WHERE id = 1").fetchone() == ("open", None)
