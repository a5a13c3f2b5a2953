"""Comments on issues, what they said before they were edited, and whom they name.

A comment stays with the issue it was written on. Where that was merged, it is shown with the issue its events went to; when the
merge is undone, it is where it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mukiau.notify.cause import Said, mention
from mukiau.stores.notify.outbox import tell
from mukiau.stores.sqlite import Connection

_COLUMNS = "id, issue_id, author_id, author, at_ms, text, edited_ms, deleted_ms, deleted_by, version"
# What was merged into an issue, into those, and so on; nearly always nothing.
_FAMILY = """
WITH RECURSIVE family (id) AS (
  SELECT ? UNION SELECT i.id FROM issue i JOIN family f ON i.merged_into_id = f.id WHERE i.merged_into_id IS NOT NULL)
"""
_OF_ISSUE = (
    f"{_FAMILY} SELECT {_COLUMNS} FROM issue_comment WHERE issue_id IN (SELECT id FROM family) ORDER BY at_ms, id"  # noqa: S608 - constants
)
_FIND = f"SELECT {_COLUMNS} FROM issue_comment WHERE id = ?"  # noqa: S608 - a constant
_INSERT = "INSERT INTO issue_comment (issue_id, author_id, author, at_ms, text) VALUES (?, ?, ?, ?, ?)"
_KEEP_VERSION = """
INSERT INTO issue_comment_version (comment_id, version, text, until_ms)
SELECT id, version, text, :at_ms FROM issue_comment WHERE id = :id AND version = :version
"""
_EDIT = """
UPDATE issue_comment SET text = :text, edited_ms = :at_ms, version = version + 1
WHERE id = :id AND version = :version AND deleted_ms IS NULL
"""
_DELETE = "UPDATE issue_comment SET deleted_ms = ?, deleted_by = ? WHERE id = ? AND deleted_ms IS NULL"
_RESTORE = "UPDATE issue_comment SET deleted_ms = NULL, deleted_by = '' WHERE id = ? AND deleted_ms IS NOT NULL"
_MENTION = "INSERT INTO mention (user_id, issue_id, comment_id, at_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_SAID = """
SELECT i.project_id, i.title, c.author, c.text, c.version FROM issue_comment c JOIN issue i ON i.id = c.issue_id
WHERE c.id = ?
"""
_MENTIONS = """
SELECT m.id, m.issue_id, m.comment_id, c.author, c.text, m.at_ms, m.seen_ms, i.title, i.service
FROM mention m JOIN issue_comment c ON c.id = m.comment_id JOIN issue i ON i.id = m.issue_id
WHERE m.user_id = ? AND c.deleted_ms IS NULL ORDER BY m.id DESC LIMIT ?
"""
_UNSEEN = """
SELECT count(*) FROM mention m JOIN issue_comment c ON c.id = m.comment_id JOIN issue i ON i.id = m.issue_id
WHERE m.user_id = ? AND m.seen_ms IS NULL AND c.deleted_ms IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said."""

    id: int
    issue_id: int
    """The issue it was written on."""
    author_id: int
    author: str
    at_ms: int
    text: str
    edited_ms: int | None
    deleted_ms: int | None
    deleted_by: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What a comment said before an edit."""

    comment_id: int
    text: str
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionLine:
    """Where somebody was named."""

    id: int
    issue_id: int
    comment_id: int
    author: str
    text: str
    at_ms: int
    seen_ms: int | None
    title: str
    """Of the issue."""
    service: str


def load_names(connection: Connection) -> dict[str, int]:
    """Return the names of everybody who can sign in, in lower case, with their ids: who can be named."""
    rows = connection.execute("SELECT username, id FROM auth_user WHERE is_active ORDER BY id DESC")
    return {str(name).lower(): pk for name, pk in rows}


def load_comments(connection: Connection, issue_id: int) -> tuple[Comment, ...]:
    """Return what was said about an issue and those that were merged into it, the oldest first; deleted ones too."""
    return tuple(
        Comment(**dict(zip(Comment.__slots__, row, strict=True))) for row in connection.execute(_OF_ISSUE, (issue_id,))
    )


def find_comment(connection: Connection, comment_id: int) -> Comment | None:
    """Return one comment, deleted or not."""
    row = connection.execute(_FIND, (comment_id,)).fetchone()
    return None if row is None else Comment(**dict(zip(Comment.__slots__, row, strict=True)))


def load_earlier(connection: Connection, comments: Iterable[Comment]) -> dict[int, list[Earlier]]:
    """Return what edited comments said before, by comment, the oldest first."""
    found: dict[int, list[Earlier]] = {}
    for comment in comments:
        if comment.edited_ms is not None:
            rows = connection.execute(
                "SELECT comment_id, text, until_ms FROM issue_comment_version WHERE comment_id = ? ORDER BY version",
                (comment.id,),
            )
            found[comment.id] = [Earlier(comment_id=pk, text=text, until_ms=until) for pk, text, until in rows]
    return found


def add_comment(
    connection: Connection,
    issue_id: int,
    text: str,
    *,
    author_id: int,
    author: str,
    at_ms: int,
    mentioned: Iterable[int] = (),
) -> int:
    """Write a comment down with the people it names; return its id. To be called in a transaction."""
    comment_id = connection.execute(_INSERT, (issue_id, author_id, author, at_ms, text)).lastrowid
    assert comment_id is not None
    _mention(connection, issue_id, comment_id, mentioned, author_id=author_id, at_ms=at_ms)
    return comment_id


def edit_comment(
    connection: Connection, comment: Comment, text: str, *, version: int, at_ms: int, mentioned: Iterable[int] = ()
) -> bool:
    """Let a comment say something else; False when it was edited or deleted since `version`. In a transaction."""
    values = {"id": comment.id, "text": text, "version": version, "at_ms": at_ms}
    if comment.deleted_ms is not None or not connection.execute(_KEEP_VERSION, values).rowcount:
        return False
    connection.execute(_EDIT, values)
    _mention(connection, comment.issue_id, comment.id, mentioned, author_id=comment.author_id, at_ms=at_ms)
    return True


def delete_comment(connection: Connection, comment_id: int, *, actor: str, at_ms: int) -> bool:
    """Show a comment no more; False when it was deleted before."""
    return bool(connection.execute(_DELETE, (at_ms, actor, comment_id)).rowcount)


def restore_comment(connection: Connection, comment_id: int) -> bool:
    """Show a deleted comment again; False when it was not deleted."""
    return bool(connection.execute(_RESTORE, (comment_id,)).rowcount)


def load_mentions(connection: Connection, user_id: int, *, limit: int) -> tuple[MentionLine, ...]:
    """Return where somebody was named, the latest first."""
    return tuple(
        MentionLine(**dict(zip(MentionLine.__slots__, row, strict=True)))
        for row in connection.execute(_MENTIONS, (user_id, limit))
    )


def count_unseen_mentions(connection: Connection, user_id: int) -> int:
    """Return how many mentions somebody has not seen."""
    return int(connection.execute(_UNSEEN, (user_id,)).fetchone()[0])


def mark_mentions_seen(connection: Connection, user_id: int, comments: Iterable[int] | None, *, at_ms: int) -> None:
    """Note that somebody saw where they were named: in these comments, or (None) everywhere."""
    sql = "UPDATE mention SET seen_ms = ? WHERE user_id = ? AND seen_ms IS NULL"
    if comments is None:
        connection.execute(sql, (at_ms, user_id))
    else:
        connection.executemany(f"{sql} AND comment_id = ?", [(at_ms, user_id, one) for one in comments])


def _mention(
    connection: Connection, issue_id: int, comment_id: int, people: Iterable[int], *, author_id: int, at_ms: int
) -> None:
    others = [person for person in people if person != author_id]
    known = {row[0] for row in connection.execute("SELECT user_id FROM mention WHERE comment_id = ?", (comment_id,))}
    connection.executemany(_MENTION, [(person, issue_id, comment_id, at_ms) for person in others])
    if fresh := tuple(person for person in others if person not in known):
        _tell(connection, issue_id, comment_id, fresh, at_ms=at_ms)


def _tell(connection: Connection, issue_id: int, comment_id: int, people: tuple[int, ...], *, at_ms: int) -> None:
    project, title, author, text, version = connection.execute(_SAID, (comment_id,)).fetchone()
    said = Said(
        project_id=project,
        title=title,
        text=text,
        actor=author,
        person_ids=people,
        path=f"issues/{issue_id}/comments/#comment-{comment_id}",
        issue_id=issue_id,
    )
    tell(connection, mention(said, comment=f"issue:{comment_id}:{version}", at_ms=at_ms))
