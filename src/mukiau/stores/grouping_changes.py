"""What every change of the grouping consists of: fingerprints that move between issues, and the history of it.

For use in a transaction of the caller: by hand (`regrouping.py`), or by another version of the policy (`lab/applying.py`).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any, NamedTuple

from mukiau.stores.issue_rows import derive_issues
from mukiau.stores.sqlite import Connection
from mukiau.stores.work.issue_work import fold_work, inherit_work

MAX_REASON_CHARS = 1_000
MAX_ACTOR_CHARS = 150


class ChangeKind(StrEnum):
    """What a change did."""

    MERGE = "merge"
    SPLIT = "split"
    POLICY = "policy"
    """Another version of the policy was put in force."""


class ConstraintKind(StrEnum):
    """What a person said about two fingerprints."""

    MUST_LINK = "must_link"
    CANNOT_LINK = "cannot_link"


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who makes a change, when and why."""

    actor: str
    at_ms: int
    reason: str = ""


class Move(NamedTuple):
    """One fingerprint's way from issue to issue."""

    fingerprint: int
    source: int
    target: int


# The latest change that holds and moved one of this change's fingerprints again, or used an issue it has made.
FIND_LATER = """
SELECT max(c.id) FROM grouping_change c JOIN grouping_move m ON m.change_id = c.id
WHERE c.undone_ms IS NULL AND c.id > :change AND (
  m.fingerprint_id IN (SELECT fingerprint_id FROM grouping_move WHERE change_id = :change)
  OR m.to_issue_id IN (
    SELECT o.to_issue_id FROM grouping_move o JOIN grouping_change s ON s.id = o.change_id
    WHERE s.id = :change AND s.kind <> 'merge'))
HAVING max(c.id) IS NOT NULL
"""
_INSERT_CHANGE = """
INSERT INTO grouping_change (project_id, kind, actor, at_ms, reason, details, undone_by) VALUES (?, ?, ?, ?, ?, ?, '')
"""
_INSERT_MOVE = """
INSERT INTO grouping_move (change_id, fingerprint_id, from_issue_id, to_issue_id) VALUES (?, ?, ?, ?)
"""
_INSERT_CONSTRAINT = """
INSERT INTO grouping_constraint (project_id, kind, fingerprint_a, fingerprint_b, change_id) VALUES (?, ?, ?, ?, ?)
"""
_HAS_FINGERPRINT = "EXISTS (SELECT 1 FROM fingerprint WHERE issue_id = issue.id)"
_LEAD_ON = f"UPDATE issue SET merged_into_id = ? WHERE id = ? AND NOT {_HAS_FINGERPRINT}"  # noqa: S608 - a constant
_STAY = f"UPDATE issue SET merged_into_id = NULL WHERE id = ? AND {_HAS_FINGERPRINT}"  # noqa: S608 - a constant


_UNDO = "UPDATE grouping_change SET undone_ms = ?, undone_by = ? WHERE id = ?"


def record_change(
    connection: Connection,
    project: int,
    kind: ChangeKind,
    moves: Sequence[Move],
    *,
    details: Mapping[str, Any],
    by: By,
) -> int:
    """Write a change with its moves down; return its id."""
    values = (
        project,
        kind,
        by.actor[:MAX_ACTOR_CHARS],
        by.at_ms,
        by.reason[:MAX_REASON_CHARS],
        json.dumps(details, ensure_ascii=False),
    )
    change = connection.execute(_INSERT_CHANGE, values).lastrowid
    assert change is not None
    connection.executemany(_INSERT_MOVE, [(change, move.fingerprint, move.source, move.target) for move in moves])
    return change


def constrain(
    connection: Connection, project: int, change: int, kind: ConstraintKind, pairs: Iterable[tuple[int, int]]
) -> None:
    """Remember what was said by a change about pairs of fingerprints."""
    connection.executemany(_INSERT_CONSTRAINT, [(project, kind, *sorted(pair), change) for pair in pairs])


def move_fingerprints(connection: Connection, moves: Sequence[Move]) -> None:
    """Move fingerprints, derive the issues concerned, and let those that are empty now lead to where the others are.

    An issue that was made for it goes on with what was decided about the one its fingerprints come from (the first of
    several). What an issue that is empty now needs is needed where its fingerprints went.
    """
    pairs = tuple(dict.fromkeys((move.target, move.source) for move in moves))
    connection.executemany(
        "UPDATE fingerprint SET issue_id = ? WHERE id = ?", [(move.target, move.fingerprint) for move in moves]
    )
    inherit_work(connection, pairs)
    derive_issues(connection, chain.from_iterable((move.source, move.target) for move in moves))
    fold_work(connection, [pair for pair in pairs if not _has_fingerprint(connection, pair[1])])
    connection.executemany(_LEAD_ON, sorted(pairs))
    connection.executemany(_STAY, sorted({(move.target,) for move in moves}))


def _has_fingerprint(connection: Connection, issue_id: int) -> bool:
    return (
        connection.execute("SELECT 1 FROM fingerprint WHERE issue_id = ? LIMIT 1", (issue_id,)).fetchone() is not None
    )


def find_later(connection: Connection, change_id: int) -> int | None:
    """Return the latest change that holds and builds on this one."""
    row = connection.execute(FIND_LATER, {"change": change_id}).fetchone()
    return None if row is None else int(row[0])


def last_changed_ms(connection: Connection, project_id: int) -> int:
    """Return when fingerprints of a project were moved, or moved back, last; 0 for never."""
    row = connection.execute(
        "SELECT coalesce(max(max(at_ms, coalesce(undone_ms, 0))), 0) FROM grouping_change WHERE project_id = ?",
        (project_id,),
    ).fetchone()
    return int(row[0])


def mark_undone(connection: Connection, change_id: int, *, by: By) -> None:
    """Say of a change that what it moved is back; what was said by it is not true any more."""
    connection.execute("DELETE FROM grouping_constraint WHERE change_id = ?", (change_id,))
    connection.execute(_UNDO, (by.at_ms, by.actor[:MAX_ACTOR_CHARS], change_id))


# An issue leads to one that had fingerprints at that time, so there is no circle.
FIND_CURRENT = """
WITH RECURSIVE way (id, event_count, further) AS (
  SELECT id, event_count, merged_into_id FROM issue WHERE id = {mark}
  UNION SELECT issue.id, issue.event_count, issue.merged_into_id FROM way JOIN issue ON issue.id = way.further
)
SELECT id FROM way WHERE event_count > 0 LIMIT 1
"""


def find_current(connection: Connection, issue_id: int) -> int | None:
    """Return the issue to which one that was merged leads; the same one where it was not, None where there is none."""
    row = connection.execute(FIND_CURRENT.format(mark="?"), (issue_id,)).fetchone()
    return None if row is None else row[0]
