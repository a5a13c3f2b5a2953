"""How a server is: what a look at its data folder tells, and whether it is ready for requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

# Digest beats once a second; ten missed are no long batch any more.
MAX_HEARTBEAT_AGE_MS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessUse:
    """What one process takes of the machine."""

    resident_bytes: int
    """Memory, what it shares with its siblings included."""
    cpu_seconds: float
    """Since it started."""
    started_at: float
    """Unix seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How the data folder is."""

    spool_obstacle: str = ""
    """Why the spool takes nothing now, in a few words; empty when it does."""
    schema_obstacle: str = ""
    """Why the state file is not one this program can use; empty when it is."""
    heartbeat_ms: int = 0
    """When digest was last alive, in unix milliseconds; 0 for never."""
    spool_bytes: int = 0
    """Taken in the spool."""
    spool_limit_bytes: int = 0
    """What the settings allow it."""
    state_bytes: int = 0
    """The state file with its log."""
    state_used_bytes: int = 0
    """What of it holds something."""
    state_limit_bytes: int = 0
    """What the settings allow to be used; 0: no limit."""
    disk_free_bytes: int | None = None
    """Free for us on the data folder's disk; None when it cannot be read."""
    processes: Mapping[str, ProcessUse] = field(default_factory=dict)
    """By role, those that run; empty where the system does not tell."""


class Figures(Protocol):
    """Counts since the data folder was made."""

    @property
    def accepted(self) -> int: ...
    @property
    def accepted_records(self) -> int: ...
    @property
    def digested(self) -> int: ...
    @property
    def pending(self) -> int: ...
    @property
    def issues(self) -> int: ...
    @property
    def events(self) -> int: ...
    @property
    def duplicates(self) -> int: ...
    @property
    def deleted(self) -> Mapping[str, int]: ...
    @property
    def open_entries(self) -> int: ...
    @property
    def oldest_waiting_ms(self) -> int: ...
    @property
    def set_aside(self) -> int: ...
    @property
    def dropped(self) -> Mapping[str, int]: ...
    @property
    def refused(self) -> Mapping[str, int]: ...


class Vitals(Protocol):
    """Looks at the data folder; may block, writes nothing and raises nothing."""

    def read_condition(self) -> Condition:
        """Return how it is; quick."""
        ...

    def read_figures(self) -> Figures | None:
        """Return the counts, None when they cannot be read now."""
        ...


def check(condition: Condition, now_ms: int) -> dict[str, str]:
    """Return by name what must be well before requests are sent here: empty, or what is wrong."""
    return {
        "spool": condition.spool_obstacle,
        "digest": "" if condition.schema_obstacle else _heartbeat_obstacle(condition.heartbeat_ms, now_ms),
        "schema": condition.schema_obstacle,
    }


def _heartbeat_obstacle(heartbeat_ms: int, now_ms: int) -> str:
    """A heartbeat of the future is as bad: the clock was set back since, and a living digest beats by the new time."""
    if not heartbeat_ms:
        return "no heartbeat yet"
    age_ms = now_ms - heartbeat_ms
    return "" if abs(age_ms) < MAX_HEARTBEAT_AGE_MS else f"the last heartbeat is {age_ms // 1000} s old"
