"""Handlings: read with `read`; doing something with one needs `work:write` and the right to handle it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from mukiau.stores.queries.handlings import (
    HandlingFilter,
    HandlingRow,
    View,
    find_row_of,
    read_answered,
    read_handlings,
)
from mukiau.stores.work.answering import Told
from mukiau.stores.work.handling_refusals import BadMinutes, HandlingConflict, HandlingRefused, ReasonMissing
from mukiau.web.accounts.roles import Right, may_in_team
from mukiau.web.address import absolute_url
from mukiau.web.api.bodies import body_of
from mukiau.web.api.door import ApiError, Caller
from mukiau.web.api.issues import time_text
from mukiau.web.api.paging import choice_of, cursor_of, next_page, number_of
from mukiau.web.handlings import acts
from mukiau.work.handling import Outcome

ACTS = tuple(name for name in acts.ACTS if name != "hand_over")
"""Giving one to somebody else is done by people."""


def list_all(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return one page: what is to do oldest first, what is closed latest first."""
    environment = request.GET.get("environment", "")
    wanted = HandlingFilter(
        view=View(choice_of(request, "view", tuple(View), View.TO_DO)),
        issue_id=number_of(request, "issue"),
        service=request.GET.get("service", ""),
        environments=(environment,) if environment else (),
        key=request.GET.get("key", ""),
    )
    after = cursor_of(request, (int, int))
    page = read_handlings(wanted, after=(after[0], after[1]) if after else None)
    return {"items": [_handling(request, row) for row in page.rows], "next": next_page(request, page.next)}


def show(request: HttpRequest, caller: Caller, handling_id: int) -> dict[str, Any]:
    """Return one handling with the steps ticked and the events it answers."""
    return _whole(request, _get(handling_id))


def act(request: HttpRequest, caller: Caller, handling_id: int, act: str) -> dict[str, Any]:
    """Do something with a handling, as it stood at the version named."""
    row = _get(handling_id)
    if not may_in_team(caller.user, Right.HANDLE, row.handling.team_id):
        raise ApiError(403, "not_allowed", f"The token's owner may not do this; it needs the right {Right.HANDLE}.")
    if act not in ACTS:
        raise ApiError(404, "not_found", f"There is no act {act!r}; there are {', '.join(ACTS)}.")
    given = _given(body_of(request))
    try:
        acts.act_on(caller.actor, handling_id, act, given)
    except HandlingConflict as refusal:
        raise ApiError(409, "conflict", str(refusal)) from refusal
    except (BadMinutes, ReasonMissing) as refusal:
        raise ApiError(400, "bad_body", str(refusal)) from refusal
    except HandlingRefused as refusal:
        raise ApiError(409, "refused", str(refusal)) from refusal
    return _whole(request, _get(handling_id))


def _get(handling_id: int) -> HandlingRow:
    found = find_row_of(handling_id)
    if found is None:
        raise ApiError(404, "not_found", f"There is no handling {handling_id}.")
    return found


def _given(body: Mapping[str, Any]) -> acts.Given:
    outcome, note, result = (body.get(name, "") for name in ("outcome", "note", "result"))
    if outcome not in {"", *Outcome} or not isinstance(note, str) or not isinstance(result, str):
        raise ApiError(400, "bad_body", f"`outcome` is one of {', '.join(Outcome)}; `note` and `result` are texts.")
    version, step = _number(body, "version"), _number(body, "step")
    if version is None:
        raise ApiError(400, "bad_body", "Send the version you have read as `version`.")
    told = Told(
        outcome=Outcome(outcome) if outcome else None, minutes=_number(body, "minutes"), note=note, result=result
    )
    return acts.Given(version=version, told=told, step=step or 0)


def _number(body: Mapping[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is not None and (type(value) is not int or not 0 <= value < 2**31):
        raise ApiError(400, "bad_body", f"`{name}` has to be a number.")
    return value


def _handling(request: HttpRequest, row: HandlingRow) -> dict[str, Any]:
    one = row.handling
    times = {"first": one.first_ms, "opened": one.opened_ms, "started": one.started_ms, "closed": one.closed_ms}
    names = ("id", "kind", "key", "state", "title", "environment", "service", "occurrence_count")
    return {
        **{name: getattr(one, name) for name in names},
        "project": one.project_id,
        "issue": one.issue_id,
        "assignee": row.assignee or None,
        "team": row.team or None,
        **{f"{name}_at": None if ms is None else time_text(ms) for name, ms in times.items()},
        "closed_by": one.closed_by or None,
        "outcome": one.outcome,
        "minutes": one.minutes,
        "note": one.note,
        "result": one.result,
        "version": one.version,
        "url": absolute_url(request, reverse("handling", args=(one.id,))),
    }


def _whole(request: HttpRequest, row: HandlingRow) -> dict[str, Any]:
    ticks = row.handling.ticked.items()
    steps = [{"step": step, "who": tick.who, "at": time_text(tick.at_ms)} for step, tick in ticks]
    events = [{"id": one.event_pk, "occurred_at": time_text(one.occurred_ms)} for one in read_answered(row.handling.id)]
    return {**_handling(request, row), "steps": steps, "events": events}
