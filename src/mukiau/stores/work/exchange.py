"""Runbooks brought in from lists and folders, and what a folder and the server did to each other.

Functions work in the caller's transaction; files are read and written by the caller.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mukiau.stores.sqlite import Connection
from mukiau.stores.work.runbooks import (
    Author,
    BadCode,
    NotPublishable,
    Saved,
    create_runbook,
    publish,
    retire,
    save_version,
    suggest_prefix,
)
from mukiau.work.exchange.syncing import Act, Kept, Step
from mukiau.work.runbooks.front_matter import parse_runbook

_KEPT = """
SELECT r.id, r.code, v.text, r.state = 'retired', coalesce(f.path, ''), c.text,
  iif(r.published_number <> r.number, w.text, '')
FROM runbook r
JOIN runbook_version w ON w.runbook_id = r.id AND w.number = r.number
JOIN runbook_version v ON v.runbook_id = r.id AND v.number = coalesce(r.published_number, r.number)
LEFT JOIN runbook_file f ON f.runbook_id = r.id
LEFT JOIN runbook_version c ON c.runbook_id = f.runbook_id AND c.number = f.number
"""
_KNOWN = """
SELECT code FROM runbook WHERE id = (SELECT min(id) FROM (
  SELECT id FROM runbook WHERE url = ?1 AND url <> '' UNION ALL SELECT id FROM runbook WHERE title = ?2 AND services = ?3))
"""
_NOTE = """
INSERT INTO runbook_file (runbook_id, path, number)
SELECT id, ?, coalesce(published_number, number) FROM runbook WHERE id = ?
ON CONFLICT (runbook_id) DO UPDATE SET path = excluded.path, number = excluded.number
"""
_NOTE_REMOVED = "UPDATE runbook_file SET number = 0 WHERE runbook_id = ?"


class Outcome(StrEnum):
    """What became of a text that was brought in."""

    PUBLISHED = "published"
    DRAFT = "draft"
    """It was asked for, or its mistakes keep it from being published."""
    KNOWN = "known"
    """There is a runbook of that address, or of that title and these services, already; nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One text that was brought in."""

    outcome: Outcome
    code: str
    title: str
    runbook_id: int | None = None
    """None when it was known."""
    mistake: str = ""
    """Why it was not published."""


def bring_in(connection: Connection, texts: Sequence[str], *, by: Author, as_drafts: bool) -> tuple[Brought, ...]:
    """Make runbooks of texts, in force at once unless they are to be drafts."""
    return tuple(_bring_in(connection, text, by=by, as_draft=as_drafts) for text in texts)


def read_kept(connection: Connection) -> tuple[Kept, ...]:
    """Return all runbooks as a folder is compared with them: by the version in force, a draft by its latest."""
    return _kept(connection.execute(f"{_KEPT} ORDER BY r.id"))


def read_kept_of(connection: Connection, steps: Sequence[Step]) -> tuple[Kept, ...]:
    """Return those that steps are about, or their files."""
    ids = json.dumps([step.runbook_id for step in steps])
    paths = json.dumps([step.path for step in steps])
    where = "r.id IN (SELECT value FROM json_each(?)) OR f.path IN (SELECT value FROM json_each(?))"
    return _kept(connection.execute(f"{_KEPT} WHERE {where} ORDER BY r.id", (ids, paths)))


def _kept(rows: Iterable[tuple[Any, ...]]) -> tuple[Kept, ...]:
    return tuple(
        Kept(
            id=id_,
            code=code,
            text=_with_plain_ends(text),
            is_retired=bool(is_retired),
            path=path,
            common=None if common is None else _with_plain_ends(common),
            pending=_with_plain_ends(pending),
        )
        for id_, code, text, is_retired, path, common, pending in rows
    )


def do_step(connection: Connection, step: Step, *, by: Author) -> tuple[str, str]:
    """Do the server's part of one step; return the runbook's code, and why its new text is not in force (else "")."""
    code, mistake = step.code, ""
    if step.act is Act.TAKE_NEW:
        saved = _create(connection, step, by=by)
        code, mistake = saved.code, _put_in_force(connection, saved, by=by)
        connection.execute(_NOTE, (step.path, saved.id))
    elif step.act is Act.TAKE:
        assert step.runbook_id is not None
        row = connection.execute("SELECT number FROM runbook WHERE id = ?", (step.runbook_id,)).fetchone()
        saved = save_version(connection, step.runbook_id, step.text, expected=row[0], by=by, note=step.path)
        mistake = _put_in_force(connection, saved, by=by)
        connection.execute(_NOTE, (step.path, step.runbook_id))
    elif step.act in {Act.WRITE, Act.NOTE_COMMON}:
        connection.execute(_NOTE, (step.path, step.runbook_id))
    elif step.act in {Act.RETIRE, Act.FORGET}:
        assert step.runbook_id is not None
        if step.act is Act.RETIRE:
            retire(connection, step.runbook_id, by=by)
        connection.execute(_NOTE_REMOVED, (step.runbook_id,))
    return code, mistake


def _bring_in(connection: Connection, text: str, *, by: Author, as_draft: bool) -> Brought:
    front = parse_runbook(text).front
    known = connection.execute(_KNOWN, (front.url, front.title, "\n".join(front.services))).fetchone()
    if known is not None:
        return Brought(outcome=Outcome.KNOWN, code=known[0], title=front.title)
    saved = create_runbook(connection, text, prefix=suggest_prefix(front), by=by)
    mistake = "" if as_draft else _put_in_force(connection, saved, by=by)
    outcome = Outcome.DRAFT if as_draft or mistake else Outcome.PUBLISHED
    return Brought(outcome=outcome, code=saved.code, title=front.title, runbook_id=saved.id, mistake=mistake)


def _create(connection: Connection, step: Step, *, by: Author) -> Saved:
    """Make a runbook of a file; a file that is named by a free code (`ORD-12.md`) gives it."""
    prefix = suggest_prefix(parse_runbook(step.text).front)
    try:
        return create_runbook(connection, step.text, prefix=prefix, by=by, code=_stem(step.path))
    except BadCode:
        return create_runbook(connection, step.text, prefix=prefix, by=by)


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".md")


def _put_in_force(connection: Connection, saved: Saved, *, by: Author) -> str:
    """Publish a version; return why it could not be."""
    try:
        publish(connection, saved.id, number=saved.number, by=by)
    except NotPublishable as refusal:
        return str(refusal)
    return ""


def _with_plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
