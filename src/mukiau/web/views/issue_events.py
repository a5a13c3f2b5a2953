"""The events of an issue, latest first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mukiau.stores.queries.event import PAGE_EVENTS, read_event_rows
from mukiau.web.views.issue import get_issue


def page(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Show one page of events; `before` and `before_id` name the last one of the page before."""
    issue = get_issue(issue_id)
    before, before_id = request.GET.get("before", ""), request.GET.get("before_id", "")
    at = (int(before), int(before_id)) if before.isdecimal() and before_id.isdecimal() else None
    rows = read_event_rows(issue.id, before=at)
    context = {
        "issue": issue,
        "rows": rows[:PAGE_EVENTS],
        "has_more": len(rows) > PAGE_EVENTS,
        "has_release": any(row.release for row in rows),
    }
    return render(request, "issue/events.html", context)
