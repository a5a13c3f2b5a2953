"""Writing runbooks: versions that never change, which of them is in force, reviews, comments, links to issues.

Every function works in the caller's transaction, so that what belongs together is kept together.
Who saves names the version they started from: when somebody else has saved meanwhile, nothing is overwritten.
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum

from mukiau.stores.sqlite import Connection
from mukiau.work.runbooks.front_matter import FrontMatter, parse_runbook
from mukiau.work.runbooks.problems import BARRING, TextProblem
from mukiau.work.runbooks.rendering import check_runbook
from mukiau.work.runbooks.rules import rules_to_json

_PREFIX = re.compile(r"[A-Z][A-Z0-9]{1,9}\Z")
_CODE = re.compile(r"([A-Z][A-Z0-9]{1,9})-([1-9][0-9]{0,5})\Z")

_INSERT = """
INSERT INTO runbook (code, title, state, number, created_ms, updated_ms) VALUES (?, '', 'draft', 0, ?, ?)
"""
_INSERT_VERSION = """
INSERT INTO runbook_version (runbook_id, number, text, title, note, author_id, author, at_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_SET_WORDS = """
UPDATE runbook SET title = ?, services = ?, url = ?, owner = ?, proposes = ?, "key" = ?, minutes = ?, review_by = ?
WHERE id = ?
"""
# `.` comes right after `-`. Half a millisecond for 5,000 codes, by the index that makes them unique.
_LAST_NUMBER = """
SELECT coalesce(max(CAST(substr(code, length(?1) + 2) AS INTEGER)), 0) FROM runbook WHERE code > ?1 || '-' AND code < ?1 || '.'
"""
_REVIEW = """
UPDATE runbook_version SET review = ?, reviewer_id = ?, reviewer = ?, reviewed_ms = ?, review_note = ? WHERE id = ?
"""
_COMMENT = """
INSERT INTO runbook_comment (runbook_id, number, kind, step, text, author_id, author, at_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_LINK = """
INSERT INTO runbook_link (fingerprint_id, runbook_id, actor, at_ms)
SELECT id, ?, ?, ? FROM fingerprint WHERE issue_id = ?
ON CONFLICT (fingerprint_id) DO UPDATE SET runbook_id = excluded.runbook_id, actor = excluded.actor, at_ms = excluded.at_ms
"""


class RunbookState(StrEnum):
    """Where a runbook is in its life."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class Review(StrEnum):
    """What another person said about a version."""

    NONE = ""
    APPROVED = "approved"
    CHANGES_WANTED = "changes_wanted"


class CommentKind(StrEnum):
    """What a comment is about."""

    COMMENT = "comment"
    DID_NOT_HELP = "did_not_help"
    IMPROVE = "improve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who writes, and when."""

    name: str
    at_ms: int
    id: int | None = None
    """Of the account; None for what no person wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A version that was saved."""

    id: int
    """Of the runbook."""
    code: str
    version_id: int
    number: int


class RunbookRefused(Exception):  # noqa: N818 - nothing went wrong, and nothing was changed
    """The runbook stays as it is; the message says why in one sentence."""


class UnknownRunbook(RunbookRefused):
    """There is no such runbook, or no such version of it."""

    def __init__(self, what: object) -> None:
        super().__init__(f"There is no runbook {what}.")


class BadCode(RunbookRefused):
    """A code is no code, or is taken."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{code} is no free code; a code is 2 to 10 capital letters or digits, a hyphen and a number.")
        self.code = code


class EditConflict(RunbookRefused):
    """Somebody else has saved since the text was read."""

    def __init__(self, number: int, author: str) -> None:
        super().__init__(f"{author} has saved version {number} meanwhile; bring your changes into that one.")
        self.number, self.author = number, author


class NotPublishable(RunbookRefused):
    """The text has mistakes that would mislead whoever follows it."""

    def __init__(self, problems: tuple[TextProblem, ...]) -> None:
        super().__init__(f"Line {problems[0].line} of the text has a mistake ({problems[0].kind}); mend it first.")
        self.problems = problems


class OwnReview(RunbookRefused):
    """Nobody reviews what they wrote themselves."""

    def __init__(self) -> None:
        super().__init__("A version is reviewed by somebody other than its author.")


class NoFingerprints(RunbookRefused):
    """The issue is not there (any more)."""

    def __init__(self, issue_id: int) -> None:
        super().__init__(f"There is no issue {issue_id}.")


def create_runbook(connection: Connection, text: str, *, prefix: str, by: Author, code: str = "") -> Saved:
    """Make a runbook of a text, as a draft; its code is the next one of the prefix, or `code`. Raises RunbookRefused."""
    code = _free_code(connection, code) if code else _next_code(connection, prefix)
    runbook_id = connection.execute(_INSERT, (code, by.at_ms, by.at_ms)).lastrowid
    assert runbook_id is not None
    return save_version(connection, runbook_id, text, expected=0, by=by)


def save_version(
    connection: Connection, runbook_id: int, text: str, *, expected: int, by: Author, note: str = ""
) -> Saved:
    """Keep a new version of the text; `expected` is the number of the one it was made from. Raises RunbookRefused.

    It is in force only when it is published. A text that is the same as the latest makes no new version.
    """
    code, state, number = _get(connection, runbook_id)
    if number != expected:
        raise EditConflict(number, _version(connection, runbook_id, number)[2])
    if number:
        known_id, known_text, _, _ = _version(connection, runbook_id, number)
        if known_text == text:
            return Saved(id=runbook_id, code=code, version_id=known_id, number=number)
    parsed, number = parse_runbook(text), number + 1
    values = (runbook_id, number, text, parsed.front.title, note, by.id, by.name, by.at_ms)
    version_id = connection.execute(_INSERT_VERSION, values).lastrowid
    assert version_id is not None
    connection.execute("UPDATE runbook SET number = ?, updated_ms = ? WHERE id = ?", (number, by.at_ms, runbook_id))
    if state == RunbookState.DRAFT:
        _set_words(connection, runbook_id, parsed.front)
    return Saved(id=runbook_id, code=code, version_id=version_id, number=number)


def publish(connection: Connection, runbook_id: int, *, number: int, by: Author) -> None:
    """Put a version in force; its rules hold from now on. Raises RunbookRefused.

    Fingerprints that were there before are compared with them by `continue_matching`.
    """
    _get(connection, runbook_id)
    _, text, _, _ = _version(connection, runbook_id, number)
    parsed = parse_runbook(text)
    barring = tuple(one for one in check_runbook(text) if one.kind in BARRING)
    if barring:
        raise NotPublishable(barring)
    connection.execute("DELETE FROM match_rule WHERE runbook_id = ?", (runbook_id,))
    rows = [
        (runbook_id, position, json.dumps(conditions, ensure_ascii=False))
        for position, conditions in enumerate(rules_to_json(parsed.front.rules))
    ]
    connection.executemany("INSERT INTO match_rule (runbook_id, position, conditions) VALUES (?, ?, ?)", rows)
    connection.execute(
        "UPDATE runbook SET state = 'published', published_number = ?, updated_ms = ?, matched_to = 0 WHERE id = ?",
        (number, by.at_ms, runbook_id),
    )
    _set_words(connection, runbook_id, parsed.front)


def retire(connection: Connection, runbook_id: int, *, by: Author) -> None:
    """Take a runbook out of force: it matches nothing any more, and stays readable. Publishing brings it back."""
    _get(connection, runbook_id)
    connection.execute("DELETE FROM match_rule WHERE runbook_id = ?", (runbook_id,))
    connection.execute(
        "UPDATE runbook SET state = 'retired', updated_ms = ?, matched_to = 0 WHERE id = ?", (by.at_ms, runbook_id)
    )


def review(
    connection: Connection, runbook_id: int, *, number: int, verdict: Review, by: Author, note: str = ""
) -> None:
    """Keep what somebody other than the author says about a version; the last word stands. Raises RunbookRefused."""
    version_id, _, author, author_id = _version(connection, runbook_id, number)
    if (author_id, author) == (by.id, by.name) or (by.id is not None and author_id == by.id):
        raise OwnReview
    connection.execute(_REVIEW, (verdict.value, by.id, by.name, by.at_ms, note, version_id))


def comment(
    connection: Connection,
    runbook_id: int,
    text: str,
    *,
    number: int,
    by: Author,
    kind: CommentKind = CommentKind.COMMENT,
    step: int | None = None,
) -> int:
    """Keep a comment on a version, or on one of its steps; return its id. Raises RunbookRefused."""
    _version(connection, runbook_id, number)
    values = (runbook_id, number, kind.value, step, text, by.id, by.name, by.at_ms)
    comment_id = connection.execute(_COMMENT, values).lastrowid
    assert comment_id is not None
    return comment_id


def link_issue(connection: Connection, issue_id: int, runbook_id: int, *, by: Author) -> None:
    """Say that a runbook answers an issue, whatever the rules say. Raises RunbookRefused."""
    _get(connection, runbook_id)
    if not connection.execute(_LINK, (runbook_id, by.name, by.at_ms, issue_id)).rowcount:
        raise NoFingerprints(issue_id)


def unlink_issue(connection: Connection, issue_id: int) -> int:
    """Take back what people said about an issue's runbook; return of how many fingerprints."""
    within = "(SELECT id FROM fingerprint WHERE issue_id = ?)"
    return connection.execute(f"DELETE FROM runbook_link WHERE fingerprint_id IN {within}", (issue_id,)).rowcount  # noqa: S608


def suggest_prefix(front: FrontMatter) -> str:
    """Return a prefix for the code of a runbook: the beginning of its first service.

    >>> suggest_prefix(FrontMatter(services=("order-api",))), suggest_prefix(FrontMatter(services=("在庫",)))
    ('ORD', 'RB')
    """
    for service in front.services:
        letters = "".join(char for char in service.upper() if char.isascii() and char.isalnum()).lstrip("0123456789")
        if len(letters) > 1:
            return letters[:3]
    return "RB"


def _get(connection: Connection, runbook_id: int) -> tuple[str, str, int]:
    """Return code, state and latest number."""
    row = connection.execute("SELECT code, state, number FROM runbook WHERE id = ?", (runbook_id,)).fetchone()
    if row is None:
        raise UnknownRunbook(runbook_id)
    code, state, number = row
    return code, state, number


def _version(connection: Connection, runbook_id: int, number: int) -> tuple[int, str, str, int | None]:
    """Return id, text, author and the author's id."""
    query = "SELECT id, text, author, author_id FROM runbook_version WHERE runbook_id = ? AND number = ?"
    row = connection.execute(query, (runbook_id, number)).fetchone()
    if row is None:
        raise UnknownRunbook(f"{runbook_id} with a version {number}")
    version_id, text, author, author_id = row
    return version_id, text, author, author_id


def _set_words(connection: Connection, runbook_id: int, front: FrontMatter) -> None:
    review_by = front.review_by.isoformat() if front.review_by else ""
    words = (front.title, "\n".join(front.services), front.url, front.owner, front.proposes, front.key, front.minutes)
    connection.execute(_SET_WORDS, (*words, review_by, runbook_id))


def _next_code(connection: Connection, prefix: str) -> str:
    if not _PREFIX.match(prefix):
        raise BadCode(prefix)
    return f"{prefix}-{connection.execute(_LAST_NUMBER, (prefix,)).fetchone()[0] + 1}"


def _free_code(connection: Connection, code: str) -> str:
    taken = connection.execute("SELECT 1 FROM runbook WHERE code = ?", (code,)).fetchone()
    if taken or not _CODE.match(code):
        raise BadCode(code)
    return code
