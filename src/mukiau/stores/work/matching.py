"""Which runbooks answer which fingerprints.

A new fingerprint is compared with all rules in the transaction that makes it: an event of a known one costs nothing. When
a runbook is published, the fingerprints there are get compared with its rules a few hundred at a time, each step a
transaction of its own that moves the runbooks' cursor (`matched_to`). Whoever publishes takes the steps; digest takes
those that were left, one with every heartbeat, so that a process that died leaves nothing undone.

A person's word (`runbook_link`) goes before every rule; of several rules the heaviest wins.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mukiau.stores.sqlite import Connection, transaction
from mukiau.stores.work.facts import keep_facts, read_facts
from mukiau.work.runbooks.rule_index import RuleIndex
from mukiau.work.runbooks.rules import Aspect, Facts, MatchRule, Reason, RuleMatch, rule_from_json

FINGERPRINTS_A_STEP = 300
RUNBOOKS_A_STEP = 50
"""Those that have come equally far are compared together, so that the facts are read once. Digest takes a step with each
heartbeat: it does nothing else for some hundredths of a second."""
_EVERYTHING = 2**62

_STAMP = "SELECT coalesce(max(id), 0), count(*) FROM match_rule"
_RULES = "SELECT runbook_id, conditions FROM match_rule ORDER BY runbook_id, position"
_RULES_OF = "SELECT conditions FROM match_rule WHERE runbook_id = ? ORDER BY position"
_KEEP = """
INSERT INTO runbook_match (fingerprint_id, runbook_id, position, weight, reasons) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET position = excluded.position, weight = excluded.weight, reasons = excluded.reasons
"""
_NEXT_FINGERPRINTS = "SELECT id, hash FROM fingerprint WHERE id > ? ORDER BY id LIMIT ?"
_NEXT_RUNBOOKS = f"""
SELECT id, matched_to FROM runbook WHERE matched_to = (SELECT min(matched_to) FROM runbook WHERE matched_to IS NOT NULL)
ORDER BY id LIMIT {RUNBOOKS_A_STEP}
"""  # noqa: S608 - a constant
_FORGET = "DELETE FROM runbook_match WHERE runbook_id = ? AND fingerprint_id > ? AND fingerprint_id <= ?"
_FIND = """
SELECT r.id, r.code, r.title, r.minutes, r.proposes, r."key", v.id, v.number, m.how, m.reasons, m.issue_id
FROM (
  SELECT f.issue_id, l.runbook_id, 'link' AS how, 0 AS weight, l.at_ms, '[]' AS reasons
  FROM json_each(?) j CROSS JOIN fingerprint f ON f.issue_id = j.value JOIN runbook_link l ON l.fingerprint_id = f.id
  UNION ALL
  SELECT f.issue_id, m.runbook_id, 'rule', m.weight, 0, m.reasons
  FROM json_each(?) j CROSS JOIN fingerprint f ON f.issue_id = j.value JOIN runbook_match m ON m.fingerprint_id = f.id
) m
JOIN runbook r ON r.id = m.runbook_id AND r.state = 'published'
JOIN runbook_version v ON v.runbook_id = r.id AND v.number = r.published_number
ORDER BY m.how, m.at_ms DESC, m.weight DESC, r.id
"""  # 'link' sorts before 'rule'


class PublishedRules:
    """The rules of all published runbooks, read again only when one of them changed."""

    def __init__(self) -> None:
        self._stamp: tuple[int, int] = (0, 0)
        self._index = RuleIndex()

    def current(self, connection: Connection) -> RuleIndex:
        """Return the rules as the transaction at hand sees them."""
        stamp = connection.execute(_STAMP).fetchone()
        if stamp != self._stamp:
            found: dict[int, list[MatchRule]] = {}
            for runbook_id, conditions in connection.execute(_RULES):
                found.setdefault(runbook_id, []).append(rule_from_json(json.loads(conditions)))
            self._stamp, self._index = stamp, RuleIndex({one: tuple(rules) for one, rules in found.items()})
        return self._index


def match_fingerprint(connection: Connection, fingerprint_id: int, facts: Facts, rules: PublishedRules) -> None:
    """Note which runbooks answer a new fingerprint."""
    answering = rules.current(connection).find(facts)
    _keep(connection, ((fingerprint_id, runbook_id, match) for runbook_id, match in answering))


class _Basis(NamedTuple):
    """What the next step compares."""

    runbooks: tuple[tuple[int, int], ...]
    """(id, matched_to): those that have come equally far."""
    fingerprints: tuple[tuple[int, str], ...]
    """(id, hash): the next ones."""
    stamp: tuple[int, int]
    """Of all rules."""

    def holds(self, now: "_Basis") -> bool:
        """Say whether nothing that was compared has changed. A fingerprint that is new was compared when it was made."""
        present = now.fingerprints[: len(self.fingerprints)]
        return (self.runbooks, self.stamp, self.fingerprints) == (now.runbooks, now.stamp, present)


def continue_matching(connection: Connection) -> bool:
    """Compare the next fingerprints with the rules of published runbooks; False: nothing is left.

    What is compared is read beforehand; the transaction only writes. Where it changed meanwhile nothing is written, and the
    next call begins anew.
    """
    basis = _read_basis(connection)
    if not basis.runbooks:
        return False  # nearly always: no lock is taken for it
    rules = {one: _rules_of(connection, one) for one, _ in basis.runbooks}
    facts = read_facts(connection, basis.fingerprints)
    found = list(_compare(facts.all, rules))
    with transaction(connection):
        if basis.holds(_read_basis(connection)):
            _write_step(connection, basis, rules)
            keep_facts(connection, facts.derived)
            _keep(connection, found)
    return True


def _read_basis(connection: Connection) -> _Basis:
    runbooks = tuple(connection.execute(_NEXT_RUNBOOKS).fetchall())
    after = runbooks[0][1] if runbooks else 0
    fingerprints = connection.execute(_NEXT_FINGERPRINTS, (after, FINGERPRINTS_A_STEP if runbooks else 0)).fetchall()
    return _Basis(runbooks, tuple(fingerprints), connection.execute(_STAMP).fetchone())


def _compare(
    facts: Mapping[int, Facts], rules: Mapping[int, tuple[MatchRule, ...]]
) -> Iterator[tuple[int, int, RuleMatch]]:
    index = RuleIndex(rules)
    for one, of_it in facts.items():
        for runbook_id, match in index.find(of_it):
            yield one, runbook_id, match


def _write_step(connection: Connection, basis: _Basis, rules: Mapping[int, tuple[MatchRule, ...]]) -> None:
    """Note how far the runbooks have come; what matched there before is forgotten."""
    after = basis.runbooks[0][1]
    last = basis.fingerprints[-1][0] if basis.fingerprints else after
    until = last if len(basis.fingerprints) == FINGERPRINTS_A_STEP else None
    _move_on(connection, [one for one, of_it in rules.items() if of_it], (after, last), until)
    # Without rules there is nothing to compare, and what matched before goes at once.
    _move_on(connection, [one for one, of_it in rules.items() if not of_it], (after, _EVERYTHING), None)


def _rules_of(connection: Connection, runbook_id: int) -> tuple[MatchRule, ...]:
    return tuple(rule_from_json(json.loads(row[0])) for row in connection.execute(_RULES_OF, (runbook_id,)))


def _move_on(connection: Connection, runbooks: list[int], forgotten: tuple[int, int], until: int | None) -> None:
    """Forget what matched in a range of fingerprints, and note up to which all are compared; None: all are."""
    connection.executemany(_FORGET, [(one, *forgotten) for one in runbooks])
    connection.executemany("UPDATE runbook SET matched_to = ? WHERE id = ?", [(until, one) for one in runbooks])


def _keep(connection: Connection, found: Iterable[tuple[int, int, RuleMatch]]) -> None:
    rows = [
        (fingerprint_id, runbook_id, match.position, match.weight, _reasons_to_json(match.reasons))
        for fingerprint_id, runbook_id, match in found
    ]
    connection.executemany(_KEEP, rows)


def _reasons_to_json(reasons: Iterable[Reason]) -> str:
    return json.dumps([[one.aspect.value, one.patterns, one.value] for one in reasons], ensure_ascii=False)


def reasons_from_json(text: str) -> tuple[Reason, ...]:
    """Return why a rule held, as it was kept."""
    return tuple(Reason(Aspect(aspect), tuple(patterns), value) for aspect, patterns, value in json.loads(text))


# --- Asking -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRunbook:
    """A published runbook that answers an issue."""

    id: int
    code: str
    title: str
    minutes: int | None
    proposes: str
    key: str
    version_id: int
    """Of the version in force."""
    number: int
    how: str
    """`link`: a person said so; `rule`."""
    reasons: tuple[Reason, ...]
    """Empty for a link."""


def find_runbook_for(connection: Connection, issue_id: int) -> FoundRunbook | None:
    """Return the runbook that answers an issue best; None when none does."""
    return next(iter(find_runbooks_for(connection, issue_id)), None)


def find_runbooks_for(connection: Connection, issue_id: int) -> tuple[FoundRunbook, ...]:
    """Return all runbooks that answer an issue, the best one first, each once."""
    return find_runbooks_of(connection, [issue_id]).get(issue_id, ())


def find_runbooks_of(connection: Connection, issue_ids: Sequence[int]) -> dict[int, tuple[FoundRunbook, ...]]:
    """Return the runbooks that answer each of some issues, the best one first, each once; none of others."""
    found: dict[int, dict[int, FoundRunbook]] = {}
    wanted = json.dumps(issue_ids)
    for *columns, how, reasons, issue_id in connection.execute(_FIND, (wanted, wanted)):
        id_, code, title, minutes, proposes, key, version_id, number = columns
        known = FoundRunbook(
            id=id_,
            code=code,
            title=title,
            minutes=minutes,
            proposes=proposes,
            key=key,
            version_id=version_id,
            number=number,
            how=how,
            reasons=reasons_from_json(reasons),
        )
        found.setdefault(issue_id, {}).setdefault(id_, known)
    return {issue_id: tuple(runbooks.values()) for issue_id, runbooks in found.items()}
