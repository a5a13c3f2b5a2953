"""Proposals as they are listed: one for each runbook and match rule, with the issues it would answer."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mukiau.stores.sqlite import Connection
from mukiau.work.runbooks.rules import MatchRule, rule_from_json

MAX_PROPOSALS = 500
"""On one page; answering them makes room."""
MAX_ISSUES = 5

_READ = """
SELECT p.id, max(p.share), p.words, p.rule, p.runbook_id, r.code, r.title, r.url, p.actor, p.at_ms,
  json_group_array(json_array(f.issue_id, f.title, f.event_count)) AS issues
FROM runbook_proposal p
JOIN runbook r ON r.id = p.runbook_id AND r.state <> 'retired'
JOIN fingerprint f ON f.id = p.fingerprint_id
WHERE p.state = ? AND NOT EXISTS (SELECT 1 FROM runbook_match m WHERE m.fingerprint_id = p.fingerprint_id)
  AND NOT EXISTS (SELECT 1 FROM runbook_link l WHERE l.fingerprint_id = p.fingerprint_id)
GROUP BY p.runbook_id, p.rule ORDER BY sum(f.event_count) DESC, p.id LIMIT ?
"""  # of the columns that are no aggregate SQLite takes those of the row with the largest share


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedFor:
    """An issue that the rule would answer."""

    id: int
    title: str
    event_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A match rule that a runbook might get, and why."""

    id: int
    """Of one of those it stands for; answering it answers all."""
    runbook_id: int
    code: str
    title: str
    url: str
    rule: MatchRule
    share: float
    words: tuple[str, ...]
    issues: tuple[ProposedFor, ...]
    """Those with most events, MAX_ISSUES at most."""
    issue_count: int
    event_count: int
    actor: str
    """Who declined it."""
    at_ms: int


def read_proposals(connection: Connection, state: str = "open") -> tuple[Proposal, ...]:
    """Return the proposals in one state, those of most events first; none for errors that a runbook answers by now."""
    return tuple(_proposal(*row) for row in connection.execute(_READ, (state, MAX_PROPOSALS)))


def _proposal(*row: Any) -> Proposal:
    id_, share, words, rule, runbook_id, code, title, url, actor, at_ms, issues = row
    proposed_for = _by_issue(json.loads(issues))
    return Proposal(
        id=id_,
        runbook_id=runbook_id,
        code=code,
        title=title,
        url=url,
        rule=rule_from_json(json.loads(rule)),
        share=share,
        words=tuple(json.loads(words)),
        issues=proposed_for[:MAX_ISSUES],
        issue_count=len(proposed_for),
        event_count=sum(issue.event_count for issue in proposed_for),
        actor=actor,
        at_ms=at_ms,
    )


def _by_issue(fingerprints: Iterable[tuple[int, str, int]]) -> tuple[ProposedFor, ...]:
    """The issues of fingerprints, those with most events first."""
    counts: Counter[int] = Counter()
    titles: dict[int, str] = {}
    for issue_id, title, count in fingerprints:
        counts[issue_id] += count
        titles.setdefault(issue_id, title)
    return tuple(ProposedFor(id=one, title=titles[one], event_count=count) for one, count in counts.most_common())
