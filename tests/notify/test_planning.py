"""Who is told of what and when: each thing once, many together, nothing forgotten."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mukiau.notify.cause import Cause, CauseKind
from mukiau.notify.planning import (
    COOL_DOWN_MS,
    GAP_MS,
    GATHER_MS,
    OLD_MS,
    QUIET_MS,
    STORM_GAP_MS,
    Standing,
    Waiting,
    find_summary,
    first_summary_day,
    plan,
    subject_of,
)
from mukiau.notify.route import Address, Route

NOW = 1_800_000_000_000
ROUTE = Route(
    id=1,
    channel="webhook",
    address=Address(to="https://example.com/hook"),
    kinds=frozenset(CauseKind),
    tells_summary=True,
    purposes=frozenset({"production"}),
    services=frozenset(),
    team_ids=frozenset(),
    language="en",
    time_zone="Asia/Tokyo",
)
FRESH = Standing()


def cause(issue: int = 1, *, at_ms: int = NOW, kind: CauseKind = CauseKind.NEW, **more: object) -> Cause:
    values = {"purpose": "production", "service": "orders", **more}
    return Cause(kind=kind, key=f"{kind}:{issue}:{at_ms}", project_id=1, issue_id=issue, at_ms=at_ms, **values)


def waiting(*causes: Cause) -> list[Waiting]:
    return [Waiting(id=number, cause=one) for number, one in enumerate(causes, 1)]


def test_a_single_thing_is_told_as_soon_as_nothing_follows_it() -> None:
    one = waiting(cause())

    assert plan(ROUTE, one, FRESH, now_ms=NOW + QUIET_MS - 1) is None
    told = plan(ROUTE, one, FRESH, now_ms=NOW + QUIET_MS)

    assert told is not None
    assert (told.causes, told.until) == ((one[0].cause,), 1)


def test_a_thousand_new_issues_in_a_minute_are_one_message() -> None:
    arrivals = waiting(*(cause(issue, at_ms=NOW + issue * 60) for issue in range(1, 1_001)))
    messages, cursor, standing = [], 0, FRESH

    for now_ms in range(NOW, NOW + 20 * 60_000, 1_000):
        here = [one for one in arrivals if one.id > cursor and one.cause.at_ms <= now_ms]
        told = plan(ROUTE, here, standing, now_ms=now_ms)
        if told is not None:
            messages.append(len(told.causes))
            cursor, standing = told.until, Standing(planned_ms=now_ms, told_count=len(told.causes))

    assert messages == [1_000]


def test_a_storm_of_hours_is_a_message_every_five_minutes() -> None:
    messages, standing, gathered = 0, FRESH, 0
    for now_ms in range(NOW, NOW + 3 * 3_600_000, 1_000):
        here = waiting(*(cause(gathered + n, at_ms=now_ms - 1_000 * n) for n in reversed(range(20))))
        gathered += 20
        told = plan(ROUTE, here, standing, now_ms=now_ms)
        if told is not None:
            messages, standing = messages + 1, Standing(planned_ms=now_ms, told_count=len(told.causes))

    assert messages <= 3 * 3_600_000 / STORM_GAP_MS + 1


def test_what_never_pauses_is_told_after_a_minute_all_the_same() -> None:
    here = waiting(*(cause(n, at_ms=NOW + n * 5_000) for n in range(12)))

    assert plan(ROUTE, here, FRESH, now_ms=NOW + GATHER_MS - 1) is None
    assert plan(ROUTE, here, FRESH, now_ms=NOW + GATHER_MS) is not None


def test_two_messages_are_a_minute_apart() -> None:
    standing = Standing(planned_ms=NOW, told_count=1)
    here = waiting(cause(at_ms=NOW + 1_000))

    assert plan(ROUTE, here, standing, now_ms=NOW + GAP_MS - 1) is None
    assert plan(ROUTE, here, standing, now_ms=NOW + GAP_MS) is not None


def test_an_issue_is_told_of_once_an_hour_and_kind() -> None:
    standing = Standing(planned_ms=NOW, told_count=1, told={(1, CauseKind.REGRESSED): NOW})
    here = waiting(cause(1, kind=CauseKind.REGRESSED), cause(1), cause(2, kind=CauseKind.REGRESSED))

    soon = plan(ROUTE, here, standing, now_ms=NOW + COOL_DOWN_MS - 1)
    later = plan(ROUTE, here, standing, now_ms=NOW + COOL_DOWN_MS)

    assert soon is not None
    assert later is not None
    assert [subject_of(one) for one in soon.causes] == [(1, CauseKind.NEW), (2, CauseKind.REGRESSED)]
    assert len(later.causes) == 3


def test_two_mentions_in_one_issue_are_both_told() -> None:
    here = waiting(
        cause(kind=CauseKind.MENTION, person_ids=(1,)), cause(kind=CauseKind.MENTION, at_ms=NOW + 1, person_ids=(2,))
    )

    told = plan(ROUTE, here, FRESH, now_ms=NOW + GATHER_MS)

    assert told is not None
    assert len(told.causes) == 2


def test_what_an_import_brings_of_old_days_is_settled_and_not_told() -> None:
    here = waiting(cause(occurred_ms=NOW - OLD_MS - 1))

    told = plan(ROUTE, here, FRESH, now_ms=NOW)

    assert told is not None
    assert (told.causes, told.until) == ((), 1)


@pytest.mark.parametrize(
    ("change", "is_wanted"),
    [
        ({}, True),
        ({"kinds": frozenset({CauseKind.REGRESSED})}, False),
        ({"purposes": frozenset({"staging"})}, False),
        ({"purposes": frozenset()}, True),
        ({"services": frozenset({"billing"})}, False),
        ({"services": frozenset({"orders", "billing"})}, True),
        ({"team_ids": frozenset({7})}, False),
        ({"person_id": 3}, False),
    ],
)
def test_a_route_chooses_what_it_is_told(change: dict[str, object], *, is_wanted: bool) -> None:
    assert replace(ROUTE, **change).wants(cause()) is is_wanted


def test_a_persons_own_route_tells_what_concerns_this_person_wherever_it_is() -> None:
    own = replace(ROUTE, person_id=3, services=frozenset({"billing"}))

    assert own.wants(cause(kind=CauseKind.MENTION, person_ids=(2, 3), purpose="", service=""))
    assert not own.wants(cause(kind=CauseKind.MENTION, person_ids=(2,)))


def test_a_clock_that_was_set_back_keeps_nothing_waiting() -> None:
    here = waiting(cause(at_ms=NOW + 10**9))
    standing = Standing(planned_ms=NOW + 10**9, told_count=100)

    assert plan(ROUTE, here, standing, now_ms=NOW) is not None


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from(CauseKind), st.integers(0, 7_200_000)), max_size=40),
    st.integers(0, 60_000),
)
def test_everything_is_told_or_was_told_within_the_hour(
    given_causes: list[tuple[int, CauseKind, int]], start: int
) -> None:
    """Played through by the second: no subject is missed, none is told twice within its hour."""
    causes = sorted((cause(n, kind=kind, at_ms=NOW + at, person_ids=(1,)) for n, kind, at in given_causes), key=_at)
    arrivals, cursor, standing = waiting(*causes), 0, FRESH
    told_at: dict[object, list[int]] = {}

    for now_ms in range(NOW + start, NOW + 7_500_000, 20_000):
        here = [one for one in arrivals if one.id > cursor and one.cause.at_ms <= now_ms]
        made = plan(ROUTE, here, standing, now_ms=now_ms)
        if made is None:
            continue
        told = {**standing.told}
        for one in made.causes:
            told_at.setdefault(subject_of(one) or one.key, []).append(now_ms)
            if (subject := subject_of(one)) is not None:
                told[subject] = now_ms
        cursor = made.until
        if made.causes:
            standing = Standing(planned_ms=now_ms, told_count=len(made.causes), told=told)

    assert cursor == len(arrivals)
    assert {subject_of(one) or one.key for one in causes} == set(told_at)
    for subject, times in told_at.items():
        apart = [later - earlier for earlier, later in pairwise(times)]
        assert not isinstance(subject, tuple) or all(gap >= COOL_DOWN_MS for gap in apart)


def _at(one: Cause) -> int:
    return one.at_ms


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def test_the_summary_comes_at_nine_in_the_routes_own_zone_once_a_day() -> None:
    before, nine = ms("2026-11-30 23:59:59"), ms("2026-12-01 00:00:00")  # 08:59:59 and 09:00:00 in Tokyo

    assert find_summary(ROUTE, "2026-11-30", now_ms=before) is None
    found = find_summary(ROUTE, "2026-11-30", now_ms=nine)

    assert found is not None
    assert (found.day.isoformat(), found.until_ms - found.since_ms, found.until_ms) == ("2026-12-01", 86_400_000, nine)
    assert find_summary(ROUTE, "2026-12-01", now_ms=nine + 1) is None


def test_a_summary_that_was_missed_is_sent_late_and_about_all_of_the_time() -> None:
    found = find_summary(ROUTE, "2026-11-28", now_ms=ms("2026-12-01 06:00:00"))

    assert found is not None
    assert (found.until_ms - found.since_ms) // 86_400_000 == 3


def test_nine_oclock_is_nine_oclock_on_the_day_the_clocks_change() -> None:
    berlin = replace(ROUTE, time_zone="Europe/Berlin")

    found = find_summary(berlin, "2026-10-24", now_ms=ms("2026-10-25 08:00:00"))

    assert found is not None
    assert found.until_ms - found.since_ms == 25 * 3_600_000
    assert find_summary(berlin, "2026-10-24", now_ms=ms("2026-10-25 07:59:59")) is None


@pytest.mark.parametrize(("now", "day"), [("2026-11-30 23:00", "2026-11-30"), ("2026-12-01 00:00", "2026-12-01")])
def test_a_new_route_gets_its_first_summary_at_the_next_nine(now: str, day: str) -> None:
    assert first_summary_day("Asia/Tokyo", now_ms=ms(now)) == day
