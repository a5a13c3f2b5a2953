"""What is said about issues: read with `read`, written with `work:write` and the right to comment."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from mukiau.stores.queries.grouping_history import find_current_issue
from mukiau.stores.queries.issue import IssueHead
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work import comments as kept
from mukiau.stores.work.comments import Comment
from mukiau.web import comments
from mukiau.web.accounts.roles import Right
from mukiau.web.address import absolute_url
from mukiau.web.api.bodies import body_of
from mukiau.web.api.door import ApiError, Caller, caller_needs
from mukiau.web.api.issues import get_issue, time_text
from mukiau.web.comments import ChangedComment, CommentRefused


def list_all(request: HttpRequest, caller: Caller, issue_id: int) -> dict[str, Any]:
    """Return the comments of an issue, the oldest first."""
    issue = get_issue(issue_id, "api-issue-comments")
    shown = [one for one in kept.load_comments(own_connection(), issue.id) if one.deleted_ms is None]
    return {"items": [_comment(request, issue.id, one) for one in shown], "next": None}


@caller_needs(Right.COMMENT)
def write(request: HttpRequest, caller: Caller, issue_id: int) -> dict[str, Any]:
    """Write a comment."""
    issue = get_issue(issue_id, "api-issue-comments")
    try:
        comment_id = comments.write(caller.actor, issue, _text(request))
    except CommentRefused as refusal:
        raise ApiError(400, "bad_body", str(refusal)) from refusal
    return _again(request, issue, comment_id)


def edit(request: HttpRequest, caller: Caller, comment_id: int) -> dict[str, Any]:
    """Let one of the caller's comments say something else."""
    comment, issue = _get(comment_id)
    if not comments.may_edit(caller.user, comment, issue.id):
        raise ApiError(403, "not_allowed", "Only who wrote a comment may edit it.")
    version = body_of(request).get("version", comment.version)
    if type(version) is not int:
        raise ApiError(400, "bad_body", "`version` has to be the number that the comment had when it was read.")
    try:
        comments.edit(caller.actor, issue, comment, _text(request), version=version)
    except ChangedComment as refusal:
        raise ApiError(409, "refused", str(refusal)) from refusal
    except CommentRefused as refusal:
        raise ApiError(400, "bad_body", str(refusal)) from refusal
    return _again(request, issue, comment_id)


def delete(request: HttpRequest, caller: Caller, comment_id: int) -> dict[str, Any]:
    """Delete a comment; its page can put it back."""
    comment, issue = _get(comment_id)
    if not comments.may_delete(caller.user, comment, issue.id):
        raise ApiError(403, "not_allowed", "Only who wrote a comment, and administrators, may delete it.")
    comments.delete(caller.actor, issue, comment)
    return {"id": comment_id, "deleted": True}


def _comment(request: HttpRequest, issue_id: int, comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "issue": issue_id,
        "author": comment.author,
        "at": time_text(comment.at_ms),
        "text": comment.text,
        "edited_at": None if comment.edited_ms is None else time_text(comment.edited_ms),
        "version": comment.version,
        "url": absolute_url(request, f"{reverse('issue-comments', args=(issue_id,))}#comment-{comment.id}"),
    }


def _again(request: HttpRequest, issue: IssueHead, comment_id: int) -> dict[str, Any]:
    comment = kept.find_comment(own_connection(), comment_id)
    assert comment is not None
    return _comment(request, issue.id, comment)


def _get(comment_id: int) -> tuple[Comment, IssueHead]:
    comment = kept.find_comment(own_connection(), comment_id)
    current = None if comment is None else find_current_issue(comment.issue_id)
    if comment is None or current is None or comment.deleted_ms is not None:
        raise ApiError(404, "not_found", f"There is no comment {comment_id}.")
    return comment, get_issue(current, "api-issue-comments")


def _text(request: HttpRequest) -> str:
    text = body_of(request).get("text")
    if not isinstance(text, str):
        raise ApiError(400, "bad_body", 'Send the text as {"text": "…"}.')
    return text
