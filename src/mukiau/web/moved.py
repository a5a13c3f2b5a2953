"""Addresses of issues that were merged or split: they lead to where their events are now."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from mukiau.stores.queries.grouping_history import find_current_issue, find_current_issue_of_event

View = Callable[..., HttpResponse]


def leads_on(view: View) -> View:
    """Let a page of an issue, or of one of its events, that is no longer there lead to where it went.

    Not for ever (302): a change can be undone.
    """

    @wraps(view)
    def page(request: HttpRequest, issue_id: int, **rest: Any) -> HttpResponse:
        try:
            return view(request, issue_id, **rest)
        except Http404:
            current = find_new_place(issue_id, rest.get("event_pk"))
            if current is None:
                raise
        assert request.resolver_match is not None
        address = reverse(request.resolver_match.view_name, kwargs={"issue_id": current, **rest})
        query = request.META.get("QUERY_STRING", "")
        return redirect(f"{address}?{query}" if query else address)

    return page


def find_new_place(issue_id: int, event_pk: int | None = None) -> int | None:
    """Return the issue to which one, or one of its events, went; None if it went nowhere else."""
    found = find_current_issue(issue_id) if event_pk is None else find_current_issue_of_event(issue_id, event_pk)
    return None if found == issue_id else found
