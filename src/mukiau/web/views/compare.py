"""Two events side by side, or two issues by their latest events: why they are one issue or two."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mukiau.core.envelope import parse_event_id
from mukiau.stores.queries.event import (
    EventDetail,
    find_event,
    find_issue_of_event,
    find_latest_event,
    find_place_of_event,
    read_neighbours,
)
from mukiau.stores.queries.grouping_history import find_current_issue
from mukiau.stores.queries.issue import find_issue
from mukiau.web.accounts.roles import Right, may
from mukiau.web.grouping.comparing import explanations_of, sides_of
from mukiau.web.numbers import parse_number


def page(request: HttpRequest) -> HttpResponse:
    """Compare two events (`event`, twice: a number or an event ID) or two issues (`issue`, twice); with one, ask for the other."""
    typed = [text.strip()[:100] for text in request.GET.getlist("event") if text.strip()]
    found = [_event(text) for text in typed] + [_latest(text) for text in request.GET.getlist("issue")]
    events = [event for event in found if event is not None][:2]
    context = {
        "is_missing": None in found,
        "events": events,
        "neighbours": read_neighbours(events[0]) if len(events) == 1 else None,
        "may_change": may(request.user, Right.GROUPING),
    }
    if len(events) == 2:
        first, second = events
        context |= {
            "sides": sides_of(*explanations_of(first, second)),
            "is_one_issue": first.issue_id == second.issue_id,
            "issues": [find_issue(event.issue_id) for event in events],
        }
    return render(request, "grouping/compare.html", context)


def _event(text: str) -> EventDetail | None:
    event_id = parse_event_id(text)
    if event_id and (place := find_place_of_event(event_id)):
        return find_event(*place)
    number = parse_number(text.removeprefix("#"))
    issue_id = None if number is None else find_issue_of_event(number)
    return None if number is None or issue_id is None else find_event(issue_id, number)


def _latest(text: str) -> EventDetail | None:
    number = parse_number(text)
    issue_id = None if number is None else find_current_issue(number)
    event_pk = None if issue_id is None else find_latest_event(issue_id)
    return None if issue_id is None or event_pk is None else find_event(issue_id, event_pk)
