"""What was decided about an issue, and what an occurrence that arrives does then: the table `EFFECTS`.

A decision holds for purposes (production unless somebody says otherwise). What arrives from elsewhere is counted, nothing
more. A decision that is not made yet leaves the issue in the inbox; what arrives meanwhile is answered when it is made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mukiau.work.purposes import Purpose
from mukiau.work.watching import Watch


class Decision(StrEnum):
    """What was decided."""

    NONE_YET = "none_yet"
    HANDLE_EACH = "handle_each"
    """Every occurrence needs an answer; with a key, those of one key get one together."""
    HANDLE_BATCH = "handle_batch"
    """Once per environment and day or hour."""
    WATCH = "watch"
    """Nothing is needed until a condition is met."""


class Period(StrEnum):
    """How much time one batch covers, in UTC."""

    DAY = "day"
    HOUR = "hour"


class Why(StrEnum):
    """Why an issue needs a decision."""

    NEW = "new"
    REGRESSED = "regressed"
    CONDITION = "condition"
    """The condition it was watched for is met."""
    REVIEW = "review"
    """The day has come on which the decision was to be looked at again."""


class Effect(StrEnum):
    """What an occurrence that arrives does."""

    COUNT = "count"
    ASK = "ask"
    """The issue needs a decision."""
    OPEN_EACH = "open_each"
    OPEN_KEYED = "open_keyed"
    """It joins the open handling of its key; there is one then."""
    OPEN_BATCH = "open_batch"


DEFAULT_SCOPE = frozenset({Purpose.PRODUCTION})
EFFECTS: Mapping[Decision, Effect] = {
    Decision.NONE_YET: Effect.ASK,
    Decision.HANDLE_EACH: Effect.OPEN_EACH,
    Decision.HANDLE_BATCH: Effect.OPEN_BATCH,
    Decision.WATCH: Effect.COUNT,
}
"""Of an occurrence within the decision's scope."""
HANDLED = frozenset({Decision.HANDLE_EACH, Decision.HANDLE_BATCH})
STORM_HANDLINGS = 20
"""Open handlings an issue gets in an hour; what comes then joins one batch, as 10,000 retries are not 10,000 tasks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A decision with what belongs to it."""

    decision: Decision = Decision.NONE_YET
    scope: frozenset[Purpose] = field(default=DEFAULT_SCOPE)
    key: str = ""
    """Name of the value (a tag, a field of the log line) that says which occurrences get one answer together; empty: each
    gets its own."""
    period: Period = Period.DAY


def decide_effect(standing: Standing, *, purpose: Purpose, key_value: str = "", opened_lately: int = 0) -> Effect:
    """Return what an occurrence does.

    `key_value` is its value of the decision's key; `opened_lately` counts the handlings that the issue got within the
    hour and that are open.
    """
    if purpose not in standing.scope:
        return Effect.COUNT
    effect = EFFECTS[standing.decision]
    if effect is not Effect.OPEN_EACH:
        return effect
    if opened_lately >= STORM_HANDLINGS:
        return Effect.OPEN_BATCH
    return Effect.OPEN_KEYED if standing.key and key_value else Effect.OPEN_EACH


class Mistake(StrEnum):
    """Why a choice cannot be decided."""

    NO_SCOPE = "no_scope"
    NO_REASON = "no_reason"
    """Watching needs one."""
    NO_REVIEW = "no_review"
    """Watching for ever needs a day on which somebody looks at it again."""
    FOR_EVER = "for_ever"
    """Only an administrator has an issue watched for ever."""
    PAST = "past"
    """The date lies in the past."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody decides."""

    decision: Decision
    scope: frozenset[Purpose] = field(default=DEFAULT_SCOPE)
    key: str = ""
    period: Period = Period.DAY
    watch: Watch | None = None
    review_ms: int = 0
    """When it is to be looked at again; 0: never."""
    reason: str = ""

    @property
    def wakes_ms(self) -> int:
        """When the issue needs a decision again by itself; 0: never."""
        dates = [date for date in (self.review_ms, self.watch.until_ms if self.watch else 0) if date]
        return min(dates, default=0)


def find_mistake(choice: Choice, *, now_ms: int, is_admin: bool) -> Mistake | None:
    """Return the first reason why a choice cannot be decided."""
    watch = choice.watch if choice.decision is Decision.WATCH else None
    is_for_ever = choice.decision is Decision.WATCH and (watch is None or watch.is_for_ever)
    mistakes = (
        (Mistake.NO_SCOPE, not choice.scope),
        (Mistake.NO_REASON, choice.decision is Decision.WATCH and not choice.reason.strip()),
        (Mistake.FOR_EVER, is_for_ever and not is_admin),
        (Mistake.NO_REVIEW, is_for_ever and not choice.review_ms),
        (Mistake.PAST, 0 < choice.wakes_ms <= now_ms),
    )
    return next((mistake for mistake, is_made in mistakes if is_made), None)
