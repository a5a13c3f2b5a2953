"""Finding a runbook from an error that somebody pastes, and answering what is suggested for an issue."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from mukiau.stores.audit import Actor
from mukiau.stores.work.known_runbooks import Hit
from mukiau.stores.work.runbooks import RunbookRefused
from mukiau.stores.work.suggestions import Accepted
from mukiau.web.accounts.roles import Right, needs
from mukiau.web.audit import actor_of
from mukiau.web.finding import acts
from mukiau.web.finding.search import find_in_text, find_suggestion
from mukiau.web.views.issue import get_issue
from mukiau.work.finding.failure import MAX_PASTED_CHARS


def page(request: HttpRequest) -> HttpResponse:
    """Show what is found for a text: posted, because a trace is long and belongs in no log of addresses; else for `q`."""
    text = request.POST.get("text", request.GET.get("q", ""))[:MAX_PASTED_CHARS]
    context = {"text": text, "is_asked": bool(text.strip()), "hits": find_in_text(text)}
    return render(request, "finding/find.html", context)


@require_POST
@needs(Right.RUNBOOKS)
def answer(request: HttpRequest, issue_id: int, runbook_id: int) -> HttpResponse:
    """Accept what is suggested for an issue (`answer` is `rule` or `link`) or decline it (`decline`)."""
    issue, hit = get_issue(issue_id), find_suggestion(issue_id, runbook_id)
    back = redirect("issue", issue.id)
    if hit is None:
        messages.error(request, gettext("This runbook is not suggested for the issue any more."))
        return back
    try:
        messages.success(request, _answer(actor_of(request), issue.id, hit, request.POST.get("answer", "")))
    except RunbookRefused:
        messages.error(request, gettext("Somebody has changed the runbook meanwhile, so nothing was done. Try again."))
    return back


def _answer(who: Actor, issue_id: int, hit: Hit, wish: str) -> str:
    """Do what was chosen; return what came of it."""
    code = hit.runbook.code
    if wish == "rule":
        return accepted_words(acts.accept_for_issue(who, issue_id, hit))
    if wish == "link":
        acts.link_for_issue(who, issue_id, hit)
        return gettext("%(code)s answers this issue from now on, and no other by this.") % {"code": code}
    acts.decline_for_issue(who, issue_id, hit)
    return gettext("%(code)s is not suggested for this issue again.") % {"code": code}


def accepted_words(accepted: Accepted) -> str:
    """Return what came of accepting a match rule."""
    if accepted.is_in_force:
        return gettext("%(code)s has the match rule from now on, in a new version.") % {"code": accepted.code}
    return gettext(
        "%(code)s has the match rule in a new version; it holds once the changes that wait there are published."
    ) % {"code": accepted.code}
