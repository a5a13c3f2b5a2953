"""The issue page: one event of an issue, and what is known of all of them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from mukiau import clock
from mukiau.stores.queries.event import EventDetail, find_event, find_latest_event, read_neighbours
from mukiau.stores.queries.issue import (
    IssueHead,
    find_explanation,
    find_issue,
    read_environments,
    read_hours,
    read_tags,
)
from mukiau.web.event.chain import chain_of
from mukiau.web.event.detail import log_lines_of, message_of, problems_of, request_of, sections_of
from mukiau.web.event.explanation import explanation_nodes
from mukiau.web.event.frames import thread_runs
from mukiau.web.event.shapes import mapping, text
from mukiau.web.pulse import first_hour, pulse_of


def latest(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Lead to the latest event; the address of an issue stays the same while events come."""
    issue = get_issue(issue_id)
    event_pk = find_latest_event(issue.id)
    if event_pk is None:
        raise Http404
    return _show(request, issue, get_event(issue.id, event_pk))


def page(request: HttpRequest, issue_id: int, event_pk: int) -> HttpResponse:
    return _show(request, get_issue(issue_id), get_event(issue_id, event_pk))


def get_issue(issue_id: int) -> IssueHead:
    """Return the issue or answer 404."""
    issue = find_issue(issue_id)
    if issue is None:
        raise Http404
    return issue


def get_event(issue_id: int, event_pk: int) -> EventDetail:
    """Return the event or answer 404."""
    event = find_event(issue_id, event_pk)
    if event is None:
        raise Http404
    return event


def _show(request: HttpRequest, issue: IssueHead, event: EventDetail) -> HttpResponse:
    payload, origin = mapping(event.document.get("payload")), mapping(event.document.get("origin"))
    explanation = find_explanation(event.fingerprint_id)
    tree = explanation.tree if explanation else {}
    hours, environments = read_hours(issue.id, from_hour=first_hour()), read_environments(issue.id)
    links, (formatted, template) = chain_of(payload, tree), message_of(payload)
    context = {
        "issue": issue,
        "event": event,
        "neighbours": read_neighbours(event),
        "pulse": pulse_of(hours, environments, now_ms=clock.unix_ms()),
        "links": links,
        "stack": () if links else thread_runs(payload),
        "message": formatted,
        "message_template": template,
        "log_lines": log_lines_of(payload),
        "request_view": request_of(payload),
        "sections": sections_of(payload),
        "problems": problems_of(event.document),
        "tags": read_tags(issue.id),
        "explanation": explanation,
        "nodes": explanation_nodes(tree),
        "origin": {name: text(origin.get(name)) for name in ("account", "log_group", "log_stream", "call_site")},
        "raw": text(origin.get("raw")),
        "server": text(payload.get("server_name")),
        "logger": text(payload.get("logger")),
        "transaction": text(payload.get("transaction")),
    }
    return render(request, "issue/page.html", context)
