"""Requests by the API: a bot files and moves them as far as its owner may, and never twice."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from web_world import POINTS, World

from mukiau import clock
from mukiau.stores.people import set_role
from mukiau.stores.tokens import make_token
from mukiau.web.api.door import Scope
from mukiau.work.requests import Act

CORRECTION = {
    "kind": "data_correction",
    "title": "Grant the points again",
    "statement": "UPDATE grants SET points = 10 WHERE order_id = 'ORD-17';",
    "expected_rows": 1,
    "rollback": "UPDATE grants SET points = 0 WHERE order_id = 'ORD-17';",
    "environment": "acme-prod",
}


class Bot:
    """A program with a token of somebody."""

    def __init__(self, name: str, role: str, *scopes: Scope) -> None:
        user = User.objects.create_user(name)
        set_role(user.pk, role)
        now = clock.unix_ms()
        given = scopes or (Scope.READ, Scope.WORK_WRITE)
        token, _ = make_token(user.pk, name="bot", scopes=given, now_ms=now, expires_ms=now + 60_000)
        self._client = Client(headers={"authorization": f"Bearer {token}"})

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        text = "" if body is None else json.dumps(body)
        answer = self._client.generic(method, f"/api/v1/{path}", text, content_type="application/json")
        return answer.status_code, answer.json()


@pytest.fixture
def otto(world: World) -> Bot:
    return Bot("otto", "operator")


@pytest.fixture
def olga(world: World) -> Bot:
    return Bot("olga", "operator")


def test_a_request_is_filed_and_carried_through(otto: Bot, olga: Bot, world: World) -> None:
    world.send(POINTS)
    status, filed = otto.ask("POST", "requests", {**CORRECTION, "events": [1]})

    steps = [
        olga.ask("POST", "requests/1/approve", {"version": filed["version"]}),
        otto.ask("POST", "requests/1/start", {"version": filed["version"] + 1}),
        otto.ask(
            "POST", "requests/1/report", {"version": filed["version"] + 2, "result": "UPDATE 1", "actual_rows": 1}
        ),
        otto.ask("POST", "requests/1/verify", {"version": filed["version"] + 3}),
    ]

    assert (status, filed["state"], filed["is_new"], filed["may"]) == (201, "asked", True, ["edit", "withdraw"])
    assert [(code, answer["state"]) for code, answer in steps] == [
        (201, "approved"),
        (201, "running"),
        (201, "to_verify"),
        (201, "done"),
    ]
    _, done = otto.ask("GET", "requests/1")
    assert (done["approver"], done["executor"], done["result"]) == ("olga", "otto", "UPDATE 1")
    assert [line["act"] for line in done["history"]] == ["file", "ask", "approve", "start", "report", "verify"]
    assert done["occurrences"][0]["event"] == 1


def test_a_bot_that_tries_again_files_one_request(otto: Bot, olga: Bot) -> None:
    body = {**CORRECTION, "client_key": "nightly"}

    answers = [otto.ask("POST", "requests", body)[1] for _ in range(3)]
    _, of_another = olga.ask("POST", "requests", body)

    assert [(answer["id"], answer["is_new"]) for answer in answers] == [(1, True), (1, False), (1, False)]
    assert (of_another["id"], of_another["is_new"]) == (2, True)


def test_nobody_approves_their_own_by_the_api_either(otto: Bot, world: World) -> None:
    otto.ask("POST", "requests", CORRECTION)
    admin = Bot("alba", "admin")
    own = admin.ask("POST", "requests", CORRECTION)[1]

    refused = otto.ask("POST", "requests/1/approve", {"version": 2})
    by_admin = admin.ask("POST", f"requests/{own['id']}/approve", {"version": own["version"]})

    assert (refused[0], refused[1]["error"]["code"]) == (403, "not_allowed")
    assert (by_admin[0], by_admin[1]["error"]["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("role", ["viewer", "developer"])
def test_who_may_not_touch_production_moves_no_correction(otto: Bot, role: str) -> None:
    otto.ask("POST", "requests", CORRECTION)
    other = Bot("somebody", role)

    codes = {
        act: other.ask("POST", f"requests/1/{act}", {"version": 2, "note": "n", "result": "r"})[0]
        for act in set(Act) - {Act.EDIT}
    }

    assert set(codes.values()) <= {403, 409}
    assert otto.ask("GET", "requests/1")[1]["state"] == "asked"


def test_a_viewers_bot_files_inquiries_only(world: World) -> None:
    vera = Bot("vera", "viewer")

    refused = vera.ask("POST", "requests", CORRECTION)
    filed = vera.ask("POST", "requests", {"kind": "customer_inquiry", "title": "Where are the points?"})

    assert (refused[0], refused[1]["error"]["code"]) == (403, "not_allowed")
    assert (filed[0], filed[1]["side"]) == (201, "operations")


def test_reading_needs_no_right_to_write_and_writing_needs_its_scope(otto: Bot) -> None:
    otto.ask("POST", "requests", CORRECTION)
    reader = Bot("rita", "operator", Scope.READ)

    assert reader.ask("GET", "requests/1")[0] == 200
    assert reader.ask("POST", "requests", CORRECTION)[0] == 403
    assert reader.ask("POST", "requests/1/approve", {"version": 2})[0] == 403


def test_an_older_version_is_a_conflict_and_writes_nothing(otto: Bot, olga: Bot) -> None:
    version = otto.ask("POST", "requests", CORRECTION)[1]["version"]
    _, changed = otto.ask("PATCH", "requests/1", {"version": version, "statement": "DELETE FROM grants;"})

    refused = olga.ask("POST", "requests/1/approve", {"version": version})
    unnamed = olga.ask("POST", "requests/1/approve", {})

    assert (changed["state"], changed["title"], changed["statement"]) == (
        "draft",
        "Grant the points again",
        "DELETE FROM grants;",
    )
    assert (refused[0], refused[1]["error"]["code"]) == (409, "conflict")
    assert unnamed[0] == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "coffee"},
        {"title": 7},
        {"expected_rows": "1"},
        {"expected_rows": -1},
        {"side": "support"},
        {"due": "soon"},
        {"events": ["1"]},
        {"issue": "1"},
        {"draft": "yes"},
        {"statement": "x\u202e"},
        {"statement": "x" * 20_001},
        {"rollback": ""},
    ],
)
def test_a_body_that_makes_no_request_says_what_is_wrong(otto: Bot, wrong: dict[str, Any]) -> None:
    status, answer = otto.ask("POST", "requests", {**CORRECTION, **wrong})

    assert (status, answer["error"]["code"]) == (400, "bad_body")
    assert otto.ask("GET", "requests")[1]["items"] == []


@pytest.mark.parametrize("wrong", [{"issue": 99}, {"events": [99]}, {"project": 99}])
def test_what_is_not_there_is_said_to_be_none(otto: Bot, wrong: dict[str, Any]) -> None:
    assert otto.ask("POST", "requests", {**CORRECTION, **wrong})[0] == 404


def test_requests_are_listed_page_by_page_and_filtered(otto: Bot, olga: Bot) -> None:
    for number in range(52):
        otto.ask("POST", "requests", {**CORRECTION, "title": f"{number}", "customer": "acme" if number else "minato"})

    _, first = otto.ask("GET", "requests")
    _, second = otto.ask("GET", first["next"].partition("/api/v1/")[2])

    assert (len(first["items"]), len(second["items"]), second["next"]) == (50, 2, None)
    assert len(otto.ask("GET", "requests?customer=minato")[1]["items"]) == 1
    assert otto.ask("GET", "requests?mine=1")[1]["items"] == []
    assert len(olga.ask("GET", "requests?mine=1")[1]["items"]) == 50
    assert otto.ask("GET", "requests?state=nowhere")[0] == 400


def test_an_act_that_is_none_is_not_found(otto: Bot) -> None:
    otto.ask("POST", "requests", CORRECTION)

    assert otto.ask("POST", "requests/1/explode", {"version": 2})[0] == 404
    assert otto.ask("POST", "requests/1/edit", {"version": 2})[0] == 404
    assert otto.ask("POST", "requests/9/approve", {"version": 2})[0] == 404
