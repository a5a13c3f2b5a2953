"""Requests: the board and the list, one request with what may be done next, and the form that files or changes one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from mukiau.stores.queries.requests import (
    count_alike,
    find_request,
    list_places,
    read_columns,
    read_history,
    read_linked_occurrences,
    read_request_page,
    read_teams_about,
    read_teams_of_request,
)
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.queries.scope import list_projects
from mukiau.stores.work.request_links import About
from mukiau.stores.work.request_refusals import Conflict, RequestRefused
from mukiau.stores.work.request_rows import FoundRequest
from mukiau.stores.work.requested import list_closing
from mukiau.stores.work.requests import Said
from mukiau.web.accounts.roles import Right, needs
from mukiau.web.audit import actor_of
from mukiau.web.handlings.run import minutes_in, offered_minutes, runbook_of
from mukiau.web.numbers import parse_number, parse_place
from mukiau.web.requests import acts
from mukiau.web.requests.board import COLUMNS, parse_query, turn_of
from mukiau.web.requests.forms import RequestForm, initial_of
from mukiau.web.requests.prefill import content_for, subject_of
from mukiau.web.requests.words import KIND_HELP, KIND_NAMES, STATE_NAMES, refusal_words, why_words
from mukiau.work.request_content import HINT_FROM, REPEAT_DAYS, Content
from mukiau.work.requests import Act, Kind, State, Why, decide_act, may_file

NO_LONGER_SO = 409
"""The answer to what is refused by how the request stands now."""


@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Show the board, or the list page by page."""
    query = parse_query(request.GET, acts.turns_of(request.user))
    customers, environments = list_places()
    context: dict[str, Any] = {"query": query, "customers": customers, "environments": environments}
    context |= {"kinds": KIND_NAMES.items(), "states": STATE_NAMES.items()}
    if query.view == "board":
        columns = read_columns(query.wanted, [states for _, states in COLUMNS])
        context["columns"] = [(name, states, column) for (name, states), column in zip(COLUMNS, columns, strict=True)]
        context["total"] = sum(column.total for column in columns)
        return render(request, "requests/board.html", context)
    found = read_request_page(query.wanted, after=parse_place(request.GET))
    return render(request, "requests/list.html", {**context, "found": found})


@never_cache
def one(request: HttpRequest, request_id: int) -> HttpResponse:
    """Show one request."""
    return _show(request, get_request(request_id))


@never_cache
@needs(Right.INQUIRE)
def new(request: HttpRequest) -> HttpResponse:
    """File a request: first its kind, then its form, which begins with what is known of an issue or event."""
    given = request.POST if request.method == "POST" else request.GET
    subject = subject_of(given)
    person = acts.person_of(request.user, read_teams_about(subject.about))
    kind = Kind(given["kind"]) if given.get("kind") in set(Kind) else None
    if kind is None or not may_file(person, kind):
        kinds = [(one, name, KIND_HELP[one], may_file(person, one)) for one, name in KIND_NAMES.items()]
        return render(request, "requests/kinds.html", {"subject": subject, "kinds": kinds})
    is_draft = "draft" in request.POST
    if request.method == "POST":
        form = RequestForm(request.POST, kind=kind, is_draft=is_draft)
        if form.is_valid() and (filed := _file(request, form, subject.about, ask=not is_draft)):
            return redirect("request", filed.id)
    else:
        form = RequestForm(initial=initial_of(content_for(request, subject, kind)), kind=kind)
    context = {"form": form, "subject": subject, "kind": kind, "projects": list_projects()}
    return render(request, "requests/form.html", context)


@never_cache
@needs(Right.INQUIRE)
def edit(request: HttpRequest, request_id: int) -> HttpResponse:
    """Change a request; what somebody else changed meanwhile is shown beside what was typed, and nothing is lost."""
    found = get_request(request_id)
    if request.method != "POST":
        decided = decide_act(found.standing, Act.EDIT, acts.person_of(request.user))
        if isinstance(decided, Why):
            messages.error(request, why_words(decided, found.standing))
            return redirect("request", found.id)
        return _show_form(request, RequestForm(initial=initial_of(found.content), kind=found.kind), found)
    form = RequestForm(request.POST, kind=found.kind, is_draft=True)
    if not form.is_valid():
        return _show_form(request, form, found)
    version = parse_number(request.POST.get("version", "")) or 0
    try:
        changed = acts.edit_request(_user(request), actor_of(request), found.id, form.content, version=version)
    except RequestRefused as refusal:
        form.add_error(None, refusal_words(refusal, found.standing))
        now, is_conflict = get_request(found.id), isinstance(refusal, Conflict)
        return _show_form(request, form, now, is_conflict=is_conflict, status=NO_LONGER_SO)
    messages.success(request, gettext("The request is changed. It is a draft now; ask for it when it is ready."))
    return redirect("request", changed.id)


@require_POST
@needs(Right.INQUIRE)
def act(request: HttpRequest, request_id: int) -> HttpResponse:
    """Do something with a request; what was typed stays when it is refused."""
    found, wanted = get_request(request_id), request.POST.get("act", "")
    if wanted not in set(Act) - {Act.EDIT}:
        raise Http404
    said = Said(
        note=request.POST.get("note", ""),
        result=request.POST.get("result", "").replace("\r\n", "\n"),
        actual_rows=parse_number(request.POST.get("actual_rows", "").strip()),
        minutes=minutes_in(request.POST),
    )
    version = parse_number(request.POST.get("version", "")) or 0
    try:
        acts.act_on_request(_user(request), actor_of(request), found.id, Act(wanted), said, version=version)
    except RequestRefused as refusal:
        messages.error(request, refusal_words(refusal, found.standing))
        return _show(request, get_request(request_id), said=said, wanted=wanted, status=NO_LONGER_SO)
    return redirect("request", request_id)


def get_request(request_id: int) -> FoundRequest:
    """Return the request or answer 404."""
    found = find_request(request_id)
    if found is None:
        raise Http404
    return found


def _show(
    request: HttpRequest, found: FoundRequest, *, said: Said | None = None, wanted: str = "", status: int = 200
) -> HttpResponse:
    alike, occurrences = count_alike(found), read_linked_occurrences(found.id)
    issue_id = next((one.issue_id for one in occurrences if one.issue_id), None)
    context = {
        "found": found,
        "turn": turn_of(found, acts.person_of(request.user, read_teams_of_request(found.id))),
        **_closing(found, said),
        "history": read_history(found.id),
        "occurrences": occurrences,
        "issue_id": issue_id,
        "offers_runbook": issue_id and found.kind is Kind.WRITE_RUNBOOK and found.state is State.RUNNING,
        "alike": alike if alike > 1 else 0,
        "alike_days": REPEAT_DAYS,
        "propose_fix": alike >= HINT_FROM and found.kind is not Kind.FIX,
        "said": said,
        "wanted": wanted,
    }
    return render(request, "requests/page.html", context, status=status)


def _closing(found: FoundRequest, said: Said | None) -> dict[str, Any]:
    """Return the handlings that are done when the request is verified, and the minutes that are offered with one tap."""
    closing = list_closing(own_connection(), found.id) if found.state is State.TO_VERIFY else ()
    offered = offered_minutes(closing[0], runbook_of(closing[0], None)) if closing else ()
    return {"closing": closing, "minutes": offered, "told_minutes": said.minutes if said else None}


def _show_form(
    request: HttpRequest, form: RequestForm, found: FoundRequest, *, is_conflict: bool = False, status: int = 200
) -> HttpResponse:
    differing = _differing(form, found) if is_conflict else []
    context = {"form": form, "found": found, "kind": found.kind, "differing": differing}
    context["loses_approval"] = found.state in {State.ASKED, State.APPROVED}
    return render(request, "requests/form.html", context, status=status)


def _differing(form: RequestForm, found: FoundRequest) -> list[tuple[str, Any]]:
    """Return the names of the fields in which a form says something else than the request says now, with the latter."""
    names = [name for name in Content.__slots__ if getattr(form.content, name) != getattr(found, name)]
    return [(name, getattr(found, name)) for name in names]


def _file(request: HttpRequest, form: RequestForm, about: About, *, ask: bool) -> FoundRequest | None:
    try:
        found, _ = acts.file_request(_user(request), actor_of(request), form.content, about, ask=ask)
    except RequestRefused as refusal:
        form.add_error(None, refusal_words(refusal))
        return None
    said = gettext("The request is asked.") if ask else gettext("The draft is kept. Nobody is asked yet.")
    messages.success(request, said)
    return found


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
