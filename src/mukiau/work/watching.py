"""Watching an issue: what would make it need a decision again.

Conditions are any-of: the first that is met is the reason given. One that is not known yet (`is_above_usual` None) is
never met.
"""

from dataclasses import dataclass
from enum import StrEnum


class Fired(StrEnum):
    """The condition that was met."""

    PER_HOUR = "per_hour"
    PER_DAY = "per_day"
    UNTIL = "until"
    RELEASE = "release"
    CUSTOMERS = "customers"
    ABOVE_USUAL = "above_usual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Conditions; 0 and empty: none of this kind. With none at all it is watched for ever, which needs a review date."""

    per_hour: int = 0
    """More events than so many within one hour of the clock."""
    per_day: int = 0
    """More than so many within one day (UTC)."""
    until_ms: int = 0
    release: str = ""
    """An event of this release arrives."""
    customers: int = 0
    """More customers than so many are hit since the decision."""
    above_usual: bool = False

    @property
    def is_for_ever(self) -> bool:
        return self == Watch()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What is known about an issue at a moment, within the decision's scope."""

    now_ms: int
    hour_count: int = 0
    """Events of the hour that the latest event is in; `day_count` likewise."""
    day_count: int = 0
    releases: frozenset[str] = frozenset()
    """Of events that arrived since the decision."""
    customers: int = 0
    is_above_usual: bool | None = None


def decide_watch(watch: Watch, seen: Observation) -> Fired | None:
    """Return the condition that is met, if one is."""
    met = (
        (Fired.ABOVE_USUAL, watch.above_usual and seen.is_above_usual is True),
        (Fired.PER_HOUR, 0 < watch.per_hour < seen.hour_count),
        (Fired.PER_DAY, 0 < watch.per_day < seen.day_count),
        (Fired.CUSTOMERS, 0 < watch.customers < seen.customers),
        (Fired.RELEASE, bool(watch.release) and watch.release in seen.releases),
        (Fired.UNTIL, 0 < watch.until_ms <= seen.now_ms),
    )
    return next((fired for fired, is_met in met if is_met), None)
