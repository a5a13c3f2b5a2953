"""The issue page: one event of an issue, and what is known of all of them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from mukiau import clock
from mukiau.core.envelope import parse_event_id
from mukiau.stores.queries.event import (
    EventDetail,
    find_event,
    find_latest_event,
    find_place_of_event,
    read_neighbours,
)
from mukiau.stores.queries.issue import (
    IssueHead,
    find_explanation,
    find_issue,
    read_environments,
    read_hours,
    read_tags,
)
from mukiau.stores.queries.linked import read_linked_issues, read_trace
from mukiau.stores.queries.policy_in_force import read_policy_in_force
from mukiau.stores.queries.requests import read_requests_of_issue
from mukiau.web.accounts.roles import Right, may
from mukiau.web.comments import latest_of
from mukiau.web.event.explanation import explanation_nodes
from mukiau.web.event.linked import trace_of
from mukiau.web.event.own_frames import with_policy
from mukiau.web.event.sections import parse_wish, sections_of
from mukiau.web.event.tags import tags_of
from mukiau.web.finding.search import suggested_for
from mukiau.web.inbox.facts import work_context
from mukiau.web.moved import leads_on
from mukiau.web.pulse import first_hour, pulse_of
from mukiau.web.runbooks.filled import runbooks_of


@leads_on
def latest(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Show the latest event; the address of an issue stays the same while events come."""
    issue = get_issue(issue_id)
    event_pk = find_latest_event(issue.id)
    if event_pk is None:
        raise Http404
    return _show(request, issue, get_event(issue.id, event_pk))


@leads_on
def page(request: HttpRequest, issue_id: int, event_pk: int) -> HttpResponse:
    return _show(request, get_issue(issue_id), get_event(issue_id, event_pk))


def by_event_id(request: HttpRequest, event_id: str) -> HttpResponse:
    """Lead from an event's own id, as a log or an SDK names it, to its page."""
    place = find_place_of_event(parse_event_id(event_id))
    if place is None:
        raise Http404
    return redirect("event", *place)


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
    wish = parse_wish(request.GET)
    explanation = find_explanation(event.fingerprint_id)
    tree = explanation.tree if explanation else {}
    document = with_policy(event.document, read_policy_in_force(issue.project_id))
    hours, environments = read_hours(issue.id, from_hour=first_hour()), read_environments(issue.id)
    context = {
        "issue": issue,
        "event": event,
        "neighbours": read_neighbours(event),
        "pulse": pulse_of(hours, environments, now_ms=clock.unix_ms()),
        "sections": sections_of(document, tree=tree, occurred_ms=event.occurred_ms, wish=wish),
        "tags": tags_of(read_tags(issue.id), event.document, is_whole=wish.is_whole),
        "trace": trace_of(read_trace(event.pk), event.pk),
        "linked": read_linked_issues(issue.id),
        "requests": read_requests_of_issue(issue.id),
        "suggested": suggested_for([issue.id]).get(issue.id, ()),
        "explanation": explanation,
        "nodes": explanation_nodes(tree),
        "is_whole": wish.is_whole,
        "talk": latest_of(issue.id),
        "runbooks": runbooks_of(issue, event),
        "may_write_runbooks": may(request.user, Right.RUNBOOKS),
        **work_context(request, issue.id),
    }
    return render(request, "issue/page.html", context)
