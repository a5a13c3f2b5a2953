"""The occurrences of an issue that were to be answered: by whom, when, how long it took, and what is still to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mukiau.stores.queries.handlings import read_of_issue
from mukiau.web.moved import leads_on
from mukiau.web.numbers import parse_place
from mukiau.web.views.issue import get_issue


@leads_on
def page(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Show one page of them, latest first."""
    issue = get_issue(issue_id)
    found = read_of_issue(issue.id, after=parse_place(request.GET))
    return render(request, "issue/handlings.html", {"issue": issue, "found": found})
