"""A team's duty as its page shows it: today's, the weeks to come with whose turn each is, and the hand-over notes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from mukiau.stores.people import find_person
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work.assignment import find_owned
from mukiau.stores.work.duty import Note, find_on_duty, load_notes, load_roster
from mukiau.stores.work.teams import Team
from mukiau.work.roster import (
    Override,
    Roster,
    Turn,
    change_moment,
    duty_day,
    monday_of,
    next_weeks,
    on_duty_day,
    turns_of,
)

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTurn:
    """A turn with the name of who has it."""

    turn: Turn
    name: str
    """Empty: nobody has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week of the roster."""

    monday: date
    sunday: date
    turns: tuple[NamedTurn, ...]
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedOverride:
    """Days given to somebody that are not over."""

    override: Override
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Everything the page says about a team's duty."""

    today: str
    """The name of who is on duty; empty: nobody."""
    person: int | None
    until_ms: int
    """When the duty day ends."""
    day: date
    """The duty day at hand: until 09:00 it is still yesterday."""
    weeks: tuple[Week, ...]
    overrides: tuple[NamedOverride, ...]
    turns: tuple[int, ...]
    """Who takes turns now, in order from whoever has this week."""
    note: Note | None
    """Of the week at hand."""
    last_note: Note | None
    """Of the week before."""


def duty_of(team: Team, names: Mapping[int, str], *, now_ms: int) -> Duty:
    """Return a team's duty at a time."""
    roster = load_roster(own_connection(), team.id)
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    day = duty_day(roster.zone, now)
    weeks = next_weeks(roster.zone, now)
    person, _ = on_duty_day(roster, day)
    notes = load_notes(own_connection(), team.id, (weeks[0] - _WEEK, weeks[0]))
    return Duty(
        today=names.get(person or 0, ""),
        person=person,
        until_ms=int(change_moment(roster.zone, day + timedelta(days=1)).timestamp() * 1000),
        day=day,
        weeks=tuple(_week(roster, monday, names, is_current=monday == weeks[0]) for monday in weeks),
        overrides=tuple(
            NamedOverride(override=one, name=names.get(one.person, ""))
            for one in roster.overrides
            if one.last >= day and one.person not in roster.away
        ),
        turns=_turns_from(roster, weeks[0]),
        note=notes.get(weeks[0]),
        last_note=notes.get(weeks[0] - _WEEK),
    )


def todays_duty(team_id: int, *, now_ms: int) -> str:
    """Return the name of who is on duty; empty: nobody is."""
    person = find_on_duty(own_connection(), team_id, now_ms)
    found = None if person is None else find_person(person)
    return found.name if found else ""


def todays_responsible(issue_id: int, *, now_ms: int) -> str:
    """Return the name of who looks after an issue because nobody took it; empty: somebody did, or nobody is on duty."""
    owned = find_owned(own_connection(), issue_id)
    return "" if owned.assignee_id or owned.team_id is None else todays_duty(owned.team_id, now_ms=now_ms)


def _week(roster: Roster, monday: date, names: Mapping[int, str], *, is_current: bool) -> Week:
    turns = tuple(NamedTurn(turn=turn, name=names.get(turn.person or 0, "")) for turn in turns_of(roster, monday))
    return Week(monday=monday, sunday=monday + timedelta(days=6), turns=turns, is_current=is_current)


def _turns_from(roster: Roster, monday: date) -> tuple[int, ...]:
    """Return the people of the latest rotation: in the order the form shows, first whoever has this week or will begin."""
    if not roster.rotations:
        return ()
    rotation = max(enumerate(roster.rotations), key=lambda one: (one[1].start, one[0]))[1]
    people = rotation.people
    turn = max(0, (monday_of(monday) - rotation.start) // _WEEK) % len(people)
    return (*people[turn:], *people[:turn])
