"""What is said about an issue, and where one was named oneself."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from mukiau import clock
from mukiau.stores.queries.grouping_history import find_current_issue
from mukiau.stores.queries.issue import IssueHead
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work import comments as kept
from mukiau.stores.work.comments import Comment
from mukiau.web import comments
from mukiau.web.accounts.roles import Right, may_on_issue, needs
from mukiau.web.audit import actor_of
from mukiau.web.comments import ChangedComment, CommentRefused, EmptyComment, LongComment, Said
from mukiau.web.moved import leads_on
from mukiau.web.numbers import parse_number
from mukiau.web.views.issue import get_issue
from mukiau.work.comments import MAX_COMMENT_CHARS

MAX_MENTIONS = 100


@leads_on
def page(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Show what was said; who looks at it has seen where they were named."""
    return _show(request, get_issue(issue_id))


@require_POST
@needs(Right.COMMENT)
def write(request: HttpRequest, issue_id: int) -> HttpResponse:
    """Say something; `person` names somebody as `@name` in the text does."""
    issue, text = get_issue(issue_id), _with_person(request)
    try:
        comment_id = comments.write(actor_of(request), issue, text)
    except CommentRefused as refusal:
        messages.error(request, _words(refusal))
        return _show(request, issue, draft=text)
    return _to(issue.id, comment_id)


@require_POST
def edit(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Change what one said (`text`), as it stood at `version`."""
    comment, issue = _get(comment_id)
    if not comments.may_edit(request.user, comment, issue.id):
        raise PermissionDenied
    text, version = request.POST.get("text", ""), parse_number(request.POST.get("version", "")) or 0
    try:
        comments.edit(actor_of(request), issue, comment, text, version=version)
    except CommentRefused as refusal:
        messages.error(request, _words(refusal))
        return _show(request, issue, edited=(comment_id, text))
    return _to(issue.id, comment_id)


@require_POST
def switch(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Delete a comment, or put it back (`deleted` is 1 or 0)."""
    comment, issue = _get(comment_id)
    if not comments.may_delete(request.user, comment, issue.id):
        raise PermissionDenied
    act = comments.delete if request.POST.get("deleted") == "1" else comments.restore
    act(actor_of(request), issue, comment)
    return _to(issue.id, comment_id)


def mentions(request: HttpRequest) -> HttpResponse:
    """List where one was named, the latest first."""
    assert request.user.pk is not None
    lines = kept.load_mentions(own_connection(), request.user.pk, limit=MAX_MENTIONS)
    return render(request, "issue/mentions.html", {"lines": lines, "limit": MAX_MENTIONS})


@require_POST
def mark_seen(request: HttpRequest) -> HttpResponse:
    """Note that one has seen all of them."""
    assert request.user.pk is not None
    kept.mark_mentions_seen(own_connection(), request.user.pk, None, at_ms=clock.unix_ms())
    messages.success(request, gettext("All mentions are marked as seen."))
    return redirect("mentions")


def _show(
    request: HttpRequest, issue: IssueHead, *, draft: str = "", edited: tuple[int, str] | None = None
) -> HttpResponse:
    said = comments.conversation_of(issue.id, request.user)
    _note_seen(request, said)
    context = {
        "issue": issue,
        "said": said,
        "names": sorted(kept.load_names(own_connection())),
        "may_comment": may_on_issue(request.user, Right.COMMENT, issue.id),
        "draft": draft,
        "edited": edited,
        "most": MAX_COMMENT_CHARS,
    }
    return render(request, "issue/comments.html", context)


def _note_seen(request: HttpRequest, said: tuple[Said, ...]) -> None:
    """Write only where there is something to write: most who look were not named."""
    assert request.user.pk is not None
    if said and kept.count_unseen_mentions(own_connection(), request.user.pk):
        shown = [one.comment.id for one in said]
        kept.mark_mentions_seen(own_connection(), request.user.pk, shown, at_ms=clock.unix_ms())


def _with_person(request: HttpRequest) -> str:
    """Return the text, with whoever was chosen in the list beside it before the first word."""
    text, person = request.POST.get("text", ""), request.POST.get("person", "").strip()
    return f"@{person} {text}" if person and text.strip() else text


def _get(comment_id: int) -> tuple[Comment, IssueHead]:
    """Return a comment and the issue that shows it now."""
    comment = kept.find_comment(own_connection(), comment_id)
    current = None if comment is None else find_current_issue(comment.issue_id)
    if comment is None or current is None:
        raise Http404
    return comment, get_issue(current)


def _words(refusal: CommentRefused) -> str:
    if isinstance(refusal, EmptyComment):
        return gettext("A comment needs a text.")
    if isinstance(refusal, LongComment):
        return gettext("A comment has at most %(n)s characters.") % {"n": MAX_COMMENT_CHARS}
    assert isinstance(refusal, ChangedComment)
    return gettext("The comment was edited or deleted meanwhile. What you wrote stands in its form.")


def _to(issue_id: int, comment_id: int) -> HttpResponse:
    answer = redirect("issue-comments", issue_id)
    answer["Location"] += f"#comment-{comment_id}"
    return answer
