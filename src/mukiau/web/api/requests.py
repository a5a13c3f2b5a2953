"""Requests: read with `read`; filing, changing and acting needs `work:write` and what the token's owner may do."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from mukiau.stores.queries.requests import (
    RequestFilter,
    count_alike,
    find_request,
    read_history,
    read_linked_occurrences,
    read_request_page,
    read_teams_of_request,
)
from mukiau.stores.queries.scope import list_projects
from mukiau.stores.work import request_refusals as refusals
from mukiau.stores.work.request_links import About
from mukiau.stores.work.request_rows import FoundRequest
from mukiau.stores.work.requests import Said
from mukiau.web.accounts.roles import Right
from mukiau.web.address import absolute_url
from mukiau.web.api.bodies import body_of
from mukiau.web.api.door import ApiError, Caller, caller_needs
from mukiau.web.api.issues import get_issue, time_text
from mukiau.web.api.paging import choice_of, cursor_of, next_page
from mukiau.web.requests import acts
from mukiau.web.requests.forms import end_of_day
from mukiau.work.request_content import Content
from mukiau.work.requests import SIDES, Act, Kind, Side, State, Why, list_acts

TEXTS = ("title", "body", "statement", "rollback", "evidence", "service", "customer", "environment")
ACTS = tuple(act.value for act in Act if act is not Act.EDIT)
_BAD = (
    refusals.Incomplete,
    refusals.TooMuch,
    refusals.HiddenCharacter,
    refusals.NoteMissing,
    refusals.ResultMissing,
)
"""Refusals that a better body would have avoided."""


def list_all(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return one page of requests, the latest changed first."""
    state = choice_of(request, "state", tuple(State), "")
    kind = choice_of(request, "kind", tuple(Kind), "")
    is_mine = choice_of(request, "mine", ("0", "1"), "0") == "1"
    wanted = RequestFilter(
        turns=acts.turns_of(caller.user) if is_mine else (),
        kind=Kind(kind) if kind else None,
        states=(State(state),) if state else (),
        customer=request.GET.get("customer", ""),
        environment=request.GET.get("environment", ""),
    )
    after = cursor_of(request, (int, int))
    page = read_request_page(wanted, after=(after[0], after[1]) if after else None)
    return {"items": [_row(request, found) for found in page.rows], "next": next_page(request, page.next)}


def show(request: HttpRequest, caller: Caller, request_id: int) -> dict[str, Any]:
    """Return one request with its history, what it is about, and what the caller may do with it."""
    return _whole(request, caller, _get(request_id))


@caller_needs(Right.INQUIRE)
def file(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """File a request. With a `client_key` that was used before, answer the one that was filed then."""
    body = body_of(request)
    kind = _choice(body, "kind", tuple(Kind))
    content = _content(body, Content(kind=Kind(kind), side=SIDES[Kind(kind)][0], title=""))
    about, client_key, ask = _about(body), _text(body, "client_key"), not _truth(body, "draft")
    with _told():
        found, is_new = acts.file_request(caller.user, caller.actor, content, about, client_key=client_key, ask=ask)
    return {**_whole(request, caller, found), "is_new": is_new}


@caller_needs(Right.INQUIRE)
def change(request: HttpRequest, caller: Caller, request_id: int) -> dict[str, Any]:
    """Change what is named of a request; it becomes a draft."""
    body, found = body_of(request), _get(request_id)
    content, version = _content(body, found.content), _version(body)
    with _told():
        changed = acts.edit_request(caller.user, caller.actor, found.id, content, version=version)
    return _whole(request, caller, changed)


@caller_needs(Right.INQUIRE)
def act(request: HttpRequest, caller: Caller, request_id: int, act: str) -> dict[str, Any]:
    """Do something with a request, as it stood at the version named."""
    found = _get(request_id)
    if act not in ACTS:
        raise ApiError(404, "not_found", f"There is no act {act!r}; there are {', '.join(ACTS)}.")
    body = body_of(request)
    version, rows = _version(body), _rows(body, "actual_rows")
    minutes = _rows(body, "minutes")
    said = Said(note=_text(body, "note"), result=_text(body, "result"), actual_rows=rows, minutes=minutes)
    with _told():
        done = acts.act_on_request(caller.user, caller.actor, found.id, Act(act), said, version=version)
    return _whole(request, caller, done)


@contextmanager
def _told() -> Iterator[None]:
    """Say a refusal of the store as the API says it."""
    try:
        yield
    except refusals.Conflict as refusal:
        raise ApiError(409, "conflict", str(refusal)) from refusal
    except (refusals.UnknownRequest, refusals.UnknownOccurrence) as refusal:
        raise ApiError(404, "not_found", str(refusal)) from refusal
    except refusals.NotAllowed as refusal:
        status, code = (409, "refused") if refusal.why is Why.NOT_NOW else (403, "not_allowed")
        raise ApiError(status, code, str(refusal)) from refusal
    except refusals.MayNotFile as refusal:
        raise ApiError(403, "not_allowed", str(refusal)) from refusal
    except _BAD as refusal:
        raise ApiError(400, "bad_body", str(refusal)) from refusal


def _get(request_id: int) -> FoundRequest:
    found = find_request(request_id)
    if found is None:
        raise ApiError(404, "not_found", f"There is no request {request_id}.")
    return found


def _content(body: Mapping[str, Any], before: Content) -> Content:
    """Return a content with what the body names instead of what stood there."""
    texts = {name: _text(body, name) if name in body else getattr(before, name) for name in TEXTS}
    sides = tuple(side.value for side in SIDES[before.kind])
    return Content(
        kind=before.kind,
        side=Side(_choice(body, "side", sides)) if "side" in body else before.side,
        expected_rows=_rows(body, "expected_rows") if "expected_rows" in body else before.expected_rows,
        due_ms=_due(body) if "due" in body else before.due_ms,
        **texts,
    )


def _about(body: Mapping[str, Any]) -> About:
    events = body.get("events", [])
    if not isinstance(events, list) or not all(_is_id(one) for one in events):
        raise ApiError(400, "bad_body", 'Send the ids of events as {"events": [1, 2]}.')
    issue_id, handling_id = _id(body, "issue"), _id(body, "handling")
    if issue_id is not None:
        project_id = get_issue(issue_id, "api-issue").project_id
    else:
        project_id = _id(body, "project") or _only_project()
    return About(project_id=project_id, issue_id=issue_id, event_pks=tuple(events), handling_id=handling_id)


def _only_project() -> int:
    projects = list_projects()
    if len(projects) != 1:
        raise ApiError(400, "bad_body", "There are several projects; name one as `project`, or an `issue`.")
    return projects[0].id


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 < value < 2**63


def _id(body: Mapping[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is not None and not _is_id(value):
        raise ApiError(400, "bad_body", f"`{name}` has to be an id.")
    return value


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise ApiError(400, "bad_body", f"`{name}` has to be a text.")
    return value


def _truth(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise ApiError(400, "bad_body", f"`{name}` has to be true or false.")
    return value


def _choice(body: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = body.get(name)
    if value not in choices:
        raise ApiError(400, "bad_body", f"`{name}` has to be one of {', '.join(choices)}.")
    return str(value)


def _rows(body: Mapping[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is not None and (type(value) is not int or value < 0):
        raise ApiError(400, "bad_body", f"`{name}` has to be a number, 0 or more, or null.")
    return value


def _version(body: Mapping[str, Any]) -> int:
    version = body.get("version")
    if not _is_id(version):
        raise ApiError(400, "bad_body", "Send the `version` that you read, so that nothing newer is overwritten.")
    return int(version)  # type: ignore[arg-type]


def _due(body: Mapping[str, Any]) -> int | None:
    value = body["due"]
    if value is None:
        return None
    try:
        return end_of_day(date.fromisoformat(value))
    except (TypeError, ValueError) as error:
        raise ApiError(400, "bad_body", "`due` has to be a day such as 2026-12-04, or null.") from error


def _row(request: HttpRequest, found: FoundRequest) -> dict[str, Any]:
    return {
        "id": found.id,
        "project": found.project_id,
        "kind": found.kind,
        "side": found.side,
        "state": found.state,
        **{name: getattr(found, name) for name in TEXTS},
        "expected_rows": found.expected_rows,
        "due": None if found.due_ms is None else time_text(found.due_ms),
        "requester": found.requester,
        "approver": found.approver or None,
        "executor": found.executor or None,
        "verifier": found.verifier or None,
        "result": found.result,
        "actual_rows": found.actual_rows,
        "created_at": time_text(found.created_ms),
        "updated_at": time_text(found.updated_ms),
        "version": found.version,
        "url": absolute_url(request, reverse("request", args=(found.id,))),
    }


def _whole(request: HttpRequest, caller: Caller, found: FoundRequest) -> dict[str, Any]:
    return {
        **_row(request, found),
        "may": list(list_acts(found.standing, acts.person_of(caller.user, read_teams_of_request(found.id)))),
        "alike": count_alike(found),
        "occurrences": [
            {
                "event": one.event_pk if one.is_there else None,
                "issue": one.issue_id,
                "occurred_at": None if one.occurred_ms is None else time_text(one.occurred_ms),
                "environment": one.environment,
                "message": one.message,
            }
            for one in read_linked_occurrences(found.id)
        ],
        "history": [
            {"at": time_text(line.at_ms), "by": line.actor, "act": line.act, "state": line.to_state, "note": line.note}
            for line in read_history(found.id)
        ],
    }
