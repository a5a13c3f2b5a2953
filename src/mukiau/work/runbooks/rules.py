"""Match rules: which errors a runbook answers.

A rule holds conditions, and all of them must fit; a runbook has several rules, and one of them is enough. A condition
names an aspect of an error and one or more globs, any of which may fit any of the error's values there (an exception
type fits anywhere in the chain, by its full name or its last part).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mukiau.core.grouping.chain import short_name
from mukiau.core.grouping.globs import Globs

MAX_RULES = 50
"""Of one runbook; more would be several runbooks."""
MAX_PATTERNS = 20
"""Of one condition."""


class Aspect(StrEnum):
    """What of an error a condition looks at; the words are those of the front matter."""

    SERVICE = "service"
    TYPE = "type"
    """An exception type, anywhere in the chain."""
    CODE = "code"
    """An error code: of a tag, or of a message."""
    MESSAGE = "message"
    """A message, its variable parts as `<name>`: of the log entry, or of an exception of the chain."""
    LOGGER = "logger"
    FINGERPRINT = "fingerprint"
    """The hash of exactly one fingerprint."""


_IN_NAMES = frozenset({Aspect.TYPE, Aspect.LOGGER})
"""There `*` stays within one part of a dotted name, and `**` does not."""

Facts = Mapping[Aspect, tuple[str, ...]]
"""What rules look at of an error."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Globs for one aspect; one of them has to fit.

    >>> Condition(Aspect.TYPE, ("TimeoutException",)).find_fitting(("java.lang.Error", "java.util.TimeoutException"))
    'java.util.TimeoutException'
    """

    aspect: Aspect
    patterns: tuple[str, ...]
    _globs: Globs = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_globs", Globs(self.patterns, in_names=self.aspect in _IN_NAMES))

    def find_fitting(self, values: Iterable[str]) -> str | None:
        """Return the first of the values that fits; None when none does."""
        return next((value for value in values if self._fits(value)), None)

    def _fits(self, value: str) -> bool:
        if self._globs.fit(value):
            return True
        return self.aspect is Aspect.TYPE and self._globs.fit(short_name(value))

    @property
    def is_spelled_out(self) -> bool:
        """None of its patterns has a wildcard: a value fits when it is one of them."""
        return not any("*" in pattern or "?" in pattern for pattern in self.patterns)

    @property
    def is_wide(self) -> bool:
        """One of its patterns stands for everything."""
        return any(not pattern.strip("*?") for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a condition holds: what was looked for, and what was there."""

    aspect: Aspect
    patterns: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True)
class MatchRule:
    """Conditions that all must hold."""

    conditions: tuple[Condition, ...]

    def find_reasons(self, facts: Facts) -> tuple[Reason, ...] | None:
        """Return for each condition what made it hold; None when one does not."""
        reasons = []
        for condition in self.conditions:
            value = condition.find_fitting(facts.get(condition.aspect, ()))
            if value is None:
                return None
            reasons.append(Reason(condition.aspect, condition.patterns, value))
        return tuple(reasons) or None

    @property
    def weight(self) -> int:
        """How much it says: of several rules that hold, the heaviest is the best answer.

        A fingerprint outweighs everything, one more condition any wording, and then the characters spelled out count.
        """
        exact = any(condition.aspect is Aspect.FINGERPRINT for condition in self.conditions)
        spelled = sum(min(map(_spelled_out, condition.patterns)) for condition in self.conditions)
        return 1_000_000 * exact + 1_000 * len(self.conditions) + min(spelled, 999)

    @property
    def is_wide(self) -> bool:
        """Nothing is outside it."""
        return all(condition.is_wide for condition in self.conditions)


def rule_of(**patterns: str | tuple[str, ...]) -> MatchRule:
    """Return the rule with these patterns by aspect.

    >>> rule_of(service="orders", type="*Timeout*").find_reasons({Aspect.SERVICE: ("orders",), Aspect.TYPE: ()}) is None
    True
    """
    return MatchRule(
        tuple(
            Condition(Aspect(name), (given,) if isinstance(given, str) else given) for name, given in patterns.items()
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMatch:
    """A rule that holds for an error."""

    position: int
    """Of the rule among those of its runbook, from 0."""
    weight: int
    reasons: tuple[Reason, ...]


def find_match(rules: Iterable[MatchRule], facts: Facts) -> RuleMatch | None:
    """Return the heaviest of a runbook's rules that holds for an error; of equal ones the first."""
    found = [
        RuleMatch(position=position, weight=rule.weight, reasons=reasons)
        for position, rule in enumerate(rules)
        if (reasons := rule.find_reasons(facts)) is not None
    ]
    return max(found, key=lambda match: (match.weight, -match.position), default=None)


def rules_to_json(rules: Iterable[MatchRule]) -> list[dict[str, list[str]]]:
    """Return rules as the store keeps them."""
    return [{one.aspect.value: list(one.patterns) for one in rule.conditions} for rule in rules]


def rule_from_json(given: dict[str, list[str]]) -> MatchRule:
    """Return a rule that was kept."""
    return MatchRule(tuple(Condition(Aspect(name), tuple(patterns)) for name, patterns in given.items()))


def _spelled_out(pattern: str) -> int:
    return sum(char not in "*?" for char in pattern)
