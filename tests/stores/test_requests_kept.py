"""Requests as they are kept: the exact statement, who did what, one history, and nothing overwritten."""

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
from mukiau.stores.work.request_links import About
from mukiau.stores.work.request_refusals import (
    Conflict,
    HiddenCharacter,
    Incomplete,
    MayNotFile,
    NotAllowed,
    NoteMissing,
    ResultMissing,
    TooMuch,
    UnknownOccurrence,
    UnknownRequest,
)
from mukiau.stores.work.request_rows import FoundRequest
from mukiau.stores.work.requests import (
    By,
    Said,
    act_on_request,
    edit_request,
    file_request,
    get_request,
)
from mukiau.work.request_content import Content
from mukiau.work.requests import Act, Kind, Person, Side, State, Why

STATEMENT = "UPDATE grants\n   SET points = 10  -- twice the space\n WHERE order_id = 'ORD-17';"
OTTO = Person(id=2, sides=frozenset({Side.OPERATIONS}), may_ask=True, may_approve=True)
OLGA = replace(OTTO, id=3)
VERA = Person(id=4, sides=frozenset({Side.SUPPORT}), may_ask=False, may_approve=False)
NAMES = {2: "otto", 3: "olga", 4: "vera"}
CORRECTION = Content(
    kind=Kind.DATA_CORRECTION,
    side=Side.OPERATIONS,
    title="Grant the points again",
    statement=STATEMENT,
    expected_rows=1,
    rollback="UPDATE grants SET points = 0 WHERE order_id = 'ORD-17';",
    environment="acme-prod",
)
SHOP = About(project_id=1)


@pytest.fixture
def state(data_folder: Path) -> Iterator[Connection]:
    digest(data_folder, raw_event(1), raw_event(2), raw_event(3, "stock missing"))
    with closing(connect(data_folder / STATE_FILE)) as connection:
        yield connection


def by(person: Person, at_ms: int = 1000) -> By:
    return By(person=person, name=NAMES[person.id], at_ms=at_ms)


def file(state: Connection, content: Content = CORRECTION, about: About = SHOP, **more: Any) -> FoundRequest:
    return file_request(state, content, about, by=by(OTTO), **more)[0]


def act(state: Connection, found: FoundRequest, act: Act, person: Person = OTTO, **said: Any) -> FoundRequest:
    return act_on_request(state, found.id, act, Said(**said), version=found.version, by=by(person))


def history(state: Connection, found: FoundRequest) -> list[tuple[Any, ...]]:
    sql = "SELECT actor, act, from_state, to_state, note FROM request_event WHERE request_id = ? ORDER BY id"
    return state.execute(sql, (found.id,)).fetchall()


def test_a_request_goes_its_way_with_everybody_on_record(state: Connection) -> None:
    asked = file(state)

    approved = act(state, asked, Act.APPROVE, OLGA)
    running = act(state, approved, Act.START)
    reported = act(state, running, Act.REPORT, result="UPDATE 1\n\n(1 row)", actual_rows=1)
    done = act(state, reported, Act.VERIFY)

    assert (done.state, done.requester, done.approver, done.executor, done.verifier) == (
        State.DONE,
        "otto",
        "olga",
        "otto",
        "otto",
    )
    assert (done.statement, done.result, done.actual_rows, done.closed_ms) == (
        STATEMENT,
        "UPDATE 1\n\n(1 row)",
        1,
        1000,
    )
    assert history(state, done) == [
        ("otto", "file", "", "draft", ""),
        ("otto", "ask", "draft", "asked", ""),
        ("olga", "approve", "asked", "approved", ""),
        ("otto", "start", "approved", "running", ""),
        ("otto", "report", "running", "to_verify", ""),
        ("otto", "verify", "to_verify", "done", ""),
    ]


def test_a_statement_that_is_changed_after_approval_is_a_draft_and_needs_approval_anew(state: Connection) -> None:
    approved = act(state, file(state), Act.APPROVE, OLGA)

    changed = edit_request(
        state, approved.id, replace(CORRECTION, statement="DELETE FROM grants"), version=approved.version, by=by(OTTO)
    )

    assert (changed.state, changed.approver_id, changed.approver) == (State.DRAFT, None, "")
    with pytest.raises(NotAllowed) as refused:
        act(state, changed, Act.START)
    assert refused.value.why is Why.NOT_NOW
    details = state.execute("SELECT details FROM request_event ORDER BY id DESC LIMIT 1").fetchone()[0]
    assert json.loads(details) == {"before": {"statement": STATEMENT}}


def test_who_acts_on_what_somebody_changed_meanwhile_is_told_and_nothing_is_overwritten(state: Connection) -> None:
    read = file(state)
    changed = edit_request(state, read.id, replace(CORRECTION, title="Other"), version=read.version, by=by(OTTO))

    with pytest.raises(Conflict) as conflict:
        act(state, read, Act.APPROVE, OLGA)
    with pytest.raises(Conflict):
        edit_request(state, read.id, CORRECTION, version=read.version, by=by(OTTO))

    assert (conflict.value.version, conflict.value.changed_by) == (changed.version, "otto")
    assert get_request(state, read.id) == changed


def test_what_was_run_and_is_not_good_is_asked_again_without_its_approval(state: Connection) -> None:
    running = act(state, act(state, file(state), Act.APPROVE, OLGA), Act.START)
    reported = act(state, running, Act.REPORT, result="UPDATE 0", actual_rows=0)

    again = act(state, reported, Act.NOT_YET, note="no row was changed")

    assert reported.is_off
    assert (again.state, again.approver_id, again.executor_id, again.executor) == (State.ASKED, None, None, "")
    assert history(state, again)[-1] == ("otto", "not_yet", "to_verify", "asked", "no row was changed")


def test_nothing_is_written_when_an_act_is_refused(state: Connection) -> None:
    asked = file(state)

    with pytest.raises(NotAllowed):
        act(state, asked, Act.APPROVE, OTTO)
    with pytest.raises(NoteMissing):
        act(state, asked, Act.SEND_BACK, OLGA, note="  ")
    with pytest.raises(TooMuch):
        act(state, asked, Act.SEND_BACK, OLGA, note="x" * 20_001)

    assert get_request(state, asked.id) == asked
    assert len(history(state, asked)) == 2


def test_a_report_says_what_came_of_it(state: Connection) -> None:
    running = act(state, act(state, file(state), Act.APPROVE, OLGA), Act.START)

    with pytest.raises(ResultMissing):
        act(state, running, Act.REPORT, result=" \n")


def test_an_incomplete_request_stays_a_draft(state: Connection) -> None:
    bare = replace(CORRECTION, rollback="")
    draft = file(state, bare, ask=False)

    with pytest.raises(Incomplete):
        act(state, draft, Act.ASK)
    with pytest.raises(Incomplete):
        file(state, bare)

    assert draft.state is State.DRAFT
    assert state.execute("SELECT count(*) FROM request").fetchone() == (1,)


@pytest.mark.parametrize("name", ["statement", "rollback"])
def test_what_is_run_and_has_a_character_that_nobody_sees_is_not_taken(state: Connection, name: str) -> None:
    with pytest.raises(HiddenCharacter):
        file(state, replace(CORRECTION, **{name: STATEMENT + "\u202e"}))

    assert state.execute("SELECT count(*) FROM request").fetchone() == (0,)


def test_a_program_that_asks_again_files_nothing_twice(state: Connection) -> None:
    first, is_new = file_request(state, CORRECTION, SHOP, by=by(OTTO), client_key="bot-1")
    second, is_new_too = file_request(state, CORRECTION, SHOP, by=by(OTTO), client_key="bot-1")
    of_another, is_new_third = file_request(state, CORRECTION, SHOP, by=by(OLGA), client_key="bot-1")

    assert (is_new, is_new_too, is_new_third) == (True, False, True)
    assert first == second
    assert of_another.id != first.id


def test_a_request_is_about_occurrences_and_keeps_their_words(state: Connection) -> None:
    found = file(state, about=About(project_id=1, event_pks=(1, 3, 1)))

    links = state.execute(
        "SELECT event_pk, message, environment FROM request_occurrence WHERE request_id = ? ORDER BY event_pk",
        (found.id,),
    ).fetchall()

    assert links == [(1, "payment refused", "env-1"), (3, "stock missing", "env-0")]


def test_a_request_about_an_issue_is_about_its_fingerprints(state: Connection) -> None:
    found = file(state, about=About(project_id=1, issue_id=1))

    sql = "SELECT fingerprint_id, event_pk FROM request_occurrence WHERE request_id = ?"
    assert state.execute(sql, (found.id,)).fetchall() == [(1, 0)]


@pytest.mark.parametrize(
    "about", [About(project_id=2), About(project_id=1, issue_id=99), About(project_id=1, event_pks=(1, 99))]
)
def test_a_request_about_what_is_not_there_is_refused(state: Connection, about: About) -> None:
    with pytest.raises(UnknownOccurrence):
        file(state, about=about)

    assert state.execute("SELECT count(*) FROM request").fetchone() == (0,)


def test_who_only_reads_files_no_correction(state: Connection) -> None:
    with pytest.raises(MayNotFile):
        file_request(state, CORRECTION, SHOP, by=by(VERA))


def test_a_request_that_is_not_there_is_said_to_be_none(state: Connection) -> None:
    with pytest.raises(UnknownRequest):
        get_request(state, 17)
