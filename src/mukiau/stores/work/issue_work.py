"""The row of an issue's decision, and the history of it."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from mukiau.stores.many import chunks, marks
from mukiau.stores.sqlite import Connection
from mukiau.work.decisions import Decision, Period, Standing, Why
from mukiau.work.purposes import Purpose
from mukiau.work.watching import Watch

_COLUMNS = (
    "issue_id, project_id, decision, scope, key, period, watch, watch_until_ms, reason, decided_ms, decided_by, "
    "needs_decision, why_needed, why_details, needed_since_ms, team_id, assignee_id, version"
)
_INSERT = """
INSERT INTO issue_work (issue_id, project_id, needs_decision, why_needed, needed_since_ms) VALUES (?, ?, 0, '', 0)
ON CONFLICT DO NOTHING
"""
_COPIED = (
    "project_id, decision, scope, key, period, watch, watch_until_ms, reason, decided_ms, decided_by, needs_decision, "
    "why_needed, why_details, needed_since_ms, team_id, assignee_id"
)
_INHERIT = f"""
INSERT INTO issue_work (issue_id, {_COPIED}) SELECT ?, {_COPIED} FROM issue_work WHERE issue_id = ?
ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants
_INHERIT_RESOLUTIONS = """
INSERT INTO issue_resolution (issue_id, environment, release, resolved_ms, actor)
SELECT ?1, environment, release, resolved_ms, actor FROM issue_resolution WHERE issue_id = ?2 AND ended_ms IS NULL
"""
_INHERIT_STATES = """
INSERT INTO issue_state (issue_id, environment, state, since_ms, event_pk)
SELECT ?1, environment, state, since_ms, event_pk FROM issue_state WHERE issue_id = ?2 ON CONFLICT DO NOTHING
"""
_FOLD = """
UPDATE issue_work AS t SET
  why_needed = iif(t.needs_decision, t.why_needed, s.why_needed),
  why_details = iif(t.needs_decision, t.why_details, s.why_details),
  needed_since_ms = iif(t.needs_decision, min(t.needed_since_ms, s.needed_since_ms), s.needed_since_ms),
  needs_decision = 1
FROM issue_work s WHERE t.issue_id = ? AND s.issue_id = ? AND s.needs_decision
"""
_ASK = """
UPDATE issue_work SET needs_decision = 1, why_needed = ?, why_details = ?, needed_since_ms = ?
WHERE issue_id = ? AND NOT needs_decision
"""
_WAITED_BEFORE = """
UPDATE issue_work SET needed_since_ms = ?1 WHERE issue_id = ?2 AND needs_decision AND needed_since_ms > ?1
"""
_RECORD = "INSERT INTO issue_history (issue_id, at_ms, actor_id, actor, kind, details) VALUES (?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Somebody who changes something; nobody (`mukiau`) when digest does."""

    name: str = "mukiau"
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueWork:
    """The decision about an issue, and whether it needs one."""

    issue_id: int
    project_id: int
    standing: Standing
    watch: Watch | None
    watch_until_ms: int
    reason: str
    decided_ms: int
    decided_by: str
    needs_decision: bool
    why_needed: Why | None
    why_details: str
    needed_since_ms: int
    team_id: int | None
    assignee_id: int | None
    version: int


def load_work(connection: Connection, issues: Collection[int]) -> dict[int, IssueWork]:
    """Return what is decided about issues, by id."""
    found = {}
    for names in chunks(sorted(issues)):
        query = f"SELECT {_COLUMNS} FROM issue_work WHERE issue_id IN ({marks(names)})"  # noqa: S608
        for row in connection.execute(query, names):
            found[row[0]] = _work(row)
    return found


def find_work(connection: Connection, issue_id: int) -> IssueWork | None:
    """Return what is decided about one issue."""
    return load_work(connection, [issue_id]).get(issue_id)


def insert_work(connection: Connection, issue_id: int, project_id: int) -> None:
    """Give a new issue its row: nothing is decided, and nothing asked."""
    connection.execute(_INSERT, (issue_id, project_id))


def inherit_work(connection: Connection, pairs: Iterable[tuple[int, int]]) -> None:
    """Give issues that have no row what was decided about the ones they come from: (target, source), the first counts."""
    for target, source in pairs:
        if connection.execute(_INHERIT, (target, source)).rowcount:
            connection.execute(_INHERIT_RESOLUTIONS, (target, source))
            connection.execute(_INHERIT_STATES, (target, source))


def fold_work(connection: Connection, pairs: Iterable[tuple[int, int]]) -> None:
    """Let issues need a decision when those need one that came to them, since the earlier of both: (target, source)."""
    connection.executemany(_FOLD, list(pairs))


def ask_for_decision(
    connection: Connection, issue_id: int, why: Why, *, details: Mapping[str, Any], at_ms: int
) -> bool:
    """Say that an issue needs a decision, since a time; False when that was said before.

    What is decided later answers occurrences since then, so one that came late and occurred earlier is waited for, too.
    """
    if connection.execute(_ASK, (why, to_json(details), at_ms, issue_id)).rowcount:
        return True
    connection.execute(_WAITED_BEFORE, (at_ms, issue_id))
    return False


def record_history(
    connection: Connection, issue_id: int, kind: str, details: Mapping[str, Any], *, who: Who, at_ms: int
) -> int:
    """Add a line to an issue's history; return its id."""
    row_id = connection.execute(_RECORD, (issue_id, at_ms, who.id, who.name, kind, to_json(details))).lastrowid
    assert row_id is not None
    return row_id


def to_json(value: Mapping[str, Any]) -> str:
    """Return what a column of JSON holds; empty for nothing."""
    return json.dumps(value, ensure_ascii=False) if value else ""


def scope_to_text(scope: frozenset[Purpose]) -> str:
    """Return what the column holds, in the order of the purposes."""
    return " ".join(purpose for purpose in Purpose if purpose in scope)


def scope_from_text(text: str) -> frozenset[Purpose]:
    """Return the purposes of the column."""
    return frozenset(Purpose(name) for name in text.split())


def watch_to_text(watch: Watch | None) -> str:
    """Return what the column holds: the conditions there are."""
    if watch is None:
        return ""
    return json.dumps({name: value for name, value in asdict(watch).items() if value})


def watch_from_text(text: str) -> Watch | None:
    """Return the conditions of the column; fields of a newer version are left out."""
    if not text:
        return None
    known = {field.name for field in fields(Watch)}
    return Watch(**{name: value for name, value in json.loads(text).items() if name in known})


def _work(row: tuple[Any, ...]) -> IssueWork:
    issue, project, decision, scope, key, period, watch, until_ms, *rest = row
    reason, decided_ms, decided_by, needs_decision, why, details, since_ms, team, assignee, version = rest
    return IssueWork(
        issue_id=issue,
        project_id=project,
        standing=Standing(decision=Decision(decision), scope=scope_from_text(scope), key=key, period=Period(period)),
        watch=watch_from_text(watch),
        watch_until_ms=until_ms,
        reason=reason,
        decided_ms=decided_ms,
        decided_by=decided_by,
        needs_decision=bool(needs_decision),
        why_needed=Why(why) if why else None,
        why_details=details,
        needed_since_ms=since_ms,
        team_id=team,
        assignee_id=assignee,
        version=version,
    )
