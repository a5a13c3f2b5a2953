"""Decisions by the API: what a token's owner may decide, and what comes back."""

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

ISSUE = "/api/v1/issues/1"


@pytest.fixture(autouse=True)
def people(alice: Client, bob: Client, world: World) -> None:
    """An issue that needs a decision; Bob is a developer."""
    world.send(POINTS | {"environment": "acme-prod"})
    set_role(User.objects.get(username="bob").pk, "developer")


def ask(method: str, path: str, body: Any = None, *, name: str = "bob") -> tuple[int, Any]:
    now = clock.unix_ms()
    scopes = (Scope.READ, Scope.WORK_WRITE)
    token, _ = make_token(
        User.objects.get(username=name).pk, name="bot", scopes=scopes, now_ms=now, expires_ms=now + 60_000
    )
    client = Client(headers={"authorization": f"Bearer {token}"})
    answer = client.generic(method, path, "" if body is None else json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


def test_a_bot_decides_reads_what_was_decided_and_undoes_it() -> None:
    before = ask("GET", f"{ISSUE}/work")[1]
    status, done = ask("POST", f"{ISSUE}/decide", {"decision": "handle_each", "purposes": ["production"], "version": 1})
    decided = ask("GET", f"{ISSUE}/work")[1]
    undone = ask("POST", f"/api/v1/history/{done['line']}/undo")

    assert (before["decision"], before["needs_decision"], before["why"]) == ("none_yet", True, "new")
    assert (status, done["handlings"]) == (201, 1)
    assert (decided["decision"], decided["needs_decision"], decided["history"][0]["by"]) == (
        "handle_each",
        False,
        "bob",
    )
    assert undone[0] == 201
    assert ask("GET", f"{ISSUE}/work")[1]["needs_decision"] is True


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"decision": "watch", "per_hour": 3}, 400),
        ({"decision": "watch", "reason": "known"}, 400),
        ({"decision": "nonsense"}, 400),
        ({"decision": "handle_each", "purposes": []}, 400),
        ({"decision": "handle_each", "key": "\ud800"}, 400),
        ({"decision": "handle_each", "version": "1"}, 400),
        ({"decision": "handle_each", "version": 7}, 409),
        ([], 400),
    ],
)
def test_what_cannot_be_decided_is_refused_and_changes_nothing(body: Any, status: int) -> None:
    answer = ask("POST", f"{ISSUE}/decide", body)

    assert answer[0] == status
    assert ask("GET", f"{ISSUE}/work")[1]["version"] == 1


def test_an_issue_is_resolved_in_a_release() -> None:
    assert ask("POST", f"{ISSUE}/resolve", {"release": "2.0.0", "environments": "acme-prod"})[0] == 400
    status, _ = ask("POST", f"{ISSUE}/resolve", {"release": "2.0.0", "environments": ["acme-prod"]})

    shown = ask("GET", f"{ISSUE}/work")[1]
    assert (status, shown["environments"]) == (201, [{"environment": "acme-prod", "state": "awaiting_deploy"}])


def test_an_operator_decides_nothing_by_the_api() -> None:
    done = ask("POST", f"{ISSUE}/decide", {"decision": "handle_batch"})[1]
    set_role(User.objects.get(username="bob").pk, "operator")

    assert ask("POST", f"{ISSUE}/decide", {"decision": "handle_each"})[0] == 403
    assert ask("POST", f"{ISSUE}/resolve", {})[0] == 403
    assert ask("POST", f"/api/v1/history/{done['line']}/undo")[0] == 403
    assert ask("POST", "/api/v1/history/99/undo", name="alice")[0] == 409


@pytest.mark.parametrize(
    "body",
    [{"environments": ["e"] * 201}, {"environments": ["e" * 201]}, {"environments": [""]}, {"release": "r" * 201}],
)
def test_no_more_environments_are_resolved_at_once_than_anybody_has(body: dict[str, Any]) -> None:
    assert ask("POST", f"{ISSUE}/resolve", body)[1]["error"]["code"] == "bad_body"


def test_a_body_nested_without_end_is_refused() -> None:
    token, _ = make_token(
        User.objects.get(username="bob").pk, name="b", scopes=(Scope.WORK_WRITE,), now_ms=0, expires_ms=2**50
    )
    client = Client(headers={"authorization": f"Bearer {token}"})

    answer = client.generic("POST", f"{ISSUE}/decide", "[" * 100_000, content_type="application/json")

    assert answer.status_code == 400
