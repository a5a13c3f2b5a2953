"""Status and events as the command line reads them, from both files at once."""

import asyncio
from pathlib import Path

from state_files import batch, event, write

from mukiau.digest.batch import SeenRecord, SetAside, StreamState
from mukiau.intake.ports import ItemKind, SpoolItem
from mukiau.stores.reader import iter_events, read_status, request_replay
from mukiau.stores.spool import SpoolWriter
from mukiau.stores.spool_reader import SPOOL_FILE

ASIDE = SetAside(
    position=1,
    kind="envelope",
    project_id=1,
    source_id=1,
    received_ms=1,
    encoding="",
    event_id="",
    body=b"x",
    reason="It cannot be read.",
)


def accept(data: Path, items: int) -> None:
    async def run() -> None:
        spool = SpoolWriter(data / SPOOL_FILE, max_bytes=10**9)
        spool.open()
        item = SpoolItem(kind=ItemKind.RECORDS, project_id=1, source_id=1, received_ms=1, body=b"x", record_count=3)
        await asyncio.gather(*(spool.append(item) for _ in range(items)))
        spool.count("dropped", "unsupported:session", 2)
        spool.count("refused", "unknown key")
        spool.close()

    asyncio.run(run())


def test_a_new_folder_has_nothing_pending(data_folder: Path) -> None:
    status = read_status(data_folder)

    assert (status.accepted, status.digested, status.pending, status.issues, status.events) == (0, 0, 0, 0, 0)


def test_status_adds_up_door_and_digest(data_folder: Path) -> None:
    accept(data_folder, 5)
    open_stream = StreamState(project_id=1, stream_key="s", state="{}", is_open=True)
    counters = {("dropped", "unsupported:session"): 1, ("duplicate", "record"): 4, ("records", "digested"): 9}
    write(
        data_folder,
        batch(event(1), event(1), counters=counters, streams=(open_stream,), seen=(SeenRecord(1, 1),)),
        batch(event(2, failure="load"), after=1, set_aside=(ASIDE,)),
    )

    status = read_status(data_folder)

    assert (status.accepted, status.accepted_records, status.digested) == (5, 15, 2)
    assert (status.pending, status.open_entries) == (3 + 1, 1)
    assert (status.issues, status.events, status.duplicates, status.set_aside) == (2, 2, 5, 1)
    assert status.dropped == {"unsupported:session": 3}
    assert status.refused == {"unknown key": 1}


def test_events_come_in_the_order_of_digesting(data_folder: Path) -> None:
    write(data_folder, batch(event(2, minutes=5), event(1)))

    lines = list(iter_events(data_folder))

    assert [line.record_ids for line in lines] == [("r2",), ("r1",)]
    assert lines[0].occurred_at == "2026-10-05T12:05:00.000+00:00"
    assert (lines[0].issue, lines[0].environment) == (lines[1].issue, "acme-prod")


def test_a_replay_is_asked_for_once(data_folder: Path) -> None:
    write(data_folder, batch(set_aside=(ASIDE, ASIDE)))

    assert [request_replay(data_folder, (2,)), request_replay(data_folder), request_replay(data_folder)] == [1, 1, 0]
