"""Teams, whose an issue is, and what is the caller's own."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from mukiau import clock
from mukiau.stores.people import find_account, find_active_user
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work.assignment import Owned, find_owned, load_mine
from mukiau.stores.work.teams import Team, find_team, list_members, list_teams
from mukiau.web.accounts.roles import Right
from mukiau.web.address import absolute_url
from mukiau.web.api.bodies import body_of
from mukiau.web.api.door import ApiError, Caller, caller_needs
from mukiau.web.api.issues import get_issue
from mukiau.web.inbox import acts
from mukiau.web.teams.duty import todays_duty, todays_responsible


def list_all(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return the teams with their members and whoever is on duty."""
    return {"items": [_team(request, team) for team in list_teams()], "next": None}


def _team(request: HttpRequest, team: Team) -> dict[str, Any]:
    return {
        "id": team.id,
        "name": team.name,
        "time_zone": team.time_zone,
        "closed": team.is_closed,
        "members": [one.name for one in list_members(team.id) if one.is_active],
        "on_duty": todays_duty(team.id, now_ms=clock.unix_ms()) or None,
        "url": absolute_url(request, reverse("team", args=(team.id,))),
    }


@caller_needs(Right.COMMENT)
def assign(request: HttpRequest, caller: Caller, issue_id: int) -> dict[str, Any]:
    """Say whose an issue is; what is not named becomes nobody's."""
    issue, body = get_issue(issue_id, "api-issue-assign"), body_of(request)
    team, name = body.get("team"), body.get("person")
    if not (team is None or type(team) is int) or not (name is None or isinstance(name, str)):
        raise ApiError(400, "bad_body", 'Send {"team": 1, "person": "mori"}; null for nobody.')
    account = None if name is None else find_account(name)
    if name is not None and account is None:
        raise ApiError(400, "bad_body", f"There is nobody called {name[:150]}.")
    person = account[0] if account else None
    if (team is not None and not _is_at_work(team)) or (person is not None and find_active_user(person) is None):
        raise ApiError(400, "bad_body", "A team that is at work, and a person who can sign in, can be named.")
    before, wanted = find_owned(own_connection(), issue.id), Owned(team_id=team, assignee_id=person)
    if wanted != before:
        acts.assign(caller.actor, [issue.id], team_id=team or 0, assignee_id=person or 0)
    return {
        "issue": issue.id,
        "team": team,
        "person": account[1] if account else None,
        "on_duty": todays_responsible(issue.id, now_ms=clock.unix_ms()) or None,
        "changed": wanted != before,
        "url": absolute_url(request, reverse("issue", args=(issue.id,))),
    }


def _is_at_work(team_id: int) -> bool:
    team = find_team(team_id)
    return team is not None and not team.is_closed


def list_mine(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return the caller's own issues."""
    mine = load_mine(own_connection(), caller.user.pk, clock.unix_ms())
    items = [
        {
            "issue": one.issue_id,
            "why": "duty" if one.by_duty else "assigned",
            "url": absolute_url(request, reverse("issue", args=(one.issue_id,))),
        }
        for one in mine
    ]
    return {"items": items, "next": None}
