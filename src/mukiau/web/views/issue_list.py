"""The issue list: the URL says what it shows."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from mukiau.core.envelope import parse_event_id
from mukiau.core.event import Level
from mukiau.stores.queries.event import find_place_of_event
from mukiau.stores.queries.issue_list import (
    MAX_PAGE_ROWS,
    PAGE_ROWS,
    Cursor,
    IssueFilter,
    Marker,
    Sort,
    read_issue_page,
    read_marker,
    read_news,
)
from mukiau.stores.queries.scope import ProjectChoice, list_projects, scope_choices
from mukiau.web.period import Period, chart_of, parse_period
from mukiau.web.search_syntax import filter_of, parse_search

MAX_SEARCH_CHARS = 200
FILTERS = ("service", "environment", "level")
LEVELS = tuple(level.value for level in reversed(Level))


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What the URL asks for."""

    wanted: IssueFilter
    typed: str
    """The search box as it was typed."""
    chosen: dict[str, str]
    """What the scope bar's menus are set to; a field typed into the box goes before them."""
    period: Period
    sort: Sort

    @property
    def has_filter(self) -> bool:
        return bool(self.typed or self.period or any(self.chosen.values()))

    @property
    def parameters(self) -> str:
        """The same as a query string, without what is the default."""
        named = {
            "project": str(self.wanted.project_id),
            "q": self.typed,
            **self.chosen,
            "period": self.period.value,
            "sort": "" if self.sort is Sort.LAST_SEEN else self.sort.value,
        }
        return urlencode({name: value for name, value in named.items() if value})


def page(request: HttpRequest) -> HttpResponse:
    """Show one page of the list; htmx gets only the part that changes. An event's id in the box leads to the event."""
    if place := find_place_of_event(parse_event_id(request.GET.get("q", "").strip())):
        return _lead(request, reverse("event", args=place))
    projects = list_projects()
    query = parse_query(request.GET, projects)
    marker = read_marker()
    found = read_issue_page(
        query.wanted,
        sort=query.sort,
        chart=chart_of(query.period),
        after=parse_cursor(request.GET, query.sort),
        limit=max(PAGE_ROWS, min(_number(request.GET, "rows"), MAX_PAGE_ROWS)),
    )
    context = {"query": query, "found": found, "marker": marker, "projects": projects}
    is_fragment = "HX-Request" in request.headers
    if not is_fragment:
        context |= {"choices": scope_choices(query.wanted.project_id), "levels": LEVELS}
    response = render(request, "issues/rows.html" if is_fragment else "issues/list.html", context)
    patch_vary_headers(response, ("HX-Request",))
    return response


def _lead(request: HttpRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if "HX-Request" in request.headers else redirect(address)


def news(request: HttpRequest) -> HttpResponse:
    """Say how many issues appeared or changed since the list was shown; asked every few seconds."""
    query = parse_query(request.GET, list_projects())
    since = Marker(issue_id=_number(request.GET, "issue"), event_pk=_number(request.GET, "event"))
    context = {"query": query, "marker": since, "news": read_news(query.wanted, since)}
    return render(request, "issues/news.html", context)


def parse_query(given: QueryDict, projects: tuple[ProjectChoice, ...]) -> Query:
    """Read the URL; what is unknown counts as not given."""
    ids = [project.id for project in projects] or [0]
    project = _number(given, "project")
    chosen = {name: given.get(name, "").strip() for name in FILTERS}
    typed = given.get("q", "").strip()[:MAX_SEARCH_CHARS]
    period = parse_period(given.get("period", ""))
    sort = given.get("sort", "")
    asked = filter_of(parse_search(typed), project_id=project if project in ids else ids[0])
    wanted = replace(
        asked,
        service=asked.service or chosen["service"],
        environment=asked.environment or chosen["environment"],
        level=asked.level or chosen["level"],
        since_hour=chart_of(period).start_hour if period else 0,
    )
    return Query(
        wanted=wanted,
        typed=typed,
        chosen=chosen,
        period=period,
        sort=Sort(sort) if sort in set(Sort) else Sort.LAST_SEEN,
    )


def parse_cursor(given: QueryDict, sort: Sort) -> Cursor | None:
    """Read where the page before ended; None for the first page."""
    value, issue_id = given.get("after"), given.get("after_id", "")
    if value is None or not issue_id.isdecimal():
        return None
    if sort is Sort.TITLE:
        return Cursor(value=value, issue_id=int(issue_id))
    return Cursor(value=int(value), issue_id=int(issue_id)) if value.lstrip("-").isdecimal() else None


def _number(given: QueryDict, name: str) -> int:
    value = given.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 19 else 0
