"""The outbox: what happened, written in the transaction that makes it true, told afterwards by another process."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from mukiau.notify.cause import PERSONAL, Cause, cause_to_json, parse_cause
from mukiau.notify.planning import Waiting
from mukiau.stores.sqlite import Connection

KEPT_MS = 30 * 86_400_000
MAX_WAITING = 5_000
"""Causes looked at for one message; in a storm beyond that the rest is the next one's."""

# What waits out a pause is read again and again.
_parse = lru_cache(MAX_WAITING)(parse_cause)
# AUTOINCREMENT: a route remembers the last id, so none may come twice, even when the newest rows were deleted.
_TELL = """
INSERT INTO notification ("key", issue_id, at_ms, cause) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_WAITING = """
SELECT n.id, n.cause, w.team_id, n.issue_id = 0 OR EXISTS (
  SELECT 1 FROM issue i WHERE i.id = n.issue_id AND i.event_count > 0
) FROM notification n LEFT JOIN issue_work w ON w.issue_id = n.issue_id
WHERE n.id > ? ORDER BY n.id LIMIT ?
"""
_BETWEEN = """
SELECT n.cause, w.team_id FROM notification n LEFT JOIN issue_work w ON w.issue_id = n.issue_id
WHERE n.at_ms >= ? AND n.at_ms < ? ORDER BY n.id
"""


def tell(connection: Connection, *causes: Cause) -> None:
    """Have causes told, in the transaction at hand: if it is rolled back, nothing happened and nothing is told.

    A key that was told before changes nothing.
    """
    connection.executemany(_TELL, [(one.key, one.issue_id, one.at_ms, cause_to_json(one)) for one in causes])


def read_waiting(connection: Connection, *, after: int) -> list[Waiting]:
    """Return what was told after an id, oldest first, MAX_WAITING at most; whose an issue is by now is added.

    What was noticed about an issue that is gone again (its only event belonged to another one, or it was merged) is void:
    there is nothing to look at.
    """
    rows = connection.execute(_WAITING, (after, MAX_WAITING))
    return [_waiting(number, _parse(text), team, is_there=bool(there)) for number, text, team, there in rows]


def _waiting(number: int, cause: Cause, team_id: int | None, *, is_there: bool) -> Waiting:
    is_void = not is_there and cause.kind not in PERSONAL
    return Waiting(id=number, cause=_owned(cause, team_id), is_void=is_void)


def read_between(connection: Connection, *, since_ms: int, until_ms: int) -> Iterator[Cause]:
    """Yield what was told in a time; whose an issue is by now is added."""
    for text, team in connection.execute(_BETWEEN, (since_ms, until_ms)):
        yield _owned(parse_cause(text), team)


def _owned(cause: Cause, team_id: int | None) -> Cause:
    return cause if cause.team_id is not None or team_id is None else replace(cause, team_id=team_id)


def last_id(connection: Connection) -> int:
    """Return the id of the latest cause; 0 when there is none."""
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM notification").fetchone()[0])


def forget_old(connection: Connection, *, now_ms: int) -> None:
    """Delete what was told long ago."""
    connection.execute("DELETE FROM notification WHERE at_ms < ?", (now_ms - KEPT_MS,))
