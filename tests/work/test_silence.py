"""Silence: nothing arrives any more, where something used to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.work.silence import HOUR_MS, MIN_HOURS, Arrivals, is_silent, patience_ms

WEEK = 168 * HOUR_MS
ARRIVALS = st.builds(
    lambda first, span, hours, has_records: Arrivals(
        first_ms=first, last_ms=first + span, hours=hours, has_records=has_records
    ),
    st.integers(0, 2**41),
    st.integers(0, 2**36),
    st.integers(0, 10_000),
    st.booleans(),
)


def arrivals(hours: int, *, has_records: bool = True) -> Arrivals:
    return Arrivals(first_ms=WEEK, last_ms=2 * WEEK, hours=hours, has_records=has_records)


@pytest.mark.parametrize(
    ("seen", "quiet_hours", "silent"),
    [
        (arrivals(168), 1.9, False),
        (arrivals(168), 3.1, True),  # lines every hour: three of them
        (arrivals(7), 70, False),  # a nightly batch: three nights
        (arrivals(7), 75, True),
        (arrivals(MIN_HOURS - 1), 10_000, False),
        (arrivals(168, has_records=False), 23, False),  # only errors: their absence is good news
        (arrivals(168, has_records=False), 25, True),
        (arrivals(7, has_records=False), 200, False),
    ],
)
def test_silence_is_longer_than_the_rhythm(seen: Arrivals, quiet_hours: float, *, silent: bool) -> None:
    assert is_silent(seen, seen.last_ms + int(quiet_hours * HOUR_MS)) is silent


@given(ARRIVALS, st.integers(0, 2**40))
def test_what_is_silent_stays_silent_until_something_arrives(seen: Arrivals, later_ms: int) -> None:
    patience = patience_ms(seen)
    if patience is None:
        assert not is_silent(seen, seen.last_ms + later_ms)
    else:
        assert not is_silent(seen, seen.last_ms + patience)
        assert is_silent(seen, seen.last_ms + patience + 1 + later_ms)


@given(ARRIVALS)
def test_errors_alone_are_given_more_time_than_log_lines(seen: Arrivals) -> None:
    lines, errors = (
        Arrivals(first_ms=seen.first_ms, last_ms=seen.last_ms, hours=seen.hours, has_records=has_records)
        for has_records in (True, False)
    )
    if (patience := patience_ms(lines)) is not None:
        assert patience < (patience_ms(errors) or 0)
