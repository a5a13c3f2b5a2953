"""Writing runbooks for the pages and the API: the change, and the line of the audit log."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from mukiau import clock
from mukiau.stores.audit import Actor, record_line
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect
from mukiau.stores.state_file import changing
from mukiau.stores.work import runbooks
from mukiau.stores.work.matching import continue_matching
from mukiau.stores.work.runbooks import Author, CommentKind, Review, Saved
from mukiau.web.audit import Action

MATCHING_MS = 1_500
"""So long a person who publishes waits for the errors there are to be compared; digest does the rest."""


def create(who: Actor, text: str, *, prefix: str) -> Saved:
    """Make a runbook of a text, as a draft; raises RunbookRefused."""
    with changing(_folder()) as connection:
        saved = runbooks.create_runbook(connection, text, prefix=prefix, by=_by(who))
    _record(who, Action.RUNBOOK_WRITTEN, saved.code, version=saved.number)
    return saved


def save(who: Actor, runbook_id: int, text: str, *, expected: int, note: str) -> Saved:
    """Keep a new version; raises RunbookRefused."""
    with changing(_folder()) as connection:
        saved = runbooks.save_version(
            connection, runbook_id, text, expected=expected, by=_by(who), note=note.strip()[:1_000]
        )
    if saved.number != expected:
        _record(who, Action.RUNBOOK_WRITTEN, saved.code, version=saved.number, why=note)
    return saved


def publish(who: Actor, runbook_id: int, code: str, *, number: int) -> None:
    """Put a version in force, and compare its rules with the errors there are; raises RunbookRefused."""
    with changing(_folder()) as connection:
        runbooks.publish(connection, runbook_id, number=number, by=_by(who))
    _record(who, Action.RUNBOOK_PUBLISHED, code, version=number)
    match()


def retire(who: Actor, runbook_id: int, code: str) -> None:
    """Take a runbook out of force; raises RunbookRefused."""
    with changing(_folder()) as connection:
        runbooks.retire(connection, runbook_id, by=_by(who))
    _record(who, Action.RUNBOOK_RETIRED, code)
    match()


def review(who: Actor, runbook_id: int, code: str, *, number: int, verdict: Review, note: str) -> None:
    """Keep what somebody other than the author says about a version; raises RunbookRefused."""
    with changing(_folder()) as connection:
        runbooks.review(connection, runbook_id, number=number, verdict=verdict, by=_by(who), note=note.strip()[:2_000])
    _record(who, Action.RUNBOOK_REVIEWED, code, version=number, verdict=verdict.value)


def comment(
    who: Actor, runbook_id: int, code: str, text: str, *, number: int, kind: CommentKind, step: int | None = None
) -> int:
    """Keep a comment; raises RunbookRefused."""
    with changing(_folder()) as connection:
        comment_id = runbooks.comment(
            connection, runbook_id, text.strip()[:4_000], number=number, by=_by(who), kind=kind, step=step
        )
    _record(who, Action.RUNBOOK_COMMENTED, code, version=number)
    return comment_id


def link(who: Actor, issue_id: int, runbook_id: int, code: str) -> None:
    """Say that a runbook answers an issue; raises RunbookRefused."""
    with changing(_folder()) as connection:
        runbooks.link_issue(connection, issue_id, runbook_id, by=_by(who))
    _record(who, Action.RUNBOOK_LINKED, code, issues=f"#{issue_id}")


def unlink(who: Actor, issue_id: int) -> None:
    """Take back what people said about an issue's runbook."""
    with changing(_folder()) as connection:
        taken = runbooks.unlink_issue(connection, issue_id)
    if taken:
        _record(who, Action.RUNBOOK_UNLINKED, f"#{issue_id}")


@contextmanager
def reading() -> Iterator[Connection]:
    """Open the state file for reading by the functions that digest uses, too."""
    with closing(connect(_folder() / STATE_FILE, readonly=True)) as connection:
        yield connection


def match() -> None:
    """Compare the errors there are with the rules that came, for a moment; digest does what is left."""
    until_ms = clock.unix_ms() + MATCHING_MS
    with closing(connect(_folder() / STATE_FILE)) as connection:
        while continue_matching(connection) and clock.unix_ms() < until_ms:
            pass


def _record(who: Actor, action: Action, target: str, **facts: Any) -> None:
    record_line(who, action, at_ms=clock.unix_ms(), target=target, after=facts)


def _by(who: Actor) -> Author:
    return Author(id=who.id, name=who.name, at_ms=clock.unix_ms())


def _folder() -> Path:
    return Path(settings.MUKIAU.data)
