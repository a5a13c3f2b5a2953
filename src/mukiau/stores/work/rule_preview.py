"""What match rules would match: among the errors of a time, and beside which other runbooks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mukiau.stores.event_rows import HOUR_MS
from mukiau.stores.many import chunks, marks
from mukiau.stores.sqlite import Connection
from mukiau.stores.work.facts import peek_facts
from mukiau.work.runbooks.rules import MatchRule, find_match

MAX_FINGERPRINTS = 20_000
"""The latest ones are looked at: about half a second."""
MAX_SAMPLES = 5

_RECENT = """
SELECT id, hash, issue_id FROM fingerprint WHERE last_seen_ms >= ? AND event_count > 0
ORDER BY last_seen_ms DESC, id DESC LIMIT ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedIssue:
    """An issue that would be answered."""

    id: int
    title: str
    service: str
    events: int
    """In the time looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collision:
    """Another runbook that answers some of the same issues."""

    code: str
    title: str
    issues: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePreview:
    """What rules would match."""

    issues: int
    events: int
    looked_at: int
    """Fingerprints."""
    is_cut: bool
    """There are more of them than are looked at."""
    samples: tuple[MatchedIssue, ...]
    """Most events first."""
    collisions: tuple[Collision, ...]
    by_rule: tuple[int, ...]
    """Issues for each rule by itself."""


def preview_rules(
    connection: Connection, rules: Sequence[MatchRule], *, since_ms: int, runbook_id: int = 0
) -> RulePreview:
    """Compare rules with the errors seen since a time; `runbook_id` is the runbook they belong to."""
    rows = connection.execute(_RECENT, (since_ms, MAX_FINGERPRINTS)).fetchall()
    issue_of = {fingerprint: issue for fingerprint, _, issue in rows}
    facts = peek_facts(connection, [(fingerprint, hashed) for fingerprint, hashed, _ in rows])
    matched = [one for one in issue_of if find_match(rules, facts[one]) is not None] if rules else []
    events = _events(connection, matched, since_ms=since_ms)
    per_issue: Counter[int] = Counter()
    for fingerprint in matched:
        per_issue[issue_of[fingerprint]] += events.get(fingerprint, 0)
    by_rule = tuple(len({issue_of[one] for one in matched if rule.find_reasons(facts[one])}) for rule in rules)
    return RulePreview(
        issues=len(per_issue),
        events=per_issue.total(),
        looked_at=len(rows),
        is_cut=len(rows) == MAX_FINGERPRINTS,
        samples=_samples(connection, per_issue),
        collisions=_collisions(connection, {one: issue_of[one] for one in matched}, runbook_id),
        by_rule=by_rule,
    )


def _events(connection: Connection, fingerprints: Sequence[int], *, since_ms: int) -> dict[int, int]:
    found: dict[int, int] = {}
    for ids in chunks(list(fingerprints)):
        query = (
            "SELECT fingerprint_id, sum(count) FROM fingerprint_hour "  # noqa: S608
            f"WHERE fingerprint_id IN ({marks(ids)}) AND hour >= ? GROUP BY 1"
        )
        found.update(connection.execute(query, (*ids, since_ms // HOUR_MS)).fetchall())
    return found


def _samples(connection: Connection, per_issue: Counter[int]) -> tuple[MatchedIssue, ...]:
    query = "SELECT title, service FROM issue WHERE id = ?"
    found = []
    for issue_id, events in per_issue.most_common(MAX_SAMPLES):
        title, service = connection.execute(query, (issue_id,)).fetchone()
        found.append(MatchedIssue(id=issue_id, title=title, service=service, events=events))
    return tuple(found)


def _collisions(connection: Connection, matched: dict[int, int], runbook_id: int) -> tuple[Collision, ...]:
    issues: dict[int, set[int]] = {}
    for ids in chunks(list(matched)):
        query = (
            f"SELECT fingerprint_id, runbook_id FROM runbook_match WHERE fingerprint_id IN ({marks(ids)}) "  # noqa: S608
            "AND runbook_id <> ?"
        )
        for fingerprint, other in connection.execute(query, (*ids, runbook_id)):
            issues.setdefault(other, set()).add(matched[fingerprint])
    ranked = sorted(issues.items(), key=lambda item: (-len(item[1]), item[0]))
    found = []
    for other, hit in ranked:
        row = connection.execute(
            "SELECT code, title FROM runbook WHERE id = ? AND state = 'published'", (other,)
        ).fetchone()
        if row is not None:
            found.append(Collision(code=row[0], title=row[1], issues=len(hit)))
    return tuple(found)
