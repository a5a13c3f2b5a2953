"""What happens is told: once, in few messages, whatever the channel answers and whenever the process dies."""

import json
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from notify_files import Teller, change, delivered, make_route
from state_files import NOON, batch, event, rows, write

from mukiau.notify.answers import SENT, Answer, Reason, failed, retry
from mukiau.notify.cause import Cause, CauseKind
from mukiau.notify.channels.plan import Parcel
from mukiau.notify.channels.registry import CHANNELS
from mukiau.notify.route import Address
from mukiau.stores.notify import deliveries, outbox, own, work
from mukiau.stores.notify.deliveries import State, send_again
from mukiau.stores.notify.own import OwnWish
from mukiau.stores.notify.routes import changing, delete_route, find_route, list_routes, reading, switch_route
from mukiau.stores.notify.wanted import is_notify_wanted
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect, transaction
from mukiau.stores.state_writer import StateWriter

NOON_MS = int(NOON.timestamp() * 1000)


@pytest.fixture
def teller(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Teller:
    teller = Teller(data_folder, NOON_MS)
    monkeypatch.setitem(CHANNELS, "webhook", teller.channel)
    return teller


def digest(data: Path, *events: object, at_ms: int = NOON_MS) -> None:
    with closing(StateWriter(data / STATE_FILE)) as writer:
        position = writer.position()
        writer.write(replace(batch(*events, after=position), digested_ms=at_ms))


def tell(data: Path, *causes: Cause) -> None:
    with closing(connect(data / STATE_FILE)) as connection, transaction(connection):
        outbox.tell(connection, *causes)


def mention(number: int, *, at_ms: int = NOON_MS) -> Cause:
    return Cause(kind=CauseKind.MENTION, key=f"mention:{number}", project_id=1, at_ms=at_ms, title=f"mention {number}")


def titles(teller: Teller) -> list[list[str]]:
    return [[item.title for item in parcel.message.items] for parcel in teller.parcels]


# --- What digest tells ------------------------------------------------------------------------------------------------


def told(data: Path) -> list[tuple[str, str]]:
    return [
        (key, json.loads(cause)["environment"]) for key, cause in rows(data, 'SELECT "key", cause FROM notification')
    ]


def test_an_issue_is_told_with_its_first_event_and_never_again(data_folder: Path) -> None:
    digest(data_folder, event(1), event(2))
    digest(data_folder, event(3))

    assert told(data_folder) == [("new:1:production", "acme-prod")]


def test_an_issue_that_reaches_production_is_told_as_new_there(data_folder: Path) -> None:
    digest(data_folder, event(1, environment="acme-stg"))
    digest(data_folder, event(2, environment="acme-prod"), event(3, environment="acme-stg"))
    digest(data_folder, event(4, environment="other-prod"))

    assert told(data_folder) == [("new:1:staging", "acme-stg"), ("new:1:production", "acme-prod")]


def test_what_people_say_an_environment_is_for_wins_over_its_name(data_folder: Path) -> None:
    digest(data_folder, event(1, failure="load", environment="acme-prod"))
    change(data_folder, "UPDATE environment SET purpose = 'staging' WHERE name = 'acme-prod'")

    digest(data_folder, event(2, environment="acme-prod"))

    assert told(data_folder)[-1] == ("new:2:staging", "acme-prod")


def test_a_batch_that_fails_tells_nothing(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mukiau.stores.state_writer.write_set_aside", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        digest(data_folder, event(1))

    assert told(data_folder) == []


def test_an_issue_that_was_none_after_all_is_not_told(data_folder: Path, teller: Teller) -> None:
    """A log entry was closed too early; its next revision belongs to another issue."""
    make_route(data_folder)
    digest(data_folder, event(1))
    digest(data_folder, event(1, failure="load", revision=1))

    teller.pass_time(120)

    assert [[item.issue_id for item in parcel.message.items] for parcel in teller.parcels] == [[2]]


def test_an_issue_that_comes_back_where_the_fix_runs_is_told(data_folder: Path, teller: Teller) -> None:
    make_route(data_folder)
    digest(data_folder, event(1))
    change(
        data_folder,
        "INSERT INTO issue_resolution (issue_id, environment, \"release\", resolved_ms, actor) VALUES (1, '', '', ?, 'a')",
        values=[NOON_MS],
    )
    digest(data_folder, event(2, minutes=5), event(3, minutes=6))

    teller.pass_time(120)

    assert told(data_folder)[1:] == [("regressed:1:acme-prod:2", "acme-prod")]
    assert [[item.label for item in parcel.message.items] for parcel in teller.parcels] == [["New issue", "Came back"]]


def test_a_team_is_told_of_its_own_issues(data_folder: Path, teller: Teller) -> None:
    make_route(data_folder, team_ids=frozenset({7}))
    digest(data_folder, event(1), event(2, failure="load"))
    change(data_folder, "UPDATE issue_work SET team_id = 7 WHERE issue_id = 2")

    teller.pass_time(120)

    assert titles(teller) == [["load failed"]]


# --- Messages ---------------------------------------------------------------------------------------------------------


def test_a_new_issue_becomes_one_message_with_its_words_and_its_page(data_folder: Path, teller: Teller) -> None:
    make_route(data_folder)
    digest(data_folder, event(1))

    teller.pass_time(300)

    (parcel,) = teller.parcels
    (item,) = parcel.message.items
    assert parcel.message.subject == "New issue: save failed"
    assert (item.title, item.facts, item.url) == (
        "save failed",
        ("orders", "acme-prod"),
        "https://m.example.com/issues/1/",
    )
    assert [one.state for one in delivered(data_folder)] == [State.SENT]


def test_a_storm_of_new_issues_is_one_message(data_folder: Path, teller: Teller) -> None:
    make_route(data_folder)
    for start in range(0, 1_000, 100):
        teller.now_ms += 5_000
        digest(
            data_folder,
            *(
                event(n, failure=f"f{chr(97 + n // 100)}{chr(97 + n // 10 % 10)}{chr(97 + n % 10)}")
                for n in range(start, start + 100)
            ),
            at_ms=teller.now_ms,
        )
        teller.turn()

    teller.pass_time(600)

    assert rows(data_folder, "SELECT count(*) FROM issue") == [(1_000,)]
    (parcel,) = teller.parcels
    assert (parcel.message.count, len(parcel.message.items), parcel.message.more) == (1_000, 10, "and 990 more")


def test_what_happened_before_a_route_was_made_is_not_told_by_it(data_folder: Path, teller: Teller) -> None:
    digest(data_folder, event(1))
    make_route(data_folder)

    teller.pass_time(120)

    assert teller.parcels == []


def test_while_a_channel_is_behind_what_happens_gathers_into_its_next_message(
    data_folder: Path, teller: Teller
) -> None:
    make_route(data_folder)
    teller.answers = [retry(Reason.SILENT), retry(Reason.SILENT), SENT]
    tell(data_folder, mention(1))
    teller.pass_time(30)
    for number in range(2, 50):
        tell(data_folder, mention(number, at_ms=teller.now_ms))
        teller.pass_time(5)

    teller.pass_time(600)

    said = titles(teller)
    assert said[:3] == [["mention 1"]] * 3
    assert sum(parcel.message.count for parcel in teller.parcels[3:]) == 48
    assert len(teller.parcels) <= 3 + 5
    assert len({parcel.key for parcel in teller.parcels[:3]}) == 1


def test_each_route_has_its_own_pace(data_folder: Path, teller: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = replace(CHANNELS["webhook"], send=lambda *_: retry(Reason.SILENT))
    monkeypatch.setitem(CHANNELS, "broken", broken)
    make_route(data_folder, channel="broken")
    make_route(data_folder)
    tell(data_folder, mention(1))

    teller.pass_time(30)

    assert titles(teller) == [["mention 1"]]


def test_the_other_sides_wish_to_be_left_alone_is_kept(data_folder: Path, teller: Teller) -> None:
    make_route(data_folder)
    teller.answers = [retry(Reason.REFUSED, "HTTP 429", after_seconds=600.0), SENT]
    tell(data_folder, mention(1))

    teller.pass_time(590)
    before = len(teller.parcels)
    teller.pass_time(60)

    assert (before, len(teller.parcels)) == (1, 2)


def test_what_cannot_get_there_is_given_up_after_a_day(data_folder: Path, teller: Teller) -> None:
    make_route(data_folder)
    teller.answers = [retry(Reason.UNREACHABLE, "Connection refused")]
    tell(data_folder, mention(1))

    teller.pass_time(2 * 86_400, step=600)

    (one,) = delivered(data_folder)
    assert (one.state, one.reason, one.detail) == (State.DEAD, Reason.UNREACHABLE, "Connection refused")
    assert one.ended_ms - one.created_ms <= 86_400_000
    assert 20 <= one.attempts <= 150


def test_what_is_refused_for_good_is_given_up_at_once_and_can_be_sent_again(data_folder: Path, teller: Teller) -> None:
    make_route(data_folder)
    teller.answers = [failed(Reason.REFUSED, "HTTP 404"), SENT]
    tell(data_folder, mention(1))
    teller.pass_time(60)
    (dead,) = delivered(data_folder)

    with changing(data_folder) as connection:
        assert send_again(connection, 1, dead.id, now_ms=teller.now_ms)
        assert not send_again(connection, 1, dead.id, now_ms=teller.now_ms)
    teller.pass_time(10)

    assert (dead.state, delivered(data_folder)[0].state) == (State.DEAD, State.SENT)
    assert len({parcel.key for parcel in teller.parcels}) == 1


def test_a_mistake_of_ours_keeps_no_other_route_from_being_told(
    data_folder: Path, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CHANNELS, "faulty", replace(CHANNELS["webhook"], send=lambda *_: 1 // 0))
    make_route(data_folder, channel="faulty")
    make_route(data_folder)
    tell(data_folder, mention(1))

    teller.pass_time(30)

    assert titles(teller) == [["mention 1"]]
    assert delivered(data_folder)[0].reason is Reason.FAULT


def test_a_route_that_cannot_be_served_keeps_no_other_from_being_told_and_is_logged_once(
    data_folder: Path, teller: Teller, caplog: pytest.LogCaptureFixture
) -> None:
    broken = make_route(data_folder)
    make_route(data_folder)
    change(data_folder, "UPDATE notify_route SET time_zone = 'Nowhere/None', kinds = 'of_a_newer_version' WHERE id = 1")
    tell(data_folder, mention(1))

    with closing(teller.notifier()) as notifier:
        for _ in range(30):
            teller.now_ms += 1000
            notifier.turn(Event())

    assert titles(teller) == [["mention 1"]]
    assert [record.args for record in caplog.records] == [(broken,)]


def test_routes_that_nothing_is_for_are_passed_by_together_on_one_connection(
    data_folder: Path, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        make_route(data_folder, purposes=frozenset({"testing"}))
    digest(data_folder, event(1))
    opened, begun = [], []
    monkeypatch.setattr(work, "connect", lambda path: opened.append(path) or connect(path))
    monkeypatch.setattr(deliveries, "transaction", lambda state: begun.append(state) or transaction(state))

    with closing(teller.notifier()) as notifier:
        for _ in range(20):
            teller.now_ms += 1000
            notifier.turn(Event())

    assert rows(data_folder, "SELECT DISTINCT cursor FROM notify_route") == [(1,)]
    assert (len(opened), len(begun)) == (1, 1)


class Killed(BaseException):
    """The process dies."""


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    deaths=st.sets(st.integers(0, 30), max_size=8),
    arrivals=st.lists(st.integers(0, 400), min_size=1, max_size=12),
)
def test_a_process_that_dies_anywhere_loses_nothing_and_a_second_copy_has_the_same_key(
    tmp_path_factory: pytest.TempPathFactory, migrated_state: Path, deaths: set[int], arrivals: list[int]
) -> None:
    """`deaths`: numbers of attempts after which the process dies before it notes them."""
    data = tmp_path_factory.mktemp("dying")
    (data / STATE_FILE).write_bytes(migrated_state.read_bytes())
    teller, attempts = Teller(data, NOON_MS), [0]

    def send(parcel: object, address: object, means: object) -> Answer:
        teller.parcels.append(parcel)
        attempts[0] += 1
        if attempts[0] in deaths:
            raise Killed
        return SENT

    make_route(data)
    before = CHANNELS["webhook"]
    CHANNELS["webhook"] = replace(before, send=send)
    try:
        for second in range(0, 700, 10):
            teller.now_ms += 10_000
            due = [n for n, at in enumerate(arrivals) if second <= at < second + 10]
            tell(data, *(mention(n, at_ms=teller.now_ms) for n in due))
            with suppress(Killed):
                teller.turn()
    finally:
        CHANNELS["webhook"] = before

    by_key = {parcel.key: [item.title for item in parcel.message.items] for parcel in teller.parcels}
    once = [title for shown in by_key.values() for title in shown]
    counts = {parcel.key: parcel.message.count for parcel in teller.parcels}
    assert sum(counts.values()) == len(arrivals)
    assert len(once) == len(set(once))
    assert all(one.state is State.SENT for one in delivered(data))


# --- The daily summary ------------------------------------------------------------------------------------------------

NINE_MS = 1_791_277_200_000
"""2026-10-06 09:00 UTC, the morning after NOON."""


def test_the_summary_of_a_day_counts_what_the_routes_environments_saw(data_folder: Path, teller: Teller) -> None:
    make_route(data_folder, tells_summary=True, kinds=frozenset(), now_ms=NOON_MS)
    digest(data_folder, *(event(n, minutes=n) for n in range(3)), event(10, failure="load", environment="beta-prod"))
    digest(data_folder, event(20, failure="test", environment="acme-dev"))
    teller.pass_time(120)
    teller.now_ms = NINE_MS - 1_000
    teller.turn()
    before = len(teller.parcels)

    teller.pass_time(3_600, step=60)

    assert before == 0
    (parcel,) = teller.parcels
    assert parcel.message.subject == "Summary of 2026-10-06: 2 new, 0 came back, 4 events"
    assert [(item.kind, item.issue_id, item.facts) for item in parcel.message.items] == [
        ("new", 1, ("orders", "acme-prod")),
        ("new", 2, ("orders", "beta-prod")),
        ("frequent", 1, ("orders", "3 events")),
        ("frequent", 2, ("orders", "1 events")),
    ]


def test_a_day_without_anything_says_so(data_folder: Path, teller: Teller) -> None:
    make_route(data_folder, tells_summary=True, kinds=frozenset(), language="ja", now_ms=NOON_MS)

    teller.now_ms = NINE_MS
    teller.pass_time(60)

    (parcel,) = teller.parcels
    assert parcel.message.text == "直近 1 日は何も発生していません。現在、判断待ちは 0 件、未完了の対応は 0 件です。"


def test_each_day_has_one_summary_whatever_dies_and_however_often_it_is_looked(
    data_folder: Path, teller: Teller
) -> None:
    make_route(data_folder, tells_summary=True, now_ms=NOON_MS)
    teller.answers = [retry(Reason.SILENT), SENT]

    teller.now_ms = NINE_MS - 60_000
    teller.pass_time(3 * 86_400, step=1_800)

    sent = [one for one in delivered(data_folder) if one.state is State.SENT]
    assert [one.message.kind for one in sent] == ["summary"] * 3
    assert len({parcel.key for parcel in teller.parcels}) == 3


# --- People -----------------------------------------------------------------------------------------------------------


def wish(data: Path, user_id: int, **changes: object) -> None:
    with changing(data) as connection:
        own.save_wish(
            connection, user_id, OwnWish(**changes), name="alice", language="ja", time_zone="Asia/Tokyo", now_ms=NOON_MS
        )


def add_people(data: Path) -> None:
    for number, name in enumerate(("alice", "bob"), 1):
        change(
            data,
            "INSERT INTO auth_user (id, username, email, password, first_name, last_name, is_superuser, is_staff, is_active, "
            "date_joined) VALUES (?, ?, ?, '', '', '', 0, 0, 1, '2026-01-01')",
            values=[number, name, f"{name}@example.com"],
        )


def concerning(number: int, *people: int) -> Cause:
    return replace(mention(number), person_ids=people)


def test_somebody_is_told_by_mail_of_what_concerns_them_at_the_address_they_have_now(
    data_folder: Path, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    to: list[str] = []

    def send(parcel: Parcel, address: Address, _means: object) -> Answer:
        teller.parcels.append(parcel)
        to.append(address.to)
        return SENT

    monkeypatch.setitem(CHANNELS, "email", replace(CHANNELS["email"], send=send))
    add_people(data_folder)
    wish(data_folder, 1, by_mail=True)
    digest(data_folder, event(1))
    tell(data_folder, concerning(1, 1, 2), concerning(2, 2))
    change(data_folder, "UPDATE auth_user SET email = 'new@example.com' WHERE id = 1")

    teller.pass_time(120)

    assert titles(teller) == [["mention 1"]]
    assert (to, teller.parcels[0].message.subject) == (["new@example.com"], "メンション: mention 1")
    change(data_folder, "UPDATE auth_user SET is_active = 0 WHERE id = 1")
    tell(data_folder, concerning(3, 1))
    teller.pass_time(120)
    assert len(to) == 1


def test_a_message_in_slack_calls_those_whom_it_concerns(
    data_folder: Path, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CHANNELS, "slack", teller.channel)
    add_people(data_folder)
    wish(data_folder, 2, slack_id="U012ABCDEF")
    make_route(data_folder, channel="slack")
    tell(data_folder, concerning(1, 1, 2))

    teller.pass_time(60)

    assert teller.parcels[0].message.items[0].slack_ids == ("U012ABCDEF",)


def test_what_somebody_wants_is_kept_and_can_be_taken_back(data_folder: Path) -> None:
    add_people(data_folder)
    wish(data_folder, 1, by_mail=True, slack_id="U012ABCDEF")
    wish(data_folder, 1, by_mail=True)
    with reading(data_folder) as connection:
        before = own.find_wish(connection, 1)
    wanted = is_notify_wanted(data_folder)
    wish(data_folder, 1)

    with reading(data_folder) as connection:
        after = own.find_wish(connection, 1)
    assert (before, after) == (OwnWish(by_mail=True), OwnWish())
    assert (wanted, is_notify_wanted(data_folder)) == (True, False)


# --- Routes -----------------------------------------------------------------------------------------------------------


def test_the_process_is_wanted_while_a_route_is_in_use(data_folder: Path, teller: Teller) -> None:
    wanted = [is_notify_wanted(data_folder)]
    route_id = make_route(data_folder)
    wanted.append(is_notify_wanted(data_folder))
    with changing(data_folder) as connection:
        switch_route(connection, list_routes(connection)[0], is_active=False, now_ms=1)
    wanted.append(is_notify_wanted(data_folder))
    is_at_work = teller.turn()
    with changing(data_folder) as connection:
        delete_route(connection, route_id)

    assert wanted == [False, True, False]
    assert not is_at_work
    assert rows(data_folder, "SELECT count(*) FROM notify_route") == [(0,)]


def test_a_folder_that_was_restored_tells_again(data_folder: Path) -> None:
    """The mark for the supervisor is no part of a backup; bringing the folder to this version makes it."""
    make_route(data_folder)
    (data_folder / "notify.wanted").unlink()

    subprocess.run([sys.executable, "-m", "mukiau", "migrate", "--data", data_folder], check=True, capture_output=True)

    assert is_notify_wanted(data_folder)


def test_a_route_that_was_off_is_not_told_what_happened_meanwhile(data_folder: Path, teller: Teller) -> None:
    make_route(data_folder)
    with changing(data_folder) as connection:
        switch_route(connection, list_routes(connection)[0], is_active=False, now_ms=NOON_MS)
    tell(data_folder, mention(1))
    teller.pass_time(60)
    with changing(data_folder) as connection:
        switch_route(connection, list_routes(connection)[0], is_active=True, now_ms=NOON_MS)
    tell(data_folder, mention(2))

    teller.pass_time(60)

    assert titles(teller) == [["mention 2"]]


def test_a_route_is_read_as_it_was_written_and_shows_no_secret(data_folder: Path) -> None:
    route_id = make_route(
        data_folder, services=frozenset({"orders", "billing api"}), team_ids=frozenset({3, 12}), tells_summary=True
    )

    with reading(data_folder) as connection:
        stored = find_route(connection, route_id)
        missing = find_route(connection, 99)

    assert stored is not None
    assert missing is None
    assert (stored.route.services, stored.route.team_ids, stored.route.tells_summary) == (
        {"orders", "billing api"},
        {3, 12},
        True,
    )
    assert stored.route.address.secret == "s3cret"
    assert "s3cret" not in repr(stored)
    assert "t0p" not in repr(stored)


def test_what_is_old_is_forgotten(data_folder: Path, teller: Teller) -> None:
    make_route(data_folder)
    tell(data_folder, mention(1))
    teller.pass_time(60)
    teller.now_ms += 31 * 86_400_000

    teller.turn()

    assert rows(data_folder, "SELECT (SELECT count(*) FROM notification), (SELECT count(*) FROM delivery)") == [(0, 0)]
    tell(data_folder, mention(2, at_ms=teller.now_ms))
    teller.pass_time(60)
    assert titles(teller) == [["mention 1"], ["mention 2"]]


def test_events_are_written_beside_it(data_folder: Path) -> None:
    """The outbox is part of the batch's one transaction and leaves its counts alone."""
    write(data_folder, batch(event(1), event(2, failure="load")))

    assert len(told(data_folder)) == 2
