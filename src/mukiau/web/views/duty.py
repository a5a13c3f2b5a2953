"""A team's duty: who takes turns, days that somebody else has, and what a week leaves to the next."""

from datetime import UTC, date, datetime, timedelta

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from mukiau import clock
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work import duty
from mukiau.stores.work.duty import MAX_NOTE_CHARS, MAX_PEOPLE
from mukiau.stores.work.teams import list_members
from mukiau.web.accounts.roles import Right, needs_in_team
from mukiau.web.audit import Action, record
from mukiau.web.numbers import parse_number
from mukiau.web.views.teams import get_team, show_team
from mukiau.work.roster import Override, Rotation, next_weeks

MAX_DAYS = 366
"""Of days given to somebody: longer ones are a new rotation."""


class OverrideForm(forms.Form):
    """Days that somebody has, whosever turn it is."""

    person = forms.IntegerField()
    first = forms.DateField()
    last = forms.DateField()


@require_POST
@needs_in_team(Right.TEAMS)
def set_rotation(request: HttpRequest, team_id: int) -> HttpResponse:
    """Let people take turns from a week on: `start` is its Monday, `turn-<person>` the place of each; empty: not."""
    team, names = get_team(team_id), _names(team_id)
    people, start = _in_order(request, names), request.POST.get("start", "")
    week = next((week for week in _weeks(team_id) if week.isoformat() == start), None)
    if week is None or not people:
        messages.error(request, gettext("Give at least one person a place in the order."))
        return redirect("team", team_id)
    rotation = Rotation(start=week, people=people)
    rotation_id = duty.add_rotation(own_connection(), team_id, rotation, actor=_who(request), at_ms=clock.unix_ms())
    facts = {"first": rotation.start.isoformat(), "people": ", ".join(names[one] for one in people)}
    record(request, Action.ROTATION_CHANGED, target=team.name, after=facts)
    return _back(team_id, f"?rotation={rotation_id}")


@require_POST
@needs_in_team(Right.TEAMS)
def undo_rotation(request: HttpRequest, team_id: int, rotation_id: int) -> HttpResponse:
    """Take a rotation back; the one before holds again."""
    team = get_team(team_id)
    if not duty.remove_rotation(own_connection(), team_id, rotation_id, at_ms=clock.unix_ms()):
        raise Http404
    record(request, Action.ROTATION_UNDONE, target=team.name)
    messages.success(request, gettext("The turns are as they were before."))
    return redirect("team", team_id)


@require_POST
@needs_in_team(Right.HANDLE)
def give(request: HttpRequest, team_id: int) -> HttpResponse:
    """Give some days to somebody."""
    team, names, form = get_team(team_id), _names(team_id), OverrideForm(request.POST)
    if not form.is_valid() or form.cleaned_data["person"] not in names:
        messages.error(request, gettext("Choose somebody of the team, and the first and the last day."))
        return redirect("team", team_id)
    given = Override(**form.cleaned_data)
    if not timedelta(0) <= given.last - given.first < timedelta(days=MAX_DAYS):
        messages.error(request, gettext("The last day comes before the first, or more than a year after it."))
        return redirect("team", team_id)
    duty.add_override(own_connection(), team_id, given, actor=_who(request), at_ms=clock.unix_ms())
    record(request, Action.DUTY_GIVEN, target=team.name, after=_facts(given, names))
    messages.success(request, gettext("The days are given to %(name)s.") % {"name": names[given.person]})
    return redirect("team", team_id)


@require_POST
@needs_in_team(Right.HANDLE)
def take_back(request: HttpRequest, team_id: int, override_id: int) -> HttpResponse:
    """Take given days back; the page that follows offers to give them again."""
    team = get_team(team_id)
    taken = duty.remove_override(own_connection(), team_id, override_id, at_ms=clock.unix_ms())
    if taken is None:
        raise Http404
    record(request, Action.DUTY_TAKEN_BACK, target=team.name, before=_facts(taken, _names(team_id)))
    return _back(team_id, f"?given={taken.person}&first={taken.first}&last={taken.last}")


@require_POST
@needs_in_team(Right.HANDLE)
def write_note(request: HttpRequest, team_id: int) -> HttpResponse:
    """Write the note of this week; who changes one that somebody else changed meanwhile sees both."""
    team = get_team(team_id)
    text, version = request.POST.get("text", "").strip(), parse_number(request.POST.get("version", "")) or 0
    if len(text) > MAX_NOTE_CHARS:
        messages.error(request, gettext("A note has at most %(n)s characters.") % {"n": MAX_NOTE_CHARS})
        return show_team(request, team, note=text)
    week = _weeks(team_id)[0]
    written = duty.put_note(
        own_connection(), team_id, week, text, version=version, actor=_who(request), at_ms=clock.unix_ms()
    )
    if not written:
        messages.error(
            request, gettext("Somebody else changed the note meanwhile. Join what you wrote with it and save.")
        )
        return show_team(request, team, note=text)
    record(request, Action.HANDOVER_WRITTEN, target=team.name, after={"week": week.isoformat()})
    messages.success(request, gettext("The note is saved."))
    return redirect("team", team_id)


def _in_order(request: HttpRequest, names: dict[int, str]) -> tuple[int, ...]:
    """Return who takes turns: by the number typed, and by name where two have the same."""
    places = {person: parse_number(request.POST.get(f"turn-{person}", "").strip()) for person in names}
    chosen = [(place, names[person].lower(), person) for person, place in places.items() if place is not None]
    return tuple(person for _, _, person in sorted(chosen))[:MAX_PEOPLE]


def _names(team_id: int) -> dict[int, str]:
    return {member.user_id: member.name for member in list_members(team_id) if member.is_active}


def _facts(given: Override, names: dict[int, str]) -> dict[str, str]:
    first, last = given.first.isoformat(), given.last.isoformat()
    return {"person": names.get(given.person, ""), "first": first, "last": last}


def _weeks(team_id: int) -> tuple[date, ...]:
    """Return the Mondays of this week and the next ones."""
    zone = duty.load_roster(own_connection(), team_id).zone
    return next_weeks(zone, datetime.fromtimestamp(clock.unix_ms() / 1000, UTC))


def _who(request: HttpRequest) -> str:
    return request.user.get_username()


def _back(team_id: int, query: str) -> HttpResponse:
    answer = redirect("team", team_id)
    answer["Location"] += query
    return answer
