"""What was merged, split off and undone, and where an issue's address leads now."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mukiau.stores.grouping_changes import FIND_CURRENT, ChangeKind
from mukiau.stores.queries.rows import find_row, marks, read_rows

PAGE_CHANGES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupingChange:
    """One change of the grouping."""

    id: int
    project_id: int
    kind: ChangeKind
    actor: str
    at_ms: int
    reason: str
    into: int
    """The target of a merge, the new issue of a split; 0 where the policy was changed, which moves to many."""
    issues: tuple[int, ...]
    """Where the fingerprints were before."""
    titles: dict[int, str]
    """What the issues concerned were called then, as far as they existed."""
    fingerprint_count: int
    undone_ms: int | None
    undone_by: str
    built_on_by: int | None
    """The latest change that holds and builds on this one: it has to be undone first."""

    @property
    def can_be_undone(self) -> bool:
        return self.undone_ms is None and self.built_on_by is None


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedFingerprint:
    """A fingerprint that a change moved; its words are empty when it has lost its last event since."""

    fingerprint_id: int
    from_issue_id: int
    to_issue_id: int
    hash: str
    title: str
    event_count: int


_CHANGES = """
SELECT c.id, c.project_id, c.kind, c.actor, c.at_ms, c.reason, c.details, c.undone_ms, c.undone_by
FROM grouping_change c WHERE {conditions} ORDER BY c.id DESC LIMIT {limit:d}
"""
_OF_ISSUE = """c.id IN (
  SELECT change_id FROM grouping_move WHERE from_issue_id = %s
  UNION SELECT change_id FROM grouping_move WHERE to_issue_id = %s)"""
# As `regrouping.FIND_LATER`, for several changes.
_BUILT_ON = """
SELECT o.change_id, max(c.id) FROM grouping_move o
JOIN grouping_change s ON s.id = o.change_id
JOIN grouping_move m ON m.fingerprint_id = o.fingerprint_id OR (s.kind = 'split' AND m.to_issue_id = o.to_issue_id)
JOIN grouping_change c ON c.id = m.change_id
WHERE o.change_id IN ({marks}) AND c.id > o.change_id AND c.undone_ms IS NULL GROUP BY o.change_id
"""


def read_changes_of_issue(
    issue_id: int, *, before_id: int | None = None, limit: int = PAGE_CHANGES
) -> tuple[GroupingChange, ...]:
    """Return up to `limit` changes that moved something from or to an issue, latest first.

    `before_id` is the last one of the page before.
    """
    return _read(_OF_ISSUE, [issue_id, issue_id], before_id=before_id, limit=limit)


def read_changes_of_project(
    project_id: int, *, before_id: int | None = None, limit: int = PAGE_CHANGES
) -> tuple[GroupingChange, ...]:
    """Return up to `limit` changes of a project, latest first; `before_id` is the last one of the page before."""
    return _read("c.project_id = %s", [project_id], before_id=before_id, limit=limit)


def find_change(change_id: int) -> GroupingChange | None:
    """Return the change with this id."""
    found = _read("c.id = %s", [change_id], before_id=None, limit=1)
    return found[0] if found else None


def read_moves(change_id: int) -> tuple[MovedFingerprint, ...]:
    """Return what a change moved, at most as many as an issue may have, in the order of their ids."""
    rows = read_rows(
        """
        SELECT m.fingerprint_id, m.from_issue_id, m.to_issue_id, COALESCE(f.hash, ''), COALESCE(f.title, ''),
               COALESCE(f.event_count, 0)
        FROM grouping_move m LEFT JOIN fingerprint f ON f.id = m.fingerprint_id
        WHERE m.change_id = %s ORDER BY m.fingerprint_id
        """,
        (change_id,),
    )
    return tuple(MovedFingerprint(**dict(zip(MovedFingerprint.__slots__, row, strict=True))) for row in rows)


def find_current_issue(issue_id: int) -> int | None:
    """Return the issue to which one that was merged leads; the same one where it was not, None where there is none."""
    row = find_row(FIND_CURRENT.format(mark="%s"), (issue_id,))
    return None if row is None else row[0]


def find_current_issue_of_event(issue_id: int, event_pk: int) -> int | None:
    """Return where an event is that was an issue's once; None if it never was."""
    row = find_row(
        """
        SELECT f.issue_id FROM event e JOIN fingerprint f ON f.id = e.fingerprint_id
        WHERE e.id = %s AND (f.issue_id = %s OR EXISTS (
          SELECT 1 FROM grouping_move m WHERE m.fingerprint_id = f.id AND %s IN (m.from_issue_id, m.to_issue_id)))
        """,
        (event_pk, issue_id, issue_id),
    )
    return None if row is None else row[0]


def _read(condition: str, parameters: list[Any], *, before_id: int | None, limit: int) -> tuple[GroupingChange, ...]:
    conditions = condition
    if before_id is not None:
        conditions += " AND c.id < %s"
        parameters = [*parameters, before_id]
    rows = read_rows(_CHANGES.format(conditions=conditions, limit=limit), parameters)
    ids = [row[0] for row in rows]
    if not ids:
        return ()
    built_on: dict[int, int] = dict(read_rows(_BUILT_ON.format(marks=marks(ids)), ids))
    moved = _read_moved(ids)
    return tuple(_change(row, moved=moved.get(row[0], ()), built_on_by=built_on.get(row[0])) for row in rows)


def _read_moved(ids: Sequence[int]) -> dict[int, tuple[tuple[int, int], ...]]:
    """Change → (issue, fingerprints that were there) in the order of the issues."""
    found: dict[int, tuple[tuple[int, int], ...]] = {}
    sql = f"""SELECT change_id, from_issue_id, COUNT(*) FROM grouping_move
              WHERE change_id IN ({marks(ids)}) GROUP BY 1, 2 ORDER BY 1, 2"""  # noqa: S608
    for change_id, issue_id, count in read_rows(sql, ids):
        found[change_id] = (*found.get(change_id, ()), (issue_id, count))
    return found


def _change(row: tuple[Any, ...], *, moved: tuple[tuple[int, int], ...], built_on_by: int | None) -> GroupingChange:
    pk, project_id, kind, actor, at_ms, reason, text, undone_ms, undone_by = row
    details = json.loads(text)
    return GroupingChange(
        id=pk,
        project_id=project_id,
        kind=ChangeKind(kind),
        actor=actor,
        at_ms=at_ms,
        reason=reason,
        into=details.get("into", 0),
        issues=tuple(issue for issue, _ in moved),
        titles={int(issue): title for issue, title in details.get("titles", {}).items()},
        fingerprint_count=sum(count for _, count in moved),
        undone_ms=undone_ms,
        undone_by=undone_by,
        built_on_by=built_on_by,
    )
