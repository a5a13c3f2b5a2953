"""Ownership rules as they are kept, and what they say about the issues there are.

Rules are numbered by position, the first that fits counts; the rules of a closed team are passed over. One that was removed
keeps its position and can be put back there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mukiau.stores.sqlite import Connection
from mukiau.work.ownership import OwnershipRule, Place, owners_of

_RULES = """
SELECT r.id, r.team_id, r.service, r.environment, r.path FROM ownership_rule r JOIN team t ON t.id = r.team_id
WHERE r.removed_ms IS NULL AND t.closed_ms IS NULL ORDER BY r.position, r.id
"""
_FIND = "SELECT id, team_id, service, environment, path FROM ownership_rule WHERE id = ?"
_INSERT = """
INSERT INTO ownership_rule (team_id, position, service, environment, path, created_ms, created_by)
SELECT ?, COALESCE(iif(?, min(position) - 1, max(position) + 1), 1), ?, ?, ?, ?, ? FROM ownership_rule
"""
_EXCHANGE = """
UPDATE ownership_rule SET position = o.position FROM ownership_rule o
WHERE (ownership_rule.id, o.id) IN ((:one, :other), (:other, :one))
"""
# The environment is that of the first event, by which the rules were asked when the issue was made.
_ISSUES = """
SELECT i.id, i.title, i.service, i.culprit, i.event_count, COALESCE(e.environment, '')
FROM issue i LEFT JOIN event e ON e.id = i.first_event_pk
WHERE i.event_count > 0 AND i.last_seen_ms >= ? ORDER BY i.event_count DESC, i.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentIssue:
    """What the rules ask of an issue, and what a page says of it."""

    id: int
    title: str
    service: str
    culprit: str
    environment: str
    """Of its first event."""
    event_count: int

    @property
    def place(self) -> Place:
        """What `owners_of` asks for."""
        return self.service, self.environment, self.culprit


def load_rules(connection: Connection) -> tuple[OwnershipRule, ...]:
    """Return the rules in force, in their order."""
    return tuple(_rule(row) for row in connection.execute(_RULES))


def find_rule(connection: Connection, rule_id: int) -> OwnershipRule | None:
    """Return a rule, in force or removed."""
    row = connection.execute(_FIND, (rule_id,)).fetchone()
    return None if row is None else _rule(row)


def add_rule(connection: Connection, rule: OwnershipRule, *, is_first: bool, actor: str, at_ms: int) -> int:
    """Put a rule before or behind all others; return its id."""
    values = (rule.team_id, is_first, rule.service, rule.environment, rule.path, at_ms, actor)
    rule_id = connection.execute(_INSERT, values).lastrowid
    assert rule_id is not None
    return rule_id


def remove_rule(connection: Connection, rule_id: int, *, at_ms: int) -> bool:
    """Let a rule say nothing any more; False when it was removed before."""
    sql = "UPDATE ownership_rule SET removed_ms = ? WHERE id = ? AND removed_ms IS NULL"
    return bool(connection.execute(sql, (at_ms, rule_id)).rowcount)


def restore_rule(connection: Connection, rule_id: int) -> bool:
    """Put a removed rule back where it was; False when it was not removed."""
    sql = "UPDATE ownership_rule SET removed_ms = NULL WHERE id = ? AND removed_ms IS NOT NULL"
    return bool(connection.execute(sql, (rule_id,)).rowcount)


def move_rule(connection: Connection, rule_id: int, *, upwards: bool) -> bool:
    """Let a rule change places with its neighbour among those in force; False at the end."""
    order = [rule.id for rule in load_rules(connection)]
    if rule_id not in order:
        return False
    at = order.index(rule_id)
    other = at - 1 if upwards else at + 1
    if not 0 <= other < len(order):
        return False
    connection.execute(_EXCHANGE, {"one": rule_id, "other": order[other]})
    return True


def give_owners(connection: Connection, places: Mapping[int, Place]) -> None:
    """Give new issues to the teams whose they are by the rules: issue → where its first event came from."""
    rules = load_rules(connection) if places else ()
    owners = owners_of(rules, places.values())
    given = [(owner.team_id, issue) for issue, owner in zip(places, owners, strict=True) if owner]
    connection.executemany("UPDATE issue_work SET team_id = ? WHERE issue_id = ?", given)


def read_recent_issues(connection: Connection, *, since_ms: int) -> tuple[RecentIssue, ...]:
    """Return the issues seen since then, most events first."""
    return tuple(
        RecentIssue(id=pk, title=title, service=service, culprit=culprit, event_count=count, environment=environment)
        for pk, title, service, culprit, count, environment in connection.execute(_ISSUES, (since_ms,))
    )


def _rule(row: tuple[int, int, str, str, str]) -> OwnershipRule:
    pk, team_id, service, environment, path = row
    return OwnershipRule(id=pk, team_id=team_id, service=service, environment=environment, path=path)
