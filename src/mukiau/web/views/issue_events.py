"""The events of an issue, latest first; all of them, or those with a value in a tag."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from mukiau.stores.queries.event import PAGE_EVENTS, read_event_rows
from mukiau.stores.queries.tagged_events import find_tagged_events
from mukiau.web.moved import leads_on
from mukiau.web.views.issue import get_issue

MAX_TAG_CHARS = 200


@leads_on
def page(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Show one page of events; `before` and `before_id` name the last one of the page before."""
    issue = get_issue(issue_id)
    key, value = (request.GET.get(name, "")[:MAX_TAG_CHARS] for name in ("tag", "value"))
    at = _place(request.GET)
    found = _tagged(issue.id, key, value, at) if key else _every(issue.id, at)
    found |= {"issue": issue, "has_release": any(row.release for row in found["rows"])}
    return render(request, "issue/events.html", found)


def _every(issue_id: int, at: tuple[int, int] | None) -> dict[str, Any]:
    rows = read_event_rows(issue_id, before=at)
    shown = rows[:PAGE_EVENTS]
    return {"rows": shown, "older": _further((shown[-1].occurred_ms, shown[-1].pk)) if len(rows) > len(shown) else ""}


def _tagged(issue_id: int, key: str, value: str, at: tuple[int, int] | None) -> dict[str, Any]:
    found = find_tagged_events(issue_id, key, value, before=at)
    older = _further(found.next, tag=key, value=value) if found.next else ""
    return {"rows": found.rows, "older": older, "tag": key, "value": value, "search": found, "is_first": at is None}


def _further(place: tuple[int, int], **named: str) -> str:
    return urlencode({**named, "before": place[0], "before_id": place[1]})


def _place(given: QueryDict) -> tuple[int, int] | None:
    before, before_id = given.get("before", ""), given.get("before_id", "")
    is_place = all(part.isdecimal() and len(part) < 19 for part in (before, before_id))
    return (int(before), int(before_id)) if is_place else None
