"""Ownership rules: which team an issue comes to, and what a new rule would change."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from mukiau import clock
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work import ownership as kept
from mukiau.stores.work.assignment import MAX_REAPPLIED, find_changes, reapply_rules, undo_reapplied
from mukiau.stores.work.issue_work import Who
from mukiau.stores.work.teams import Team, list_teams
from mukiau.web.accounts.roles import Right, may, needs
from mukiau.web.audit import Action, record
from mukiau.web.numbers import parse_number
from mukiau.web.teams.ownership import (
    LOOK_BACK_DAYS,
    MAX_UNOWNED_SERVICES,
    Effect,
    effect_of,
    lines_of,
    unowned_services,
)
from mukiau.work.ownership import MAX_GLOB_CHARS, OwnershipRule

DAY_MS = 86_400_000
FIRST = "first"


class RuleForm(forms.Form):
    """What is a team's."""

    team = forms.TypedChoiceField(label=_("Team"), coerce=int)
    service = forms.CharField(label=_("Service"), max_length=MAX_GLOB_CHARS, required=False)
    environment = forms.CharField(label=_("Environment"), max_length=MAX_GLOB_CHARS, required=False)
    path = forms.CharField(label=_("Path in the code"), max_length=MAX_GLOB_CHARS, required=False)
    place = forms.ChoiceField(
        label=_("Place"), choices=[("last", _("behind all others")), (FIRST, _("before all others"))], required=False
    )

    def __init__(self, *args: Any, teams: tuple[Team, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = [(team.id, team.name) for team in teams]  # type: ignore[attr-defined]

    @property
    def rule(self) -> OwnershipRule:
        """The rule of a form that is valid."""
        given = self.cleaned_data
        return OwnershipRule(
            team_id=given["team"], service=given["service"], environment=given["environment"], path=given["path"]
        )

    @property
    def is_first(self) -> bool:
        return bool(self.cleaned_data["place"] == FIRST)


def page(request: HttpRequest) -> HttpResponse:
    """Show the rules; with a `team` in the address also what a new rule would change. `removed` offers to put one back."""
    teams = _teams_at_work()
    form = (
        RuleForm(request.GET, teams=teams) if "team" in request.GET else RuleForm(initial=_wish(request), teams=teams)
    )
    rules = kept.load_rules(own_connection())
    since_ms = clock.unix_ms() - LOOK_BACK_DAYS * DAY_MS
    issues = kept.read_recent_issues(own_connection(), since_ms=since_ms)
    names = {team.id: team.name for team in teams}
    unowned = unowned_services(rules, issues)
    effect: Effect | None = None
    if form.is_bound and form.is_valid():
        effect = effect_of(form.rule, rules, issues, names, is_first=form.is_first)
    context = {
        "lines": lines_of(rules, issues, names),
        "unowned": unowned[:MAX_UNOWNED_SERVICES],
        "unowned_count": sum(count for _, count in unowned),
        "issue_count": len(issues),
        "form": form,
        "effect": effect,
        "teams": teams,
        "days": LOOK_BACK_DAYS,
        "may_change": may(request.user, Right.TEAMS),
        "removed": _removed(request, rules),
        "changes": find_changes(own_connection()),
        "most": MAX_REAPPLIED,
        "applied": request.GET.get("applied", "") if _span(request.GET.get("applied", "")) else "",
    }
    return render(request, "teams/ownership.html", context)


@require_POST
@needs(Right.TEAMS)
def add(request: HttpRequest) -> HttpResponse:
    """Put a rule before or behind all others."""
    teams = _teams_at_work()
    form = RuleForm(request.POST, teams=teams)
    if not form.is_valid():
        messages.error(request, gettext("Choose the team the rule is for; a pattern has at most 200 characters."))
        return redirect("ownership")
    kept.add_rule(
        own_connection(),
        form.rule,
        is_first=form.is_first,
        actor=request.user.get_username(),
        at_ms=clock.unix_ms(),
    )
    _record(request, Action.OWNERSHIP_RULE_ADDED, form.rule)
    messages.success(request, gettext("The rule holds for what is new from now on."))
    return redirect("ownership")


@require_POST
@needs(Right.TEAMS)
def remove(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Let a rule say nothing any more; the page that follows offers to put it back."""
    rule = _get(rule_id)
    answer = redirect("ownership")
    if kept.remove_rule(own_connection(), rule_id, at_ms=clock.unix_ms()):
        _record(request, Action.OWNERSHIP_RULE_REMOVED, rule)
        answer["Location"] += f"?removed={rule_id}"
    return answer


@require_POST
@needs(Right.TEAMS)
def restore(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Put a removed rule back where it was."""
    rule = _get(rule_id)
    if kept.restore_rule(own_connection(), rule_id):
        _record(request, Action.OWNERSHIP_RULE_RESTORED, rule)
        messages.success(request, gettext("The rule is back in its place."))
    return redirect("ownership")


@require_POST
@needs(Right.TEAMS)
def move(request: HttpRequest, rule_id: int) -> HttpResponse:
    """Let a rule change places with its neighbour (`way` is up or down)."""
    rule = _get(rule_id)
    if kept.move_rule(own_connection(), rule_id, upwards=request.POST.get("way") == "up"):
        _record(request, Action.OWNERSHIP_RULE_MOVED, rule)
    return redirect("ownership")


@require_POST
@needs(Right.TEAMS)
def apply(request: HttpRequest) -> HttpResponse:
    """Ask the rules once more about the issues nobody gave to anybody by hand; the page that follows offers to undo it."""
    with transaction.atomic():
        lines = reapply_rules(own_connection(), at_ms=clock.unix_ms())
        if lines:
            record(request, Action.OWNERSHIP_APPLIED, after={"issues": len(lines)})
    answer = redirect("ownership")
    if lines:
        answer["Location"] += f"?applied={lines[0]}-{lines[-1]}"
    return answer


@require_POST
@needs(Right.TEAMS)
def undo_apply(request: HttpRequest) -> HttpResponse:
    """Give back what the rules gave; what somebody changed since stays."""
    span = _span(request.POST.get("applied", ""))
    who = Who(name=request.user.get_username(), id=request.user.pk)
    with transaction.atomic():
        undone = undo_reapplied(own_connection(), span, who=who, at_ms=clock.unix_ms()) if span else 0
        if undone:
            record(request, Action.OWNERSHIP_UNDONE, after={"issues": undone})
    said = ngettext("%(n)s issue is whose it was before.", "%(n)s issues are whose they were before.", undone)
    messages.success(request, said % {"n": undone})
    return redirect("ownership")


def _span(text: str) -> tuple[int, int] | None:
    """Return first and last line of the history that one application of the rules has written."""
    first, _dash, last = text.partition("-")
    numbers = parse_number(first), parse_number(last)
    return None if numbers[0] is None or numbers[1] is None else (numbers[0], numbers[1])


def _get(rule_id: int) -> OwnershipRule:
    rule = kept.find_rule(own_connection(), rule_id)
    if rule is None:
        raise Http404
    return rule


def _record(request: HttpRequest, action: Action, rule: OwnershipRule) -> None:
    name = next((team.name for team in list_teams() if team.id == rule.team_id), "")
    facts = {"service": rule.service, "environment": rule.environment, "path": rule.path}
    is_gone = action is Action.OWNERSHIP_RULE_REMOVED
    record(request, action, target=name, before=facts if is_gone else None, after=None if is_gone else facts)


def _removed(request: HttpRequest, rules: tuple[OwnershipRule, ...]) -> OwnershipRule | None:
    number = parse_number(request.GET.get("removed", ""))
    rule = None if number is None else kept.find_rule(own_connection(), number)
    return rule if rule is not None and rule.id not in {one.id for one in rules} else None


def _wish(request: HttpRequest) -> dict[str, str]:
    return {"service": request.GET.get("service", "")[:MAX_GLOB_CHARS]}


def _teams_at_work() -> tuple[Team, ...]:
    return tuple(team for team in list_teams() if not team.is_closed)
