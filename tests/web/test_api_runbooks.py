"""Runbooks by the API: what a token writes, what its owner's role allows, and that nothing is overwritten."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from web_world import World, chain, exception, frame

from mukiau import clock
from mukiau.stores.people import set_role
from mukiau.stores.tokens import make_token
from mukiau.web.api.door import Scope

RUNBOOKS = "/api/v1/runbooks"
TEXT = (
    "---\ntitle: Orders cannot be saved\nservices: [order-api]\nmatch: [{type: SaveError}]\n---\n## Steps\n\n1. Look.\n"
)


@pytest.fixture(autouse=True)
def people(alice: Client, bob: Client, world: World) -> None:
    """Bob is an operator, vera reads."""
    User.objects.create_user("vera")
    set_role(_id("bob"), "operator")


def _id(name: str) -> int:
    return User.objects.get(username=name).pk


def _ask(name: str, method: str, path: str, body: Any = None, *, may_write: bool = True) -> tuple[int, Any]:
    now = clock.unix_ms()
    scopes = (Scope.READ, *((Scope.WORK_WRITE,) if may_write else ()))
    token, _ = make_token(_id(name), name="bot", scopes=scopes, now_ms=now, expires_ms=now + 60_000)
    client = Client(headers={"authorization": f"Bearer {token}"})
    answer = client.generic(method, path, "" if body is None else json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


def test_a_runbook_is_made_changed_published_and_commented(world: World) -> None:
    world.send(chain(exception("SaveError", "no", frame("save"))))

    made = _ask("bob", "POST", RUNBOOKS, {"text": TEXT})
    changed = _ask("bob", "PATCH", f"{RUNBOOKS}/ORD-1", {"text": TEXT + "2. Ask.\n", "version": 1, "note": "more"})
    published = _ask("bob", "POST", f"{RUNBOOKS}/ord-1/publish", {"version": 2})
    said = _ask("bob", "POST", f"{RUNBOOKS}/ORD-1/comments", {"version": 2, "text": "Good.", "kind": "improve"})
    shown = _ask("vera", "GET", f"{RUNBOOKS}/ORD-1", may_write=False)[1]

    assert (made[0], made[1]["code"], made[1]["state"], made[1]["version_in_force"]) == (201, "ORD-1", "draft", None)
    assert (changed[0], changed[1]["version"]) == (200, 2)
    assert (published[0], published[1]["state"], published[1]["issues"]) == (201, "published", 1)
    assert (said[0], said[1]["kind"], said[1]["author"]) == (201, "improve", "bob")
    assert [one["note"] for one in shown["versions"]] == ["more", ""]
    assert [one["text"] for one in shown["comments"]] == ["Good."]
    assert shown["text"].endswith("2. Ask.\n")
    assert shown["url"].endswith("/runbooks/ORD-1/")


def test_the_second_who_saves_from_the_same_version_is_told_and_nothing_is_overwritten() -> None:
    _ask("bob", "POST", RUNBOOKS, {"text": TEXT, "prefix": "ord"})
    _ask("bob", "PATCH", f"{RUNBOOKS}/ORD-1", {"text": TEXT + "a", "version": 1})

    status, told = _ask("alice", "PATCH", f"{RUNBOOKS}/ORD-1", {"text": TEXT + "b", "version": 1})

    assert (status, told["error"]["code"]) == (409, "conflict")
    assert _ask("bob", "GET", f"{RUNBOOKS}/ORD-1")[1]["text"] == TEXT + "a"


def test_a_text_with_mistakes_is_kept_told_and_not_published() -> None:
    made = _ask("bob", "POST", RUNBOOKS, {"text": "---\ntitle: x\nminutes: soon\n---\n", "prefix": "ORD"})[1]

    status, told = _ask("bob", "POST", f"{RUNBOOKS}/ORD-1/publish", {"version": 1})

    assert made["mistakes"] == [{"line": 3, "kind": "bad_minutes", "given": "soon"}]
    assert (status, told["error"]["code"]) == (409, "mistakes")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "", {"text": TEXT}),
        ("PATCH", "/ORD-1", {"text": TEXT, "version": 1}),
        ("POST", "/ORD-1/publish", {"version": 1}),
        ("POST", "/ORD-1/comments", {"version": 1, "text": "x"}),
    ],
)
def test_who_only_reads_and_tokens_that_only_read_write_nothing(method: str, path: str, body: Any) -> None:
    _ask("bob", "POST", RUNBOOKS, {"text": TEXT, "prefix": "ORD"})

    assert _ask("vera", method, RUNBOOKS + path, body)[0] == 403
    assert _ask("bob", method, RUNBOOKS + path, body, may_write=False)[0] == 403
    assert len(_ask("bob", "GET", f"{RUNBOOKS}/ORD-1")[1]["versions"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "", {}, 400),
        ("POST", "", {"text": 5}, 400),
        ("POST", "", {"text": "x" * 100_001}, 400),
        ("POST", "", {"text": TEXT + "\ud800"}, 400),
        ("PATCH", "/ORD-1", {"text": TEXT, "note": "\udfff", "version": 1}, 400),
        ("POST", "", {"text": TEXT, "prefix": "no good"}, 409),
        ("PATCH", "/ORD-1", {"text": TEXT}, 400),
        ("PATCH", "/ORD-1", {"text": TEXT, "version": True}, 400),
        ("PATCH", "/ORD-9", {"text": TEXT, "version": 1}, 404),
        ("POST", "/ORD-1/publish", {"version": 7}, 404),
        ("POST", "/ORD-1/comments", {"version": 1, "text": " "}, 400),
        ("POST", "/ORD-1/comments", {"version": 1, "text": "x", "kind": "praise"}, 400),
        ("GET", "/ORD-9", None, 404),
        ("GET", "?state=lost", None, 400),
    ],
)
def test_what_cannot_be_used_is_refused_and_changes_nothing(method: str, path: str, body: Any, status: int) -> None:
    _ask("bob", "POST", RUNBOOKS, {"text": TEXT, "prefix": "ORD"})

    assert _ask("bob", method, RUNBOOKS + path, body)[0] == status
    assert [one["code"] for one in _ask("bob", "GET", RUNBOOKS)[1]["items"]] == ["ORD-1"]


def test_pages_follow_each_other_without_gap_or_repetition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mukiau.web.api.runbooks.PAGE_RUNBOOKS", 2)
    for _ in range(5):
        _ask("bob", "POST", RUNBOOKS, {"text": TEXT, "prefix": "ORD"})

    seen, address = [], RUNBOOKS
    while address:
        page = _ask("bob", "GET", address)[1]
        seen += [one["code"] for one in page["items"]]
        address = (page["next"] or "").removeprefix("http://testserver")

    assert seen == ["ORD-5", "ORD-4", "ORD-3", "ORD-2", "ORD-1"]
