"""Whose an issue is: by the rules once more, by the duty, by programs; and the rights that a role in its team gives."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from web_world import POINTS, World, message, read

from mukiau import clock
from mukiau.stores.audit import AuditFilter, read_lines
from mukiau.stores.people import set_role
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.tokens import make_token
from mukiau.stores.work.assignment import Owned, find_changes, find_owned, load_duty_teams, load_mine
from mukiau.stores.work.duty import add_rotation
from mukiau.stores.work.ownership import add_rule
from mukiau.stores.work.teams import add_team, put_member
from mukiau.web.accounts.roles import Right, may_on_issue
from mukiau.web.api.door import Scope
from mukiau.work.ownership import OwnershipRule
from mukiau.work.roster import Rotation, next_weeks


@pytest.fixture(autouse=True)
def issues(alice: Client, bob: Client, world: World) -> None:
    """Issues 1 and 2, teams 1 and 2; Bob is an operator and in team 1."""
    world.send(POINTS)
    world.send(message("order is lost", environment="acme-prod"))
    set_role(_id("bob"), "operator")
    for name in ("Points", "Orders"):
        add_team(name, time_zone="UTC", now_ms=0)
    put_member(1, _id("bob"), role="", now_ms=0)


def _id(name: str) -> int:
    return User.objects.get(username=name).pk


def _on_duty(team: int, name: str) -> None:
    week = next_weeks(UTC, datetime.fromtimestamp(clock.unix_ms() / 1000, UTC))[0]
    add_rotation(own_connection(), team, Rotation(start=week, people=(_id(name),)), actor="alice", at_ms=0)


def _owned(issue: int = 1) -> Owned:
    return find_owned(own_connection(), issue)


def _give(client: Client, team: str = "0", person: str = "0", issue: int = 1) -> str:
    fields = {"issue": issue, "team": team, "person": person, "next": f"/issues/{issue}/"}
    return read(client.post("/inbox/assign/", fields, follow=True))


def _undo(client: Client, line: int) -> None:
    client.post("/inbox/undo/", {"line": line})


def test_what_nobody_took_is_whoever_s_who_is_on_duty(bob: Client) -> None:
    _on_duty(1, "bob")

    html = _give(bob, "1")

    assert "Nobody took it; bob is on duty." in html
    assert "is on duty" not in _give(bob, "1", "me")
    assert load_duty_teams(own_connection(), _id("bob"), clock.unix_ms()) == (1,)
    assert load_duty_teams(own_connection(), _id("alice"), clock.unix_ms()) == ()


def test_mine_is_what_was_given_to_me_and_what_nobody_took_where_i_am_on_duty(bob: Client, world: World) -> None:
    world.send(message("third"))
    _on_duty(1, "bob")
    _give(bob, "2", "me", issue=2)
    _give(bob, "1", issue=1)
    _give(bob, "2", issue=3)

    mine = load_mine(own_connection(), _id("bob"), clock.unix_ms())

    needs = {row[0] for row in own_connection().execute("SELECT issue_id FROM issue_work WHERE needs_decision")}
    assert 1 in needs
    assert [(one.issue_id, one.by_duty) for one in mine] == [(2, False), (1, True)]


def test_the_rules_are_asked_once_more_about_what_nobody_gave_by_hand(alice: Client, bob: Client) -> None:
    _give(bob, "2", issue=2)
    add_rule(own_connection(), OwnershipRule(team_id=1), is_first=False, actor="alice", at_ms=0)

    page = read(alice.get("/teams/ownership/"))
    after = read(alice.post("/teams/ownership/apply/", follow=True))
    given = _owned(1), _owned(2)
    alice.post("/teams/ownership/apply/undo/", {"applied": "2-2"})

    assert "1 issue that nobody gave to anybody by hand would change hands by these rules." in page
    assert "The issues are with their teams." in after
    assert 'name="applied" value="2-2"' in after
    assert given == (Owned(team_id=1), Owned(team_id=2))
    assert (_owned(1), _owned(2)) == (Owned(), Owned(team_id=2))


def test_what_a_hand_has_taken_back_is_the_rules_again(bob: Client) -> None:
    add_rule(own_connection(), OwnershipRule(team_id=1), is_first=False, actor="alice", at_ms=0)
    _give(bob, "2")
    before = [change.issue_id for change in find_changes(own_connection())]

    _undo(bob, 1)

    assert before == [2]
    assert {(change.issue_id, change.after) for change in find_changes(own_connection())} == {(1, 1), (2, 1)}


def test_undoing_the_rules_leaves_what_somebody_changed_since(alice: Client, bob: Client) -> None:
    add_rule(own_connection(), OwnershipRule(team_id=1), is_first=False, actor="alice", at_ms=0)
    alice.post("/teams/ownership/apply/")
    _give(bob, "2", issue=1)

    html = read(alice.post("/teams/ownership/apply/undo/", {"applied": "1-2"}, follow=True))

    assert "1 issue is whose it was before." in html
    assert (_owned(1).team_id, _owned(2).team_id) == (2, None)


def test_a_role_in_the_issue_s_team_gives_the_rights_about_it_and_no_other(alice: Client, bob: Client) -> None:
    set_role(_id("bob"), "viewer")
    put_member(1, _id("bob"), role="developer", now_ms=0)
    _give(alice, "1", issue=1)
    _give(alice, "2", issue=2)

    def statuses(*issues: int) -> list[int]:
        addresses = ["/inbox/decide/", "/inbox/assign/"]
        fields = {"issue": issues, "decision": "handle_each", "person": "me"}
        return [bob.post(address, fields).status_code for address in addresses]

    written = [bob.post(f"/issues/{issue}/comments/write/", {"text": "x"}).status_code for issue in (1, 2)]
    user = User.objects.get(username="bob")

    assert (statuses(1), statuses(2), statuses(1, 2), statuses()) == ([302] * 2, [403] * 2, [403] * 2, [403] * 2)
    assert bob.post("/inbox/decide/", {"issue": ["1", "x"]}).status_code == 403
    assert written == [302, 403]
    assert [may_on_issue(user, Right.DECIDE, issue) for issue in (1, 2)] == [True, False]
    assert [may_on_issue(user, Right.APPROVE, issue) for issue in (1, 2)] == [False, False]
    assert "<textarea" in read(bob.get("/issues/1/comments/"))
    assert "<textarea" not in read(bob.get("/issues/2/comments/"))
    pages = [read(bob.get(f"/issues/{issue}/")) for issue in (1, 2)]
    assert ['action="/inbox/assign/"' in page for page in pages] == [True, False]


def test_what_was_done_to_an_issue_is_undone_by_whoever_may_do_it_there(alice: Client, bob: Client) -> None:
    set_role(_id("bob"), "viewer")
    put_member(1, _id("bob"), role="developer", now_ms=0)
    _give(alice, "1", issue=1)
    lines = [
        alice.post("/inbox/decide/", fields, headers={"accept": "application/json"}).json()["lines"][0]
        for fields in ({"issue": issue, "decision": "handle_each"} for issue in (1, 2))
    ]

    statuses = [bob.post("/inbox/undo/", {"line": line}).status_code for line in (lines[1], lines, lines[0])]

    assert statuses == [403, 403, 302]


def test_a_link_to_the_inbox_offers_to_undo_nothing_of_somebody_else(alice: Client, bob: Client) -> None:
    fields = {"issue": 1, "decision": "handle_each"}
    (line,) = alice.post("/inbox/decide/", fields, headers={"accept": "application/json"}).json()["lines"]

    def offered(client: Client) -> bool:
        return f'name="line" value="{line}"' in read(client.get(f"/inbox/?line={line}"))

    assert (offered(bob), offered(alice)) == (False, True)
    _undo(alice, line)
    assert not offered(alice)


def test_every_time_the_rules_are_applied_is_on_record(alice: Client) -> None:
    add_rule(own_connection(), OwnershipRule(team_id=1), is_first=False, actor="alice", at_ms=0)
    alice.post("/teams/ownership/apply/")
    alice.post("/teams/ownership/apply/")  # nothing changes
    alice.post("/teams/ownership/apply/undo/", {"applied": "1-2"})

    lines = [line for line in reversed(read_lines(AuditFilter())) if line.action != "sign_in"]
    assert [(line.actor, line.action, line.after) for line in lines] == [
        ("alice", "ownership_applied", {"issues": 2}),
        ("alice", "ownership_undone", {"issues": 2}),
    ]


def _ask(name: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    now = clock.unix_ms()
    scopes = (Scope.READ, Scope.WORK_WRITE)
    token, _ = make_token(_id(name), name="bot", scopes=scopes, now_ms=now, expires_ms=now + 60_000)
    client = Client(headers={"authorization": f"Bearer {token}"})
    answer = client.generic(method, path, "" if body is None else json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


def test_a_program_gives_an_issue_to_somebody_and_lists_what_is_its_owner_s() -> None:
    status, given = _ask("bob", "POST", "/api/v1/issues/1/assign", {"team": 1, "person": "bob"})
    again = _ask("bob", "POST", "/api/v1/issues/1/assign", {"team": 1, "person": "bob"})[1]["changed"]
    mine = _ask("bob", "GET", "/api/v1/mine")[1]["items"]

    assert (status, given["team"], given["person"], given["changed"], again) == (201, 1, "bob", True, False)
    assert [(one["issue"], one["why"]) for one in mine] == [(1, "assigned")]


@pytest.mark.parametrize("body", [{"team": "1"}, {"team": 9}, {"person": "nobody"}, {"person": 1}, {"team": True}, []])
def test_a_program_is_told_what_is_wrong(body: Any) -> None:
    assert _ask("bob", "POST", "/api/v1/issues/1/assign", body)[0] == 400


def test_a_viewer_s_program_gives_nothing_unless_the_team_lets_them(alice: Client, bob: Client) -> None:
    set_role(_id("bob"), "viewer")
    put_member(1, _id("bob"), role="developer", now_ms=0)
    _give(alice, "1", issue=1)

    statuses = [_ask("bob", "POST", f"/api/v1/issues/{issue}/assign", {"team": 1})[0] for issue in (1, 2)]

    assert statuses == [201, 403]
