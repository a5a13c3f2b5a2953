"""Times of the wire, moved: the quick way against the one by moments."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mukiau.core.normalizing.times import move_wire_time, parse_time, render_time

DRIFTS = st.integers(-(10**9), 10**9).map(lambda seconds: timedelta(seconds=seconds))


@given(st.datetimes(timezones=st.just(UTC)), DRIFTS)
@example(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), timedelta(seconds=1))
def test_a_time_in_the_wires_form_is_moved_as_its_moment_is(moment: datetime, by: timedelta) -> None:
    text = render_time(moment)

    moved = move_wire_time(text, by)

    try:
        assert moved == render_time(moment + by)
    except OverflowError:
        assert moved == ""


@given(st.text(alphabet="0123456789-:.TZW+, ", max_size=30) | st.datetimes().map(str), DRIFTS)
@example("2026-01-02T03:04+09Z", timedelta())
@example("2026-W01-1T03:04:05Z", timedelta())
@example("20260102T03040506.5Z", timedelta())
def test_what_is_moved_is_a_time_and_has_the_wires_form(text: str, by: timedelta) -> None:
    moved = move_wire_time(text, by)

    if moved:
        moment = parse_time(text)
        assert moment is not None
        assert parse_time(moved) == moment + by


@pytest.mark.parametrize("given", [None, 1767323045, "", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02T03:04:05.Z"])
def test_nothing_else_is_moved(given: object) -> None:
    assert move_wire_time(given, timedelta()) == ""
