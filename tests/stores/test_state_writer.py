"""A batch is one transaction, a duplicate changes nothing, and every roll-up stays what counting would say."""

import shutil
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from state_files import assert_counts_are_right, batch, dump, event, rows, write

from mukiau.digest.batch import DigestedEvent, SeenRecord, SetAside, StreamState
from mukiau.digest.ports import AnotherDigester, StoreBusy
from mukiau.stores import sqlite
from mukiau.stores.event_rows import trace_key_of
from mukiau.stores.payloads import PLAIN, unpack
from mukiau.stores.reader import iter_events
from mukiau.stores.schema import SCHEMA_VERSION, STATE_FILE
from mukiau.stores.state_writer import StateWriter

STREAM = StreamState(project_id=1, stream_key="s", state="{}", is_open=True)
ASIDE = SetAside(
    position=1,
    kind="envelope",
    project_id=1,
    source_id=1,
    received_ms=1,
    encoding="",
    event_id="",
    body=b"x",
    reason="The envelope cannot be read.",
)


def test_the_migrations_lead_to_the_version_the_program_knows(data_folder: Path) -> None:
    assert rows(data_folder, "PRAGMA user_version") == [(SCHEMA_VERSION,)]


def test_events_with_one_fingerprint_are_one_issue(data_folder: Path) -> None:
    write(data_folder, batch(event(1), event(2, minutes=90, message="save failed again"), event(3, failure="load")))

    found = rows(data_folder, "SELECT title, event_count, last_seen_ms - first_seen_ms FROM issue ORDER BY id")
    assert found == [("save failed again", 2, 90 * 60_000), ("load failed", 1, 0)]
    assert_counts_are_right(data_folder)


def test_the_words_of_an_issue_are_those_of_its_latest_event_by_its_own_clock(data_folder: Path) -> None:
    write(data_folder, batch(event(1, minutes=5, message="later")), batch(event(2, message="earlier"), after=1))

    assert rows(data_folder, "SELECT title FROM issue") == [("later",)]
    assert_counts_are_right(data_folder)


def test_a_batch_asks_for_an_environment_once_and_writes_its_place_once(data_folder: Path) -> None:
    asked: list[str] = []
    with closing(StateWriter(data_folder / STATE_FILE)) as writer:
        writer._connection.set_trace_callback(asked.append)
        writer.write(batch(*(event(number, failure=f"f{number}x") for number in range(5))))

    assert sum("FROM environment WHERE" in sql for sql in asked) == 1
    assert sum("INSERT INTO place (" in sql for sql in asked) == 1
    assert_counts_are_right(data_folder)


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "in two batches"])
def test_a_duplicate_changes_nothing_however_different_its_content(data_folder: Path, *, together: bool) -> None:
    first, again = event(1), event(1, failure="load", environment="acme-stg")
    write(data_folder, *([batch(first, again)] if together else [batch(first), batch(again, after=1)]))

    assert rows(data_folder, "SELECT title, event_count FROM issue") == [("save failed", 1)]
    assert rows(data_folder, "SELECT * FROM digest_counter") == [("duplicate", "event_id", 1)]
    assert_counts_are_right(data_folder)


def test_an_entry_given_out_again_moves_to_its_new_issue_and_the_emptied_one_goes(data_folder: Path) -> None:
    write(data_folder, batch(event(1), event(2, failure="load")))
    write(data_folder, batch(event(1, failure="load", revision=1, environment="acme-stg", minutes=61), after=1))

    assert rows(data_folder, "SELECT culprit, event_count FROM issue") == [("shop.orders load", 2)]
    assert rows(data_folder, "SELECT count(*), max(revision) FROM event") == [(2, 1)]
    assert_counts_are_right(data_folder)


def test_an_entry_given_out_again_leaves_its_old_issue_to_the_others(data_folder: Path) -> None:
    write(data_folder, batch(event(1), event(2, minutes=7), event(3, minutes=3)))
    write(data_folder, batch(event(2, failure="load", revision=1, minutes=7), after=1))

    found = rows(data_folder, "SELECT culprit, event_count FROM issue ORDER BY id")
    assert found == [("shop.orders save", 2), ("shop.orders load", 1)]
    assert_counts_are_right(data_folder)


def test_events_of_one_trace_have_one_key_which_those_without_a_trace_lack(data_folder: Path) -> None:
    write(data_folder, batch(event(1, trace_id="4bf92f3577b34da6"), event(2, trace_id="a3ce929d0e0e4736"), event(3)))
    write(data_folder, batch(event(4, failure="load", trace_id="4bf92f3577b34da6"), after=1))

    first, second, without, fourth = (key for (key,) in rows(data_folder, "SELECT trace_key FROM event ORDER BY id"))

    assert first == fourth == trace_key_of(1, "4bf92f3577b34da6")
    assert second not in {first, None}
    assert without is None
    assert trace_key_of(2, "4bf92f3577b34da6") != first


def test_an_entry_given_out_again_is_found_by_the_trace_it_names_then(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))
    write(data_folder, batch(event(1, revision=1, trace_id="4bf92f3577b34da6"), after=1))

    found = rows(data_folder, "SELECT trace_key FROM event")

    assert found == [(trace_key_of(1, "4bf92f3577b34da6"),)]


def test_an_older_revision_that_comes_later_changes_nothing(data_folder: Path) -> None:
    write(data_folder, batch(event(1, revision=1)), batch(event(1, failure="load"), after=1))

    assert rows(data_folder, "SELECT culprit FROM issue") == [("shop.orders save",)]


def test_values_of_a_tag_beyond_the_hundredth_count_together(data_folder: Path) -> None:
    write(
        data_folder,
        batch(*(event(n, tags=[("order", f"{n:03}")]) for n in range(120)), event(500, tags=[("order", "007")])),
    )

    tags = dict(rows(data_folder, "SELECT value, count FROM fingerprint_tag WHERE \"key\" = 'order'"))
    assert (len(tags), tags[""], tags["007"]) == (101, 20, 2)


def test_what_is_stored_of_an_event_can_be_read_back(data_folder: Path) -> None:
    write(data_folder, batch(event(7, tags=[("plan", "gold")])))

    [(payload, codec)] = rows(data_folder, "SELECT payload, payload_codec FROM event")
    assert codec == PLAIN
    document = unpack(payload, codec, find_dictionary=_none)
    assert document["payload"] == {"event_id": f"{7:032x}"}
    assert document["origin"] == {"record_ids": ["r7"], "language": "python"}
    assert ["plan", "gold"] in document["tags"]


def _none(dictionary_id: int) -> bytes:
    raise LookupError(dictionary_id)


def test_payloads_are_packed_with_what_the_folders_own_events_have_in_common(data_folder: Path) -> None:
    with closing(StateWriter(data_folder / STATE_FILE)) as writer:
        writer.write(batch(*(wordy(number) for number in range(250))))
        writer.beat(1)
        writer.write(batch(*(wordy(number) for number in range(250, 300)), after=1))
    with closing(StateWriter(data_folder / STATE_FILE)) as writer:  # another process goes on with the same dictionary
        writer.write(batch(wordy(300), event(0, revision=1), after=2))
        writer.beat(2)

    sizes = rows(data_folder, "SELECT payload_codec, max(length(payload)), count(*) FROM event GROUP BY 1 ORDER BY 1")
    assert [(codec == PLAIN, count) for codec, _, count in sizes] == [(True, 249), (False, 52)]
    assert sizes[1][1] < sizes[0][1] * 0.75
    assert [line.record_ids[0] for line in iter_events(data_folder)] == [f"r{number}" for number in range(301)]
    assert rows(data_folder, "SELECT count(*) FROM payload_dictionary") == [(1,)]


def wordy(number: int) -> DigestedEvent:
    """An event with much text, most of which is in every event."""
    words = "".join(
        f"{number * place % 9973:x} at shop.orders.step{place}(Orders.java:{place}) " for place in range(60)
    )
    made = event(number)
    return replace(made, event=replace(made.event, payload={"event_id": made.event.event_id, "extra": words}))


def test_a_batch_that_does_not_follow_the_position_is_refused_whole(data_folder: Path) -> None:
    write(data_folder, batch(event(1)))

    with pytest.raises(AnotherDigester):
        write(data_folder, batch(event(2)))

    assert rows(data_folder, "SELECT count(*) FROM event") == [(1,)]


def test_a_batch_that_fails_at_any_statement_leaves_nothing_behind(data_folder: Path) -> None:
    write(data_folder, batch(event(1), event(2, failure="load")))
    full = batch(
        event(1, failure="load", revision=1),
        event(3, failure="other", tags=[("plan", "gold")]),
        after=1,
        seen=(SeenRecord(5, 6),),
        streams=(STREAM,),
        set_aside=(ASIDE,),
        counters={("dropped", "unsupported:session"): 1},
    )
    failed = 0
    with closing(StateWriter(data_folder / STATE_FILE)) as writer:
        connection = writer._connection
        before = dump(connection)
        while True:
            writer._connection = _Failing(connection, failed)  # type: ignore[assignment]
            try:
                writer.write(full)
                break
            except StoreBusy:
                failed += 1
                assert dump(connection) == before

    assert failed > 20
    assert rows(data_folder, "SELECT position, digested_items FROM digest_state") == [(2, 2)]
    assert_counts_are_right(data_folder)


class _Failing:
    """A connection whose disk is full from the nth statement on."""

    def __init__(self, connection: sqlite.Connection, statements: int) -> None:
        self._connection = connection
        self._left = statements

    def __getattr__(self, name: str) -> object:
        given = getattr(self._connection, name)
        return self._counted(given) if name in ("execute", "executemany") else given

    def _counted(self, given):  # type: ignore[no-untyped-def]
        def run(statement, *values):  # type: ignore[no-untyped-def]
            if statement != "ROLLBACK":
                if self._left == 0:
                    raise sqlite.OperationalError("database or disk is full")
                self._left -= 1
            return given(statement, *values)

        return run


def test_a_part_of_an_item_is_kept_and_the_next_batch_must_follow_it(data_folder: Path) -> None:
    with closing(StateWriter(data_folder / STATE_FILE)) as writer:
        writer.write(batch(event(1), position=0, records=200))
        assert (writer.position(), writer.records_done()) == (0, 200)
        with pytest.raises(AnotherDigester):
            writer.write(batch(event(2)))

        writer.write(batch(event(2), after_records=200))
        assert (writer.position(), writer.records_done()) == (1, 0)


def test_trials_are_counted_as_long_as_they_do_not_get_on(data_folder: Path) -> None:
    with closing(StateWriter(data_folder / STATE_FILE)) as writer:
        points = [(4, 0), (4, 0), (4, 0), (4, 200), (4, 200), (5, 0)]

        assert [writer.count_trial("start", *point) for point in points] == [1, 2, 3, 1, 2, 1]
        assert writer.count_trial("item", 5, 0) == 1


def test_streams_items_set_aside_and_records_are_kept_and_let_go(data_folder: Path) -> None:
    with closing(StateWriter(data_folder / STATE_FILE)) as writer:
        writer.write(batch(streams=(STREAM,), set_aside=(ASIDE,), seen=(SeenRecord(1, -2), SeenRecord(2, 3))))

        assert writer.position() == 1
        assert writer.load_streams() == [STREAM]
        assert writer.load_requested(max_items=9) == []
        assert writer.find_seen([SeenRecord(1, -2), SeenRecord(2, -2)]) == {SeenRecord(1, -2)}

        writer._connection.execute("UPDATE set_aside SET is_requested = 1")
        [(aside_id, aside)] = writer.load_requested(max_items=9)
        gone = StreamState(project_id=1, stream_key="s", state="")
        writer.write(batch(after=1, streams=(gone,), replayed=(aside_id,)))

        assert aside == ASIDE
        assert (writer.load_streams(), writer.load_requested(max_items=9)) == ([], [])


def test_a_record_is_forgotten_by_when_its_day_was_last_written_not_by_its_own_age(data_folder: Path) -> None:
    with closing(StateWriter(data_folder / STATE_FILE)) as writer:
        writer.write(batch(seen=tuple(SeenRecord(3, number) for number in range(5))))

        assert writer.prune_seen(1, max_rows=2) == 0
        forgotten = [writer.prune_seen(2, max_rows=2) for _ in range(4)]

        assert forgotten == [2, 2, 1, 0]
        assert writer.find_seen([SeenRecord(3, number) for number in range(5)]) == frozenset()


events = st.builds(
    event,
    st.integers(1, 6),
    failure=st.sampled_from(["save", "load", "send"]),
    environment=st.sampled_from(["acme-prod", "acme-stg", ""]),
    minutes=st.integers(-90, 90),
    revision=st.integers(0, 3),
    tags=st.lists(st.tuples(st.just("plan"), st.sampled_from("abc")), max_size=2),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(events, max_size=6), max_size=6))
def test_counts_are_right_after_any_batches(migrated_state: Path, batches: list[list]) -> None:  # type: ignore[type-arg]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        shutil.copy(migrated_state, data / STATE_FILE)

        write(data, *(batch(*given, after=number) for number, given in enumerate(batches)))

        assert_counts_are_right(data)
        highest: dict[str, int] = {}
        for one in (one for given in batches for one in given):
            highest[one.event.event_id] = max(highest.get(one.event.event_id, 0), one.revision)
        assert dict(rows(data, "SELECT event_id, revision FROM event")) == highest
