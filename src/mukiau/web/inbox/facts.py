"""What is decided about an issue now, the lines of its history, and what the form that decides offers."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from mukiau import clock
from mukiau.stores.people import list_people
from mukiau.stores.queries.inbox import HistoryRow, read_history_lines
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work.decisions import UNDOABLE
from mukiau.stores.work.issue_work import IssueWork, find_work, watch_from_text
from mukiau.stores.work.matching import find_runbook_for
from mukiau.stores.work.resolutions import load_resolutions, load_states
from mukiau.stores.work.teams import list_teams
from mukiau.web.accounts.roles import Right, may_on_issue
from mukiau.web.inbox.words import DECISION_NAMES, FIRED_NAMES
from mukiau.web.purpose_names import PURPOSE_NAMES
from mukiau.web.requests.words import PAST
from mukiau.web.teams.duty import todays_responsible
from mukiau.work.decisions import Decision
from mukiau.work.lifecycle import Resolution, State
from mukiau.work.watching import Watch

MAX_LINES = 50
KIND_NAMES: dict[str, Promise] = {
    "resolved": _("Resolved"),
    "reopened": _("Opened again"),
    "assigned": pgettext_lazy("history", "Assigned"),
    "regressed": _("Regressed"),
    "awaiting_deploy": _("Came from an environment that awaits the fix"),
    "deployed": _("The fix was deployed"),
    "condition": _("Condition met"),
    "review": _("Review due"),
    "request": pgettext_lazy("work", "Request"),
    "handling_taken": pgettext_lazy("history", "Handling taken"),
    "handling_waits": pgettext_lazy("history", "Handling waits for a request"),
    "handling_done": pgettext_lazy("history", "Handled"),
    "handling_not_needed": pgettext_lazy("history", "Handling not needed"),
    "handling_reopened": pgettext_lazy("history", "Handling opened again"),
    "handling_handed_over": pgettext_lazy("history", "Handling given to somebody else"),
    "handling_all_before": pgettext_lazy("history", "All before one handled"),
}
STATE_NAMES: dict[State, Promise] = {
    State.RESOLVED: _("Resolved"),
    State.AWAITING_DEPLOY: _("Awaiting deploy"),
    State.REGRESSED: _("Regressed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the history."""

    id: int
    at_ms: int
    actor: str
    kind: str
    what: str
    why: str
    is_undone: bool
    undone_by: str
    can_be_undone: bool
    """The latest act, which nobody has undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFacts:
    """What is decided about an issue."""

    row: IssueWork | None
    decision: str
    conditions: tuple[str, ...]
    """Of a watch, in words; of what is handled each time, what has one answer together."""
    resolutions: tuple[Resolution, ...]
    states: tuple[tuple[str, State, str], ...]
    """(environment, state, its name)."""
    lines: tuple[Line, ...]


def work_context(request: HttpRequest, issue_id: int) -> dict[str, object]:
    """Return what the card of an issue's decision needs."""
    work = history_of(issue_id)
    runbook = find_runbook_for(own_connection(), issue_id)
    is_open = work.row is None or work.row.needs_decision or work.row.standing.decision is Decision.NONE_YET
    is_first = work.row is None or work.row.standing.decision is Decision.NONE_YET
    return {
        "work": work,
        "back": reverse("issue", args=[issue_id]),
        "proposed": runbook if is_open and runbook and runbook.proposes else None,
        "offered_key": runbook.key if is_first and runbook else work.row.standing.key if work.row else "",
        "purposes": PURPOSE_NAMES,
        "people": [person for person in list_people() if person.is_active],
        "teams": list_teams(),
        "may_decide": may_on_issue(request.user, Right.DECIDE, issue_id),
        "may_assign": may_on_issue(request.user, Right.COMMENT, issue_id),
        "on_duty": todays_responsible(issue_id, now_ms=clock.unix_ms()),
    }


def history_of(issue_id: int) -> WorkFacts:
    """Return what is decided about an issue and how it came to that."""
    below = own_connection()
    row = find_work(below, issue_id)
    states = load_states(below, [issue_id])
    return WorkFacts(
        row=row,
        decision=str(DECISION_NAMES[row.standing.decision]) if row else "",
        conditions=_conditions(row) if row else (),
        resolutions=tuple(load_resolutions(below, [issue_id]).get(issue_id, ())),
        states=tuple((name, state, str(STATE_NAMES[state])) for (_, name), state in sorted(states.items())),
        lines=_lines(issue_id, row.version if row else 0),
    )


def _conditions(row: IssueWork) -> tuple[str, ...]:
    if row.standing.key and row.standing.decision is Decision.HANDLE_EACH:
        return (gettext("one answer per %(name)s") % {"name": row.standing.key},)
    return condition_words(row.watch) if row.watch else ()


def condition_words(watch: Watch) -> tuple[str, ...]:
    """Return the conditions of a watch in words."""
    words = (
        (watch.per_hour, gettext("more than %(n)s an hour") % {"n": watch.per_hour}),
        (watch.per_day, gettext("more than %(n)s a day") % {"n": watch.per_day}),
        (watch.customers, gettext("more than %(n)s customers") % {"n": watch.customers}),
        (watch.release, gettext("release %(name)s") % {"name": watch.release}),
        (watch.above_usual, gettext("more than usual")),
    )
    return tuple(text for is_set, text in words if is_set)


def _lines(issue_id: int, version: int) -> tuple[Line, ...]:
    return tuple(_line(row, version) for row in read_history_lines(issue_id, limit=MAX_LINES))


def _line(row: HistoryRow, version: int) -> Line:
    given: dict[str, Any] = json.loads(row.details) if row.details else {}
    after = given.get("after", {})
    return Line(
        id=row.id,
        at_ms=row.at_ms,
        actor=row.actor,
        kind=row.kind,
        what=_what(row.kind, after),
        why=_why(row.kind, given, after),
        is_undone=row.undone_ms is not None,
        undone_by=row.undone_by,
        can_be_undone=row.kind in UNDOABLE and row.undone_ms is None and after.get("version") == version,
    )


def _what(kind: str, after: dict[str, Any]) -> str:
    if kind == "decided":
        return str(DECISION_NAMES.get(after.get("decision", ""), kind))
    return str(KIND_NAMES.get(kind, kind))


def _why(kind: str, given: dict[str, Any], after: dict[str, Any]) -> str:
    if kind == "decided":
        watch = watch_from_text(after.get("watch", "")) if after.get("watch") else None
        return " · ".join(
            part for part in (*(condition_words(watch) if watch else ()), after.get("reason", "")) if part
        )
    if kind == "condition":
        return str(FIRED_NAMES.get(given.get("condition", ""), ""))
    if kind == "request":
        act = given.get("act", "")
        return f"#{given.get('request', '')} {PAST.get(act, act)}"
    return str(given.get("environment", ""))
