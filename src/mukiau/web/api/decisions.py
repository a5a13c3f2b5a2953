"""Decisions: read with `read`; deciding, resolving, assigning and undoing need `work:write` and the owner's right."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, QueryDict

from mukiau import clock
from mukiau.stores.work.decisions import Done, NothingToUndo, WorkRefused
from mukiau.stores.work.issue_work import scope_to_text
from mukiau.web.accounts.roles import Right, Role, role_of
from mukiau.web.api.bodies import body_of, told_as_form
from mukiau.web.api.door import ApiError, Caller, caller_needs
from mukiau.web.api.issues import get_issue, time_text
from mukiau.web.inbox import acts
from mukiau.web.inbox.facts import history_of
from mukiau.web.inbox.forms import parse_choice
from mukiau.work.decisions import Mistake, find_mistake

MAX_ENVIRONMENTS = 200
"""Of one act."""
MAX_NAME_CHARS = 200
_MISTAKES = {
    Mistake.NO_SCOPE: "Name at least one purpose.",
    Mistake.NO_REASON: "Watching needs a reason.",
    Mistake.NO_REVIEW: "Watching without a condition needs `review`, a day.",
    Mistake.FOR_EVER: "Only an administrator has an issue watched without a condition.",
    Mistake.PAST: "The day has to lie in the future.",
}


def show(request: HttpRequest, caller: Caller, issue_id: int) -> dict[str, Any]:
    """Return what is decided about an issue, where it is resolved, and its history, the latest first."""
    issue = get_issue(issue_id, "api-issue-work")
    facts = history_of(issue.id)
    if facts.row is None:
        raise ApiError(404, "not_found", f"There is no issue {issue_id}.")
    row = facts.row
    return {
        "issue": issue.id,
        "decision": row.standing.decision,
        "purposes": scope_to_text(row.standing.scope).split(),
        "key": row.standing.key,
        "period": row.standing.period,
        "reason": row.reason,
        "needs_decision": row.needs_decision,
        "why": row.why_needed,
        "team": row.team_id,
        "person": row.assignee_id,
        "version": row.version,
        "environments": [{"environment": name, "state": state} for name, state, _ in facts.states],
        "history": [
            {
                "id": line.id,
                "at": time_text(line.at_ms),
                "by": line.actor,
                "what": line.kind,
                "undone": line.is_undone,
            }
            for line in facts.lines
        ],
    }


@caller_needs(Right.DECIDE)
def decide(request: HttpRequest, caller: Caller, issue_id: int) -> dict[str, Any]:
    """Decide about an issue; answers the line of the history, by which it can be undone."""
    issue, body = get_issue(issue_id, "api-issue-decide"), body_of(request)
    choice = parse_choice(_as_form(body))
    if choice is None:
        raise ApiError(400, "bad_body", "`decision` is one of handle_each, handle_batch, watch.")
    if mistake := find_mistake(choice, now_ms=clock.unix_ms(), is_admin=role_of(caller.user) is Role.ADMIN):
        raise ApiError(400, "bad_body", _MISTAKES[mistake])
    with _telling():
        return _done(acts.decide(caller.actor, [issue.id], choice, version=_version(body)))


@caller_needs(Right.DECIDE)
def resolve(request: HttpRequest, caller: Caller, issue_id: int) -> dict[str, Any]:
    """Say that an issue is over: everywhere, or in some environments; at once, or where a release runs."""
    issue, body = get_issue(issue_id, "api-issue-resolve"), body_of(request)
    environments, release = body.get("environments", []), body.get("release", "")
    is_list = (
        isinstance(environments, list) and len(environments) <= MAX_ENVIRONMENTS and all(map(_is_name, environments))
    )
    if not is_list or not (release == "" or _is_name(release)):
        said = f"`environments` is a list of at most {MAX_ENVIRONMENTS} names, `release` a name; both may be left out."
        raise ApiError(400, "bad_body", f"{said} A name has at most {MAX_NAME_CHARS} characters.")
    with _telling():
        return _done(
            acts.resolve(caller.actor, [issue.id], environments=environments, release=release, version=_version(body))
        )


@caller_needs(Right.COMMENT)
def undo(request: HttpRequest, caller: Caller, line_id: int) -> dict[str, Any]:
    """Put an issue back to what it was before an act, unless somebody has changed it since."""
    if not acts.may_undo(caller.user, [line_id]):
        raise ApiError(403, "not_allowed", f"The token's owner may not do this; it needs the right {Right.DECIDE}.")
    with _telling():
        return _done(acts.undo(caller.actor, [line_id]))


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except NothingToUndo as refusal:
        raise ApiError(409, "refused", str(refusal)) from refusal
    except WorkRefused as refusal:
        raise ApiError(409, "changed", str(refusal)) from refusal


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_NAME_CHARS


def _done(done: list[Done]) -> dict[str, Any]:
    one = done[0]
    return {"issue": one.issue_id, "line": one.history_id, "handlings": one.handlings}


def _version(body: dict[str, Any]) -> int | None:
    version = body.get("version")
    if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
        raise ApiError(400, "bad_body", "`version` is the number that was read.")
    return version


def _as_form(body: dict[str, Any]) -> QueryDict:
    """The same fields as the page's form has, so that both are read by one function."""
    form = told_as_form(body)
    if isinstance(body.get("purposes"), list):
        form["scoped"] = "1"
        form.setlist("purpose", form.getlist("purposes"))
    return form
