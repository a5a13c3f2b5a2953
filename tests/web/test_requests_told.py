"""Who is told that a request waits: those who may do what comes next, and never whoever made it so."""

import json
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from web_world import POINTS, World

from mukiau.stores.people import set_role
from mukiau.stores.sqlite import connect
from mukiau.stores.work.request_links import About
from mukiau.stores.work.request_rows import FoundRequest
from mukiau.stores.work.requests import By, Said, act_on_request, file_request
from mukiau.stores.work.teams import add_team, put_member
from mukiau.work.request_content import Content
from mukiau.work.requests import Act, Kind, Side, person_in_role

ROLES = {"otto": "operator", "olga": "operator", "dora": "developer", "vera": "viewer", "alba": "admin"}
CORRECTION = Content(
    kind=Kind.DATA_CORRECTION,
    side=Side.OPERATIONS,
    title="Grant the points again",
    body="For one order.",
    statement="UPDATE grants SET points = 10 WHERE order_id = 'ORD-17';",
    expected_rows=1,
    rollback="UPDATE grants SET points = 0 WHERE order_id = 'ORD-17';",
    environment="acme-prod",
)


class Office:
    """People, and what they were told."""

    def __init__(self, world: World) -> None:
        self._file = world.folder / "state.sqlite3"
        self.ids = {}
        for name, role in ROLES.items():
            self.ids[name] = User.objects.create_user(name).pk
            set_role(self.ids[name], role)

    def file(self, name: str, content: Content = CORRECTION, **about: Any) -> FoundRequest:
        with closing(connect(self._file)) as state:
            return file_request(state, content, About(project_id=1, **about), by=self._by(name))[0]

    def act(self, name: str, found: FoundRequest, act: Act, **said: Any) -> FoundRequest:
        with closing(connect(self._file)) as state:
            return act_on_request(state, found.id, act, Said(**said), version=found.version, by=self._by(name))

    def told(self) -> list[tuple[str, set[str], str]]:
        """Return by whom, to whom, in which words, the last one last."""
        names = {user_id: name for name, user_id in self.ids.items()}
        with closing(connect(self._file)) as state:
            rows = state.execute("SELECT cause FROM notification ORDER BY id").fetchall()
        causes = [cause for (text,) in rows if (cause := json.loads(text))["kind"] == "request"]
        return [(one["actor"], {names[person] for person in one["person_ids"]}, one["note"]) for one in causes]

    def _by(self, name: str) -> By:
        return By(person=person_in_role(self.ids[name], ROLES[name]), name=name, at_ms=1000)


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def test_each_step_is_told_to_whose_turn_it_is(office: Office) -> None:
    asked = office.file("otto")
    approved = office.act("olga", asked, Act.APPROVE)
    running = office.act("otto", approved, Act.START)
    reported = office.act("otto", running, Act.REPORT, result="UPDATE 1")

    assert office.told() == [
        ("otto", {"olga", "alba"}, "For one order."),
        ("olga", {"otto", "alba"}, "For one order."),
    ]
    office.act("otto", reported, Act.VERIFY)
    assert len(office.told()) == 2


def test_what_is_sent_back_or_declined_is_told_to_who_asked_with_the_reason(office: Office) -> None:
    sent_back = office.act("olga", office.file("otto"), Act.SEND_BACK, note="Which order?")
    asked = office.act("otto", sent_back, Act.ASK)
    office.act("olga", asked, Act.DECLINE, note="Not ours.")

    assert office.told()[1] == ("olga", {"otto"}, "Which order?")
    assert office.told()[-1] == ("olga", {"otto"}, "Not ours.")


def test_what_another_one_reports_is_told_to_who_asked(office: Office) -> None:
    running = office.act("olga", office.act("olga", office.file("otto"), Act.APPROVE), Act.START)

    office.act("olga", running, Act.REPORT, result="UPDATE 1")

    assert office.told()[-1][:2] == ("olga", {"otto"})


def test_a_question_to_developers_is_told_to_no_operator_and_to_nobody_who_was_switched_off(office: Office) -> None:
    User.objects.filter(username="alba").update(is_active=False)
    question = Content(kind=Kind.INVESTIGATE, side=Side.DEVELOPMENT, title="Why?")

    office.file("otto", question)

    assert office.told() == [("otto", {"dora"}, "")]


def test_what_support_is_asked_is_told_to_those_who_only_read(office: Office) -> None:
    office.file("otto", Content(kind=Kind.INFORM_CUSTOMER, side=Side.SUPPORT, title="Tell acme"))

    assert office.told() == [("otto", {"vera"}, "")]


def test_an_operator_of_the_team_is_told_of_requests_about_its_issues(office: Office, world: World) -> None:
    world.send(POINTS)
    team_id = add_team("Points", time_zone="UTC", now_ms=0)
    put_member(team_id, office.ids["vera"], role="operator", now_ms=0)
    with closing(connect(world.folder / "state.sqlite3")) as state:
        state.execute("UPDATE issue_work SET team_id = ? WHERE issue_id = 1", (team_id,))

    office.file("otto", issue_id=1)
    look = replace(CORRECTION, kind=Kind.INVESTIGATE, statement="", body="Look at it.")
    office.file("otto", look, issue_id=1)

    assert office.told() == [
        ("otto", {"olga", "alba"}, "For one order."),  # what touches production takes the role everywhere
        ("otto", {"olga", "alba", "vera"}, "Look at it."),
    ]
