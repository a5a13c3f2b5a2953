"""Teams: who is in them, and what they may do there."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from mukiau import clock
from mukiau.stores.people import Person, find_person, list_people
from mukiau.stores.work import teams
from mukiau.stores.work.teams import Member, Team, TeamNameTakenError
from mukiau.web.accounts.roles import ROLE_NAMES, Right, Role, may, may_in_team, needs, needs_in_team
from mukiau.web.audit import Action, record
from mukiau.web.numbers import parse_number
from mukiau.web.teams.duty import Duty, duty_of, todays_duty
from mukiau.web.zones import offered_zones

ROLES_IN_A_TEAM: dict[str, Promise] = {
    "": _("No role of its own"),
    **{role.value: ROLE_NAMES[role] for role in (Role.DEVELOPER, Role.OPERATOR, Role.ADMIN)},
}


class TeamForm(forms.Form):
    """What a team is called, and where its clock hangs."""

    name = forms.CharField(label=_("Name"), max_length=teams.MAX_NAME_CHARS)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=lambda: [(zone, zone) for zone in offered_zones()])


def page(request: HttpRequest) -> HttpResponse:
    """List the teams."""
    return _show_all(request, TeamForm(initial={"time_zone": _zone_here()}))


@require_POST
@needs(Right.TEAMS)
def add(request: HttpRequest) -> HttpResponse:
    """Make a team."""
    form = TeamForm(request.POST)
    if not form.is_valid():
        return _show_all(request, form)
    given = form.cleaned_data
    try:
        team_id = teams.add_team(given["name"], time_zone=given["time_zone"], now_ms=clock.unix_ms())
    except TeamNameTakenError:
        form.add_error("name", gettext("This name is taken."))
        return _show_all(request, form)
    record(request, Action.TEAM_MADE, target=given["name"], after={"time_zone": given["time_zone"]})
    messages.success(request, gettext("The team is there. Now say who is in it."))
    return redirect("team", team_id)


def team(request: HttpRequest, team_id: int) -> HttpResponse:
    """Show one team; what was just taken away (`removed`, `given`, `rotation`) is put back with one click."""
    return show_team(request, get_team(team_id))


@require_POST
@needs_in_team(Right.TEAMS)
def change(request: HttpRequest, team_id: int) -> HttpResponse:
    """Rename a team, or give it another time zone."""
    found, form = get_team(team_id), TeamForm(request.POST)
    if not form.is_valid():
        return show_team(request, found, form)
    before, after = {"name": found.name, "time_zone": found.time_zone}, form.cleaned_data
    try:
        teams.change_team(team_id, **after)
    except TeamNameTakenError:
        form.add_error("name", gettext("This name is taken."))
        return show_team(request, found, form)
    if after != before:
        record(request, Action.TEAM_CHANGED, target=found.name, before=before, after=after)
        messages.success(request, gettext("The team is changed."))
    return redirect("team", team_id)


@require_POST
@needs(Right.TEAMS)
def switch(request: HttpRequest, team_id: int) -> HttpResponse:
    """Close a team, or open it again (`closed` is 1 or 0)."""
    found, closes = get_team(team_id), request.POST.get("closed") == "1"
    if closes and teams.close_team(team_id, now_ms=clock.unix_ms()):
        record(request, Action.TEAM_CLOSED, target=found.name)
        messages.success(request, gettext("The team is closed. It can be opened again."))
    elif not closes and teams.open_team(team_id):
        record(request, Action.TEAM_OPENED, target=found.name)
        messages.success(request, gettext("The team is open again."))
    return redirect("team", team_id)


@require_POST
@needs_in_team(Right.TEAMS)
def put_member(request: HttpRequest, team_id: int) -> HttpResponse:
    """Take somebody in (`person`), or change what they are in the team (`role`)."""
    found, person = get_team(team_id), _person(request.POST.get("person", ""))
    role = request.POST.get("role", "")
    if person is None or role not in ROLES_IN_A_TEAM:
        messages.error(request, gettext("Choose somebody."))
        return redirect("team", team_id)
    before = teams.put_member(team_id, person.id, role=role, now_ms=clock.unix_ms())
    facts = {"person": person.name, "team_role": role}
    if before is None:
        record(request, Action.MEMBER_ADDED, target=found.name, after=facts)
        messages.success(request, gettext("%(name)s is in the team.") % {"name": person.name})
    elif before != role:
        earlier = {"person": person.name, "team_role": before}
        record(request, Action.MEMBER_CHANGED, target=found.name, before=earlier, after=facts)
        messages.success(request, gettext("The role in the team is changed."))
    return redirect("team", team_id)


@require_POST
@needs_in_team(Right.TEAMS)
def remove_member(request: HttpRequest, team_id: int, user_id: int) -> HttpResponse:
    """Take somebody out; the page that follows offers to put them back."""
    found, person = get_team(team_id), find_person(user_id)
    role = teams.remove_member(team_id, user_id)
    if person is None or role is None:
        raise Http404
    record(request, Action.MEMBER_REMOVED, target=found.name, before={"person": person.name, "team_role": role})
    answer = redirect("team", team_id)
    answer["Location"] += f"?removed={user_id}&role={role}"
    return answer


def get_team(team_id: int) -> Team:
    """Return the team or answer 404."""
    found = teams.find_team(team_id)
    if found is None:
        raise Http404
    return found


def _show_all(request: HttpRequest, form: TeamForm) -> HttpResponse:
    now_ms = clock.unix_ms()
    lines = [(team, todays_duty(team.id, now_ms=now_ms)) for team in teams.list_teams()]
    context = {"teams": lines, "form": form, "may_make": may(request.user, Right.TEAMS)}
    return render(request, "teams/page.html", context)


def show_team(
    request: HttpRequest, found: Team, form: TeamForm | None = None, *, note: str | None = None
) -> HttpResponse:
    """Answer with a team's page; `note` is what somebody typed that was not saved."""
    members = teams.list_members(found.id)
    may_change = may_in_team(request.user, Right.TEAMS, found.id)
    names = {member.user_id: member.name for member in members}
    duty = duty_of(found, names, now_ms=clock.unix_ms())
    context = {
        "team": found,
        "members": members,
        "form": form or TeamForm(initial={"name": found.name, "time_zone": found.time_zone}),
        "roles": ROLES_IN_A_TEAM.items(),
        "may_change": may_change,
        "may_close": may(request.user, Right.TEAMS),
        "may_handle": may_in_team(request.user, Right.HANDLE, found.id),
        "others": _others(members) if may_change else (),
        "removed": _removed(request, members),
        "duty": duty,
        "places": [(member, _place(duty, member.user_id)) for member in members if member.is_active],
        "note": note,
        "given": _given(request, names),
        "rotation": parse_number(request.GET.get("rotation", "")) if may_change else None,
    }
    return render(request, "teams/team.html", context)


def _place(duty: Duty, person: int) -> int | None:
    """Return from 1 which turn somebody has; None: none."""
    return duty.turns.index(person) + 1 if person in duty.turns else None


def _given(request: HttpRequest, names: dict[int, str]) -> dict[str, Any] | None:
    """Return the days that were just taken back, for the page to offer them again."""
    person = parse_number(request.GET.get("given", ""))
    days = [parse_date(request.GET.get(name, "")) for name in ("first", "last")]
    if person not in names or None in days:
        return None
    return {"person": person, "name": names[person], "first": days[0], "last": days[1]}


def _others(members: tuple[Member, ...]) -> list[Person]:
    inside = {member.user_id for member in members}
    return [person for person in list_people() if person.is_active and person.id not in inside]


def _removed(request: HttpRequest, members: tuple[Member, ...]) -> dict[str, Any] | None:
    """Return whom the page offers to put back, and with which role."""
    person, role = _person(request.GET.get("removed", "")), request.GET.get("role", "")
    if person is None or role not in ROLES_IN_A_TEAM or person.id in {member.user_id for member in members}:
        return None
    return {"person": person, "role": role}


def _person(text: str) -> Person | None:
    number = parse_number(text)
    return None if number is None else find_person(number)


def _zone_here() -> str:
    name = timezone.get_current_timezone_name()
    return name if name in offered_zones() else "UTC"
