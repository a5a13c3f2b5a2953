"""The issue list: the URL says what it shows."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from mukiau import clock
from mukiau.core.event import Level
from mukiau.stores.queries.issue_list import Cursor, IssueFilter, Marker, Sort, read_issue_page, read_marker, read_news
from mukiau.stores.queries.scope import ProjectChoice, list_projects, scope_choices

MAX_SEARCH_CHARS = 200
LEVELS = tuple(level.value for level in reversed(Level))


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What the URL asks for."""

    wanted: IssueFilter
    sort: Sort
    has_filter: bool

    @property
    def parameters(self) -> str:
        """The same as a query string, without what is the default."""
        wanted = self.wanted
        named = {
            "project": str(wanted.project_id),
            "q": wanted.search,
            "service": wanted.service,
            "environment": wanted.environment,
            "level": wanted.level,
            "sort": "" if self.sort is Sort.LAST_SEEN else self.sort.value,
        }
        return urlencode({name: value for name, value in named.items() if value})


def page(request: HttpRequest) -> HttpResponse:
    """Show one page of the list; htmx gets only the part that changes."""
    projects = list_projects()
    query = parse_query(request.GET, projects)
    marker = read_marker()
    offset = timezone.localtime().utcoffset()
    found = read_issue_page(
        query.wanted,
        sort=query.sort,
        after=parse_cursor(request.GET, query.sort),
        now_ms=clock.unix_ms(),
        offset_minutes=int(offset.total_seconds() // 60) if offset else 0,
    )
    context = {"query": query, "found": found, "marker": marker, "projects": projects, "sorts": Sort, "levels": LEVELS}
    is_fragment = request.headers.get("HX-Target") == "issues"
    if not is_fragment:
        context["choices"] = scope_choices(query.wanted.project_id)
    response = render(request, "issues/rows.html" if is_fragment else "issues/list.html", context)
    patch_vary_headers(response, ("HX-Target",))
    return response


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
    filters = {name: given.get(name, "").strip() for name in ("service", "environment", "level")}
    search = given.get("q", "").strip()[:MAX_SEARCH_CHARS]
    sort = given.get("sort", "")
    return Query(
        wanted=IssueFilter(project_id=project if project in ids else ids[0], search=search, **filters),
        sort=Sort(sort) if sort in set(Sort) else Sort.LAST_SEEN,
        has_filter=bool(search or any(filters.values())),
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
