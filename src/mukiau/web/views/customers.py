"""A page per customer, and a search by any id: for whoever answers customers and need not know issues."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from mukiau import clock
from mukiau.stores.queries.customers import (
    Found,
    find_by_id,
    read_open_handlings,
    read_open_requests,
    read_seen_issues,
)
from mukiau.stores.queries.places import PlaceEntry, read_places
from mukiau.stores.queries.registry import EnvironmentEntry, customers_of, read_environment_names
from mukiau.web.numbers import parse_number
from mukiau.web.period import DAY_HOURS
from mukiau.web.scope import project_scope

MAX_ID_CHARS = 200
MIN_ID_CHARS = 2
HOUR_MS = 3_600_000


def page(request: HttpRequest) -> HttpResponse:
    """List the customers; `q` looks for an id at all of them."""
    scope = project_scope(request.GET)
    entries, typed = read_environment_names(scope.project_id), _typed(request)
    counts = _counts_of_today(scope.project_id)
    context = {
        "scope": scope,
        "customers": [
            {
                "name": name,
                "environments": own,
                "today": sum(counts.get(entry.name, 0) for entry in own),
            }
            for name, own in ((name, _of(entries, name)) for name in customers_of(entries))
        ],
        "without": [entry for entry in entries if not entry.customer],
        **_search(request, typed, scope.project_id, None),
    }
    return render(request, "customers/list.html", context)


def customer(request: HttpRequest, name: str) -> HttpResponse:
    """Show one customer: its environments, what is being done, what was seen last; `q` looks for an id."""
    scope = project_scope(request.GET)
    entries = _of(read_environment_names(scope.project_id), name)
    if not entries:
        raise Http404
    environments = [entry.name for entry in entries]
    counts = _counts_of_today(scope.project_id)
    context = {
        "scope": scope,
        "name": name,
        "environments": [(entry, counts.get(entry.name, 0)) for entry in entries],
        "handlings": read_open_handlings(environments, scope.project_id),
        "requests": read_open_requests(name, environments, scope.project_id),
        "issues": read_seen_issues(environments, scope.project_id),
        **_search(request, _typed(request), scope.project_id, environments),
    }
    return render(request, "customers/page.html", context)


def _typed(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:MAX_ID_CHARS]


def _of(entries: tuple[EnvironmentEntry, ...], name: str) -> list[EnvironmentEntry]:
    return [entry for entry in entries if entry.customer == name]


def _counts_of_today(project_id: int) -> dict[str, int]:
    """Return the events of the last 24 hours by environment."""
    now_ms = clock.unix_ms()
    found: dict[str, int] = {}
    places: tuple[PlaceEntry, ...] = read_places(
        project_id, since_hour=now_ms // HOUR_MS - DAY_HOURS + 1, now_ms=now_ms
    )
    for place in places:
        found[place.environment] = found.get(place.environment, 0) + place.event_count
    return found


def _search(
    request: HttpRequest, typed: str, project_id: int, environments: list[str] | None
) -> dict[str, Found | str | bool | None]:
    """Return what was found; one character is no id, and half of all events has it."""
    if len(typed) < MIN_ID_CHARS:
        return {"typed": typed, "found": None, "is_too_short": bool(typed)}
    before = parse_number(request.GET.get("before", ""))
    found = find_by_id(typed, project_id, environments=environments, before=before)
    further = urlencode({"project": project_id, "q": typed, "before": found.next}) if found.next is not None else ""
    return {"typed": typed, "found": found, "further": further, "is_first": before is None, "is_too_short": False}
