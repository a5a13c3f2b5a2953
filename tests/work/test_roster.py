"""Whose turn it is: by the week, on the team's own clock, through summer time, with days given to others."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from mukiau.work.roster import (
    Override,
    Roster,
    Rotation,
    change_moment,
    duty_day,
    monday_of,
    next_weeks,
    on_duty,
    on_duty_day,
    turns_of,
)

TOKYO, BERLIN = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 30)
ZONES = st.sampled_from([ZoneInfo(name) for name in ("UTC", "Asia/Tokyo", "Europe/Berlin", "America/St_Johns")])
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - by timezones
MONDAYS = st.integers(0, 80).map(lambda weeks: date(2026, 1, 5) + weeks * timedelta(days=7))
DAYS = st.integers(0, 600).map(lambda days: date(2026, 1, 1) + timedelta(days=days))
PEOPLE = st.lists(st.integers(1, 6), min_size=1, max_size=4, unique=True).map(tuple)
ROTATIONS = st.lists(st.builds(Rotation, start=MONDAYS, people=PEOPLE), max_size=4).map(tuple)
OVERRIDES = st.lists(
    st.builds(
        lambda first, days, person: Override(first=first, last=first + timedelta(days=days), person=person),
        DAYS,
        st.integers(0, 20),
        st.integers(1, 6),
    ),
    max_size=4,
).map(tuple)
ROSTERS = st.builds(
    Roster, zone=ZONES, rotations=ROTATIONS, overrides=OVERRIDES, away=st.frozensets(st.integers(1, 6), max_size=3)
)


def _at(text: str, zone: ZoneInfo = TOKYO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def test_the_duty_changes_on_monday_at_nine_on_the_teams_clock() -> None:
    roster = Roster(zone=TOKYO, rotations=(Rotation(start=MONDAY, people=(1, 2)),))

    assert on_duty(roster, _at("2026-11-30 08:59:59")) is None
    assert on_duty(roster, _at("2026-11-30 09:00")) == 1
    assert on_duty(roster, _at("2026-12-07 08:59:59")) == 1
    assert on_duty(roster, _at("2026-12-07 09:00")) == 2
    assert on_duty(roster, _at("2026-12-14 09:00")) == 1


def test_nine_stays_nine_when_the_clocks_change() -> None:
    roster = Roster(zone=BERLIN, rotations=(Rotation(start=date(2026, 10, 19), people=(1, 2)),))  # 25 October: winter

    assert [on_duty(roster, _at(f"2026-10-26 {clock}", BERLIN)) for clock in ("08:59", "09:00")] == [1, 2]
    assert change_moment(BERLIN, date(2026, 10, 19)).hour == 7
    assert change_moment(BERLIN, date(2026, 10, 26)).hour == 8


def test_an_override_gives_whole_duty_days_away_and_the_later_one_counts() -> None:
    given_away = Override(first=date(2026, 12, 1), last=date(2026, 12, 2), person=2)
    again = Override(first=date(2026, 12, 2), last=date(2026, 12, 2), person=3)
    roster = Roster(zone=TOKYO, rotations=(Rotation(start=MONDAY, people=(1,)),), overrides=(given_away, again))

    moments = ("2026-12-01 08:59", "2026-12-01 09:00", "2026-12-02 08:59", "2026-12-02 09:00", "2026-12-03 09:00")
    assert [on_duty(roster, _at(text)) for text in moments] == [1, 2, 2, 3, 1]
    assert [(turn.first.day, turn.last.day, turn.person) for turn in turns_of(roster, MONDAY)] == [
        (30, 30, 1),
        (1, 1, 2),
        (2, 2, 3),
        (3, 6, 1),
    ]


def test_a_new_rotation_changes_nothing_before_its_first_week() -> None:
    old, new = Rotation(start=MONDAY, people=(1, 2)), Rotation(start=date(2026, 12, 14), people=(5, 6, 7))
    roster = Roster(zone=TOKYO, rotations=(new, old))

    weeks = [on_duty_day(roster, MONDAY + timedelta(days=7 * number))[0] for number in range(5)]

    assert weeks == [1, 2, 5, 6, 7]


def test_the_next_one_stands_in_for_who_is_away_and_nobody_elses_weeks_move() -> None:
    roster = Roster(zone=TOKYO, rotations=(Rotation(start=MONDAY, people=(1, 2, 3)),), away={2})

    weeks = [on_duty_day(roster, MONDAY + timedelta(days=7 * number))[0] for number in range(6)]

    assert weeks == [1, 3, 3, 1, 3, 3]


@given(roster=ROSTERS, at=MOMENTS)
def test_nobody_who_is_away_and_no_stranger_is_ever_on_duty(roster: Roster, at: datetime) -> None:
    known = {person for rotation in roster.rotations for person in rotation.people}
    known |= {override.person for override in roster.overrides}

    assert on_duty(roster, at) in {None, *(known - roster.away)}


@given(roster=ROSTERS, at=MOMENTS)
def test_somebody_is_on_duty_from_the_first_week_on_while_anybody_is_there(roster: Roster, at: datetime) -> None:
    day = duty_day(roster.zone, at)
    begun = [rotation for rotation in roster.rotations if rotation.start <= day]

    if begun and all(set(rotation.people) - roster.away for rotation in begun):
        assert on_duty(roster, at) is not None


@given(roster=ROSTERS, week=MONDAYS)
def test_the_turns_of_a_week_are_its_seven_days_and_say_what_each_day_says(roster: Roster, week: date) -> None:
    turns = tuple(turns_of(roster, week))

    days = [
        (turn.first + timedelta(days=one), turn.person, turn.is_override)
        for turn in turns
        for one in range((turn.last - turn.first).days + 1)
    ]
    assert days == [(day, *on_duty_day(roster, day)) for day in (week + timedelta(days=one) for one in range(7))]


@given(zone=ZONES, at=MOMENTS)
def test_a_duty_day_begins_when_its_moment_says(zone: ZoneInfo, at: datetime) -> None:
    day = duty_day(zone, at)

    assert change_moment(zone, day) <= at < change_moment(zone, day + timedelta(days=1))
    assert next_weeks(zone, at)[0] == monday_of(day)
    assert {one.weekday() for one in next_weeks(zone, at)} == {0}
