"""The inbox, and what is decided there."""

from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from mukiau import clock
from mukiau.stores.people import list_people
from mukiau.stores.queries.inbox import find_inbox_row, read_inbox
from mukiau.stores.queries.inbox_effect import count_effect
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work.decisions import Done, WorkRefused
from mukiau.stores.work.saved_views import MAX_NAME_CHARS as MAX_VIEW_NAME_CHARS
from mukiau.stores.work.saved_views import MAX_QUERY_CHARS, MAX_VIEWS, delete_view, list_saved_views, save_view
from mukiau.stores.work.teams import list_teams
from mukiau.web.accounts.roles import Right, Role, may, needs_on_issues, role_of
from mukiau.web.audit import actor_of
from mukiau.web.inbox import acts
from mukiau.web.inbox.facts import work_context
from mukiau.web.inbox.forms import MAX_ISSUES, parse_choice, parse_issues
from mukiau.web.inbox.query import parse_query
from mukiau.web.inbox.words import DECISION_NAMES, MISTAKES, VIEW_NAMES, refusal_words
from mukiau.web.numbers import parse_number
from mukiau.web.period import Period, chart_of
from mukiau.web.purpose_names import PURPOSE_NAMES
from mukiau.web.scope import project_scope
from mukiau.web.way_back import way_back
from mukiau.work.decisions import DEFAULT_SCOPE, Choice, find_mistake

MAX_OFFSET = 10_000


def page(request: HttpRequest) -> HttpResponse:
    """Show a view of the inbox; htmx gets only the list."""
    scope = project_scope(request.GET)
    query = parse_query(request.GET, project_id=scope.project_id, user_id=request.user.pk or 0)
    offset = min(parse_number(request.GET.get("offset", "")) or 0, MAX_OFFSET)
    found = read_inbox(query.wanted, chart=chart_of(Period.FORTNIGHT), offset=offset)
    context = {
        "found": found,
        "query": query,
        "view": query.wanted.view,
        "views": [(one, name, found.counts.get(one.value)) for one, name in VIEW_NAMES.items()],
        "scope": scope,
        "purposes": [(one.value, name) for one, name in PURPOSE_NAMES.items() if one in found.places.purposes],
        "teams": [
            ("0", gettext("no team")),
            *((str(team.id), team.name) for team in list_teams() if not team.is_closed),
        ],
        "next_offset": offset + len(found.rows),
        "saved": list_saved_views(own_connection(), request.user.pk or 0),
        "saved_as": request.GET.get("saved_as", "")[:MAX_VIEW_NAME_CHARS],
        "lines": acts.own_lines(request.user, _lines(request.GET)),
        "may_decide": may(request.user, Right.DECIDE),
        "may_assign": may(request.user, Right.COMMENT),
    }
    response = render(request, "inbox/rows.html" if "HX-Request" in request.headers else "inbox/page.html", context)
    patch_vary_headers(response, ("HX-Request",))
    return response


def preview(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Show one issue beside the list: what it is, and the form that decides about it."""
    row = find_inbox_row(issue_id, chart_of(Period.FORTNIGHT))
    if row is None:
        raise Http404
    context = work_context(request, row.id) | {"row": row, "back": _list_beside(request)}
    context["may_write_runbooks"] = may(request.user, Right.RUNBOOKS)
    return render(request, "inbox/preview.html", context)


def effect(request: HttpRequest) -> JsonResponse:
    """Say what having the issues named handled would open at once."""
    counted = count_effect(parse_issues(request.GET), DEFAULT_SCOPE)
    if not counted.handlings:
        return JsonResponse({"said": gettext("Nothing waits that came before.")})
    said = ngettext(
        "%(n)s occurrence waits (%(handlings)s to handle).",
        "%(n)s occurrences wait (%(handlings)s to handle).",
        counted.occurrences,
    )
    count = f"{counted.occurrences:,}+" if counted.is_partial else f"{counted.occurrences:,}"
    return JsonResponse({"said": said % {"n": count, "handlings": counted.handlings}})


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Give the view at hand (`query`) a name; one of the same name is replaced."""
    name, query = " ".join(request.POST.get("name", "").split()), request.POST.get("query", "")
    is_sound = 0 < len(name) <= MAX_VIEW_NAME_CHARS and len(query) <= MAX_QUERY_CHARS
    if not is_sound:
        messages.error(
            request, gettext("A view needs a name of at most %(n)s characters.") % {"n": MAX_VIEW_NAME_CHARS}
        )
    elif save_view(own_connection(), request.user.pk or 0, name, query):
        messages.success(request, gettext("The view is saved."))
    else:
        messages.error(request, gettext("There are %(n)s views already; delete one first.") % {"n": MAX_VIEWS})
    return redirect(f"{reverse('inbox')}?{query}")


@require_POST
def forget(request: HttpRequest, view_id: int) -> HttpResponse:
    """Delete one of one's own views; the page offers to save it again."""
    deleted = delete_view(own_connection(), request.user.pk or 0, view_id)
    if deleted is None:
        raise Http404
    name, query = deleted
    messages.success(request, gettext("The view is deleted. It can be saved again below."))
    return redirect(f"{reverse('inbox')}?{query}&{urlencode({'saved_as': name})}")


@require_POST
@needs_on_issues(Right.DECIDE)
def decide(request: HttpRequest) -> HttpResponse:
    """Decide about the issues named."""
    issues, choice = parse_issues(request.POST), parse_choice(request.POST)
    if not issues or choice is None:
        return _refuse(request, gettext("Choose at least one issue and what is to be done."))
    if mistake := find_mistake(choice, now_ms=clock.unix_ms(), is_admin=role_of(request.user) is Role.ADMIN):
        return _refuse(request, str(MISTAKES[mistake]))
    by_runbook = "key" not in request.POST  # the list has no field for it
    version = _version(request)
    return _do(
        request,
        lambda: acts.decide(actor_of(request), issues, choice, version=version, by_runbook=by_runbook),
        choice,
    )


@require_POST
@needs_on_issues(Right.DECIDE)
def resolve(request: HttpRequest) -> HttpResponse:
    """Say that the issues named are over (`environment`, several times; `release`), or take it back (`reopen`)."""
    issues = parse_issues(request.POST)
    if not issues:
        return _refuse(request, gettext("Choose at least one issue and what is to be done."))
    if "reopen" in request.POST:
        return _do(request, lambda: acts.reopen(actor_of(request), issues))
    environments = [name.strip()[:200] for name in request.POST.getlist("environment") if name.strip()]
    release = request.POST.get("release", "").strip()[:200]
    return _do(
        request,
        lambda: acts.resolve(
            actor_of(request), issues, environments=environments, release=release, version=_version(request)
        ),
    )


@require_POST
@needs_on_issues(Right.COMMENT)
def assign(request: HttpRequest) -> HttpResponse:
    """Say whose the issues named are: `team`, `person` (empty: as it is, 0: nobody, `me`)."""
    issues, given = parse_issues(request.POST), request.POST
    person = request.user.pk if given.get("person") == "me" else parse_number(given.get("person", ""))
    team = parse_number(given.get("team", ""))
    if not issues or (person and person not in {one.id for one in list_people() if one.is_active}):
        return _refuse(request, gettext("Choose at least one issue and what is to be done."))
    if team and team not in {one.id for one in list_teams()}:
        return _refuse(request, gettext("Choose at least one issue and what is to be done."))
    return _do(request, lambda: acts.assign(actor_of(request), issues, team_id=team, assignee_id=person))


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Undo the lines of the history named (`line`, several times), the latest first: what one may do oneself."""
    lines = sorted(_lines(request.POST), reverse=True)
    if not acts.may_undo(request.user, lines):
        raise PermissionDenied
    said = gettext("Undone; everything is as it was before.")
    try:
        acts.undo(actor_of(request), lines)
    except acts.PartlyDone as part:
        said = f"{_changed(len(part.done))} {refusal_words(part)}"
    except WorkRefused as refusal:
        return _refuse(request, refusal_words(refusal))
    if _wants_json(request):
        return JsonResponse({"said": said, "lines": []})
    messages.success(request, said)
    return redirect(way_back(request, reverse("inbox")))


def _lines(given: QueryDict) -> list[int]:
    """The lines of the history that are named, each once."""
    numbers = (parse_number(text) for text in given.getlist("line")[:MAX_ISSUES])
    return list(dict.fromkeys(number for number in numbers if number))


def _do(request: HttpRequest, act: Callable[[], Sequence[Done]], choice: Choice | None = None) -> HttpResponse:
    rest = ""
    try:
        done = act()
    except acts.PartlyDone as part:
        done, rest = part.done, refusal_words(part)
    except WorkRefused as refusal:
        return _refuse(request, refusal_words(refusal))
    said = f"{_say(done, choice)} {rest}".rstrip()
    lines = [one.history_id for one in done]
    if _wants_json(request):
        return JsonResponse({"said": said, "lines": lines, "is_part": bool(rest)})
    messages.success(request, said)
    place = way_back(request, reverse("inbox"))
    return redirect(place + ("&" if "?" in place else "?") + "&".join(f"line={line}" for line in lines))


def _say(done: Sequence[Done], choice: Choice | None) -> str:
    count, opened = len(done), sum(one.handlings for one in done)
    if choice is None:
        return _changed(count)
    said = ngettext("%(n)s issue: %(what)s.", "%(n)s issues: %(what)s.", count) % {
        "n": count,
        "what": DECISION_NAMES[choice.decision],
    }
    if not opened:
        return said
    more = ngettext(
        "%(n)s handling opened for what had come before.", "%(n)s handlings opened for what had come before.", opened
    )
    return f"{said} {more % {'n': opened}}"


def _changed(count: int) -> str:
    return ngettext("%(n)s issue changed.", "%(n)s issues changed.", count) % {"n": count}


def _refuse(request: HttpRequest, said: str) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"said": said}, status=409)
    messages.error(request, said)
    return redirect(way_back(request, reverse("inbox")))


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def _version(request: HttpRequest) -> int | None:
    """The version whoever decides has seen; a bulk act names none."""
    return parse_number(request.POST.get("version", ""))


def _list_beside(request: HttpRequest) -> str:
    """Return the list that a preview stands beside, as htmx names it: there one goes on after deciding."""
    query = request.headers.get("HX-Current-URL", "").partition("?")[2]
    kept = [(name, value) for name, value in parse_qsl(query) if name not in {"line", "offset", "saved_as"}]
    return reverse("inbox") + (f"?{urlencode(kept)}" if kept else "")
