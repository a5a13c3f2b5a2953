"""Handlings: the queue, one being worked on, and what is done with it."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from mukiau.stores.queries.handlings import (
    MAX_COUNTED,
    HandlingRow,
    View,
    count_handlings,
    find_next,
    find_row_of,
    read_handlings,
    read_places,
    read_queues,
)
from mukiau.stores.queries.requests import read_requests_of_handling
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work.answering import Told
from mukiau.stores.work.answering_many import count_before
from mukiau.stores.work.handling_refusals import HandlingConflict, HandlingRefused
from mukiau.stores.work.handling_rows import FoundHandling
from mukiau.stores.work.issue_work import Who
from mukiau.stores.work.teams import list_teams
from mukiau.web.accounts.roles import Right, may_in_team
from mukiau.web.audit import actor_of
from mukiau.web.handlings import acts
from mukiau.web.handlings.queue import Query, parse_query
from mukiau.web.handlings.run import (
    first_of,
    minutes_in,
    occurrences_of,
    offered_minutes,
    people_who_handle,
    runbook_of,
)
from mukiau.web.handlings.words import OUTCOME_NAMES, refusal_words
from mukiau.web.numbers import parse_number, parse_place
from mukiau.work.handling import Outcome

NO_LONGER_SO = 409
"""The answer to what is refused by how the handling stands now."""
QUICK_MINUTES = 1
"""What one key in the queue says it took."""


@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Show the queue; `done` names a handling that was just closed, `before` an act that closed several."""
    places = read_places()
    query = parse_query(request.GET, request, places)
    context: dict[str, Any] = {"query": query, "places": places, "view": query.wanted.view}
    if query.is_by_issue:
        context["queues"] = read_queues(query.wanted)
    else:
        context["found"] = read_handlings(query.wanted, after=parse_place(request.GET))
    context["total"], context["max_counted"] = count_handlings(query.wanted), MAX_COUNTED
    is_fragment = "HX-Request" in request.headers
    if not is_fragment:
        context |= {"teams": list_teams(), "views": View, **_just_done(request)}
    response = render(request, "handlings/rows.html" if is_fragment else "handlings/queue.html", context)
    patch_vary_headers(response, ("HX-Request",))
    return response


@never_cache
def one(request: HttpRequest, handling_id: int) -> HttpResponse:
    """Show one handling to be worked on; the rest of the address is the queue it was chosen from."""
    return _show(request, get_row(handling_id))


@require_POST
def act(request: HttpRequest, handling_id: int) -> HttpResponse:
    """Do something with a handling; what was typed stays when it is refused."""
    found = get_row(handling_id).handling
    _check(request, found)
    name, given = _read(request, found)
    if name is None:
        messages.error(request, gettext("Choose somebody.") if "to" in request.POST else gettext("Nothing was chosen."))
        return redirect(_address(request, found.id))
    try:
        changed = acts.act_on(actor_of(request), found.id, name, given)
    except HandlingRefused as refusal:
        if "HX-Request" in request.headers:
            return _show_steps(request, get_row(found.id), refusal)
        messages.error(request, refusal_words(refusal))
        told = given.told if isinstance(refusal, HandlingConflict) or name != "hand_over" else None
        return _show(request, get_row(found.id), typed=told, status=NO_LONGER_SO)
    if "HX-Request" in request.headers:
        return _show_steps(request, get_row(found.id))
    return _go_on(request, changed, name)


@require_POST
def before(request: HttpRequest, handling_id: int) -> HttpResponse:
    """Close all that are open before one, in its issue and environment."""
    found = get_row(handling_id).handling
    _check(request, found)
    version = parse_number(request.POST.get("version", "")) or 0
    try:
        done = acts.finish_before(actor_of(request), found.id, version=version)
    except HandlingRefused as refusal:
        messages.error(request, refusal_words(refusal))
        return redirect(_address(request, found.id))
    return redirect(_address(request, found.id, before=str(done.history_id)))


@require_POST
def undo_before(request: HttpRequest, handling_id: int, history_id: int) -> HttpResponse:
    """Open again what one act closed."""
    found = get_row(handling_id).handling
    _check(request, found)
    try:
        undone = acts.undo_before(actor_of(request), found.id, history_id)
    except HandlingRefused as refusal:
        messages.error(request, refusal_words(refusal))
        return redirect(_address(request, found.id))
    said = ngettext("%(n)s handling is open again.", "%(n)s handlings are open again.", undone.count)
    messages.success(request, said % {"n": undone.count})
    if undone.left:
        messages.info(request, gettext("What was changed since stays as it is: %(n)s.") % {"n": undone.left})
    return redirect(_address(request, found.id))


def get_row(handling_id: int) -> HandlingRow:
    """Return the handling or answer 404."""
    found = find_row_of(handling_id)
    if found is None:
        raise Http404
    return found


def read_told(given: QueryDict) -> Told:
    """Read what a form says; minutes that are none stay out."""
    outcome = given.get("outcome", "")
    return Told(
        outcome=Outcome(outcome) if outcome in set(Outcome) else None,
        minutes=minutes_in(given),
        note=given.get("note", ""),
        result=given.get("result", ""),
    )


def _check(request: HttpRequest, found: FoundHandling) -> None:
    if not may_in_team(request.user, Right.HANDLE, found.team_id):
        raise PermissionDenied


def _read(request: HttpRequest, found: FoundHandling) -> tuple[str | None, acts.Given]:
    """Return what is to be done (None: nothing that can be) and what is said by it."""
    version, told = parse_number(request.POST.get("version", "")) or 0, read_told(request.POST)
    for name in ("tick", "untick"):
        if (step := parse_number(request.POST.get(name, ""))) is not None:
            return name, acts.Given(version=version, told=told, step=step)
    name = request.POST.get("act", "")
    if name == "hand_over":
        people = {person.id: person.name for person in people_who_handle(found.team_id)}
        to = parse_number(request.POST.get("to", ""))
        told = Told(note=request.POST.get("why", ""))
        who = Who(name=people[to], id=to) if to in people else None
        return name if who else None, acts.Given(version=version, told=told, to=who)
    return name if name in acts.ACTS else None, acts.Given(version=version, told=told)


def _go_on(request: HttpRequest, changed: FoundHandling, name: str) -> HttpResponse:
    """Lead to what comes next: after one is closed or given away, the next of the queue."""
    if name not in {"finish", "dismiss", "hand_over"}:
        return redirect(_address(request, changed.id))
    done = {"done": str(changed.id)}
    if "stay" in request.POST:
        return redirect(_address(request, None, **done))
    following = find_next(_queue(request).wanted, after=changed)
    return redirect(_address(request, following, **done))


def _queue(request: HttpRequest) -> Query:
    return parse_query(request.GET, request, read_places())


def _address(request: HttpRequest, handling_id: int | None, **more: str) -> str:
    """Return the address of a handling or, for None, of the queue, in the queue at hand."""
    place = reverse("handlings") if handling_id is None else reverse("handling", args=[handling_id])
    query = urlencode({**_queue(request).given, **more})
    return f"{place}?{query}" if query else place


def _show(request: HttpRequest, row: HandlingRow, *, typed: Told | None = None, status: int = 200) -> HttpResponse:
    found, occurrences = row.handling, occurrences_of(row.handling)
    first = first_of(occurrences)
    followed = runbook_of(found, first)
    may_handle = may_in_team(request.user, Right.HANDLE, found.team_id)
    who = Who(name=request.user.get_username(), id=request.user.pk)
    context = {
        "row": row,
        "found": found,
        "query": _queue(request),
        "told": typed or Told(outcome=found.outcome, minutes=found.minutes, note=found.note, result=found.result),
        "runbook": followed,
        "occurrences": occurrences,
        "first": first,
        "may_handle": may_handle,
        "requests": read_requests_of_handling(found.id),
        "minutes": offered_minutes(found, followed),
        "outcomes": OUTCOME_NAMES.items(),
        "people": people_who_handle(found.team_id) if may_handle and found.is_open else (),
        "earlier": count_before(own_connection(), found, who=who) if may_handle else 0,
        **_just_done(request),
    }
    return render(request, "handlings/page.html", context, status=status)


def _show_steps(request: HttpRequest, row: HandlingRow, refusal: HandlingRefused | None = None) -> HttpResponse:
    """Answer htmx with the runbook alone, and with the version that the next act is about.

    After a refusal the old version stays, so that the next act is refused as well and its answer shows what has changed.
    """
    found = row.handling
    context = {
        "row": row,
        "found": found,
        "query": _queue(request),
        "runbook": runbook_of(found, first_of(occurrences_of(found))),
        "may_handle": True,
        "problem": refusal_words(refusal) if refusal else "",
        "version": None if refusal else found.version,
    }
    return render(request, "handlings/runbook.html", context)


def _just_done(request: HttpRequest) -> dict[str, Any]:
    """Return what was just done and can be undone with one click."""
    done, line = (parse_number(request.GET.get(name, "")) for name in ("done", "before"))
    row = find_row_of(done) if done is not None else None
    is_mine = row is not None and may_in_team(request.user, Right.HANDLE, row.handling.team_id)
    return {"just_done": row if is_mine else None, "just_before": line}
