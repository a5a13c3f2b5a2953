"""The runbooks as one process knows them to find them by their words: read once, and again only where one changed.

500 runbooks are a second of work to take apart, so the index outlives a question. A runbook is found by the version in
force, a draft by its latest; one that was retired is not found.
"""

from dataclasses import dataclass
from threading import Lock
from typing import Any

from mukiau.stores.sqlite import Connection
from mukiau.work.finding.by_rules import facts_in, find_fitting
from mukiau.work.finding.failure import Failure, failure_in_text
from mukiau.work.finding.index import Found, RunbookIndex
from mukiau.work.finding.runbook_words import indexed_text
from mukiau.work.runbooks.front_matter import parse_runbook
from mukiau.work.runbooks.rules import MatchRule, Reason, RuleMatch

MAX_HITS = 10
MAX_REMEMBERED = 5_000
"""Errors whose answer is kept: a list shows some hundred of them again and again."""

_HEADS = """
SELECT id, code, title, state, url, minutes, services, coalesce(published_number, number) FROM runbook
WHERE state <> 'retired' ORDER BY id
"""
_TEXT = "SELECT text FROM runbook_version WHERE runbook_id = ? AND number = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRunbook:
    """What is shown of a runbook that was found."""

    id: int
    code: str
    title: str
    is_draft: bool
    url: str
    """Where the manual is kept elsewhere; empty when it is here."""
    minutes: int | None
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A runbook that was found, and why."""

    runbook: KnownRunbook
    share: float
    """How much of what the error says the runbook says, too: 0 … 1; 0 where only a rule holds."""
    words: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()
    """What made one of its match rules hold; empty where none does."""
    is_other_service: bool = False


class KnownRunbooks:
    """Finds runbooks; may be asked by several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: list[tuple[Any, ...]] = []
        self._heads: dict[int, KnownRunbook] = {}
        self._numbers: dict[int, int] = {}
        self._rules: dict[int, tuple[MatchRule, ...]] = {}
        self._index = RunbookIndex()
        self._remembered: dict[Failure, tuple[Hit, ...]] = {}

    def find_in_text(self, connection: Connection, text: str) -> tuple[Hit, ...]:
        """Return the runbooks for a pasted text, the best first: those with a rule that holds before all others."""
        failure = failure_in_text(text)
        with self._lock:
            self._update(connection)
            matches = find_fitting(self._rules, facts_in(text, failure))
            found = self._index.find(failure, limit=MAX_HITS)
            hits = (hit for hit in self._hits(found, matches) if hit.words or hit.reasons)
            return tuple(sorted(hits, key=_place))[:MAX_HITS]

    def suggest(self, connection: Connection, failure: Failure, *, at_least: float) -> tuple[Hit, ...]:
        """Return the published runbooks that share most with an error, the best first."""
        with self._lock:
            self._update(connection)
            known = self._remembered.get(failure)
            if known is None:
                found = self._index.find(failure, limit=MAX_HITS, at_least=at_least)
                known = tuple(hit for hit in self._hits(found, {}) if not hit.runbook.is_draft)
                if len(self._remembered) >= MAX_REMEMBERED:
                    self._remembered.clear()
                self._remembered[failure] = known
        return known

    def _hits(self, found: tuple[Found, ...], matches: dict[int, RuleMatch]) -> list[Hit]:
        by_words = {one.runbook_id: one for one in found}
        return [
            Hit(
                runbook=self._heads[one],
                share=by_words[one].share if one in by_words else 0.0,
                words=by_words[one].words if one in by_words else (),
                reasons=matches[one].reasons if one in matches else (),
                is_other_service=one in by_words and by_words[one].is_other_service,
            )
            for one in dict.fromkeys((*matches, *by_words))
        ]

    def _update(self, connection: Connection) -> None:
        rows = connection.execute(_HEADS).fetchall()
        if rows == self._rows:
            return
        heads, numbers = {}, {}
        for id_, code, title, state, url, minutes, services, number in rows:
            numbers[id_] = number
            heads[id_] = KnownRunbook(
                id=id_,
                code=code,
                title=title,
                is_draft=state == "draft",
                url=url,
                minutes=minutes,
                services=tuple(services.split("\n")) if services else (),
            )
        for gone in self._numbers.keys() - numbers.keys():
            self._index.remove(gone)
            del self._rules[gone]
        for runbook_id, number in numbers.items():
            if self._numbers.get(runbook_id) != number:
                self._read(connection, runbook_id, number)
        self._rows, self._heads, self._numbers = rows, heads, numbers
        self._remembered.clear()

    def _read(self, connection: Connection, runbook_id: int, number: int) -> None:
        text = parse_runbook(connection.execute(_TEXT, (runbook_id, number)).fetchone()[0])
        self._index.put(runbook_id, indexed_text(text))
        self._rules[runbook_id] = text.front.rules


def _place(hit: Hit) -> tuple[int, float, int]:
    """Where a hit stands: the rule with more conditions first, then the runbook that says more of the error."""
    return -len(hit.reasons), -hit.share, hit.runbook.id
