"""The match rules proposed for runbooks that were brought in, to be accepted or declined one by one."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work.proposals import read_proposals
from mukiau.stores.work.runbooks import RunbookRefused
from mukiau.web.accounts.roles import Right, may, needs
from mukiau.web.audit import actor_of
from mukiau.web.finding import acts
from mukiau.web.views.finding import accepted_words


def page(request: HttpRequest) -> HttpResponse:
    """Show what is proposed, and what was declined."""
    context = {
        "proposals": read_proposals(own_connection()),
        "declined": read_proposals(own_connection(), "declined"),
        "may_change": may(request.user, Right.RUNBOOKS),
    }
    return render(request, "finding/proposals.html", context)


@require_POST
@needs(Right.RUNBOOKS)
def accept(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Add the match rule to its runbook."""
    return _act(request, lambda: accepted_words(acts.accept(actor_of(request), proposal_id)))


@require_POST
@needs(Right.RUNBOOKS)
def decline(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Do not propose it again."""

    def act() -> str:
        declined = acts.decline(actor_of(request), proposal_id)
        return gettext("The rule is not proposed for %(code)s again.") % {"code": declined.code}

    return _act(request, act)


@require_POST
@needs(Right.RUNBOOKS)
def reconsider(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Take a decline back."""

    def act() -> str:
        acts.reconsider(actor_of(request), proposal_id)
        return gettext("It is proposed again.")

    return _act(request, act)


def _act(request: HttpRequest, act: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, act())
    except RunbookRefused:
        messages.error(request, gettext("Somebody has answered it or changed the runbook meanwhile; nothing was done."))
    return redirect("runbook-proposals")
