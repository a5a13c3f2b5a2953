"""An index of runbooks by the terms of their texts, and what it finds for an error.

The measure is that of BM25F: a term counts by where it stands in the runbook (its title says more than its examples) and
how often, and saturates; by how few runbooks have it; and by where the error says it. A runbook of one line is not worse
for being short, so lengths do not count. What comes out is a share: how much of what the error says the runbook says,
too, 0 … 1; so a threshold means the same for a short message and a long trace.

Of the error's terms those that say most are looked up first and no more than MAX_POSTINGS_READ entries are read, so that a
question is answered in the same time whatever was pasted.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mukiau.work.finding.failure import Failure, type_names
from mukiau.work.finding.terms import Token, codes_in, is_ending, tokens_of

MAX_POSTINGS_READ = 15_000
MAX_TERMS = 400
MAX_CANDIDATES = 30
"""Runbooks whose own words are looked at, too."""
MAX_SHARED_WORDS = 6
SATURATION = 0.5
OTHER_SERVICE_FACTOR = 0.5
"""Of a runbook for other services, where the error's is known: the words may be the same, the answer rarely is."""
UNSAID = 0.3
"""How much of the share a runbook loses whose title and rules speak of what the error does not say. Of two that say all
of the error the narrower one is the answer."""
MIN_SUGGESTED = 0.2
"""Below that the words in common are those of any two errors; a person who looks for a runbook is shown them all the same."""

_TITLE, _KEYWORDS, _RULES, _EXAMPLES, _MEANING, _SERVICES = 3.0, 3.0, 3.0, 2.0, 1.0, 1.0
_SENTENCE, _TYPE, _FUNCTION, _LOGGER = 1.0, 1.5, 0.4, 0.4
_ROOT_FACTOR = 1.5
"""Many failures end in one wrapper's sentence; the root cause's tells them apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedText:
    """What of a runbook is looked through."""

    title: str
    services: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """What its match rules name: exception types, codes, templates, loggers."""
    meaning: str = ""
    examples: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A runbook that has words of the error."""

    runbook_id: int
    share: float
    """How much of what the error says the runbook says, too: above 0, at most 1."""
    words: tuple[str, ...]
    """What they share, as the error writes it, the most telling first."""
    is_other_service: bool = False


@dataclass(frozen=True, slots=True)
class _Sought:
    """The terms of an error by what they weigh, and its words."""

    weights: Mapping[str, float]
    tokens: tuple[Token, ...]


class RunbookIndex:
    """Finds runbooks by their text. Order of putting in does not matter."""

    def __init__(self) -> None:
        self._services: dict[int, frozenset[str]] = {}
        self._terms: dict[int, tuple[str, ...]] = {}
        self._heads: dict[int, tuple[str, ...]] = {}
        self._postings: dict[str, dict[int, float]] = defaultdict(dict)
        self._rarities = _rarities(0)

    def __len__(self) -> int:
        return len(self._services)

    def put(self, runbook_id: int, text: IndexedText) -> None:
        """Add a runbook, or put its new text in place of the old one."""
        self.remove(runbook_id)
        counts = _counts(text)
        self._services[runbook_id] = frozenset(text.services)
        self._terms[runbook_id] = tuple(counts)
        self._heads[runbook_id] = tuple(_terms(token for part in _by_hand(text) for token in tokens_of(part)))
        for term, count in counts.items():
            self._postings[term][runbook_id] = count / (count + SATURATION)

    def remove(self, runbook_id: int) -> None:
        """Forget a runbook; nothing happens when it is not known."""
        self._services.pop(runbook_id, None)
        self._heads.pop(runbook_id, None)
        for term in self._terms.pop(runbook_id, ()):
            having = self._postings[term]
            del having[runbook_id]
            if not having:
                del self._postings[term]

    def find(self, failure: Failure, *, limit: int = 5, at_least: float = 0.0) -> tuple[Found, ...]:
        """Return the runbooks that share most with the error, the best first; none below `at_least`."""
        if len(self._rarities) != len(self) + 1:
            self._rarities = _rarities(len(self))
        sought = _sought(failure)
        telling = self._telling(sought)
        return tuple(
            Found(
                runbook_id=one,
                share=min(1.0, share),
                words=self._shared_words(one, sought, telling),
                is_other_service=self._is_other_service(one, failure),
            )
            for one, share in self._ranked(failure, sought, telling)[:limit]
            if share >= at_least
        )

    def _ranked(self, failure: Failure, sought: _Sought, telling: Mapping[str, float]) -> list[tuple[int, float]]:
        whole = sum(telling.values())
        shares = {
            one: score / whole * (OTHER_SERVICE_FACTOR if self._is_other_service(one, failure) else 1.0)
            for one, score in self._scores(telling).items()
        }
        first = sorted(shares, key=lambda one: (-shares[one], one))[:MAX_CANDIDATES]
        ranked = [(one, shares[one] * (1 - UNSAID + UNSAID * self._said(one, sought))) for one in first]
        return sorted(ranked, key=lambda pair: (-pair[1], pair[0]))

    def _telling(self, sought: _Sought) -> dict[str, float]:
        """The error's terms by weight and rarity, those that say most."""
        weighed = {term: weight * self._rarity(term) for term, weight in sought.weights.items()}
        most = sorted(weighed, key=lambda term: (-weighed[term], term))[:MAX_TERMS]
        return {term: weighed[term] for term in most if weighed[term] > 0}

    def _rarity(self, term: str) -> float:
        return self._rarities[len(self._postings.get(term, ()))]

    def _scores(self, telling: Mapping[str, float]) -> dict[int, float]:
        scores: dict[int, float] = defaultdict(float)
        left = MAX_POSTINGS_READ
        for term, weight in telling.items():
            having = self._postings.get(term, {})
            if len(having) > left:
                continue
            left -= len(having)
            for one, count in having.items():
                scores[one] += weight * count
        return scores

    def _said(self, runbook_id: int, sought: _Sought) -> float:
        """How much of the runbook's own words (not its examples) the error says: 0 … 1."""
        words = {term: self._rarity(term) for term in self._heads[runbook_id]}
        whole = sum(words.values())
        return sum(rarity for term, rarity in words.items() if term in sought.weights) / whole if whole else 0.0

    def _is_other_service(self, runbook_id: int, failure: Failure) -> bool:
        services = self._services[runbook_id]
        return bool(services and failure.service) and failure.service not in services

    def _shared_words(self, runbook_id: int, sought: _Sought, telling: Mapping[str, float]) -> tuple[str, ...]:
        found: dict[str, float] = {}
        for token in sought.tokens:
            for shown, terms in _shared(token, lambda term: runbook_id in self._postings.get(term, ())):
                found.setdefault(shown, sum(telling.get(term, 0.0) for term in terms))
        best = sorted((shown for shown in found if found[shown] > 0), key=lambda shown: -found[shown])
        return tuple(best[:MAX_SHARED_WORDS])


def _rarities(count: int) -> tuple[float, ...]:
    """By how many of the runbooks have a term: 1 for at most one of them, towards 0 for all."""
    whole = math.log(count + 1.5)
    return tuple(math.log((count + 1.5) / max(1, having)) / whole for having in range(count + 1))


def _by_hand(text: IndexedText) -> tuple[str, str, str]:
    return text.title, "\n".join(text.keywords), "\n".join(text.rules)


def _counts(text: IndexedText) -> dict[str, float]:
    """How much of each term a runbook has, over its parts."""
    counts: dict[str, float] = defaultdict(float)
    by_hand = _by_hand(text)
    parts = (*by_hand, text.examples, text.meaning, " ".join(text.services))
    for weight, part in zip((_TITLE, _KEYWORDS, _RULES, _EXAMPLES, _MEANING, _SERVICES), parts, strict=True):
        for term, most in _terms(tokens_of(part)).items():
            counts[term] += weight * most
    for term, most in _terms(token for part in by_hand for token in codes_in(part)).items():
        counts[term] = max(counts[term], _KEYWORDS * most)
    return counts


def _terms(tokens: Iterable[Token]) -> dict[str, float]:
    """Each term once, with the most it weighs: a message that says a word three times says it once."""
    found: dict[str, float] = {}
    for token in tokens:
        for term, weight in token.terms:
            found[term] = max(weight, found.get(term, 0.0))
    return found


def _sought(failure: Failure) -> _Sought:
    weights: dict[str, float] = {}
    tokens: list[Token] = []
    for factor, text in _parts(failure):
        found = (*tokens_of(text), *codes_in(text))
        tokens += found
        for term, weight in _terms(found).items():
            weights[term] = max(factor * weight, weights.get(term, 0.0))
    return _Sought(weights, tuple(dict.fromkeys(tokens)))


def _parts(failure: Failure) -> Iterator[tuple[float, str]]:
    for at, sentence in enumerate(failure.sentences):
        yield _SENTENCE * (1.0 if at else _ROOT_FACTOR), sentence
    yield from ((_TYPE, name) for name in type_names(failure))
    yield from ((_FUNCTION, name) for name in failure.functions)
    yield _LOGGER, failure.logger


def _shared(token: Token, has: Callable[[str], bool]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The token where the runbook has it as a word; of a stretch of Japanese the longest pieces whose pairs it has."""
    if not token.is_japanese:
        if has(token.terms[0][0]):
            yield token.shown, (token.terms[0][0],)
        return
    begin = 0
    for at in range(len(token.shown)):
        if at + 1 < len(token.shown) and has(token.shown[at : at + 2]):
            continue
        if at > begin and not is_ending(token.shown[begin : at + 1]):
            piece = token.shown[begin : at + 1]
            yield piece, tuple(piece[place : place + 2] for place in range(len(piece) - 1))
        begin = at + 1
