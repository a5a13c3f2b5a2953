"""Teams: who is in them, what a role there opens, and that every change is on record and can be undone."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from web_world import World, read

from mukiau.stores.audit import AuditFilter, read_lines
from mukiau.stores.people import set_role
from mukiau.stores.work.teams import TeamNameTakenError, add_team, change_team, list_members, list_teams, put_member
from mukiau.web.accounts.roles import OF_A_TEAM, RIGHTS, Right, Role, may_in_team


def _user(name: str) -> User:
    return User.objects.get(username=name)


def _team(name: str = "Points", *members: tuple[str, str]) -> int:
    team_id = add_team(name, time_zone="Asia/Tokyo", now_ms=0)
    for member, role in members:
        put_member(team_id, _user(member).pk, role=role, now_ms=0)
    return team_id


def test_a_team_is_made_and_its_page_asks_who_is_in_it(alice: Client, world: World) -> None:
    empty = read(alice.get("/teams/"))
    answer = read(alice.post("/teams/add/", {"name": "Points", "time_zone": "Asia/Tokyo"}, follow=True))

    assert "No team yet" in empty
    assert "Nobody is in this team yet." in answer
    assert "Asia/Tokyo" in read(alice.get("/teams/"))


def test_two_teams_cannot_have_one_name(alice: Client, world: World) -> None:
    first, second = _team("Points"), _team("Orders")

    said = read(alice.post("/teams/add/", {"name": "POINTS", "time_zone": "UTC"}))
    renamed = read(alice.post(f"/teams/{second}/change/", {"name": "points", "time_zone": "UTC"}))

    assert "This name is taken." in said
    assert "This name is taken." in renamed
    assert sorted(team.id for team in list_teams()) == [first, second]
    with pytest.raises(TeamNameTakenError):
        change_team(second, name="Points", time_zone="UTC")


def test_who_is_taken_out_is_put_back_by_one_click_with_the_same_role(alice: Client, bob: Client, world: World) -> None:
    team_id, bob_id = _team("Points", ("bob", "operator")), _user("bob").pk

    page = read(alice.post(f"/teams/{team_id}/members/{bob_id}/remove/", follow=True))
    gone = list_members(team_id)
    alice.post(f"/teams/{team_id}/members/", {"person": bob_id, "role": "operator"})

    assert "bob is no longer in the team." in page
    assert '<input type="hidden" name="role" value="operator">' in page
    assert gone == ()
    assert [(member.name, member.role) for member in list_members(team_id)] == [("bob", "operator")]


def test_the_page_offers_to_put_nobody_back_who_is_in_the_team(alice: Client, bob: Client, world: World) -> None:
    team_id = _team("Points", ("bob", ""))

    html = read(alice.get(f"/teams/{team_id}/?removed={_user('bob').pk}&role="))

    assert "is no longer in the team" not in html


def test_a_closed_team_keeps_its_members_and_can_be_opened_again(alice: Client, bob: Client, world: World) -> None:
    team_id = _team("Points", ("bob", "operator"))

    alice.post(f"/teams/{team_id}/closed/", {"closed": "1"})
    closed = may_in_team(_user("bob"), Right.HANDLE, team_id)
    alice.post(f"/teams/{team_id}/closed/", {"closed": "0"})

    assert (closed, may_in_team(_user("bob"), Right.HANDLE, team_id)) == (False, True)
    assert [member.name for member in list_members(team_id)] == ["bob"]


def test_an_administrator_of_a_team_changes_that_team_and_no_other(alice: Client, bob: Client, world: World) -> None:
    own, other = _team("Points", ("bob", "admin")), _team("Orders")

    answers = [
        bob.post(f"/teams/{team_id}/members/", {"person": _user("alice").pk, "role": ""}) for team_id in (own, other)
    ]

    assert [answer.status_code for answer in answers] == [302, 403]
    assert bob.post(f"/teams/{own}/closed/", {"closed": "1"}).status_code == 403
    assert "alice" in [member.name for member in list_members(own)]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("in_team", ["", "developer", "operator", "admin"])
def test_a_role_in_a_team_adds_rights_there_and_takes_none_away(
    alice: Client, bob: Client, world: World, role: Role, in_team: str
) -> None:
    team_id, other = _team("Points", ("bob", in_team)), _team("Orders")
    set_role(_user("bob").pk, role)
    added = (RIGHTS[Role(in_team)] & OF_A_TEAM) if in_team else frozenset()

    def rights(team: int | None) -> set[Right]:
        return {right for right in Right if may_in_team(_user("bob"), right, team)}

    assert rights(team_id) == RIGHTS[role] | added
    assert rights(other) == rights(None) == RIGHTS[role]


def test_somebody_who_is_switched_off_has_no_rights_in_a_team_either(alice: Client, bob: Client, world: World) -> None:
    team_id = _team("Points", ("bob", "admin"))

    User.objects.filter(username="bob").update(is_active=False)

    assert not any(may_in_team(_user("bob"), right, team_id) for right in Right)


def test_no_role_of_another_kind_is_given_in_a_team(alice: Client, bob: Client, world: World) -> None:
    team_id = _team("Points")

    for fields in ({"person": _user("bob").pk, "role": "king"}, {"person": "999", "role": ""}, {"person": "x"}):
        alice.post(f"/teams/{team_id}/members/", fields)

    assert list_members(team_id) == ()


def test_every_change_of_a_team_is_on_record(alice: Client, bob: Client, world: World) -> None:
    bob_id = _user("bob").pk

    alice.post("/teams/add/", {"name": "Points", "time_zone": "UTC"})
    alice.post("/teams/1/change/", {"name": "Point", "time_zone": "UTC"})
    alice.post("/teams/1/change/", {"name": "Point", "time_zone": "UTC"})  # nothing changes
    alice.post("/teams/1/members/", {"person": bob_id, "role": ""})
    alice.post("/teams/1/members/", {"person": bob_id, "role": "operator"})
    alice.post(f"/teams/1/members/{bob_id}/remove/")
    alice.post("/teams/1/closed/", {"closed": "1"})
    alice.post("/teams/1/closed/", {"closed": "0"})

    lines = [line for line in reversed(read_lines(AuditFilter())) if line.action != "sign_in"]
    assert [(line.actor, line.action, line.target) for line in lines] == [
        ("alice", "team_made", "Points"),
        ("alice", "team_changed", "Points"),
        ("alice", "member_added", "Point"),
        ("alice", "member_changed", "Point"),
        ("alice", "member_removed", "Point"),
        ("alice", "team_closed", "Point"),
        ("alice", "team_opened", "Point"),
    ]
    assert lines[3].before == {"person": "bob", "team_role": ""}
    assert lines[3].after == {"person": "bob", "team_role": "operator"}
    assert "Role in a team changed" in read(alice.get("/audit-log/"))


def test_the_name_of_a_team_is_text(alice: Client, world: World) -> None:
    team_id = _team("<script>alert(1)</script>")

    for address in ("/teams/", f"/teams/{team_id}/"):
        assert "<script>alert(1)" not in read(alice.get(address))
