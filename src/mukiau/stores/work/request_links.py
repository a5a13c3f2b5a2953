"""What a request is about: events, all that a handling answers, or the fingerprints of an issue."""

from dataclasses import dataclass
from typing import Any

from mukiau.stores.sqlite import Connection
from mukiau.stores.work.request_refusals import TooMuch, UnknownOccurrence

MAX_OCCURRENCES = 500
"""As many fingerprints as an issue may have; a correction of more occurrences than that is about all of them."""
MAX_SNAPSHOT_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a request is about."""

    project_id: int
    issue_id: int | None = None
    """Every fingerprint it has now."""
    event_pks: tuple[int, ...] = ()
    """Occurrences; with them the issue says nothing more."""
    handling_id: int | None = None
    """Every occurrence that a handling answers, MAX_OCCURRENCES at most, the latest first; nothing else counts then."""


def links_of(connection: Connection, about: About) -> list[tuple[Any, ...]]:
    """Return (fingerprint, event or 0, its time, environment, words) of everything it is about."""
    if connection.execute("SELECT 1 FROM project WHERE id = ?", (about.project_id,)).fetchone() is None:
        raise UnknownOccurrence(f"project {about.project_id}")
    if len(about.event_pks) > MAX_OCCURRENCES:
        raise TooMuch(["occurrences"])
    if about.handling_id is not None:
        return _handling_links(connection, about.project_id, about.handling_id)
    if about.event_pks:
        return [_event_link(connection, about.project_id, pk) for pk in dict.fromkeys(about.event_pks)]
    return _issue_links(connection, about.project_id, about.issue_id) if about.issue_id is not None else []


def _event_link(connection: Connection, project_id: int, event_pk: int) -> tuple[Any, ...]:
    row = connection.execute(
        "SELECT fingerprint_id, id, occurred_ms, environment, substr(CASE message WHEN '' THEN title ELSE message END, 1, ?) "
        "FROM event WHERE id = ? AND project_id = ?",
        (MAX_SNAPSHOT_CHARS, event_pk, project_id),
    ).fetchone()
    if row is None:
        raise UnknownOccurrence(f"event {event_pk}")
    return tuple(row)


def _handling_links(connection: Connection, project_id: int, handling_id: int) -> list[tuple[Any, ...]]:
    rows = connection.execute(
        "SELECT e.id FROM handling h CROSS JOIN handling_occurrence o ON o.handling_id = h.id JOIN event e ON e.id = o.event_pk "
        "WHERE h.id = ? AND h.project_id = ? ORDER BY e.id DESC LIMIT ?",
        (handling_id, project_id, MAX_OCCURRENCES),
    ).fetchall()
    if not rows:
        raise UnknownOccurrence(f"handling {handling_id}")
    return [_event_link(connection, project_id, pk) for (pk,) in rows]


def _issue_links(connection: Connection, project_id: int, issue_id: int) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = connection.execute(
        "SELECT id, 0, NULL, '', substr(title, 1, ?) FROM fingerprint WHERE issue_id = ? AND project_id = ? ORDER BY id LIMIT ?",
        (MAX_SNAPSHOT_CHARS, issue_id, project_id, MAX_OCCURRENCES),
    ).fetchall()
    if not rows:
        raise UnknownOccurrence(f"issue {issue_id}")
    return rows
