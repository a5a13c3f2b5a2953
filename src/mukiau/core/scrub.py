"""Scrub: secrets out of a payload, its problems and its raw text, before anything is stored.

Two kinds of rules: by name (a field called `password`, or `password=` in a text) and by look (a card number with its check
digit, a private key). Every text of the payload is gathered; one search with one pattern over all of them tells which could
hold something; only the parts with such a text or name are walked and looked at closely. An ordinary event costs the gathering
and the search.

Ids, times and structure are never touched: a payload has the same shape and the same keys afterwards. The input is not
changed; the result shares with it what had no secret.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Protocol

from mukiau.core.event import EventProblem, JSONObject, JSONValue
from mukiau.core.normalizing.sound import json_text
from mukiau.core.scrubbing.pairs import Segment, guard_of, split_pairs
from mukiau.core.scrubbing.policy import MARK, KeyRule, ScrubPolicy
from mukiau.core.scrubbing.values import ValueRule, rules_of
from mukiau.core.scrubbing.walk import SEPARATOR, Names, Walk, gather

__all__ = ["MARK", "CompilePattern", "ScrubPolicy", "ScrubResult", "Scrubber"]


class Match(Protocol):
    """What is needed of a match."""

    def end(self) -> int: ...


class Pattern(Protocol):
    """What is needed of a compiled pattern; `re` and google-re2 both have it."""

    def search(self, text: str, /) -> Match | None: ...

    def finditer(self, text: str, /) -> Iterator[Match]: ...


CompilePattern = Callable[[str], Pattern]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubResult:
    """A scrubbed payload and how often each rule struck."""

    payload: JSONObject
    counts: Mapping[str, int] = field(default_factory=dict)
    """`key`, `pair`, `hash`, `card`, …; empty when nothing was found."""
    problems: tuple[EventProblem, ...] = ()


class Scrubber:
    """Removes secrets by one policy.

    `compile_pattern` is the regex engine of the one big search; a linear-time one (`re2.compile`) makes it ten times
    faster than `re`.
    """

    def __init__(self, policy: ScrubPolicy, *, compile_pattern: CompilePattern | None = None) -> None:
        self._policy = policy
        self._rules: tuple[ValueRule, ...] = rules_of(policy)
        pattern = "|".join([guard_of(policy), *(rule.guard for rule in self._rules)])
        self._guard: Pattern = (compile_pattern or re.compile)(pattern)
        self._names = Names(self._decide)

    def scrub(self, payload: JSONObject, problems: tuple[EventProblem, ...] = ()) -> ScrubResult:
        """Return the payload (and the problems that came with it) without secrets."""
        counts: Counter[str] = Counter()
        kept = tuple(self._scrub_problem(problem) for problem in problems)
        suspicious = self._suspicious(payload)
        if not suspicious:
            return ScrubResult(payload=payload, problems=kept)
        walked = self._scrub_part(suspicious, counts)
        # Only where everything was walked may one of the payload's own names be another now.
        payload = walked if len(suspicious) == len(payload) else {**payload, **walked}
        return ScrubResult(payload=payload, counts=dict(counts), problems=kept)

    def _suspicious(self, payload: JSONObject) -> JSONObject:
        """Return the parts of a payload that may hold a secret: all, where its own names may."""
        if not payload.keys() <= self._names.harmless:
            return payload
        parts: JSONObject = {}
        texts: list[str] = []
        begins: list[int] = []
        for name, part in payload.items():
            begins.append(len(texts))
            if not gather(part, self._names, texts):
                parts[name] = part
        names = list(payload)
        for index in self._suspects(texts):
            name = names[bisect_right(begins, index) - 1]
            parts[name] = payload[name]
        return parts

    def _scrub_part(self, payload: JSONObject, counts: Counter[str]) -> JSONObject:
        walk = Walk(payload, names=self._names)
        for place in self._suspects(walk.texts):
            for node, key, text in walk.entries_of(place):
                scrubbed = self._scrub_suspect(text, counts)
                if scrubbed != text:
                    walk.set(node, key, scrubbed)
        for node, key, rule in walk.named:
            self._scrub_named(walk, node, key, rule, counts)
        for node, key in walk.cards:
            counts["card"] += 1
            walk.set(node, key, MARK)
        for node, key, name in reversed(walk.renamed):  # what is inside first: a copy is put under the name of old
            counts["name"] += 1
            walk.rename(node, key, name)
        return walk.result()

    def scrub_text(self, text: str) -> str:
        """Return a text of any length without secrets."""
        return self._scrub_suspect(text, Counter()) if self._guard.search(SEPARATOR + text) else text

    def _decide(self, name: str) -> tuple[KeyRule, str]:
        """Return what a field's name says of its value, and the name itself without secrets."""
        return self._policy.rule_of(name), self.scrub_text(name)

    def _rule_of(self, name: str) -> KeyRule:
        return self._names.decided(name)[0]

    def _suspects(self, texts: Sequence[str]) -> list[int]:
        """Return the indexes of the texts the guard hits, each once."""
        joined = SEPARATOR + SEPARATOR.join(texts)
        ends = [match.end() - 1 for match in self._guard.finditer(joined)]
        if not ends:
            return []
        starts = list(accumulate((len(text) + 1 for text in texts), initial=1))
        return sorted({bisect_right(starts, end) - 1 for end in ends})

    def _scrub_suspect(self, text: str, counts: Counter[str]) -> str:
        segments = split_pairs(text, self._policy, self._rule_of)
        return "".join(self._scrub_segment(segment, counts) for segment in segments)

    def _scrub_segment(self, segment: Segment, counts: Counter[str]) -> str:
        if segment.rule:
            counts[segment.rule] += 1
        if segment.is_final or not segment.text:
            return segment.text
        text = segment.text
        for rule in self._rules:
            scrubbed = rule.exact.sub(rule.replace, text)
            if scrubbed != text:
                counts[rule.name] += 1
                text = scrubbed
        return text

    def _scrub_named(self, walk: Walk, node: int, key: str | int, rule: KeyRule, counts: Counter[str]) -> None:
        value = walk.nodes[node][key]
        scrubbed = self._hashed(value) if rule is KeyRule.HASH else self._blanked(value)
        if scrubbed != value:
            counts["hash" if rule is KeyRule.HASH else "key"] += 1
            walk.set(node, key, scrubbed)

    def _hashed(self, value: JSONValue) -> str:
        return self._policy.hashed(value if isinstance(value, str) else json_text(value))

    def _blanked(self, value: JSONValue) -> JSONValue:
        """An object keeps its names (which cookies were there), everything else becomes the mark."""
        return {self._names.decided(name)[1]: MARK for name in value} if isinstance(value, dict) else MARK

    def _scrub_problem(self, problem: EventProblem) -> EventProblem:
        path, given = self.scrub_text(problem.path), self.scrub_text(problem.given)
        return problem if (path, given) == (problem.path, problem.given) else replace(problem, path=path, given=given)
