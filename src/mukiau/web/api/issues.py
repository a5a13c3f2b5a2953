"""Issues and their events."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from mukiau import clock
from mukiau.core.event import Level
from mukiau.stores.queries.event import (
    PAGE_EVENTS,
    EventDetail,
    EventRow,
    find_event,
    find_issue_of_event,
    read_event_rows,
)
from mukiau.stores.queries.issue import IssueHead, find_issue, read_environments, read_tags
from mukiau.stores.queries.issue_list import Chart, Cursor, IssueFilter, IssueRow, Sort, read_issue_page
from mukiau.stores.queries.linked import LinkedIssue, read_linked_issues
from mukiau.stores.queries.scope import list_projects
from mukiau.web.address import absolute_url
from mukiau.web.api.door import ApiError, Caller
from mukiau.web.api.paging import choice_of, cursor_of, next_page, number_of
from mukiau.web.moved import find_new_place

LEVELS = tuple(level.value for level in Level)
SORTS = tuple(sort.value for sort in Sort)
MAX_SEARCH_CHARS = 200


def list_issues(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return one page of issues, as the list shows them."""
    sort = Sort(choice_of(request, "sort", SORTS, Sort.LAST_SEEN))
    wanted = IssueFilter(
        project_id=project_of(request),
        search=request.GET.get("q", "")[:MAX_SEARCH_CHARS],
        service=request.GET.get("service", ""),
        environment=request.GET.get("environment", ""),
        level=choice_of(request, "level", LEVELS, ""),
    )
    after = cursor_of(request, (str if sort is Sort.TITLE else int, int))
    page = read_issue_page(
        wanted,
        sort=sort,
        chart=Chart(start_hour=clock.unix_ms() // 3_600_000 - 23, bar_hours=24, bars=1),
        after=Cursor(value=after[0], issue_id=after[1]) if after else None,
    )
    following = (page.next.value, page.next.issue_id) if page.next else None
    items = [_row(request, row, project_id=wanted.project_id) for row in page.rows]
    return {"items": items, "total": page.total, "next": next_page(request, following)}


def show_issue(request: HttpRequest, caller: Caller, issue_id: int) -> dict[str, Any]:
    """Return one issue with its environments, its tags, and the issues that share requests with it."""
    issue = get_issue(issue_id, "api-issue")
    linked = read_linked_issues(issue_id)
    return {
        **_head(request, issue),
        "environments": [
            {
                "environment": line.environment,
                "event_count": line.count,
                "first_seen": time_text(line.first_seen_ms),
                "last_seen": time_text(line.last_seen_ms),
            }
            for line in read_environments(issue_id)
        ],
        "tags": {
            tag.key: [{"value": value.value, "event_count": value.count} for value in tag.values]
            for tag in read_tags(issue_id)
        },
        "linked": {
            "looked_at": linked.looked_at,
            "is_root": linked.is_root,
            "issues": [_linked(request, other) for other in linked.issues],
        },
    }


def list_events(request: HttpRequest, caller: Caller, issue_id: int) -> dict[str, Any]:
    """Return one page of an issue's events, the latest first."""
    get_issue(issue_id, "api-issue-events")
    before = cursor_of(request, (int, int))
    rows = read_event_rows(issue_id, before=(before[0], before[1]) if before else None)
    shown = rows[:PAGE_EVENTS]
    following = (shown[-1].occurred_ms, shown[-1].pk) if len(rows) > PAGE_EVENTS else None
    items = [_event_row(request, row, issue_id=issue_id) for row in shown]
    return {"items": items, "next": next_page(request, following)}


def show_event(request: HttpRequest, caller: Caller, event_pk: int) -> dict[str, Any]:
    """Return one event with everything that is stored of it."""
    issue_id = find_issue_of_event(event_pk)
    event = find_event(issue_id, event_pk) if issue_id is not None else None
    if event is None:
        raise ApiError(404, "not_found", f"There is no event {event_pk}. (The number is `id`, not `event_id`.)")
    return _event(request, event)


def nothing_here(request: HttpRequest, caller: Caller, rest: str) -> dict[str, Any]:
    """Say that an address is none."""
    raise ApiError(404, "not_found", "The API has no such address; docs/reference/api.md lists them.")


def project_of(request: HttpRequest) -> int:
    """Return the project that is asked about; with one project it need not be named."""
    ids = [project.id for project in list_projects()]
    given = number_of(request, "project")
    if given is None and len(ids) > 1:
        raise ApiError(
            400, "bad_parameter", "There are several projects; say which (project=<id>, see /api/v1/projects)."
        )
    if given is not None and given not in ids:
        raise ApiError(404, "not_found", f"There is no project {given}.")
    return given or (ids[0] if ids else 0)


def get_issue(issue_id: int, address: str) -> IssueHead:
    """Return an issue; what was merged leads to the same address of where it went."""
    issue = find_issue(issue_id)
    if issue is not None:
        return issue
    current = find_new_place(issue_id)
    if current is None:
        raise ApiError(404, "not_found", f"There is no issue {issue_id}.")
    location = reverse(address, args=(current,))
    raise ApiError(307, "merged", f"Issue {issue_id} was merged into issue {current}.", Location=location)


def _row(request: HttpRequest, row: IssueRow, *, project_id: int) -> dict[str, Any]:
    return {**_words(request, row), "project": project_id, "environments": row.environments}


def _head(request: HttpRequest, issue: IssueHead) -> dict[str, Any]:
    root = {"root_type": issue.root_type, "root_message": issue.root_message}
    return {**_words(request, issue), "project": issue.project_id, **root}


def _words(request: HttpRequest, issue: IssueRow | IssueHead) -> dict[str, Any]:
    return {
        "id": issue.id,
        "service": issue.service,
        "title": issue.title,
        "subtitle": issue.subtitle,
        "template": issue.template,
        "culprit": issue.culprit,
        "level": issue.level,
        "logger": issue.logger,
        "language": issue.language,
        "first_seen": time_text(issue.first_seen_ms),
        "last_seen": time_text(issue.last_seen_ms),
        "event_count": issue.event_count,
        "url": absolute_url(request, reverse("issue", args=(issue.id,))),
    }


def _linked(request: HttpRequest, other: LinkedIssue) -> dict[str, Any]:
    return {
        "id": other.id,
        "service": other.service,
        "title": other.title,
        "level": other.level,
        "shared": other.shared,
        "relation": other.bond.value,
        "is_root": other.is_root,
        "url": absolute_url(request, reverse("issue", args=(other.id,))),
    }


def _event_row(request: HttpRequest, row: EventRow, *, issue_id: int) -> dict[str, Any]:
    return {
        "id": row.pk,
        "event_id": row.event_id,
        "issue": issue_id,
        "occurred_at": time_text(row.occurred_ms),
        "environment": row.environment,
        "release": row.release,
        "level": row.level,
        "message": row.message,
        "url": absolute_url(request, reverse("event", args=(issue_id, row.pk))),
    }


def _event(request: HttpRequest, event: EventDetail) -> dict[str, Any]:
    return {
        "id": event.pk,
        "event_id": event.event_id,
        "issue": event.issue_id,
        "occurred_at": time_text(event.occurred_ms),
        "sent_at": None if event.sent_ms is None else time_text(event.sent_ms),
        "received_at": time_text(event.received_ms),
        "digested_at": time_text(event.digested_ms),
        "service": event.service,
        "environment": event.environment,
        "release": event.release,
        "level": event.level,
        "title": event.title,
        "message": event.message,
        "source": event.source_label,
        "document": event.document,
        "url": absolute_url(request, reverse("event", args=(event.issue_id, event.pk))),
    }


def time_text(ms: int) -> str:
    """Return a moment as `2026-11-24T09:10:32.008Z`; times no calendar holds become 1970."""
    try:
        at = datetime.fromtimestamp(ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        at = datetime.fromtimestamp(0, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
