"""Runbooks to read: the list, one of them, a version and what changed, and the short addresses."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from mukiau import clock
from mukiau.stores.queries.issue import IssueHead, find_issue
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.queries.runbooks import (
    RunbookHead,
    RunbookVersion,
    Worth,
    count_runbooks,
    find_runbook,
    find_version,
    list_answered,
    list_comments,
    list_runbooks,
    list_versions,
    read_worth,
)
from mukiau.stores.work.proposals import read_proposals
from mukiau.stores.work.runbooks import RunbookState
from mukiau.web.accounts.roles import Right, may
from mukiau.web.grouping.drafts import diff_of
from mukiau.web.numbers import parse_number, parse_place
from mukiau.web.runbooks.filled import values_of_issue
from mukiau.web.runbooks.words import shown_problems
from mukiau.work.runbooks.front_matter import parse_runbook
from mukiau.work.runbooks.rendering import check_runbook, render_runbook

DAY_MS = 86_400_000
DAYS_LOOKED_AT = 30
PAGE_ROWS = 100


def page(request: HttpRequest) -> HttpResponse:
    """List runbooks page by page: those with all words of `q`, in the `state` asked for (else all that are not retired)."""
    words, state = request.GET.get("q", "").strip()[:200], request.GET.get("state", "")
    state = state if state in set(RunbookState) else ""
    after = parse_place(request.GET)
    found = list_runbooks(words=words, state=state, after=after, limit=PAGE_ROWS + 1)
    shown = found[:PAGE_ROWS]
    worth = read_worth([one.id for one in shown])
    rows = [(one, worth.get(one.id, Worth()), is_stale(one)) for one in shown]
    context = {
        "rows": rows,
        "next": shown[-1] if len(found) > PAGE_ROWS else None,
        "is_later": after is not None,
        "words": words,
        "state": state,
        "states": list(RunbookState),
        "has_any": bool(rows) or count_runbooks() > 0,
        "proposed": len(read_proposals(own_connection())),
        "may_write": may(request.user, Right.RUNBOOKS),
    }
    return render(request, "runbooks/list.html", context)


def one(request: HttpRequest, code: str) -> HttpResponse:
    """Show a runbook as it is in force, filled in from the latest event of `issue` where one is named."""
    runbook = get_runbook(code)
    issue = _issue(request.GET.get("issue", ""))
    version = get_version(runbook, runbook.published_number or runbook.number)
    versions = list_versions(runbook.id)
    context = {
        "runbook": runbook,
        "version": version,
        "latest": versions[0],
        "versions": versions,
        "issue": issue,
        "rendered": render_runbook(version.text, values_of_issue(issue)),
        "rules": parse_runbook(version.text).front.rules,
        "answered": list_answered(runbook.id, since_ms=clock.unix_ms() - DAYS_LOOKED_AT * DAY_MS),
        "comments": list_comments(runbook.id),
        "worth": read_worth([runbook.id]).get(runbook.id, Worth()),
        "is_stale": is_stale(runbook),
        "may_write": may(request.user, Right.RUNBOOKS),
    }
    return render(request, "runbooks/page.html", context)


def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Show a version as it reads, and how it differs from another (`against`; else the one before)."""
    runbook = get_runbook(code)
    shown = get_version(runbook, number)
    others = [one for one in list_versions(runbook.id) if one.number != number]
    other = find_version(runbook.id, parse_number(request.GET.get("against", ""))) or find_version(
        runbook.id, number - 1
    )
    context = {
        "runbook": runbook,
        "version": shown,
        "other": other,
        "other_numbers": [one.number for one in others],
        "diff": diff_of(other.text, shown.text) if other else (),
        "rendered": render_runbook(shown.text, {}),
        "problems": shown_problems(shown.text, check_runbook(shown.text)),
        "is_own": shown.author_id is not None and shown.author_id == request.user.pk,
        "may_write": may(request.user, Right.RUNBOOKS),
    }
    return render(request, "runbooks/version.html", context)


def short(request: HttpRequest, code: str) -> HttpResponse:
    """Lead from `/r/ORD-12` to the runbook."""
    return redirect("runbook", get_runbook(code).code)


def get_runbook(code: str) -> RunbookHead:
    """Return the runbook or answer 404."""
    found = find_runbook(code)
    if found is None:
        raise Http404
    return found


def get_version(runbook: RunbookHead, number: int) -> RunbookVersion:
    """Return the version or answer 404."""
    found = find_version(runbook.id, number)
    if found is None:
        raise Http404
    return found


def is_stale(runbook: RunbookHead) -> bool:
    """Say whether its date of review has passed."""
    return bool(runbook.review_by) and runbook.state != RunbookState.RETIRED and runbook.review_by < _today()


def _today() -> str:
    return date.fromtimestamp(clock.unix_ms() / 1000).isoformat()  # noqa: DTZ012 - a day more or less


def _issue(text: str) -> IssueHead | None:
    number = parse_number(text)
    return find_issue(number) if number else None
