"""The duty roster (当番) of a team: whose turn it is.

The duty changes every Monday at 09:00 on the team's own clock. The people of a *rotation* take turns by the week, from the
week it begins with; a later rotation takes over from its own first week, so what was before stays as it was. An
*override* gives some days to somebody else; a duty day, like the week, begins at 09:00. Of two overrides of one day the later
one counts.

Who is away (an account that was switched off) is passed over: the next of the rotation stands in, nobody else's weeks
move, and when all are away nobody is on duty.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

CHANGE_HOUR = 9
"""Of the clock: a night's errors belong to whoever had the day before."""
MAX_WEEKS = 8
"""How far the page looks ahead."""
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """People who take turns."""

    start: date
    """The Monday of the first one's first week."""
    people: tuple[int, ...]
    """Ids, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Somebody has the duty on some days, whosever turn it is."""

    id: int = 0
    first: date
    last: date
    """Its own day included: it ends on the morning after."""
    person: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everything that is known of a team's duty."""

    zone: tzinfo
    rotations: tuple[Rotation, ...] = ()
    """In the order they were made: of two that begin with the same week the later one counts."""
    overrides: tuple[Override, ...] = ()
    """In the order they were made."""
    away: Set[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A run of days of one week with the same person on duty."""

    first: date
    last: date
    person: int | None
    """None: nobody."""
    is_override: bool


def on_duty(roster: Roster, at: datetime) -> int | None:
    """Return who is on duty at a moment (aware)."""
    return on_duty_day(roster, duty_day(roster.zone, at))[0]


def duty_day(zone: tzinfo, at: datetime) -> date:
    """Return the duty day a moment belongs to: until 09:00 it is still the day before.

    >>> from zoneinfo import ZoneInfo
    >>> duty_day(ZoneInfo("Asia/Tokyo"), datetime(2026, 11, 29, 23, 59, tzinfo=UTC))  # Monday, 08:59
    datetime.date(2026, 11, 29)
    """
    local = at.astimezone(zone)
    return local.date() if local.time() >= time(CHANGE_HOUR) else local.date() - timedelta(days=1)


def on_duty_day(roster: Roster, day: date) -> tuple[int | None, bool]:
    """Return who has a duty day, and whether by an override."""
    for override in reversed(roster.overrides):
        if override.first <= day <= override.last and override.person not in roster.away:
            return override.person, True
    return _by_turns(roster, monday_of(day)), False


def turns_of(roster: Roster, week: date) -> Iterator[Turn]:
    """Yield the turns of the week that begins on this Monday: one, or more where days were given to somebody else."""
    first = week
    for day in (week + timedelta(days=one) for one in range(1, 8)):
        person, is_override = on_duty_day(roster, first)
        if day == week + _WEEK or on_duty_day(roster, day) != (person, is_override):
            yield Turn(first=first, last=day - timedelta(days=1), person=person, is_override=is_override)
            first = day


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def next_weeks(zone: tzinfo, at: datetime, *, count: int = MAX_WEEKS) -> tuple[date, ...]:
    """Return the Mondays of the week at hand and those that follow."""
    first = monday_of(duty_day(zone, at))
    return tuple(first + number * _WEEK for number in range(count))


def change_moment(zone: tzinfo, day: date) -> datetime:
    """Return when a duty day begins, in UTC.

    >>> from zoneinfo import ZoneInfo
    >>> change_moment(ZoneInfo("Asia/Tokyo"), date(2026, 11, 30)).isoformat()
    '2026-11-30T00:00:00+00:00'
    """
    return datetime.combine(day, time(CHANGE_HOUR), zone).astimezone(UTC)


def _by_turns(roster: Roster, week: date) -> int | None:
    begun = [rotation for rotation in roster.rotations if rotation.start <= week]
    if not begun:
        return None
    latest = max(rotation.start for rotation in begun)
    rotation = [one for one in begun if one.start == latest][-1]
    turn = (week - rotation.start) // _WEEK
    people = rotation.people
    in_turn = (people[(turn + step) % len(people)] for step in range(len(people)))
    return next((person for person in in_turn if person not in roster.away), None)
