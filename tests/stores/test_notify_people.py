"""What people say to each other is told to those whom it concerns, in the transaction that says it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from notify_files import Teller, change, make_route
from state_files import NOON, batch, event, write

from mukiau.notify.cause import Cause, CauseKind, parse_cause
from mukiau.notify.channels.registry import CHANNELS
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect, transaction
from mukiau.stores.work.comments import add_comment, edit_comment, find_comment
from mukiau.stores.work.request_links import About
from mukiau.stores.work.requests import By, Said, act_on_request, file_request
from mukiau.work.request_content import Content
from mukiau.work.requests import Act, Kind, Person, Side

NOON_MS = int(NOON.timestamp() * 1000)
PEOPLE = {1: ("alice", "viewer"), 2: ("otto", "operator"), 3: ("olga", "operator"), 4: ("dan", "developer")}
OTTO = Person(id=2, sides=frozenset({Side.OPERATIONS}), may_ask=True, may_approve=True)
OLGA = replace(OTTO, id=3)
CORRECTION = Content(
    kind=Kind.DATA_CORRECTION,
    side=Side.OPERATIONS,
    title="Grant the points again",
    statement="UPDATE grants SET points = 10;",
    expected_rows=1,
    rollback="UPDATE grants SET points = 0;",
    environment="acme-prod",
)


@pytest.fixture
def state(data_folder: Path) -> Iterator[Connection]:
    write(data_folder, batch(event(1)))
    for number, (name, role) in PEOPLE.items():
        change(
            data_folder,
            "INSERT INTO auth_user (id, username, email, password, first_name, last_name, is_superuser, is_staff, is_active, "
            "date_joined) VALUES (?, ?, ?, '', '', '', 0, 0, 1, '2026-01-01')",
            values=[number, name, f"{name}@example.com"],
        )
        change(data_folder, "INSERT INTO person_profile (user_id, role) VALUES (?, ?)", values=[number, role])
    with closing(connect(data_folder / STATE_FILE)) as connection:
        yield connection


def told(state: Connection) -> list[Cause]:
    """What people were told, beside the new issue."""
    rows = state.execute("SELECT cause FROM notification ORDER BY id").fetchall()
    return [cause for (text,) in rows if (cause := parse_cause(text)).kind is not CauseKind.NEW]


def by(person: Person) -> By:
    return By(person=person, name=PEOPLE[person.id][0], at_ms=NOON_MS)


def test_a_step_of_a_request_says_what_it_waits_for(state: Connection) -> None:
    found, _ = file_request(state, CORRECTION, About(project_id=1), by=by(OTTO))

    act_on_request(state, found.id, Act.SEND_BACK, Said(note="Which order?"), version=found.version, by=by(OLGA))

    assert [(cause.step, cause.person_ids, cause.note) for cause in told(state)] == [
        ("asked", (3,), ""),
        ("sent_back", (2,), "Which order?"),
    ]


def test_what_people_say_about_an_issue_is_told_though_it_was_merged_meanwhile(
    state: Connection, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teller = Teller(data_folder, NOON_MS)
    monkeypatch.setitem(CHANNELS, "webhook", teller.channel)
    make_route(data_folder, kinds=frozenset({CauseKind.MENTION}))
    with transaction(state):
        add_comment(state, 1, "@otto", author_id=1, author="alice", at_ms=NOON_MS, mentioned=[2])
    change(data_folder, "UPDATE issue SET event_count = 0")

    teller.pass_time(60)

    assert [item.label for item in teller.parcels[0].message.items] == ["Mention"]


def test_whoever_is_named_in_a_comment_is_told_once(state: Connection) -> None:
    with transaction(state):
        comment_id = add_comment(state, 1, "@otto @alice see", author_id=1, author="alice", at_ms=5, mentioned=[1, 2])
        comment = find_comment(state, comment_id)
        assert comment is not None
        edit_comment(state, comment, "@otto @olga see", version=1, at_ms=6, mentioned=[2, 3])

    assert [(cause.person_ids, cause.actor, cause.title) for cause in told(state)] == [
        ((2,), "alice", "save failed"),
        ((3,), "alice", "save failed"),
    ]
    assert told(state)[0].path == f"issues/1/comments/#comment-{comment_id}"


def test_a_comment_that_was_not_kept_is_not_told(state: Connection) -> None:
    state.execute("BEGIN")
    add_comment(state, 1, "@otto", author_id=1, author="alice", at_ms=5, mentioned=[2])
    before = told(state)
    state.execute("ROLLBACK")

    assert len(before) == 1
    assert told(state) == []


def test_a_message_says_what_a_request_waits_for(
    state: Connection, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teller = Teller(data_folder, NOON_MS)
    monkeypatch.setitem(CHANNELS, "webhook", teller.channel)
    make_route(data_folder, language="ja")
    file_request(state, CORRECTION, About(project_id=1), by=by(OTTO))

    teller.pass_time(60)

    (item,) = teller.parcels[0].message.items
    assert (item.label, item.title, item.facts) == (
        "依頼",
        "Grant the points again",
        ("依頼されました", "otto さん"),
    )


def test_a_message_that_concerns_many_calls_nobody(
    state: Connection, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teller = Teller(data_folder, NOON_MS)
    monkeypatch.setitem(CHANNELS, "slack", teller.channel)
    for person in PEOPLE:
        change(data_folder, "INSERT INTO notify_person (user_id, slack_id) VALUES (?, 'U012ABCDEF')", values=[person])
    make_route(data_folder, channel="slack")
    with transaction(state):
        add_comment(state, 1, "all", author_id=1, author="alice", at_ms=NOON_MS, mentioned=[2, 3, 4, 5, 6, 7])
        add_comment(state, 1, "two", author_id=1, author="alice", at_ms=NOON_MS, mentioned=[2, 3])

    teller.pass_time(60)

    assert [len(item.slack_ids) for item in teller.parcels[0].message.items] == [0, 2]
