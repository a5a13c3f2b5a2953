"""Runbooks suggested for errors that no runbook answers: offered with their reasons, never applied by themselves.

For an issue they are found when somebody looks at it. When manuals are brought in, the errors of the last months are gone
through once, and what is found becomes proposals: one for each runbook and match rule, to be accepted or declined one by
one. What a person declined is not offered again, whichever way it comes up.

Accepting adds the match rule to the runbook's text as a new version. It is in force at once, unless somebody's changes
of the runbook wait to be published: those are not published along with it.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from mukiau.stores.many import chunks, marks
from mukiau.stores.sqlite import Connection
from mukiau.stores.work.known_runbooks import Hit, KnownRunbooks
from mukiau.stores.work.runbooks import Author, RunbookRefused, UnknownRunbook, link_issue, publish, save_version
from mukiau.work.finding.failure import Failure
from mukiau.work.finding.index import MIN_SUGGESTED
from mukiau.work.finding.proposing import rule_for
from mukiau.work.runbooks.front_matter import add_rule, parse_runbook
from mukiau.work.runbooks.rules import MatchRule, rule_from_json, rules_to_json

MAX_SUGGESTIONS = 3
MAX_PROPOSED_ISSUES = 20_000
"""Gone through when manuals are brought in, those with most events first: about two minutes."""

_UNANSWERED = """
NOT EXISTS (
  SELECT 1 FROM fingerprint f JOIN runbook_match m ON m.fingerprint_id = f.id
  JOIN runbook r ON r.id = m.runbook_id AND r.state = 'published' WHERE f.issue_id = i.id)
AND NOT EXISTS (
  SELECT 1 FROM fingerprint f JOIN runbook_link l ON l.fingerprint_id = f.id
  JOIN runbook r ON r.id = l.runbook_id AND r.state = 'published' WHERE f.issue_id = i.id)
"""
_WORDS = "i.id, i.service, i.title, i.root_type, i.root_message, i.logger, i.culprit"
_RECENT = f"""
SELECT {_WORDS} FROM issue i WHERE i.event_count > 0 AND i.last_seen_ms >= ? AND {_UNANSWERED}
ORDER BY i.event_count DESC, i.id LIMIT ?
"""  # noqa: S608 - constants
_DECLINED = """
SELECT f.issue_id, p.runbook_id FROM runbook_proposal p JOIN fingerprint f ON f.id = p.fingerprint_id
WHERE p.state = 'declined' AND f.issue_id IN ({})
"""
_FINGERPRINTS = (
    "SELECT id, service, root_type, root_message, template, hash FROM fingerprint WHERE issue_id = ? ORDER BY id"
)
_KEEP = """
INSERT INTO runbook_proposal (runbook_id, fingerprint_id, share, words, rule, state, at_ms) VALUES (?, ?, ?, ?, ?, 'open', ?)
ON CONFLICT DO NOTHING
"""
_ANSWER = """
UPDATE runbook_proposal SET state = ?, actor = ?, at_ms = ? WHERE runbook_id = ? AND rule = ? AND state = ?
"""
_IN_FORCE = "SELECT number, published_number, state FROM runbook WHERE id = ?"


class UnknownProposal(RunbookRefused):
    """There is no such proposal, or somebody has answered it meanwhile."""

    def __init__(self, proposal_id: int) -> None:
        super().__init__(f"There is no open proposal {proposal_id}; somebody may have answered it meanwhile.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What came of accepting."""

    runbook_id: int
    code: str
    is_in_force: bool
    """False while the rule waits with other changes of the runbook to be published."""


def suggestions_for(
    connection: Connection, issue_ids: Collection[int], *, known: KnownRunbooks
) -> dict[int, tuple[Hit, ...]]:
    """Return what is suggested for issues, the best first; nothing for those that a runbook answers already."""
    found: dict[int, tuple[Hit, ...]] = {}
    for ids in chunks(sorted(issue_ids)):
        query = f"SELECT {_WORDS} FROM issue i WHERE i.id IN ({marks(ids)}) AND {_UNANSWERED}"  # noqa: S608
        declined = _declined(connection, ids)
        for issue_id, *words in connection.execute(query, tuple(ids)).fetchall():
            hits = known.suggest(connection, _failure(*words), at_least=MIN_SUGGESTED)
            offered = tuple(hit for hit in hits if hit.runbook.id not in declined[issue_id])[:MAX_SUGGESTIONS]
            if offered:
                found[issue_id] = offered
    return found


def find_proposals(
    connection: Connection, runbook_ids: Collection[int], *, known: KnownRunbooks, since_ms: int
) -> tuple[tuple[int, Hit], ...]:
    """Return the issues seen since then that no runbook answers and one of these fits best.

    Takes minutes where there are ten thousands of them; so not while other processes wait for a transaction to end.
    """
    wanted = frozenset(runbook_ids)
    recent = connection.execute(_RECENT, (since_ms, MAX_PROPOSED_ISSUES)).fetchall() if wanted else ()
    found = (
        (issue_id, next(iter(known.suggest(connection, _failure(*words), at_least=MIN_SUGGESTED)), None))
        for issue_id, *words in recent
    )
    return tuple((issue_id, best) for issue_id, best in found if best is not None and best.runbook.id in wanted)


def record_proposals(connection: Connection, found: Iterable[tuple[int, Hit]], *, at_ms: int) -> int:
    """Keep proposals; return of how many issues they are new. What was answered before is not asked again."""
    return sum(_keep(connection, issue_id, hit, at_ms=at_ms) for issue_id, hit in found)


def accept(connection: Connection, proposal_id: int, *, by: Author) -> Accepted:
    """Add the proposal's match rule to its runbook; raises RunbookRefused."""
    runbook_id, rule = _answer(connection, proposal_id, "accepted", by=by)
    return _with_rules(connection, runbook_id, [rule_from_json(json.loads(rule))], by=by)


def decline(connection: Connection, proposal_id: int, *, by: Author) -> int:
    """Remember that a runbook does not answer these errors; return its id. Raises RunbookRefused."""
    return _answer(connection, proposal_id, "declined", by=by)[0]


def reconsider(connection: Connection, proposal_id: int, *, by: Author) -> int:
    """Take a decline back; return the runbook's id. Raises RunbookRefused."""
    return _answer(connection, proposal_id, "open", by=by, before="declined")[0]


def accept_for_issue(connection: Connection, issue_id: int, hit: Hit, *, by: Author) -> Accepted:
    """Add rules for an issue's errors to the runbook that was suggested for it; raises RunbookRefused."""
    rules = _answer_issue(connection, issue_id, hit, "accepted", by=by)
    return _with_rules(connection, hit.runbook.id, rules, by=by)


def link_for_issue(connection: Connection, issue_id: int, hit: Hit, *, by: Author) -> None:
    """Say that the runbook suggested answers this issue, and no other one; raises RunbookRefused."""
    _answer_issue(connection, issue_id, hit, "accepted", by=by)
    link_issue(connection, issue_id, hit.runbook.id, by=by)


def decline_for_issue(connection: Connection, issue_id: int, hit: Hit, *, by: Author) -> None:
    """Remember that the runbook suggested does not answer the issue."""
    _answer_issue(connection, issue_id, hit, "declined", by=by)


def _failure(service: str, title: str, root_type: str, root_message: str, logger: str, culprit: str) -> Failure:
    return Failure(
        service=service,
        logger=logger,
        types=(root_type,) if root_type else (),
        sentences=tuple(dict.fromkeys(filter(None, (root_message, title)))),
        functions=(culprit,) if culprit else (),
    )


def _declined(connection: Connection, ids: Sequence[int] | Sequence[str]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for issue_id, runbook_id in connection.execute(_DECLINED.format(marks(ids)), tuple(ids)):
        found[issue_id].add(runbook_id)
    return found


def _keep(connection: Connection, issue_id: int, hit: Hit, *, at_ms: int) -> bool:
    """Keep one proposal for each of the issue's fingerprints; say whether there was a new one."""
    words = json.dumps(hit.words, ensure_ascii=False)
    rows = [
        (hit.runbook.id, fingerprint_id, hit.share, words, _rule_text(rule), at_ms)
        for fingerprint_id, rule in _rules_of(connection, issue_id)
    ]
    return connection.executemany(_KEEP, rows).rowcount > 0


def _rules_of(connection: Connection, issue_id: int) -> list[tuple[int, MatchRule]]:
    """The rule for each fingerprint of an issue."""
    found = []
    for id_, service, root_type, root_message, template, hashed in connection.execute(_FINGERPRINTS, (issue_id,)):
        rule = rule_for(
            service=service,
            root_type=root_type,
            root_message=root_message,
            template=template,
            fingerprint_hash=hashed,
        )
        found.append((id_, rule))
    return found


def _rule_text(rule: MatchRule) -> str:
    return json.dumps(rules_to_json([rule])[0], ensure_ascii=False)


def _answer(
    connection: Connection, proposal_id: int, state: str, *, by: Author, before: str = "open"
) -> tuple[int, str]:
    """Answer a proposal and all those with its runbook and rule; return these."""
    query = "SELECT runbook_id, rule FROM runbook_proposal WHERE id = ? AND state = ?"
    row = connection.execute(query, (proposal_id, before)).fetchone()
    if row is None:
        raise UnknownProposal(proposal_id)
    connection.execute(_ANSWER, (state, by.name, by.at_ms, *row, before))
    runbook_id, rule = row
    return runbook_id, rule


def _answer_issue(connection: Connection, issue_id: int, hit: Hit, state: str, *, by: Author) -> list[MatchRule]:
    """Answer for all fingerprints of an issue; return their rules, each once."""
    _keep(connection, issue_id, hit, at_ms=by.at_ms)
    rules = _rules_of(connection, issue_id)
    connection.executemany(
        "UPDATE runbook_proposal SET state = ?, actor = ?, at_ms = ? WHERE runbook_id = ? AND fingerprint_id = ?",
        [(state, by.name, by.at_ms, hit.runbook.id, fingerprint_id) for fingerprint_id, _ in rules],
    )
    return list(dict.fromkeys(rule for _, rule in rules))


def _with_rules(connection: Connection, runbook_id: int, rules: Sequence[MatchRule], *, by: Author) -> Accepted:
    row = connection.execute(_IN_FORCE, (runbook_id,)).fetchone()
    if row is None:
        raise UnknownRunbook(runbook_id)
    number, published, state = row
    query = "SELECT text FROM runbook_version WHERE runbook_id = ? AND number = ?"
    text = connection.execute(query, (runbook_id, number)).fetchone()[0]
    present = parse_runbook(text).front.rules
    for rule in rules:
        text = text if rule in present else add_rule(text, rule)
    saved = save_version(connection, runbook_id, text, expected=number, by=by)
    is_in_force = state == "published" and published == number
    if is_in_force:
        publish(connection, runbook_id, number=saved.number, by=by)
    return Accepted(runbook_id=runbook_id, code=saved.code, is_in_force=is_in_force)
