"""Handlings: the answers to occurrences, and the states they go through (table `NEXT`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from mukiau.work.decisions import Period


class Kind(StrEnum):
    """Which occurrences a handling answers."""

    EACH = "each"
    KEYED = "keyed"
    """Those of one environment with one value of the key, until it is closed."""
    BATCH = "batch"
    """Those of one environment within an hour or day, until it is closed."""


class State(StrEnum):
    """Where a handling stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    """For a request."""
    DONE = "done"
    NOT_NEEDED = "not_needed"


class Act(StrEnum):
    """What somebody does with a handling."""

    TAKE = "take"
    WAIT = "wait"
    FINISH = "finish"
    DISMISS = "dismiss"
    REOPEN = "reopen"


class Outcome(StrEnum):
    """Whether what the runbook says helped."""

    WORKED = "worked"
    DID_NOT_WORK = "did_not_work"


OPEN_STATES = (State.OPEN, State.IN_PROGRESS, State.WAITING)
CLOSED_STATES = (State.DONE, State.NOT_NEEDED)
NEXT: Mapping[tuple[State, Act], State] = {
    **{(state, Act.TAKE): State.IN_PROGRESS for state in OPEN_STATES},
    **{(state, Act.WAIT): State.WAITING for state in OPEN_STATES},
    **{(state, Act.FINISH): State.DONE for state in OPEN_STATES},
    **{(state, Act.DISMISS): State.NOT_NEEDED for state in OPEN_STATES},
    **{(state, Act.REOPEN): State.IN_PROGRESS for state in CLOSED_STATES},
}
"""(state, act) → state; what is missing cannot be done."""
MINUTES = (1, 5, 15, 30, 60)
"""What is offered with one tap."""
MAX_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a closed handling keeps of its first occurrence, which may be deleted later."""

    title: str
    message: str
    environment: str
    occurred_ms: int
    key: str = ""


def next_state(state: State, act: Act) -> State | None:
    """Return where an act leads; None where it cannot be done."""
    return NEXT.get((state, act))


def batch_key(period: Period, occurred_ms: int) -> str:
    """Return the name of the hour or day (UTC) an occurrence belongs to: `2026-11-24`, `2026-11-24T05`."""
    moment = datetime.fromtimestamp(occurred_ms / 1000, UTC)
    return moment.strftime("%Y-%m-%d" if period is Period.DAY else "%Y-%m-%dT%H")
