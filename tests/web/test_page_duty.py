"""The duty of a team on its page: turns, days given to others, the note a week leaves, and undoing each."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from web_world import World, read

from mukiau import clock
from mukiau.stores.audit import AuditFilter, read_lines
from mukiau.stores.people import set_active, set_role
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work.duty import find_on_duty, load_notes, load_roster
from mukiau.stores.work.teams import add_team, put_member, remove_member
from mukiau.work.roster import monday_of

MONDAY_NOON_MS = int(datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp() * 1000)
WEEK_MS = 7 * 86_400_000


def _id(name: str) -> int:
    return User.objects.get(username=name).pk


@pytest.fixture
def team(alice: Client, bob: Client, world: World, monkeypatch: pytest.MonkeyPatch) -> int:
    """A team of Alice and Bob, who is an operator; it is Monday noon."""
    monkeypatch.setattr(clock, "unix_ms", lambda: MONDAY_NOON_MS)
    set_role(_id("bob"), "operator")
    team_id = add_team("Points", time_zone="UTC", now_ms=0)
    for name in ("alice", "bob"):
        put_member(team_id, _id(name), role="", now_ms=0)
    return team_id


def _rotate(client: Client, team: int, *names: str, start: str = "2026-11-30") -> str:
    places = {f"turn-{_id(name)}": number for number, name in enumerate(names, 1)}
    return read(client.post(f"/teams/{team}/rotations/", {"start": start, **places}, follow=True))


def _give(client: Client, team: int, name: str, first: str, last: str) -> str:
    fields = {"person": _id(name), "first": first, "last": last}
    return read(client.post(f"/teams/{team}/duty/", fields, follow=True))


def _on_duty(team: int, weeks: int = 0) -> int | None:
    return find_on_duty(own_connection(), team, MONDAY_NOON_MS + weeks * WEEK_MS)


def test_the_page_says_who_is_on_duty_today_and_in_the_next_eight_weeks(alice: Client, team: int) -> None:
    before = read(alice.get(f"/teams/{team}/"))

    html = _rotate(alice, team, "bob", "alice")

    assert "Nobody is on duty" in before
    assert "Today: bob" in html
    assert html.count("2026-12-07 – 12-13") == 1
    assert "2027-01-18 – 01-24" in html
    assert "2027-01-25 – " not in html
    assert [_on_duty(team, weeks) for weeks in range(3)] == [_id("bob"), _id("alice"), _id("bob")]
    assert "bob" in read(alice.get("/teams/"))


def test_a_changed_rotation_is_undone_by_one_click(alice: Client, team: int) -> None:
    _rotate(alice, team, "bob")
    _rotate(alice, team, "alice")
    changed = _on_duty(team)

    alice.post(f"/teams/{team}/rotations/2/undo/")

    assert (changed, _on_duty(team)) == (_id("alice"), _id("bob"))
    assert alice.post(f"/teams/{team}/rotations/2/undo/").status_code == 404


def test_a_rotation_begins_in_one_of_the_weeks_shown_and_needs_somebody(alice: Client, team: int) -> None:
    for start in ("2026-11-23", "2026-12-01", "yesterday", ""):
        _rotate(alice, team, "bob", start=start)
    _rotate(alice, team)

    assert load_roster(own_connection(), team).rotations == ()


def test_days_are_given_to_somebody_and_taken_back_and_given_again(alice: Client, bob: Client, team: int) -> None:
    _rotate(alice, team, "alice")

    given = _give(bob, team, "bob", "2026-11-30", "2026-12-01")
    on_duty = _on_duty(team)
    back = read(bob.post(f"/teams/{team}/duty/1/take-back/", follow=True))

    assert "Today: bob" in given
    assert on_duty == _id("bob")
    assert "The days of bob are taken back." in back
    assert '<input type="hidden" name="last" value="2026-12-01">' in back
    assert _on_duty(team) == _id("alice")


@pytest.mark.parametrize(
    ("first", "last"), [("2026-12-02", "2026-12-01"), ("2026-12-02", "2028-12-01"), ("x", "2026-12-01"), ("", "")]
)
def test_days_that_are_none_are_not_given(bob: Client, team: int, first: str, last: str) -> None:
    _give(bob, team, "bob", first, last)

    assert load_roster(own_connection(), team).overrides == ()


def test_nobody_outside_of_the_team_gets_its_duty(bob: Client, team: int) -> None:
    User.objects.create_user("eve")

    _give(bob, team, "eve", "2026-12-01", "2026-12-01")

    assert load_roster(own_connection(), team).overrides == ()


def test_who_left_the_team_or_was_switched_off_has_no_duty(alice: Client, bob: Client, team: int) -> None:
    _rotate(alice, team, "bob", "alice")
    _give(bob, team, "bob", "2026-12-08", "2026-12-08")

    remove_member(team, _id("bob"))
    gone = [_on_duty(team, weeks) for weeks in range(2)]
    put_member(team, _id("bob"), role="", now_ms=0)
    set_active(_id("bob"), is_active=False)

    assert gone == [_id("alice"), _id("alice")]
    assert [_on_duty(team, weeks) for weeks in range(2)] == [_id("alice"), _id("alice")]


def test_the_note_of_a_week_is_there_in_the_next(
    alice: Client, bob: Client, team: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob.post(f"/teams/{team}/note/", {"text": "The batch of Friday runs\n<b>by hand</b>.", "version": "0"})
    monkeypatch.setattr(clock, "unix_ms", lambda: MONDAY_NOON_MS + WEEK_MS)

    html = alice.get(f"/teams/{team}/").content.decode()

    assert "From last week" in html
    assert "The batch of Friday runs\n&lt;b&gt;by hand&lt;/b&gt;." in html


def test_who_changes_a_note_that_was_changed_meanwhile_loses_nothing_and_overwrites_nothing(
    alice: Client, bob: Client, team: int
) -> None:
    bob.post(f"/teams/{team}/note/", {"text": "first", "version": "0"})
    alice.post(f"/teams/{team}/note/", {"text": "second", "version": "1"})

    answer = read(bob.post(f"/teams/{team}/note/", {"text": "mine", "version": "1"}))

    week = monday_of(date(2026, 11, 30))
    assert load_notes(own_connection(), team, [week])[week].text == "second"
    assert "Somebody else changed the note meanwhile." in answer
    assert ">mine</textarea>" in answer
    assert ">second</p>" in answer
    assert 'name="version" value="2"' in answer
    bob.post(f"/teams/{team}/note/", {"text": "both", "version": "2"})
    assert load_notes(own_connection(), team, [week])[week].text == "both"


def test_the_first_two_who_write_a_note_at_once_do_not_overwrite_each_other(
    alice: Client, bob: Client, team: int
) -> None:
    alice.post(f"/teams/{team}/note/", {"text": "first", "version": "0"})
    bob.post(f"/teams/{team}/note/", {"text": "second", "version": "0"})

    week = monday_of(date(2026, 11, 30))
    assert load_notes(own_connection(), team, [week])[week].text == "first"


def test_a_note_is_not_cut_off_silently(bob: Client, team: int) -> None:
    answer = read(bob.post(f"/teams/{team}/note/", {"text": "x" * 5_001, "version": "0"}))

    assert "A note has at most 5000 characters." in answer
    assert "x" * 5_001 in answer


def test_a_viewer_of_the_team_changes_no_duty_and_an_operator_of_the_team_does(bob: Client, team: int) -> None:
    set_role(_id("bob"), "viewer")
    viewer = bob.post(f"/teams/{team}/note/", {"text": "a", "version": "0"}).status_code

    put_member(team, _id("bob"), role="operator", now_ms=0)

    assert (viewer, bob.post(f"/teams/{team}/note/", {"text": "a", "version": "0"}).status_code) == (403, 302)
    assert bob.post(f"/teams/{team}/rotations/", {}).status_code == 403


def test_every_change_of_the_duty_is_on_record(alice: Client, bob: Client, team: int) -> None:
    _rotate(alice, team, "bob", "alice")
    _give(bob, team, "alice", "2026-12-01", "2026-12-02")
    bob.post(f"/teams/{team}/duty/1/take-back/")
    bob.post(f"/teams/{team}/note/", {"text": "a", "version": "0"})
    alice.post(f"/teams/{team}/rotations/1/undo/")

    lines = [line for line in reversed(read_lines(AuditFilter())) if line.action != "sign_in"]
    assert [(line.actor, line.action) for line in lines] == [
        ("alice", "rotation_changed"),
        ("bob", "duty_given"),
        ("bob", "duty_taken_back"),
        ("bob", "handover_written"),
        ("alice", "rotation_undone"),
    ]
    assert lines[0].after == {"first": "2026-11-30", "people": "bob, alice"}
    assert lines[1].after == {"person": "alice", "first": "2026-12-01", "last": "2026-12-02"}


def test_the_duty_of_a_team_in_tokyo_changes_at_nine_there(alice: Client, team: int) -> None:
    tokyo = add_team("Tokyo", time_zone="Asia/Tokyo", now_ms=0)
    for name in ("alice", "bob"):
        put_member(tokyo, _id(name), role="", now_ms=0)
    _rotate(alice, tokyo, "alice", "bob")
    change = datetime(2026, 12, 7, tzinfo=UTC)

    moments = [change - timedelta(milliseconds=1), change]

    assert [find_on_duty(own_connection(), tokyo, int(one.timestamp() * 1000)) for one in moments] == [
        _id("alice"),
        _id("bob"),
    ]
