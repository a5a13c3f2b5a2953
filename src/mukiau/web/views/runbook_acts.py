"""Forms on a runbook's pages: put in force, review, comment, retire, and link to an issue."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from mukiau.stores.queries.runbooks import find_runbook
from mukiau.stores.work.runbooks import CommentKind, Review, RunbookRefused, UnknownRunbook
from mukiau.web.accounts.roles import Right, needs
from mukiau.web.audit import actor_of
from mukiau.web.numbers import parse_number
from mukiau.web.runbooks import acts
from mukiau.web.runbooks.words import refusal_words
from mukiau.web.views.issue import get_issue
from mukiau.web.views.runbooks import get_runbook
from mukiau.web.way_back import way_back


@require_POST
@needs(Right.RUNBOOKS)
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Put the version named (`number`) in force."""
    runbook, number = get_runbook(code), _number(request)
    who = actor_of(request)
    done = gettext("Version %(number)s is in force.") % {"number": number}
    to = reverse("runbook", args=[runbook.code])
    return _act(request, lambda: acts.publish(who, runbook.id, runbook.code, number=number), to=to, done=done)


@require_POST
@needs(Right.RUNBOOKS)
def retire(request: HttpRequest, code: str) -> HttpResponse:
    """Take the runbook out of force."""
    runbook, who = get_runbook(code), actor_of(request)
    done = gettext("The runbook is retired; it answers nothing any more. Putting a version in force brings it back.")
    to = reverse("runbook", args=[runbook.code])
    return _act(request, lambda: acts.retire(who, runbook.id, runbook.code), to=to, done=done)


@require_POST
@needs(Right.RUNBOOKS)
def review(request: HttpRequest, code: str) -> HttpResponse:
    """Say of a version (`number`) that it is right, or what it still needs."""
    runbook, number, who = get_runbook(code), _number(request), actor_of(request)
    given = request.POST.get("verdict", "")
    verdict = Review(given) if given in set(Review) else Review.NONE
    note = request.POST.get("note", "")
    to = reverse("runbook-version", args=[runbook.code, max(number, 1)])
    return _act(
        request,
        lambda: acts.review(who, runbook.id, runbook.code, number=number, verdict=verdict, note=note),
        to=to,
        done=gettext("Your review is kept."),
    )


@require_POST
@needs(Right.RUNBOOKS)
def comment(request: HttpRequest, code: str) -> HttpResponse:
    """Say something about the version that was read (`number`), or about one of its steps (`step`)."""
    runbook, who, text = get_runbook(code), actor_of(request), request.POST.get("text", "").strip()
    given, number = request.POST.get("kind", ""), _number(request)
    kind = CommentKind(given) if given in set(CommentKind) else CommentKind.COMMENT
    to = way_back(request, reverse("runbook", args=[runbook.code]) + "#comments")
    if (step := parse_number(request.POST.get("step", ""))) and text:
        text = gettext("Step %(n)s: %(text)s") % {"n": step, "text": text}
    if not text:
        messages.error(request, gettext("Write something first."))
        return redirect(to)
    return _act(
        request,
        lambda: acts.comment(who, runbook.id, runbook.code, text, number=number, kind=kind),
        to=to,
        done=gettext("Your comment is kept."),
    )


@require_POST
@needs(Right.RUNBOOKS)
def link(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Say that a runbook (`code`) answers the issue."""
    issue, who = get_issue(issue_id), actor_of(request)
    runbook = find_runbook(_code(request.POST.get("code", "")))
    to = reverse("issue", args=[issue.id]) + "#runbook"
    if runbook is None:
        messages.error(request, refusal_words(UnknownRunbook("")))
        return redirect(to)
    done = gettext("%(code)s answers this issue now.") % {"code": runbook.code}
    return _act(request, lambda: acts.link(who, issue.id, runbook.id, runbook.code), to=to, done=done)


@require_POST
@needs(Right.RUNBOOKS)
def unlink(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Take the link back; rules decide again."""
    issue, who = get_issue(issue_id), actor_of(request)
    to = reverse("issue", args=[issue.id]) + "#runbook"
    return _act(request, lambda: acts.unlink(who, issue.id), to=to, done=gettext("The link is taken away."))


def _act(request: HttpRequest, act: Callable[[], object], *, to: str, done: str) -> HttpResponse:
    try:
        act()
    except RunbookRefused as refusal:
        messages.error(request, refusal_words(refusal))
    else:
        messages.success(request, done)
    return redirect(to)


def _number(request: HttpRequest) -> int:
    return parse_number(request.POST.get("number", "")) or 0


def _code(typed: str) -> str:
    """Return the code of what was typed: a code, `code title` as the list offers it, or an address that ends in one."""
    words = typed.strip().rstrip("/").rsplit("/", 1)[-1].split()
    return words[0][:24] if words else ""
