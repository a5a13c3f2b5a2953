"""How alike two issues are: only to suggest a merge to a person, never to move an event.

What an issue shares with another is weighed by where it stands and how rare it is, as TraceSim and FaST do for stacks: the
function at the crash says more than its callers, and a function or word that every issue of a platform has says nothing.
Added to that are the message's words and codes, so that issues without a stack have neighbours too. An inverted index
over these features finds the neighbours of one issue without a look at the others; what is read for one question is
bounded, however many issues there are.

Two issues of different services are never alike by default: who answers one does not answer the other.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mukiau.core.event import ExceptionInfo
from mukiau.core.grouping.explanation import Part
from mukiau.core.grouping.names import function_name, is_generated, place_name
from mukiau.core.templates import codes_of

MAX_POSTINGS_READ = 20_000
"""Entries of the index read for one question, rarest features first: some 10 ms."""
MAX_CANDIDATES = 60
"""Issues that are compared in full."""
MAX_FUNCTIONS = 12
MIN_SIMILARITY = 0.35
OTHER_CODE_FACTOR = 0.6
"""A different error code is what tells failures apart where everything else is the same."""

_WORD = re.compile(
    r"<[a-z]{2,8}[^>]{0,80}>|(?<![A-Za-z0-9_])[A-Za-z_]{2,60}(?![A-Za-z0-9_])|[\u3040-\u30ff\u3400-\u9fff々ー]{1,80}"
)

Feature = tuple[str, str]
"""Kind and value."""


class Reason(StrEnum):
    """Why two issues are suggested together; screens have words for each."""

    SAME_ROOT_TYPE = "same_root_type"
    SAME_CRASH_FUNCTION = "same_crash_function"
    SHARED_CALLERS = "shared_callers"
    SIMILAR_MESSAGE = "similar_message"
    SAME_CODE = "same_code"
    SAME_LOGGER = "same_logger"


class Difference(StrEnum):
    """What speaks against joining two issues that are alike."""

    OTHER_ROOT_TYPE = "other_root_type"
    OTHER_CRASH_FUNCTION = "other_crash_function"
    OTHER_CODE = "other_code"
    OTHER_SERVICE = "other_service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """What of an issue is compared."""

    service: str = ""
    types: tuple[str, ...] = ()
    """Exception types, the root cause first."""
    functions: tuple[str, ...] = ()
    """In-app functions, nearest the root cause's crash first."""
    words: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    logger: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """A neighbour of an issue."""

    issue_id: int
    similarity: float
    """Above 0, at most 1; 1 is the same in everything that is compared."""
    reasons: tuple[Reason, ...]
    differences: tuple[Difference, ...]


def portrait_of(explanation: Part, *, exceptions: Sequence[ExceptionInfo] = ()) -> Portrait:
    """Return what is compared of an issue, from its explanation and, where they are at hand, its event's exceptions.

    Exceptions add the functions between crash and way in, which the explanation leaves out.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for part in _valued(explanation):
        found[part.name].append(part.value)
    templates = found["template"]
    return Portrait(
        service=next(iter(found["service"]), ""),
        types=tuple(dict.fromkeys(reversed([*found["exception"], *found["type"]]))),
        functions=tuple(dict.fromkeys((*reversed(found["function"]), *_functions(exceptions))))[:MAX_FUNCTIONS],
        words=frozenset(word for template in templates for word in words_of(template)),
        codes=frozenset((*found["code"], *(code for template in templates for code in codes_of(template)))),
        logger=next(iter(found["logger"]), ""),
    )


def _valued(part: Part) -> Iterator[Part]:
    if part.value:
        yield part
    for child in part.parts:
        yield from _valued(child)


def _functions(exceptions: Sequence[ExceptionInfo]) -> Iterator[str]:
    for link in reversed(exceptions):
        for frame in reversed(link.frames):
            if frame.in_app and not is_generated(frame):
                yield f"{place_name(frame.module, frame.filename)} {function_name(frame.function)}".strip()


def words_of(template: str) -> frozenset[str]:
    """Return the words of a template; of text without spaces between words, its pairs of characters.

    >>> sorted(words_of("order <num> was not found"))
    ['found', 'not', 'order', 'was']
    >>> sorted(words_of("在庫がない"))
    ['がな', 'ない', '在庫', '庫が']
    """
    found: set[str] = set()
    for text in _WORD.findall(template):
        if text.startswith("<"):
            continue
        if text.isascii():
            found.add(text.lower())
        else:
            found.update(text[at : at + 2] for at in range(max(1, len(text) - 1)))
    return frozenset(found)


def _features(portrait: Portrait) -> dict[Feature, float]:
    """Features and what each weighs before its rarity."""
    weights: dict[Feature, float] = {("function", name): 2 / (2 + at) for at, name in enumerate(portrait.functions)}
    weights |= {("type", name): 1.0 if at == 0 else 0.5 for at, name in enumerate(portrait.types)}
    weights |= {("code", code): 0.7 for code in portrait.codes}
    weights |= {("word", word): 2 / max(4, len(portrait.words)) for word in portrait.words}
    if portrait.logger:
        weights["logger", portrait.logger] = 0.4
    return weights


class SimilarIssues:
    """An index of issues by their features. Order of adding does not matter."""

    def __init__(self) -> None:
        self._portraits: dict[int, Portrait] = {}
        self._weights: dict[int, dict[Feature, float]] = {}
        self._postings: dict[Feature, dict[str, dict[int, None]]] = defaultdict(lambda: defaultdict(dict))

    def __len__(self) -> int:
        return len(self._portraits)

    def add(self, issue_id: int, portrait: Portrait) -> None:
        """Add an issue, or put a new portrait in place of its old one."""
        self.remove(issue_id)
        self._portraits[issue_id] = portrait
        self._weights[issue_id] = _features(portrait)
        for feature in self._weights[issue_id]:
            self._postings[feature][portrait.service][issue_id] = None

    def remove(self, issue_id: int) -> None:
        """Forget an issue; nothing happens when it is not known."""
        portrait = self._portraits.pop(issue_id, None)
        if portrait is None:
            return
        for feature in self._weights.pop(issue_id):
            services = self._postings[feature]
            services[portrait.service].pop(issue_id)
            if not services[portrait.service]:
                del services[portrait.service]
            if not services:
                del self._postings[feature]

    def find(self, issue_id: int, *, limit: int = 5, across_services: bool = False) -> tuple[Similar, ...]:
        """Return the issues most alike, the most alike first; none below MIN_SIMILARITY.

        Raises KeyError for an issue that was not added.
        """
        portrait = self._portraits[issue_id]
        services = None if across_services else portrait.service
        found = [
            (similarity, other)
            for other in self._candidates(issue_id, services)
            if (similarity := self._similarity(issue_id, other)) >= MIN_SIMILARITY
        ]
        best = sorted(found, key=lambda pair: (-pair[0], pair[1]))[:limit]
        return tuple(_similar(other, similarity, portrait, self._portraits[other]) for similarity, other in best)

    def _rarity(self, feature: Feature) -> float:
        """1 for what one issue has, towards 0 for what all have."""
        having = sum(len(issues) for issues in self._postings[feature].values())
        return math.log(1 + len(self) / having) / math.log(1 + len(self))

    def _candidates(self, issue_id: int, service: str | None) -> list[int]:
        """Issues that share the most weight in rare features, the best first."""
        weighed = [(weight * self._rarity(feature), feature) for feature, weight in self._weights[issue_id].items()]
        shared: dict[int, float] = defaultdict(float)
        left = MAX_POSTINGS_READ
        for weight, feature in sorted(weighed, key=lambda pair: (-pair[0], pair[1])):
            services = self._postings[feature]
            lists = list(services.values()) if service is None else [services.get(service, {})]
            size = sum(map(len, lists))
            if size > left:
                continue
            left -= size
            for issues in lists:
                for other in issues:
                    shared[other] += weight
        shared.pop(issue_id, None)
        return sorted(shared, key=lambda other: (-shared[other], other))[:MAX_CANDIDATES]

    def _similarity(self, one: int, other: int) -> float:
        """Twice the shared weight over the weight of both: 0 … 1."""
        mine, theirs = self._weights[one], self._weights[other]
        shared = sum(min(weight, theirs[name]) * self._rarity(name) for name, weight in mine.items() if name in theirs)
        whole = self._weight(mine) + self._weight(theirs)
        codes, other_codes = self._portraits[one].codes, self._portraits[other].codes
        factor = OTHER_CODE_FACTOR if codes and other_codes and not codes & other_codes else 1.0
        return factor * 2 * shared / whole if whole else 0.0

    def _weight(self, weights: Mapping[Feature, float]) -> float:
        return sum(weight * self._rarity(feature) for feature, weight in weights.items())


def _similar(issue_id: int, similarity: float, one: Portrait, other: Portrait) -> Similar:
    return Similar(
        issue_id=issue_id,
        similarity=min(1.0, similarity),
        reasons=tuple(_reasons(one, other)),
        differences=tuple(_differences(one, other)),
    )


def _reasons(one: Portrait, other: Portrait) -> Iterator[Reason]:
    if one.types[:1] and one.types[:1] == other.types[:1]:
        yield Reason.SAME_ROOT_TYPE
    if one.functions[:1] and one.functions[:1] == other.functions[:1]:
        yield Reason.SAME_CRASH_FUNCTION
    if set(one.functions[1:]) & set(other.functions[1:]):
        yield Reason.SHARED_CALLERS
    if 2 * len(one.words & other.words) >= len(one.words | other.words) > 0:
        yield Reason.SIMILAR_MESSAGE
    if one.codes & other.codes:
        yield Reason.SAME_CODE
    if one.logger and one.logger == other.logger:
        yield Reason.SAME_LOGGER


def _differences(one: Portrait, other: Portrait) -> Iterator[Difference]:
    if one.types[:1] != other.types[:1]:
        yield Difference.OTHER_ROOT_TYPE
    if one.functions[:1] != other.functions[:1]:
        yield Difference.OTHER_CRASH_FUNCTION
    if one.codes and other.codes and not one.codes & other.codes:
        yield Difference.OTHER_CODE
    if one.service != other.service:
        yield Difference.OTHER_SERVICE
