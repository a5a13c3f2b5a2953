"""Saying of all open handlings before one that they are handled, as one act that is undone as one.

Only those of the same team are closed. Left alone is what somebody else has taken, and what waits for a request: both are somebody's work at this moment. The time
they took counts with the one they are closed from, so each counts 0 minutes.
"""

import json
from dataclasses import dataclass
from typing import Any

from mukiau.stores.sqlite import Connection
from mukiau.stores.work.answering import find_same, get_handling, snapshot_of
from mukiau.stores.work.handling_refusals import NothingToUndo
from mukiau.stores.work.handling_rows import COLUMNS, FoundHandling, handling_of
from mukiau.stores.work.handlings import IS_OPEN
from mukiau.stores.work.issue_work import Who, record_history
from mukiau.work.handling import State

MAX_AT_ONCE = 1_000
"""The oldest of them; 0.2 s. The act can be repeated."""
KIND = "handling_all_before"
"""Of its line in the history."""

_MINE_OR_NOBODYS = "(h.state = 'open' AND (h.assignee_id IS NULL OR h.assignee_id = ?) OR h.state = 'in_progress' AND h.assignee_id = ?)"
_BEFORE = f"""
FROM fingerprint f CROSS JOIN handling h ON h.fingerprint_id = f.id
WHERE f.issue_id = ? AND h.environment = ? AND h.team_id IS ? AND {IS_OPEN} AND h.last_ms <= ? AND h.id <> ? AND {_MINE_OR_NOBODYS}
"""
_COUNT = f"SELECT count(*) {_BEFORE}"
_READ = f"SELECT {COLUMNS} {_BEFORE} ORDER BY h.last_ms, h.id LIMIT {MAX_AT_ONCE}"
_CLOSE = """
UPDATE handling SET state = 'done', closed_ms = ?, closed_by = ?, closed_by_id = ?, minutes = 0, outcome = '',
  snapshot = ?, version = version + 1 WHERE id = ?
"""
_PUT_BACK = """
UPDATE handling SET state = ?, minutes = ?, outcome = ?, closed_ms = NULL, closed_by = '', closed_by_id = NULL,
  version = version + 1
WHERE id = ?
"""
_FIND_LINE = """
SELECT issue_id, details FROM issue_history
WHERE id = ? AND kind = ? AND undone_ms IS NULL AND json_extract(details, '$.handling') = ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyDone:
    """What one act did to several handlings."""

    history_id: int
    issue_id: int
    count: int
    left: int = 0
    """Of those that were to be put back: what somebody has changed since."""


def count_before(connection: Connection, found: FoundHandling, *, who: Who) -> int:
    """Return how many handlings `finish_all_before` would close."""
    return int(connection.execute(_COUNT, _place(found, who)).fetchone()[0])


def finish_all_before(connection: Connection, handling_id: int, *, version: int, who: Who, at_ms: int) -> ManyDone:
    """Close all that are open before one, in its issue and environment, in the transaction at hand.

    The one itself stays as it is. Raises HandlingRefused.
    """
    found = get_handling(connection, handling_id, version)
    earlier = [handling_of(row) for row in connection.execute(_READ, _place(found, who)).fetchall()]
    connection.executemany(_CLOSE, [(at_ms, who.name, who.id, snapshot_of(connection, one), one.id) for one in earlier])
    put_back = [[one.id, one.version + 1, one.state, one.minutes, one.outcome or ""] for one in earlier]
    details = {"handling": found.id, "count": len(earlier), "put_back": put_back}
    line = record_history(connection, found.issue_id, KIND, details, who=who, at_ms=at_ms)
    return ManyDone(history_id=line, issue_id=found.issue_id, count=len(earlier))


def undo_all_before(connection: Connection, handling_id: int, history_id: int, *, who: Who, at_ms: int) -> ManyDone:
    """Open again what one act from this handling closed, in the transaction at hand; what was changed since stays as it is.

    Raises HandlingRefused.
    """
    row = connection.execute(_FIND_LINE, (history_id, KIND, handling_id)).fetchone()
    if row is None:
        raise NothingToUndo(history_id)
    issue_id, details = row
    put_back = json.loads(details)["put_back"]
    count = sum(_put_back(connection, *one) for one in put_back)
    connection.execute(
        "UPDATE issue_history SET undone_ms = ?, undone_by = ? WHERE id = ?", (at_ms, who.name, history_id)
    )
    return ManyDone(history_id=history_id, issue_id=issue_id, count=count, left=len(put_back) - count)


def _put_back(connection: Connection, handling_id: int, version: int, *values: Any) -> bool:
    found = get_handling(connection, handling_id)
    if found.version != version or found.state is not State.DONE or find_same(connection, found) is not None:
        return False
    connection.execute(_PUT_BACK, (*values, handling_id))
    return True


def _place(found: FoundHandling, who: Who) -> tuple[Any, ...]:
    return found.issue_id, found.environment, found.team_id, found.last_ms, found.id, who.id, who.id
