"""The API: what a token opens, what it answers, and what it says when it does not."""

import json
import re
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from route_table import TABLE
from web_world import POINTS, World, message, read

from mukiau import clock
from mukiau.intake.app import DOORS
from mukiau.stores.audit import AuditFilter, read_lines
from mukiau.stores.grouping_changes import By
from mukiau.stores.lab.work import Lab
from mukiau.stores.models import ApiToken
from mukiau.stores.regrouping import merge
from mukiau.stores.tokens import USED_EVERY_MS, list_tokens, make_token
from mukiau.web.accounts.people import create_admin
from mukiau.web.api.door import Scope

DAY_MS = 24 * 3_600_000
PASSWORD = "a long enough word"
Ask = Callable[..., tuple[int, Any]]


def _token_of(name: str, *scopes: Scope, days: float = 1) -> str:
    user = User.objects.get(username=name)
    now = clock.unix_ms()
    return make_token(user.pk, name="robot", scopes=scopes, now_ms=now, expires_ms=int(now + days * DAY_MS))[0]


def _ask(token: str, path: str, method: str = "get", body: Any = None) -> tuple[int, Any]:
    client = Client(headers={"authorization": f"Bearer {token}"} if token else {})
    answer = client.generic(method.upper(), path, _json(body), content_type="application/json")
    assert answer["Content-Type"] == "application/json"
    return answer.status_code, answer.json()


def _json(body: Any) -> str:

    return "" if body is None else json.dumps(body)


@pytest.fixture
def reader(alice: Client, bob: Client, world: World) -> str:
    """A token of Bob's that reads."""
    world.send(POINTS)
    world.send(message("the queue is full", level="warning"))
    return _token_of("bob", Scope.READ)


def test_issues_are_listed_as_on_the_page(reader: str) -> None:
    status, page = _ask(reader, "/api/v1/issues")

    assert status == 200
    assert (page["total"], page["next"]) == (2, None)
    issue = next(item for item in page["items"] if item["service"] == "point-service")
    assert issue["title"].startswith("PointGrantError")
    assert issue["environments"] == ["acme-prod"]
    assert issue["url"] == f"http://testserver/issues/{issue['id']}/"
    assert datetime.fromisoformat(issue["last_seen"]).utcoffset() is not None


def test_an_issue_names_the_issues_that_share_its_requests(alice: Client, bob: Client, world: World) -> None:
    trace = {"contexts": {"trace": {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"}}}
    world.send({**POINTS, **trace}, message("the queue is full", tags={"service": "queue"}, **trace))
    issue = next(item["id"] for item in _ask(_token_of("bob", Scope.READ), "/api/v1/issues")[1]["items"])

    _, found = _ask(_token_of("bob", Scope.READ), f"/api/v1/issues/{issue}")

    other = found["linked"]["issues"][0]
    assert {key: found["linked"][key] for key in ("looked_at", "is_root")} == {"looked_at": 1, "is_root": False}
    assert (other["shared"], other["relation"], other["is_root"]) == (1, "same_request", False)
    assert other["id"] != issue
    assert other["url"] == f"http://testserver/issues/{other['id']}/"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("level=warning", 1),
        ("q=queue", 1),
        ("service=point-service", 1),
        ("environment=acme-prod", 1),
        ("q=nothing", 0),
    ],
)
def test_issues_are_filtered(reader: str, query: str, count: int) -> None:
    _, page = _ask(reader, f"/api/v1/issues?{query}")

    assert page["total"] == len(page["items"]) == count


@pytest.mark.parametrize("sort", ["last", "first", "count", "name"])
def test_pages_follow_one_another_without_gap_or_repetition(reader: str, world: World, sort: str) -> None:
    world.send(*[message(f"failure of kind {chr(97 + n // 26)}{chr(97 + n % 26)}x") for n in range(60)])
    seen: list[int] = []

    address = f"/api/v1/issues?sort={sort}"
    while address:
        _, page = _ask(reader, address)
        seen += [item["id"] for item in page["items"]]
        address = (page["next"] or "").removeprefix("http://testserver")

    assert len(seen) == len(set(seen)) == page["total"]


def test_an_issue_has_its_environments_and_tags(reader: str) -> None:
    _, page = _ask(reader, "/api/v1/issues?service=point-service")

    status, issue = _ask(reader, f"/api/v1/issues/{page['items'][0]['id']}")

    assert status == 200
    assert issue["root_type"] == "UniqueViolation"
    assert issue["environments"][0]["environment"] == "acme-prod"
    assert issue["tags"]["browser"] == [{"value": "none", "event_count": 1}]


def test_events_of_an_issue_and_everything_of_one(reader: str, world: World) -> None:
    world.send(*[{**POINTS, "environment": "acme-prod"} for _ in range(60)])
    _, issues = _ask(reader, "/api/v1/issues?service=point-service")
    issue_id = issues["items"][0]["id"]

    _, first = _ask(reader, f"/api/v1/issues/{issue_id}/events")
    _, second = _ask(reader, first["next"].removeprefix("http://testserver"))
    status, event = _ask(reader, f"/api/v1/events/{first['items'][0]['id']}")

    ids = [item["id"] for item in first["items"] + second["items"]]
    assert len(ids) == len(set(ids)) == 61
    assert second["next"] is None
    assert status == 200
    assert event["issue"] == issue_id
    assert event["document"]["payload"]["exception"]["values"][1]["type"] == "PointGrantError"


def test_without_a_project_named_several_are_too_many(reader: str, world: World) -> None:
    other = world.another_project("Point")

    assert _ask(reader, "/api/v1/issues")[0] == 400
    assert _ask(reader, f"/api/v1/issues?project={other.id}")[1]["items"] == []
    assert len(_ask(reader, f"/api/v1/issues?project={world.project.id}")[1]["items"]) == 2


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/issues?sort=luck", 400, "bad_parameter"),
        ("/api/v1/issues?level=bad", 400, "bad_parameter"),
        ("/api/v1/issues?project=x", 400, "bad_parameter"),
        ("/api/v1/issues?project=99", 404, "not_found"),
        ("/api/v1/issues?cursor=x", 400, "bad_parameter"),
        ("/api/v1/issues?cursor=WzEsIDIsIDNd", 400, "bad_parameter"),
        ("/api/v1/issues?cursor=bnVsbA==", 400, "bad_parameter"),
        ("/api/v1/issues?cursor=WyJhIiwgImIiXQ==", 400, "bad_parameter"),
        ("/api/v1/issues?cursor=" + "A" * 5000, 400, "bad_parameter"),
        ("/api/v1/issues/99", 404, "not_found"),
        ("/api/v1/issues/99/events", 404, "not_found"),
        ("/api/v1/issues/x", 404, "not_found"),
        ("/api/v1/events/99", 404, "not_found"),
        ("/api/v1/users", 404, "not_found"),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_sentence(reader: str, path: str, status: int, code: str) -> None:
    found, body = _ask(reader, path)

    assert (found, body["error"]["code"]) == (status, code)
    assert body["error"]["message"].rstrip(")").endswith(".")


READING = ["/api/v1/projects", "/api/v1/issues", "/api/v1/issues/1", "/api/v1/issues/1/events", "/api/v1/events/1"]
WRITING = [
    ("post", "/api/v1/projects", {"name": "Point"}),
    ("post", "/api/v1/projects/1/keys", {"label": "batch"}),
    ("patch", "/api/v1/keys/1", {"active": False}),
]


@pytest.mark.parametrize("path", READING)
def test_reading_needs_the_scope_for_it(reader: str, path: str) -> None:
    writer = _token_of("alice", Scope.SOURCES_WRITE)

    assert _ask(reader, path)[0] == 200
    status, body = _ask(writer, path)
    assert (status, body["error"]["code"]) == (403, "insufficient_scope")


@pytest.mark.parametrize(("method", "path", "body"), WRITING, ids=str)
def test_writing_needs_the_scope_and_an_administrator(
    reader: str, world: World, method: str, path: str, body: dict[str, Any]
) -> None:
    by_viewer = _token_of("bob", Scope.READ, Scope.SOURCES_WRITE)
    by_admin = _token_of("alice", Scope.SOURCES_WRITE)
    before = len(read_lines(AuditFilter()))

    assert _ask(reader, path, method, body)[0] == 403
    assert _ask(by_viewer, path, method, body)[0] == 403
    assert len(read_lines(AuditFilter())) == before
    assert _ask(by_admin, path, method, body)[0] in {200, 201}
    assert len(read_lines(AuditFilter())) == before + 1


@pytest.mark.parametrize("path", [*READING, "/api/v1/users"])
def test_nothing_opens_without_a_token_that_works(reader: str, alice: Client, world: World, path: str) -> None:
    revoked, expired = _token_of("bob", Scope.READ), _token_of("bob", Scope.READ, days=-1)
    ApiToken.objects.filter(prefix=revoked[:13]).update(revoked_ms=1)
    told = {}

    for name, token in {
        "none": "",
        "guessed": "mukiau_" + "x" * 43,
        "of a source": world.key.public_key,
        "revoked": revoked,
        "expired": expired,
        "another case": reader.upper(),
        "cut": reader[:-1],
    }.items():
        status, body = _ask(token, path)
        told[name] = body["error"]["message"]
        assert status == 401, name

    assert "was revoked" in told["revoked"]
    assert "has expired" in told["expired"]
    assert alice.get(path).status_code == 401  # a session opens pages, not the API


def test_a_token_in_the_address_opens_nothing(reader: str) -> None:
    for name in ("token", "access_token", "api_key"):
        assert _ask("", f"/api/v1/issues?{name}={reader}")[0] == 401


@pytest.mark.parametrize("header", ["Basic {}", "Token {}", "{}", "Bearer", "Bearer  ", "bearer\t{}"])
def test_another_kind_of_header_opens_nothing(reader: str, header: str) -> None:
    answer = Client(headers={"authorization": header.format(reader)}).get("/api/v1/issues")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith('Bearer realm="mukiau"')


def test_a_token_ends_with_the_access_of_its_owner(reader: str, alice: Client) -> None:
    bob = User.objects.get(username="bob")

    alice.post(f"/people/{bob.pk}/active/", {"active": "0"})

    status, body = _ask(reader, "/api/v1/issues")
    assert status == 401
    assert "owner has no access" in body["error"]["message"]


def test_a_token_loses_what_its_owner_loses(reader: str, alice: Client) -> None:
    dora = create_admin("dora", PASSWORD)
    writer = _token_of("dora", Scope.SOURCES_WRITE)
    before = _ask(writer, "/api/v1/projects", "post", {"name": "One"})[0]

    alice.post(f"/people/{dora.pk}/role/", {"role": "viewer"})

    status, body = _ask(writer, "/api/v1/projects", "post", {"name": "Two"})
    assert (before, status) == (201, 403)
    assert "no administrator" in body["error"]["message"]


def test_what_a_program_changes_is_on_record_with_its_token(reader: str, world: World) -> None:
    writer = _token_of("alice", Scope.READ, Scope.SOURCES_WRITE)

    status, key = _ask(writer, "/api/v1/projects/1/keys", "post", {"label": "batch", "environment": "acme-prod"})
    switched = _ask(writer, f"/api/v1/keys/{key['id']}", "patch", {"active": False})[1]

    assert status == 201
    assert key["dsn"].endswith(f"@testserver/{world.project.id}")
    assert (key["active"], switched["active"]) == (True, False)
    made = next(line for line in read_lines(AuditFilter()) if line.action == "key_made")
    assert (made.actor, made.via, made.target) == ("alice", f"token {writer[:13]}", "batch")
    assert writer not in str(read_lines(AuditFilter()))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/api/v1/projects", {"name": ""}),
        ("post", "/api/v1/projects", []),
        ("post", "/api/v1/projects", None),
        ("post", "/api/v1/projects", {"name": "x" * 300}),
        ("post", "/api/v1/projects/1/keys", {}),
        ("patch", "/api/v1/keys/1", {"active": "no"}),
        ("patch", "/api/v1/keys/1", {}),
    ],
    ids=str,
)
def test_a_body_that_says_nothing_is_refused(reader: str, method: str, path: str, body: Any) -> None:
    status, answer = _ask(_token_of("alice", Scope.SOURCES_WRITE), path, method, body)

    assert (status, answer["error"]["code"]) == (400, "bad_body")


def test_another_method_is_told_which_ones_there_are(reader: str) -> None:
    answer = Client(headers={"authorization": f"Bearer {reader}"}).delete("/api/v1/projects")

    assert (answer.status_code, answer["Allow"]) == (405, "GET, POST")


def test_no_address_of_the_api_is_a_door_of_intake() -> None:
    addresses = [line.path for name, line in TABLE.items() if name.startswith("api-")]

    assert reverse("api-issues") in addresses
    assert [path for path in addresses if path.rstrip("/").rpartition("/")[2] in DOORS] == []


def _fresh(client: Client) -> None:
    client.post("/account/confirm/", {"password": "correct horse battery"})


def test_a_token_is_made_on_ones_own_page_and_shown_once(bob: Client, world: World) -> None:
    _fresh(bob)

    html = read(bob.post("/account/tokens/new/", {"name": "dashboard", "scopes": ["read"], "days": "30"}, follow=True))

    token = re.search(r'id="once">(mukiau_[\w-]{43})<', html)
    assert token is not None
    assert _ask(token[1], "/api/v1/issues")[0] == 200
    again = read(bob.get("/account/"))
    assert token[1] not in again
    assert token[1][:13] in again
    assert token[1] not in str(list(ApiToken.objects.values()))
    assert token[1] not in str(read_lines(AuditFilter()))


def test_a_viewer_is_not_offered_what_only_administrators_may(bob: Client, alice: Client, world: World) -> None:
    _fresh(bob)
    _fresh(alice)
    fields = {"name": "x", "scopes": ["sources:write"], "days": "30"}

    assert "sources:write" not in read(bob.get("/account/tokens/new/"))
    assert "sources:write" in read(alice.get("/account/tokens/new/"))
    bob.post("/account/tokens/new/", fields)
    assert list_tokens(User.objects.get(username="bob").pk) == ()


@pytest.mark.parametrize("changed", [{"name": ""}, {"scopes": []}, {"days": "9999"}, {"scopes": ["everything"]}])
def test_a_token_needs_a_purpose_a_scope_and_an_end(bob: Client, world: World, changed: dict[str, Any]) -> None:
    _fresh(bob)

    bob.post("/account/tokens/new/", {"name": "x", "scopes": ["read"], "days": "30", **changed})

    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_by_its_owner_and_by_nobody_else(reader: str, alice: Client, bob: Client) -> None:
    token = list_tokens(User.objects.get(username="bob").pk)[0]

    by_other = alice.post(f"/account/tokens/{token.id}/revoke/").status_code
    still = _ask(reader, "/api/v1/issues")[0]
    bob.post(f"/account/tokens/{token.id}/revoke/")

    assert (by_other, still, _ask(reader, "/api/v1/issues")[0]) == (404, 200, 401)


def test_an_administrator_revokes_all_tokens_of_somebody(reader: str, alice: Client) -> None:
    alice.post(f"/people/{User.objects.get(username='bob').pk}/tokens/revoke/")

    assert _ask(reader, "/api/v1/issues")[0] == 401
    assert read_lines(AuditFilter())[0].action == "tokens_revoked"


def test_the_page_says_when_and_from_where_a_token_was_used(reader: str, bob: Client) -> None:
    before = read(bob.get("/account/"))
    _ask(reader, "/api/v1/issues")
    after = read(bob.get("/account/"))
    first = ApiToken.objects.get().last_used_ms
    _ask(reader, "/api/v1/issues")

    assert "never used" in before
    assert "never used" not in after
    assert ApiToken.objects.get().last_used_ms == first  # written once a minute at most
    assert USED_EVERY_MS == 60_000


def test_an_issue_that_was_merged_leads_to_where_it_went(reader: str, world: World) -> None:
    merge(world.folder, [2], into=1, by=By(actor="alice", at_ms=1))

    for old, new in (("/api/v1/issues/2", "/api/v1/issues/1"), ("/api/v1/issues/2/events", "/api/v1/issues/1/events")):
        answer = Client(headers={"authorization": f"Bearer {reader}"}).get(old)
        assert (answer.status_code, answer["Location"]) == (307, new)
        assert answer.json()["error"]["code"] == "merged"
        assert _ask(reader, new)[0] == 200


# --- Merging and splitting ----------------------------------------------------------------------------------------


@pytest.fixture
def regrouper(reader: str) -> str:
    """A token of Alice's that merges and splits; there are issues 1 and 2."""
    return _token_of("alice", Scope.READ, Scope.GROUPING_WRITE)


def test_issues_are_merged_and_split_and_it_is_undone(regrouper: str) -> None:
    status, merged = _ask(regrouper, "/api/v1/issues/1/merge", "post", {"issues": [2], "reason": "one cause"})
    assert (status, merged["kind"], merged["into"], merged["from"]) == (201, "merge", 1, [2])
    grouping = _ask(regrouper, "/api/v1/issues/1/grouping")[1]
    assert [one["id"] for one in grouping["fingerprints"]] == [1, 2]
    assert grouping["fingerprints"][0]["explanation"]["parts"][0] == {
        "name": "service",
        "contributes": True,
        "value": "point-service",
    }
    assert (grouping["changes"][0]["reason"], grouping["changes"][0]["can_be_undone"]) == ("one cause", True)

    status, split = _ask(regrouper, "/api/v1/issues/1/split", "post", {"fingerprints": [2]})
    assert (status, split["kind"], split["into"]) == (201, "split", 3)

    undone = [_ask(regrouper, f"/api/v1/changes/{change}/undo", "post") for change in (2, 1)]
    assert [(status, change["undone_by"]) for status, change in undone] == [(201, "alice"), (201, "alice")]
    assert _ask(regrouper, "/api/v1/issues/2/grouping")[1]["fingerprints"][0]["id"] == 2
    lines = [line for line in read_lines(AuditFilter(actor="alice")) if line.via.startswith("token mukiau_")]
    assert [line.action for line in lines] == ["regrouping_undone", "regrouping_undone", "issue_split", "issues_merged"]


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("issues/1/merge", {"issues": [99]}, 404, "There is no issue 99."),
        ("issues/1/merge", {"issues": [1]}, 409, "Name at least two different issues"),
        ("issues/1/merge", {"issues": ["2"]}, 400, '{"issues": [1, 2]}'),
        ("issues/1/merge", {"issues": [2], "reason": 1}, 400, "`reason` has to be a text."),
        ("issues/1/merge", None, 400, "JSON object"),
        ("issues/1/split", {"fingerprints": [1]}, 409, "leave it at least one"),
        ("issues/1/split", {"fingerprints": [2**70]}, 400, '{"fingerprints": [1, 2]}'),
        ("changes/7/undo", None, 404, "There is no change 7"),
    ],
)
def test_a_merge_or_split_that_cannot_be_is_refused(
    regrouper: str, path: str, body: Any, status: int, said: str
) -> None:
    got, answer = _ask(regrouper, f"/api/v1/{path}", "post", body)

    assert got == status
    assert said in answer["error"]["message"]


def test_a_token_that_reads_merges_nothing(reader: str) -> None:
    assert _ask(reader, "/api/v1/issues/1/merge", "post", {"issues": [2]})[0] == 403


# --- The grouping lab ---------------------------------------------------------------------------------------------


def test_a_policy_is_tried_put_in_force_and_undone(regrouper: str, world: World) -> None:
    def work() -> dict[str, Any]:
        Lab(world.folder, processes=0, clock=lambda: world.now_ms, stop=threading.Event()).work()
        return _ask(regrouper, "/api/v1/runs/1")[1]

    text = (
        'defaults = 1\n[count]\nservice = false\n[[rules]]\nname = "all"\nwhen.service = "**"\nfingerprint = ["one"]\n'
    )
    status, asked = _ask(regrouper, "/api/v1/projects/1/runs", "post", {"text": text, "reason": "one cause"})
    assert (status, asked["state"], asked["version"], asked["by"]) == (201, "waiting", 2, "alice")

    ready = work()
    assert (ready["state"], ready["preview"]["moved"] > 0, ready["can_be_undone"]) == ("ready", True, False)
    assert _ask(regrouper, "/api/v1/runs/1/undo", "post")[1]["error"]["code"] == "refused"
    assert _ask(regrouper, "/api/v1/runs/1/apply", "post")[1]["state"] == "applying"
    assert work()["can_be_undone"]
    known = _ask(regrouper, "/api/v1/projects/1/policies")[1]
    assert (known["in_force"], [one["version"] for one in known["policies"]]) == (2, [2, 1])
    assert _ask(regrouper, "/api/v1/runs/1/undo", "post")[0] == 201
    assert work()["state"] == "undone"
    assert [run["state"] for run in _ask(regrouper, "/api/v1/projects/1/runs")[1]["runs"]] == ["undone"]


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("projects/1/runs", {"text": "alsoo = 1"}, 400, "line 1: There is no alsoo"),
        ("projects/1/runs", {"text": 1}, 400, "Send the policy as"),
        ("projects/9/runs", {"text": "defaults = 1"}, 404, "There is no project 9."),
        ("runs/9/apply", None, 404, "There is no run 9 of the grouping lab."),
        ("runs/9/stop", None, 404, "There is no run 9 of the grouping lab."),
    ],
)
def test_a_draft_or_run_that_cannot_be_is_refused(regrouper: str, path: str, body: Any, status: int, said: str) -> None:
    got, answer = _ask(regrouper, f"/api/v1/{path}", "post", body)

    assert got == status
    assert said in answer["error"]["message"]
