"""An event as text: the stored JSON to read, to download, and a Markdown summary to paste into a ticket."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from mukiau.stores.queries.policy_in_force import read_policy_in_force
from mukiau.web.address import absolute_url
from mukiau.web.event.json_lines import json_page, json_text
from mukiau.web.event.markdown import markdown_of
from mukiau.web.event.own_frames import with_policy
from mukiau.web.event.sections import Wish, sections_of
from mukiau.web.moved import leads_on
from mukiau.web.views.issue import get_event, get_issue


@leads_on
def page(request: HttpRequest, issue_id: int, event_pk: int) -> HttpResponse:
    """Show the stored document in numbered lines; `from` is the first one."""
    issue, event = get_issue(issue_id), get_event(issue_id, event_pk)
    given = request.GET.get("from", "")
    first = int(given) if given.isdecimal() and len(given) < 10 else 1
    return render(
        request, "issue/raw.html", {"issue": issue, "event": event, "page": json_page(event.document, first=first)}
    )


@leads_on
def as_json(request: HttpRequest, issue_id: int, event_pk: int) -> HttpResponse:
    """Answer the stored document as JSON."""
    event = get_event(issue_id, event_pk)
    return HttpResponse(json_text(event.document), content_type="application/json; charset=utf-8")


@leads_on
def as_markdown(request: HttpRequest, issue_id: int, event_pk: int) -> HttpResponse:
    """Answer a summary as Markdown text."""
    issue, event = get_issue(issue_id), get_event(issue_id, event_pk)
    document = with_policy(event.document, read_policy_in_force(issue.project_id))
    text = markdown_of(
        issue,
        event,
        sections=sections_of(document, tree={}, occurred_ms=event.occurred_ms, wish=Wish()),
        url=absolute_url(request, reverse("event", args=(issue.id, event.pk))),
    )
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
