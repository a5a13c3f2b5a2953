"""Retention deletes payloads, then rows; it never touches a count, the edges of an issue or what is new."""

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from state_files import NOON, batch, event, rows

from mukiau.core.event import JSONObject
from mukiau.stores import retention as module
from mukiau.stores.dictionaries import Dictionaries
from mukiau.stores.payloads import DELETED, unpack
from mukiau.stores.retention import Retention, RetentionPolicy, load_walk
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sizes import used_bytes
from mukiau.stores.sqlite import connect
from mukiau.stores.state_writer import StateWriter

DAY_MS = 86_400_000
NOW_MS = int(NOON.timestamp() * 1000)


class Folder:
    """A data folder with events digested on certain days, and retention on it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._writer = StateWriter(data / STATE_FILE)
        self._at = 0

    def close(self) -> None:
        self._writer.close()

    def digest(
        self, *numbers: int, days_ago: float, failure: str = "save", payload: JSONObject | None = None, **rest: Any
    ) -> None:
        """Digest events that occurred as they were digested, one a minute.

        `clock_days_ago` is what the clock said, `steady_days_ago` what the steady clock said (earlier versions had none).
        """
        digested_ms = NOW_MS - int(rest.pop("clock_days_ago", days_ago) * DAY_MS)
        steady_ms = NOW_MS - int(rest.pop("steady_days_ago") * DAY_MS) if "steady_days_ago" in rest else 0
        events = [event(number, failure=failure, minutes=number - int(days_ago * 1440), **rest) for number in numbers]
        if payload:
            events = [replace(made, event=replace(made.event, payload=payload)) for made in events]
        self._writer.write(replace(batch(*events, after=self._at), digested_ms=digested_ms, steady_ms=steady_ms))
        self._at += 1

    def beat(self, now_ms: int) -> None:
        self._writer.beat(now_ms, steady_ms=now_ms)

    def keep(self, *, now_ms: int = NOW_MS, steps: int = 500, **policy: int) -> None:
        with closing(Retention(self.data / STATE_FILE, RetentionPolicy(**policy))) as kept:
            for _ in range(steps):
                kept.step(now_ms)

    def whole(self) -> list[int]:
        """Numbers of the events that have their payload."""
        return self._numbers("payload_codec <> 0")

    def bare(self) -> list[int]:
        """Numbers of the events that have lost it."""
        return self._numbers("payload_codec = 0")

    def counts(self) -> list[list[tuple[Any, ...]]]:
        return [
            rows(self.data, query)
            for query in (
                "SELECT id, event_count, first_seen_ms, last_seen_ms, first_event_pk, last_event_pk FROM issue ORDER BY id",
                "SELECT * FROM fingerprint_hour",
                "SELECT * FROM fingerprint_environment",
                "SELECT * FROM issue_environment",
                "SELECT * FROM fingerprint_tag",
            )
        ]

    def _numbers(self, condition: str) -> list[int]:
        return [int(row[0], 16) for row in rows(self.data, f"SELECT event_id FROM event WHERE {condition} ORDER BY id")]


@pytest.fixture
def folder(data_folder: Path) -> Iterator[Folder]:
    with closing(Folder(data_folder)) as folder:
        yield folder


def test_old_payloads_go_and_leave_a_note_while_every_count_stays(folder: Folder) -> None:
    folder.digest(*range(1, 6), days_ago=40)
    folder.digest(*range(6, 9), days_ago=1)
    before = folder.counts()

    folder.keep(payload_days=30)

    assert folder.whole() == [1, 6, 7, 8]  # the first of the issue, and what is young
    assert folder.bare() == [2, 3, 4, 5]
    assert folder.counts() == before
    (note, codec), *_ = rows(folder.data, "SELECT payload, payload_codec FROM event WHERE id = 2")
    assert unpack(note, codec, lambda _: b"") == {"deleted": {"at_ms": NOW_MS, "by": "age"}}


def test_what_an_event_says_in_its_row_is_the_same_without_its_payload(folder: Folder) -> None:
    folder.digest(1, 2, 3, days_ago=40)
    row = "SELECT id, project_id, event_id, fingerprint_id, occurred_ms, title, message, level, revision FROM event"
    before = rows(folder.data, row)

    folder.keep(payload_days=30)

    assert folder.bare() == [2]
    assert rows(folder.data, row) == before


def test_rows_follow_later_but_for_the_edges_of_each_environment(folder: Folder) -> None:
    folder.digest(1, 2, 3, 4, days_ago=100)
    folder.digest(5, 6, 7, days_ago=100, environment="acme-staging")
    folder.digest(8, 9, days_ago=40)
    folder.digest(10, days_ago=1)
    before = folder.counts()

    folder.keep(payload_days=30, event_days=90)

    assert folder.whole() == [1, 10]
    assert folder.bare() == [5, 7, 8, 9]
    assert folder.counts() == before


def test_an_event_keeps_its_trace_without_its_payload_and_loses_it_with_its_row(folder: Folder) -> None:
    folder.digest(*range(1, 5), days_ago=40, trace_id="4bf92f3577b34da6")
    traced = "SELECT count(*) FROM event WHERE trace_key IS NOT NULL"

    folder.keep(payload_days=30)
    without_payloads = rows(folder.data, traced)
    folder.keep(payload_days=30, event_days=35, now_ms=NOW_MS + 2 * DAY_MS)

    assert folder.bare() == []
    assert without_payloads == [(4,)]
    assert rows(folder.data, traced) == [(len(folder.whole()),)] == [(2,)]


def test_the_newest_events_of_each_issue_stay_whole_however_old(folder: Folder) -> None:
    folder.digest(*range(1, 11), days_ago=400)
    folder.digest(*range(11, 14), days_ago=400, failure="load")

    folder.keep(payload_days=30, event_days=90, newest_events=4)

    assert folder.whole() == [1, 7, 8, 9, 10, 11, 12, 13]
    assert folder.bare() == []


def test_nothing_goes_where_everything_is_to_be_kept_for_ever(folder: Folder) -> None:
    folder.digest(1, 2, 3, days_ago=4_000)

    folder.keep()

    assert folder.whole() == [1, 2, 3]


def test_rows_outlive_what_may_send_their_events_again(folder: Folder) -> None:
    folder.digest(1, 2, 3, days_ago=15)

    folder.keep(payload_days=1, event_days=1)

    assert (folder.whole(), folder.bare()) == ([1, 3], [2])


def test_an_event_that_comes_again_without_its_payload_is_still_a_duplicate(folder: Folder) -> None:
    folder.digest(1, 2, 3, days_ago=40)
    folder.keep(payload_days=30)
    before = folder.counts()

    folder.digest(2, days_ago=0)

    assert folder.bare() == [2]
    assert folder.counts() == before


def test_a_walk_that_ends_anywhere_goes_on_where_it_was(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_LOOKED", 3)
    monkeypatch.setattr(module, "MAX_CHANGED_BY_AGE", 2)
    folder.digest(*range(1, 21), days_ago=40)
    folder.digest(*range(21, 25), days_ago=1)
    progress = []
    for _ in range(30):  # a process for each step
        folder.keep(payload_days=30, steps=1)
        with closing(connect(folder.data / STATE_FILE)) as state:
            progress.append(load_walk(state))

    assert folder.bare() == list(range(2, 21))
    assert [walk.after_id for walk in progress] == sorted(walk.after_id for walk in progress)
    assert (progress[0].finished_ms, progress[-1].finished_ms) == (0, NOW_MS)


def test_the_next_walk_begins_a_day_after_the_last(folder: Folder) -> None:
    folder.digest(1, 2, 3, days_ago=0)
    folder.keep(payload_days=30)

    folder.keep(payload_days=30, now_ms=NOW_MS + 40 * DAY_MS)

    assert folder.bare() == [2]


def test_what_was_new_and_became_old_is_found_by_a_later_walk(folder: Folder) -> None:
    folder.digest(1, 2, 3, days_ago=40)
    folder.keep(payload_days=30, newest_events=2)
    folder.digest(4, 5, days_ago=0)

    folder.keep(payload_days=30, newest_events=2, now_ms=NOW_MS + DAY_MS)

    assert folder.bare() == [2, 3]


@pytest.mark.parametrize("wrong_days_ago", [20_000, -20_000])
def test_events_digested_while_the_clock_was_wrong_are_as_old_as_their_neighbours(
    folder: Folder, wrong_days_ago: int
) -> None:
    folder.digest(1, 2, days_ago=40)
    folder.digest(3, days_ago=40, clock_days_ago=wrong_days_ago)
    folder.digest(4, days_ago=40)
    folder.digest(5, days_ago=10)
    folder.digest(6, days_ago=10, clock_days_ago=wrong_days_ago)
    folder.digest(7, 8, days_ago=5)

    folder.keep(payload_days=30)

    assert (folder.bare(), folder.whole()) == ([2, 3, 4], [1, 5, 6, 7, 8])


def test_an_event_of_an_impossible_age_is_young_among_young_ones(folder: Folder) -> None:
    folder.digest(1, 2, days_ago=0, clock_days_ago=-1)
    folder.digest(3, days_ago=0, clock_days_ago=3_000)
    folder.digest(4, days_ago=0)

    folder.keep(payload_days=30, event_days=60)

    assert folder.whole() == [1, 2, 3, 4]


def test_where_no_age_can_be_believed_nothing_is_old_and_what_follows_is_looked_at(folder: Folder) -> None:
    folder.digest(1, 2, 3, days_ago=50, clock_days_ago=-400)
    folder.digest(4, 5, days_ago=40)
    folder.digest(6, days_ago=0)

    folder.keep(payload_days=30)

    assert (folder.whole(), folder.bare()) == ([1, 2, 3, 6], [4, 5])


def test_an_event_digested_far_in_the_past_before_any_age_could_be_believed_is_no_older(folder: Folder) -> None:
    folder.digest(1, 2, days_ago=0, clock_days_ago=-400, steady_days_ago=0)
    folder.digest(3, 4, 5, days_ago=0, clock_days_ago=3_000, steady_days_ago=0)
    folder.digest(6, 7, days_ago=0, steady_days_ago=0)

    folder.keep(payload_days=30, event_days=60)

    assert folder.whole() == [1, 2, 3, 4, 5, 6, 7]


def test_a_dictionary_goes_only_when_no_payload_needs_it(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mukiau.stores.dictionaries.PACKED_BEFORE", 0)
    folder.digest(1, 2, 3, days_ago=40)
    with closing(connect(folder.data / STATE_FILE)) as state:
        for number, count in ((70, 1), (80, 1), (90, 2)):
            state.execute("INSERT INTO payload_dictionary VALUES (?, x'00', ?, 0)", (number, count))
        state.execute("UPDATE event SET payload_codec = 70 WHERE id = 1")  # the first of its issue stays
        state.execute("UPDATE event SET payload_codec = 80 WHERE id = 2")

        folder.keep(payload_days=50)
        assert [row[0] for row in state.execute("SELECT id FROM payload_dictionary")] == [70, 80, 90]
        folder.keep(payload_days=30, now_ms=NOW_MS + DAY_MS)

        assert [row[0] for row in state.execute("SELECT id FROM payload_dictionary")] == [70, 90]
        assert Dictionaries(state).find(70) == b"\0"


def test_deletions_are_counted_by_reason_with_their_bytes(folder: Folder) -> None:
    folder.digest(1, 2, 3, 4, days_ago=40)
    folder.digest(5, 6, days_ago=100, failure="load")
    (size,) = rows(folder.data, "SELECT sum(length(payload)) FROM event WHERE id IN (2, 3)")[0]

    folder.keep(payload_days=30)

    counted = rows(folder.data, "SELECT name, reason, count FROM digest_counter WHERE name LIKE 'deleted%' ORDER BY 1")
    assert counted == [("deleted", "payload_by_age", 2), ("deleted_bytes", "payload_by_age", size)]


# --- By budget --------------------------------------------------------------------------------------------------------


def used(folder: Folder) -> int:
    with closing(connect(folder.data / STATE_FILE, readonly=True)) as state:
        return used_bytes(state)


def digest_much(folder: Folder) -> None:
    """Payloads of some kilobytes that do not compress."""
    for number in range(1, 401):
        payload: JSONObject = {"noise": random.Random(number).randbytes(2_000).hex()}
        folder.digest(number, days_ago=1, failure=f"f{number % 7}", payload=payload)


def test_beyond_the_budget_the_oldest_payloads_go_until_a_tenth_is_free(folder: Folder) -> None:
    digest_much(folder)
    before, full = folder.counts(), used(folder)

    folder.keep(max_state_bytes=int(full * 0.95), newest_events=5)

    assert full * 0.7 < used(folder) <= full * 0.95 * module.LOW_WATER
    bare, whole = folder.bare(), folder.whole()
    assert max(bare) < min(set(whole) - set(range(1, 8)))  # the first of each issue stays
    assert folder.counts() == before


def test_newest_events_are_spared_until_no_others_are_left_and_edges_always(folder: Folder) -> None:
    digest_much(folder)

    folder.keep(max_state_bytes=1, newest_events=5)

    assert folder.whole() == [*range(1, 8), *range(394, 401)]


def test_a_budget_that_is_kept_deletes_nothing(folder: Folder) -> None:
    digest_much(folder)

    folder.keep(max_state_bytes=2 * used(folder))

    assert folder.bare() == []


def test_a_nearly_full_budget_is_said_once(folder: Folder, caplog: pytest.LogCaptureFixture) -> None:
    digest_much(folder)

    folder.keep(max_state_bytes=int(used(folder) * 1.1))

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "MUKIAU_MAX_STATE_BYTES" in caplog.text


def test_the_file_is_sound_after_much_was_deleted(folder: Folder) -> None:
    digest_much(folder)

    folder.keep(max_state_bytes=1)

    assert rows(folder.data, "PRAGMA integrity_check") == [("ok",)]
    assert len(folder.bare()) == 400 - 14
    assert rows(folder.data, "SELECT DISTINCT payload_codec FROM event WHERE payload_codec = ?", DELETED) == [
        (DELETED,)
    ]


def test_a_locked_file_lets_retention_rest(
    folder: Folder, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.digest(1, 2, 3, days_ago=40)
    monkeypatch.setattr("mukiau.stores.sqlite.BUSY_TIMEOUT_SECONDS", 0.01)
    with closing(connect(folder.data / STATE_FILE)) as other:
        other.execute("BEGIN IMMEDIATE")
        folder.keep(payload_days=30, steps=5)

    assert folder.bare() == []
    assert len(caplog.records) == 1
