"""Whose issues are: the team and the person of an issue, what is somebody's own, and the rules asked once more.

An issue that has a team and nobody of it is whoever's who is on duty there.
"""

from dataclasses import dataclass

from mukiau.stores.sqlite import Connection
from mukiau.stores.work.decisions import ChangedSince, NothingToUndo, assign, undo
from mukiau.stores.work.duty import find_on_duty
from mukiau.stores.work.issue_work import Who
from mukiau.stores.work.ownership import load_rules
from mukiau.work.ownership import owners_of

MAX_REAPPLIED = 1_000
"""Issues that change hands at once: digest waits for as long as that takes, a second or two."""

_OWNED = "SELECT team_id, assignee_id FROM issue_work WHERE issue_id = ?"
_TEAMS_OF = """
SELECT m.team_id FROM team_member m JOIN team t ON t.id = m.team_id
WHERE m.user_id = ? AND t.closed_ms IS NULL ORDER BY m.team_id
"""
_ASSIGNED = "SELECT w.issue_id FROM issue_work w JOIN issue i ON i.id = w.issue_id WHERE w.assignee_id = ? AND i.event_count > 0"
_NOBODYS = """
SELECT w.issue_id FROM issue_work w JOIN issue i ON i.id = w.issue_id
WHERE w.team_id = ? AND w.assignee_id IS NULL AND w.needs_decision AND i.event_count > 0
"""
# By hand: somebody said whose it is, and did not take it back. What the rules gave has no person in its history.
_BY_RULE = """
SELECT i.id, i.title, i.service, COALESCE(e.environment, ''), i.culprit, w.team_id
FROM issue i JOIN issue_work w ON w.issue_id = i.id LEFT JOIN event e ON e.id = i.first_event_pk
WHERE i.event_count > 0 AND w.assignee_id IS NULL AND NOT EXISTS (
  SELECT 1 FROM issue_history h
  WHERE h.issue_id = i.id AND h.kind = 'assigned' AND h.actor_id IS NOT NULL AND h.undone_ms IS NULL)
ORDER BY i.last_seen_ms DESC, i.id
"""

_GIVEN_BY_RULES = """
SELECT id FROM issue_history
WHERE id BETWEEN ? AND ? AND kind = 'assigned' AND actor_id IS NULL AND undone_ms IS NULL ORDER BY id LIMIT ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """Whose an issue is."""

    team_id: int | None = None
    assignee_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """An issue that is somebody's own, and why."""

    issue_id: int
    by_duty: bool
    """Nobody of the team took it, and the duty is theirs; otherwise it was given to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An issue that the rules as they are now would give to another team."""

    issue_id: int
    title: str
    before: int | None
    after: int | None


def find_owned(connection: Connection, issue_id: int) -> Owned:
    """Return whose an issue is."""
    row = connection.execute(_OWNED, (issue_id,)).fetchone()
    return Owned() if row is None else Owned(team_id=row[0], assignee_id=row[1])


def load_duty_teams(connection: Connection, user_id: int, at_ms: int) -> tuple[int, ...]:
    """Return the teams in which somebody is on duty at a time."""
    teams = [row[0] for row in connection.execute(_TEAMS_OF, (user_id,))]
    return tuple(team for team in teams if find_on_duty(connection, team, at_ms) == user_id)


def load_mine(connection: Connection, user_id: int, at_ms: int) -> tuple[Mine, ...]:
    """Return somebody's own issues: those given to them, and what needs a decision and nobody took where they are on duty."""
    given = [row[0] for row in connection.execute(f"{_ASSIGNED} ORDER BY w.issue_id", (user_id,))]
    teams = load_duty_teams(connection, user_id, at_ms)
    open_ones = [row[0] for team in teams for row in connection.execute(f"{_NOBODYS} ORDER BY w.issue_id", (team,))]
    return tuple(
        Mine(issue_id=issue, by_duty=by_duty)
        for by_duty, issues in ((False, given), (True, open_ones))
        for issue in issues
    )


def find_changes(connection: Connection) -> tuple[Change, ...]:
    """Return what the rules as they are now would change about issues that nobody gave to anybody by hand."""
    rows = connection.execute(_BY_RULE).fetchall()
    owners = owners_of(
        load_rules(connection), [(service, environment, path) for *_, service, environment, path, _ in rows]
    )
    named = ((row, owner.team_id if owner else None) for row, owner in zip(rows, owners, strict=True))
    return tuple(
        Change(issue_id=row[0], title=row[1], before=row[5], after=after) for row, after in named if row[5] != after
    )


def reapply_rules(connection: Connection, *, at_ms: int) -> tuple[int, ...]:
    """Give issues to the teams whose they are by the rules now; return the lines of the history. In a transaction.

    At most MAX_REAPPLIED at once, those seen last first.
    """
    return tuple(
        assign(connection, change.issue_id, team_id=change.after, assignee_id=None, who=Who(), at_ms=at_ms).history_id
        for change in find_changes(connection)[:MAX_REAPPLIED]
    )


def undo_reapplied(connection: Connection, span: tuple[int, int], *, who: Who, at_ms: int) -> int:
    """Give back what the rules gave by the lines from the first to the last; return how many. In a transaction.

    What somebody changed since stays.
    """
    undone = 0
    for (line,) in connection.execute(_GIVEN_BY_RULES, (*span, MAX_REAPPLIED)).fetchall():
        try:
            undo(connection, line, who=who, at_ms=at_ms)
        except (ChangedSince, NothingToUndo):
            continue
        undone += 1
    return undone
