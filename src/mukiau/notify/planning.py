"""When a route is told what: many causes become few messages, and none is forgotten.

A cause waits until nothing came for `QUIET_MS`, at most `GATHER_MS` from the first one; then all that waits is one
message. The next one follows a minute later at the earliest, and much later while there is a storm: so a thousand new
issues in a minute are one message, and an outage of hours some few.

An issue is told of once an hour and kind: what comes again in between is not said again, but counted in the summary of
the day. So is what an import brings of days long gone. What people say to each other is always told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import inf
from zoneinfo import ZoneInfo

from mukiau.notify.cause import PERSONAL, Cause, CauseKind
from mukiau.notify.route import Route

QUIET_MS, GATHER_MS = 10_000, 60_000
GAP_MS, STORM_GAP_MS = 60_000, 5 * 60_000
STORM_FROM = 10
"""A message that told of more causes than this was part of a storm."""
COOL_DOWN_MS = 3_600_000
OLD_MS = 86_400_000
"""What happened longer ago than this when it arrived is no news."""
SUMMARY_HOUR = 9

Subject = tuple[int, CauseKind]
"""What a message told of: the issue and the kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A cause that a route was not told of yet."""

    id: int
    cause: Cause
    is_void: bool = False
    """What it is about is gone: it is told to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a route was told before."""

    planned_ms: int = 0
    """When its last message was made; 0 before the first."""
    told_count: int = 0
    """Causes in that message."""
    told: Mapping[Subject, int] = field(default_factory=dict)
    """Subject → when it was told last; what is longer ago than COOL_DOWN_MS may be missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a route is told now."""

    causes: tuple[Cause, ...]
    """Oldest first; empty when nothing of what waited is for this route."""
    until: int
    """Id of the last cause that this settles."""


def plan(route: Route, waiting: Sequence[Waiting], standing: Standing, *, now_ms: int) -> Plan | None:
    """Return what the route is told now of what waits for it, oldest first; None when it is not time yet."""
    if not waiting:
        return None
    wanted = _news(route, waiting, standing, now_ms=now_ms)
    if wanted and not _is_due(wanted, standing, now_ms=now_ms):
        return None
    return Plan(causes=tuple(wanted), until=waiting[-1].id)


def _news(route: Route, waiting: Sequence[Waiting], standing: Standing, *, now_ms: int) -> list[Cause]:
    """Return what is to be told, each subject once."""
    told = {subject for subject, at_ms in standing.told.items() if at_ms <= now_ms < at_ms + COOL_DOWN_MS}
    news = []
    for cause in (one.cause for one in waiting if not one.is_void):
        subject = subject_of(cause)
        if not route.wants(cause) or subject in told or _is_old(cause):
            continue
        if subject is not None:
            told.add(subject)
        news.append(cause)
    return news


def subject_of(cause: Cause) -> Subject | None:
    """Return what is told of once an hour; None for what people say to each other."""
    return None if cause.kind in PERSONAL else (cause.issue_id, cause.kind)


def _is_old(cause: Cause) -> bool:
    return bool(cause.occurred_ms) and cause.at_ms - cause.occurred_ms > OLD_MS


def _is_due(wanted: Sequence[Cause], standing: Standing, *, now_ms: int) -> bool:
    gap = STORM_GAP_MS if standing.told_count > STORM_FROM else GAP_MS
    if _since(standing.planned_ms, now_ms) < gap:
        return False
    return _since(wanted[-1].at_ms, now_ms) >= QUIET_MS or _since(wanted[0].at_ms, now_ms) >= GATHER_MS


def _since(at_ms: int, now_ms: int) -> float:
    # A clock that was set back must not make anything wait for the time it showed before.
    return now_ms - at_ms if at_ms <= now_ms else inf


# --- The daily summary ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryDay:
    """The day a summary is sent on, and what it is about."""

    day: date
    since_ms: int
    until_ms: int


def find_summary(route: Route, last_day: str, *, now_ms: int) -> SummaryDay | None:
    """Return the summary that is due: the last one was sent on `last_day` (ISO; empty: never), this one is of a day that
    has reached nine o'clock. After a day or more without a process it is about all of that time, a week at most."""
    zone = ZoneInfo(route.time_zone)
    now = datetime.fromtimestamp(now_ms / 1000, zone)
    if not route.tells_summary or now.hour < SUMMARY_HOUR or now.date().isoformat() <= last_day:
        return None
    before = date.fromisoformat(last_day) if last_day else now.date() - timedelta(days=1)
    since = max(before, now.date() - timedelta(days=7))
    return SummaryDay(day=now.date(), since_ms=_nine_ms(since, zone), until_ms=_nine_ms(now.date(), zone))


def first_summary_day(time_zone: str, *, now_ms: int) -> str:
    """Return what a new route counts as its last summary: its first one comes at the next nine o'clock."""
    now = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(time_zone))
    return (now.date() - timedelta(days=now.hour < SUMMARY_HOUR)).isoformat()


def _nine_ms(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, SUMMARY_HOUR, tzinfo=zone).timestamp() * 1000)
