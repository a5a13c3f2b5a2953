"""Comments for the pages and the API: what is written, whom it names, who may change it, and the line of the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.utils.safestring import SafeString, mark_safe

from mukiau import clock
from mukiau.stores.audit import Actor, record_line
from mukiau.stores.queries.issue import IssueHead
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work import comments as kept
from mukiau.stores.work.comments import Comment, Earlier
from mukiau.web.accounts.roles import Right, may, may_on_issue
from mukiau.web.audit import Action
from mukiau.work.comments import MAX_COMMENT_CHARS, find_mentioned, render_comment


class CommentRefused(Exception):  # noqa: N818 - nothing went wrong, and nothing was changed
    """Nothing is written; the message says why in one sentence."""


class EmptyComment(CommentRefused):
    """There is no text."""

    def __init__(self) -> None:
        super().__init__("A comment needs a text.")


class LongComment(CommentRefused):
    """There is too much of it."""

    def __init__(self) -> None:
        super().__init__(f"A comment has at most {MAX_COMMENT_CHARS} characters.")


class ChangedComment(CommentRefused):
    """Somebody (the author in another window) was faster."""

    def __init__(self) -> None:
        super().__init__("The comment was edited or deleted meanwhile.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A comment as the page shows it."""

    comment: Comment
    html: SafeString
    earlier: tuple[Earlier, ...]
    may_edit: bool
    may_delete: bool
    """Or, where it is deleted, restore."""
    is_from_elsewhere: bool
    """It was written on an issue that was merged into this one."""


def conversation_of(issue_id: int, user: AbstractBaseUser | AnonymousUser) -> tuple[Said, ...]:
    """Return what was said about an issue, the oldest first."""
    connection = own_connection()
    comments, names = kept.load_comments(connection, issue_id), kept.load_names(connection)
    earlier, may_comment = kept.load_earlier(connection, comments), may_on_issue(user, Right.COMMENT, issue_id)
    return tuple(
        Said(
            comment=one,
            html=_rendered(one, names),
            earlier=tuple(earlier.get(one.id, ())),
            may_edit=may_comment and one.author_id == user.pk,
            may_delete=(may_comment and one.author_id == user.pk) or may(user, Right.PEOPLE),
            is_from_elsewhere=one.issue_id != issue_id,
        )
        for one in comments
    )


def latest_of(issue_id: int) -> dict[str, Any]:
    """Return how many comments an issue shows, and the latest of them with its HTML."""
    shown = [one for one in kept.load_comments(own_connection(), issue_id) if one.deleted_ms is None]
    html = _rendered(shown[-1], kept.load_names(own_connection())) if shown else ""
    return {"count": len(shown), "latest": shown[-1] if shown else None, "html": html}


def unseen_mentions(user: AbstractBaseUser | AnonymousUser) -> int:
    """Return how often somebody was named where they have not looked yet."""
    return 0 if user.pk is None else kept.count_unseen_mentions(own_connection(), user.pk)


def may_edit(user: AbstractBaseUser | AnonymousUser, comment: Comment, issue_id: int) -> bool:
    """Say whether somebody may change what a comment says, where its issue is now: its author."""
    return comment.author_id == user.pk and may_on_issue(user, Right.COMMENT, issue_id)


def may_delete(user: AbstractBaseUser | AnonymousUser, comment: Comment, issue_id: int) -> bool:
    """Say whether somebody may delete a comment and put it back: its author, and administrators."""
    return may_edit(user, comment, issue_id) or may(user, Right.PEOPLE)


def write(who: Actor, issue: IssueHead, text: str) -> int:
    """Write a comment; return its id. Raises CommentRefused."""
    said, at_ms = _checked(text), clock.unix_ms()
    assert who.id is not None
    with transaction.atomic():
        comment_id = kept.add_comment(
            own_connection(),
            issue.id,
            said,
            author_id=who.id,
            author=who.name,
            at_ms=at_ms,
            mentioned=_mentioned(said),
        )
        record_line(who, Action.COMMENT_WRITTEN, at_ms=at_ms, target=_target(issue))
    return comment_id


def edit(who: Actor, issue: IssueHead, comment: Comment, text: str, *, version: int) -> None:
    """Let a comment say something else; raises CommentRefused."""
    said, at_ms = _checked(text), clock.unix_ms()
    if said == comment.text and version == comment.version:
        return
    with transaction.atomic():
        if not kept.edit_comment(
            own_connection(), comment, said, version=version, at_ms=at_ms, mentioned=_mentioned(said)
        ):
            raise ChangedComment
        record_line(who, Action.COMMENT_EDITED, at_ms=at_ms, target=_target(issue))


def delete(who: Actor, issue: IssueHead, comment: Comment) -> None:
    """Show a comment no more."""
    at_ms = clock.unix_ms()
    with transaction.atomic():
        if kept.delete_comment(own_connection(), comment.id, actor=who.name, at_ms=at_ms):
            before = {"author": comment.author}
            record_line(who, Action.COMMENT_DELETED, at_ms=at_ms, target=_target(issue), before=before)


def restore(who: Actor, issue: IssueHead, comment: Comment) -> None:
    """Show a deleted comment again."""
    with transaction.atomic():
        if kept.restore_comment(own_connection(), comment.id):
            after = {"author": comment.author}
            record_line(who, Action.COMMENT_RESTORED, at_ms=clock.unix_ms(), target=_target(issue), after=after)


def _rendered(comment: Comment, names: Mapping[str, int]) -> SafeString:
    return mark_safe(render_comment(comment.text, names))  # noqa: S308 - it escapes everything it is given


def _checked(text: str) -> str:
    said = text.replace("\r\n", "\n").strip()
    if not said:
        raise EmptyComment
    if len(said) > MAX_COMMENT_CHARS:
        raise LongComment
    return said


def _mentioned(text: str) -> tuple[int, ...]:
    return find_mentioned(text, kept.load_names(own_connection()))


def _target(issue: IssueHead) -> str:
    return f"#{issue.id} {issue.title}"
