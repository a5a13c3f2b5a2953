"""Merging, splitting and undoing: a page that shows what would come of it, and the form that does it."""

import re
from collections.abc import Callable, Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from mukiau.stores.queries.grouping_history import find_change, find_current_issue
from mukiau.stores.queries.issue import IssueFingerprint, IssueHead, find_issue, read_fingerprints
from mukiau.stores.regrouping import MAX_ISSUES_A_MERGE, Changed, RegroupingRefused, UnknownChange
from mukiau.web.accounts.roles import Right, may, needs
from mukiau.web.audit import actor_of
from mukiau.web.grouping import acts
from mukiau.web.grouping.merging import preview_of
from mukiau.web.grouping.words import refusal_words
from mukiau.web.moved import leads_on
from mukiau.web.numbers import parse_number
from mukiau.web.views.issue import get_issue

_NUMBER_IN_ADDRESS = re.compile(r"/issues/([0-9]{1,18})(?:/|$)|^\s*#?([0-9]{1,18})\s*$", re.ASCII)


def merge_page(request: HttpRequest) -> HttpResponse:
    """Show what merging the issues named (`issue`, several times; `other` takes an address) would come to."""
    issues, unknown = _issues(request.GET)
    ids, asked = [one.id for one in issues], parse_number(request.GET.get("into", ""))
    into = asked if asked in ids else min(ids, default=0)
    context = {
        "issues": issues,
        "unknown": unknown,
        "into": into,
        "preview": preview_of(issues, into) if len(issues) > 1 else None,
        "may_change": may(request.user, Right.GROUPING),
        "cancel": reverse("issue-grouping", args=[into]) if into else reverse("issues"),
    }
    return render(request, "grouping/merge.html", context)


@require_POST
@needs(Right.GROUPING)
def merge(request: HttpRequest) -> HttpResponse:
    """Merge the issues named into the one that is to stay."""
    issues, _ = _issues(request.POST)
    into = parse_number(request.POST.get("into", "")) or 0
    ids, reason = [one.id for one in issues], request.POST.get("reason", "")
    back = reverse("issue-grouping", args=[into]) if into in ids else reverse("issues")
    return _act(request, lambda: acts.merge(actor_of(request), ids, into=into, reason=reason), back=back)


@leads_on
def split_page(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Show what splitting off the fingerprints named (`f`, several times) would come to."""
    issue = get_issue(issue_id)
    chosen, kept = _chosen(issue, request.GET)
    context = {
        "issue": issue,
        "chosen": chosen,
        "kept": kept,
        "chosen_events": sum(one.event_count for one in chosen),
        "kept_events": sum(one.event_count for one in kept),
        "may_change": may(request.user, Right.GROUPING),
    }
    return render(request, "grouping/split.html", context)


@require_POST
@needs(Right.GROUPING)
def split_off(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Make the fingerprints named an issue of their own."""
    issue = get_issue(issue_id)
    chosen, _ = _chosen(issue, request.POST)
    ids, reason = [one.id for one in chosen], request.POST.get("reason", "")
    back = reverse("issue-grouping", args=[issue.id])
    return _act(request, lambda: acts.split_off(actor_of(request), issue.id, ids, reason=reason), back=back)


@require_POST
@needs(Right.GROUPING)
def undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Take a change back."""
    change = find_change(change_id)
    back = reverse("issue-grouping", args=[change.into]) if change and change.into else reverse("issues")
    if change is None:
        messages.error(request, refusal_words(UnknownChange(change_id)))
        return redirect(back)
    return _act(request, lambda: acts.undo(actor_of(request), change_id), back=back, undone=True)


def _act(request: HttpRequest, act: Callable[[], Changed], *, back: str, undone: bool = False) -> HttpResponse:
    try:
        changed = act()
    except RegroupingRefused as refusal:
        messages.error(request, refusal_words(refusal))
        return redirect(back)
    place = reverse("issue-grouping", args=[changed.issue_id]) if changed.issue_id else reverse("issues")
    if undone:
        messages.success(request, gettext("The change is undone; everything is where it was before."))
        return redirect(place)
    return redirect(f"{place}?done={changed.change_id}")


def _issues(given: QueryDict) -> tuple[list[IssueHead], str]:
    """Return the issues named that are there, and what was typed and names none."""
    ids = [parse_number(text) for text in given.getlist("issue")[:MAX_ISSUES_A_MERGE]]
    typed = given.get("other", "").strip()[:500]
    found = _NUMBER_IN_ADDRESS.search(typed)
    heads = _heads([*ids, int(found[1] or found[2]) if found else None])
    is_known = not typed or (found is not None and find_current_issue(int(found[1] or found[2])) is not None)
    return heads, "" if is_known else typed


def _heads(ids: Iterable[int | None]) -> list[IssueHead]:
    """Return the issues that are there, each once; of those that were merged, where they went."""
    current = dict.fromkeys(find_current_issue(one) for one in ids if one is not None)
    return [issue for one in current if one is not None and (issue := find_issue(one)) is not None]


def _chosen(issue: IssueHead, given: QueryDict) -> tuple[list[IssueFingerprint], list[IssueFingerprint]]:
    wanted = {parse_number(text) for text in given.getlist("f")}
    present = read_fingerprints(issue.id)
    return [one for one in present if one.id in wanted], [one for one in present if one.id not in wanted]
