"""Comments and teams by the API: what a token writes, and what its owner's role and being the author allow."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from web_world import POINTS, World

from mukiau import clock
from mukiau.stores.audit import AuditFilter, read_lines
from mukiau.stores.people import set_role
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.tokens import make_token
from mukiau.stores.work.comments import count_unseen_mentions
from mukiau.stores.work.teams import add_team, put_member
from mukiau.web.api.door import Scope

COMMENTS = "/api/v1/issues/1/comments"


@pytest.fixture(autouse=True)
def issue(alice: Client, bob: Client, world: World) -> None:
    """An issue; Bob is an operator."""
    world.send(POINTS)
    set_role(_id("bob"), "operator")


def _id(name: str) -> int:
    return User.objects.get(username=name).pk


def _ask(name: str, method: str, path: str, body: Any = None, scope: Scope = Scope.WORK_WRITE) -> tuple[int, Any]:
    now = clock.unix_ms()
    scopes = (Scope.READ, scope)
    token, _ = make_token(_id(name), name="bot", scopes=scopes, now_ms=now, expires_ms=now + 60_000)
    client = Client(headers={"authorization": f"Bearer {token}"})
    answer = client.generic(method, path, "" if body is None else json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


def test_a_comment_is_written_read_edited_and_deleted() -> None:
    status, made = _ask("bob", "POST", COMMENTS, {"text": "@alice look"})
    edited = _ask("bob", "PATCH", f"/api/v1/comments/{made['id']}", {"text": "look again", "version": 1})
    listed = _ask("alice", "GET", COMMENTS)[1]["items"]
    deleted = _ask("bob", "DELETE", f"/api/v1/comments/{made['id']}")

    assert (status, made["text"], made["author"], made["version"]) == (201, "@alice look", "bob", 1)
    assert (edited[0], edited[1]["text"], edited[1]["version"]) == (200, "look again", 2)
    assert [(one["text"], one["issue"]) for one in listed] == [("look again", 1)]
    assert made["url"].endswith("/issues/1/comments/#comment-1")
    assert deleted == (200, {"id": 1, "deleted": True})
    assert _ask("alice", "GET", COMMENTS)[1]["items"] == []
    assert count_unseen_mentions(own_connection(), _id("alice")) == 0  # deleted before she looked
    lines = [(line.action, line.via[:6]) for line in read_lines(AuditFilter()) if line.action.startswith("comment")]
    assert lines == [("comment_deleted", "token "), ("comment_edited", "token "), ("comment_written", "token ")]


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 5}, {"text": "x" * 10_001}, [1], None])
def test_what_is_no_comment_is_refused(body: Any) -> None:
    assert _ask("bob", "POST", COMMENTS, body)[0] == 400


def test_only_the_author_edits_and_what_changed_meanwhile_is_not_overwritten() -> None:
    _ask("bob", "POST", COMMENTS, {"text": "first"})
    address = "/api/v1/comments/1"

    statuses = [
        _ask("alice", "PATCH", address, {"text": "hers"})[0],
        _ask("bob", "PATCH", address, {"text": "second", "version": 1})[0],
        _ask("bob", "PATCH", address, {"text": "third", "version": 1})[0],
        _ask("bob", "PATCH", address, {"text": "third", "version": "1"})[0],
        _ask("bob", "PATCH", "/api/v1/comments/9", {"text": "x"})[0],
        _ask("alice", "DELETE", address)[0],
        _ask("bob", "PATCH", address, {"text": "x"})[0],
    ]

    assert statuses == [403, 200, 409, 400, 404, 200, 404]


def test_neither_a_reading_token_nor_a_viewer_writes() -> None:
    reading = _ask("bob", "POST", COMMENTS, {"text": "x"}, scope=Scope.READ)[0]
    set_role(_id("bob"), "viewer")

    assert (reading, _ask("bob", "POST", COMMENTS, {"text": "x"})[0]) == (403, 403)


def test_teams_are_listed_with_their_members() -> None:
    team_id = add_team("Points", time_zone="Asia/Tokyo", now_ms=0)
    put_member(team_id, _id("bob"), role="", now_ms=0)

    status, answer = _ask("bob", "GET", "/api/v1/teams")

    assert status == 200
    assert answer["items"] == [
        {
            "id": team_id,
            "name": "Points",
            "time_zone": "Asia/Tokyo",
            "closed": False,
            "members": ["bob"],
            "on_duty": None,
            "url": f"http://testserver/teams/{team_id}/",
        }
    ]
