"""The spool: durable answers, positions that never come twice, trimming, and a full disk."""

import asyncio
import time
from contextlib import closing
from pathlib import Path

import pytest

from mukiau.intake.ports import ItemKind, SpoolFull, SpoolItem
from mukiau.stores import sqlite
from mukiau.stores.spool import GAP_AFTER_LOSS, SpoolWriter
from mukiau.stores.spool_reader import SPOOL_FILE, SpoolReader

MEGABYTE = 1024**2


def item(body: bytes = b"{}", kind: ItemKind = ItemKind.ENVELOPE, record_count: int = 0) -> SpoolItem:
    return SpoolItem(
        kind=kind,
        project_id=1,
        source_id=2,
        received_ms=3,
        body=body,
        encoding="gzip",
        event_id="ab" * 16,
        record_count=record_count,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / SPOOL_FILE


def append_all(path: Path, bodies: list[bytes], max_bytes: int = 64 * MEGABYTE) -> list[int]:
    async def run() -> list[int]:
        writer = SpoolWriter(path, max_bytes=max_bytes)
        writer.open()
        try:
            return list(await asyncio.gather(*(writer.append(item(body)) for body in bodies)))
        finally:
            writer.close()

    return asyncio.run(run())


def trim_and_wait(path: Path, position: int) -> None:
    writer = SpoolWriter(path, max_bytes=64 * MEGABYTE)
    writer.open()
    reader = SpoolReader(path)
    writer.trim(position)
    until = time.monotonic() + 10
    while any(i.position <= position for i in reader.read(0, max_items=1, max_bytes=1)) and time.monotonic() < until:
        time.sleep(0.01)
    reader.close()
    writer.close()


def test_items_come_back_in_the_order_of_their_positions_with_all_their_fields(path: Path) -> None:
    positions = append_all(path, [b"a", b"b", b"c"])

    items = SpoolReader(path).read(0, max_items=10, max_bytes=MEGABYTE)

    assert positions == [1, 2, 3]
    assert [(i.position, i.body) for i in items] == [(1, b"a"), (2, b"b"), (3, b"c")]
    first = items[0]
    assert (first.kind, first.project_id, first.source_id, first.received_ms) == ("envelope", 1, 2, 3)
    assert (first.encoding, first.event_id) == ("gzip", "ab" * 16)


def test_an_item_is_in_the_file_before_its_append_returns(path: Path) -> None:
    async def run() -> bytes:
        writer = SpoolWriter(path, max_bytes=MEGABYTE)
        writer.open()
        try:
            await writer.append(item(b"kept"))
            return SpoolReader(path).read(0, max_items=1, max_bytes=1)[0].body
        finally:
            writer.close()

    assert asyncio.run(run()) == b"kept"


def test_reading_stops_at_the_byte_limit_but_always_gives_one_item(path: Path) -> None:
    append_all(path, [b"x" * 100, b"y" * 100, b"z" * 100])
    reader = SpoolReader(path)

    assert [i.position for i in reader.read(0, max_items=10, max_bytes=150)] == [1, 2]
    assert [i.position for i in reader.read(1, max_items=10, max_bytes=1)] == [2]
    assert [i.position for i in reader.read(0, max_items=1, max_bytes=MEGABYTE)] == [1]


def test_positions_are_not_used_again_after_everything_was_trimmed(path: Path) -> None:
    append_all(path, [b"a", b"b", b"c"])

    trim_and_wait(path, 3)
    later = append_all(path, [b"d"])

    assert later == [4]
    reader = SpoolReader(path)
    assert [i.position for i in reader.read(0, max_items=10, max_bytes=MEGABYTE)] == [4]
    assert reader.last_position() == 4
    assert reader.pending(3) == 1
    assert reader.pending(4) == 0


def test_trimming_deletes_only_up_to_the_position_also_over_many_steps(path: Path) -> None:
    append_all(path, [b"x"] * 1000)

    trim_and_wait(path, 900)

    assert SpoolReader(path).read(0, max_items=1, max_bytes=1)[0].position == 901


def test_trimming_beyond_the_last_position_does_not_touch_what_comes_later(path: Path) -> None:
    async def run() -> None:
        writer = SpoolWriter(path, max_bytes=MEGABYTE)
        writer.open()
        await writer.append(item(b"old"))
        writer.trim(1000)
        await writer.append(item(b"new"))
        await asyncio.sleep(0.1)
        writer.close()

    asyncio.run(run())

    assert [i.body for i in SpoolReader(path).read(0, max_items=9, max_bytes=MEGABYTE)] == [b"new"]


def test_a_spool_at_its_limit_refuses_and_takes_again_after_trimming(path: Path) -> None:
    async def fill(writer: SpoolWriter) -> str:
        for _ in range(100):
            try:
                await writer.append(item(b"x" * 100_000))
            except SpoolFull as full:
                return full.reason
        return "never"

    async def run() -> tuple[str, int]:
        writer = SpoolWriter(path, max_bytes=MEGABYTE)
        writer.open()
        try:
            reason = await fill(writer)
            writer.trim(writer._last)
            await asyncio.sleep(0.5)
            return reason, await writer.append(item(b"x" * 100_000))
        finally:
            writer.close()

    reason, position = asyncio.run(run())

    assert reason == "spool_full"
    assert position > 1


def test_a_full_disk_refuses_every_waiter_and_the_next_items_are_taken_when_there_is_room(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite.connect

    def connect_small(target: Path, **options: object) -> sqlite.Connection:
        connection = connect(target, **options)  # type: ignore[arg-type]
        connection.execute("PRAGMA max_page_count = 40")
        return connection

    async def run() -> tuple[list[object], int]:
        monkeypatch.setattr(sqlite, "connect", connect_small)
        writer = SpoolWriter(path, max_bytes=64 * MEGABYTE)
        writer.open()
        try:
            big = [writer.append(item(b"x" * 100_000)) for _ in range(5)]
            refused = await asyncio.gather(*big, return_exceptions=True)
            return list(refused), await writer.append(item(b"small"))
        finally:
            writer.close()

    refused, position = asyncio.run(run())

    assert {getattr(r, "reason", r) for r in refused} <= {"disk_full", 1}
    assert any(isinstance(r, SpoolFull) for r in refused)
    assert position in {1, 2}
    assert SpoolReader(path).counters()["accepted", "envelope"] == position


def test_counters_are_saved_with_commits_and_when_nothing_is_accepted(path: Path) -> None:
    async def run() -> None:
        writer = SpoolWriter(path, max_bytes=MEGABYTE)
        writer.open()
        await writer.append(item(kind=ItemKind.RECORDS, record_count=7))
        writer.count("refused", "over_quota")
        writer.count("refused", "over_quota", 2)
        writer.close()

    asyncio.run(run())

    assert SpoolReader(path).counters() == {
        ("accepted", "records"): 1,
        ("accepted_records", ""): 7,
        ("refused", "over_quota"): 3,
    }


def test_a_waiter_that_has_gone_does_not_disturb_the_others(path: Path) -> None:
    async def run() -> int:
        writer = SpoolWriter(path, max_bytes=MEGABYTE)
        writer.open()
        gone = asyncio.ensure_future(writer.append(item(b"gone")))
        stays = asyncio.ensure_future(writer.append(item(b"stays")))
        await asyncio.sleep(0)
        gone.cancel()
        try:
            return await stays
        finally:
            writer.close()

    assert asyncio.run(run()) == 2


def test_a_closed_spool_refuses_instead_of_waiting_for_ever(path: Path) -> None:
    async def run() -> None:
        writer = SpoolWriter(path, max_bytes=MEGABYTE)
        writer.open()
        writer.close()
        await writer.append(item())

    with pytest.raises(SpoolFull):
        asyncio.run(run())


def test_a_file_that_is_not_there_yet_or_has_no_tables_reads_as_empty(path: Path) -> None:
    reader = SpoolReader(path)
    assert reader.read(0, max_items=1, max_bytes=1) == []
    assert reader.last_position() == 0

    closing(sqlite.connect(path)).thing.close()
    assert reader.pending(0) == 0
    assert reader.counters() == {}

    append_all(path, [b"a"])
    assert reader.pending(0) == 1


def test_a_new_spool_file_goes_on_behind_what_digest_has_read(path: Path) -> None:
    async def run() -> int:
        writer = SpoolWriter(path, max_bytes=MEGABYTE)
        writer.open(after=41)
        try:
            return await writer.append(item())
        finally:
            writer.close()

    first = 42 + GAP_AFTER_LOSS  # digest may have read on in the file that was lost
    assert asyncio.run(run()) == first
    assert append_all(path, [b"next"]) == [first + 1]


def test_a_writer_whose_file_is_moved_away_refuses_instead_of_keeping_what_nobody_finds(path: Path) -> None:
    async def run() -> bool:
        writer = SpoolWriter(path, max_bytes=MEGABYTE)
        writer.open()
        try:
            await writer.append(item())
            path.rename(path.with_suffix(".away"))
            with pytest.raises(SpoolFull):
                await writer.append(item())
            while writer.is_open:
                await asyncio.sleep(0.01)
            with pytest.raises(SpoolFull):
                await writer.append(item())
            return writer.is_open
        finally:
            writer.close()

    assert asyncio.run(run()) is False


def test_a_file_that_comes_in_the_place_of_another_is_read(path: Path) -> None:
    append_all(path, [b"old"])
    reader = SpoolReader(path)
    assert [found.body for found in reader.read(0, max_items=9, max_bytes=99)] == [b"old"]
    for file in path.parent.glob(f"{SPOOL_FILE}*"):
        file.unlink()

    assert reader.read(0, max_items=9, max_bytes=99) == []
    append_all(path, [b"new", b"newer"])
    assert [found.body for found in reader.read(0, max_items=9, max_bytes=99)] == [b"new", b"newer"]
    reader.close()


def test_a_disk_with_too_little_left_refuses_in_time_and_takes_again_by_itself(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = [10**12]
    monkeypatch.setattr("mukiau.stores.spool.read_disk", lambda _: (free[0], 10**12))

    async def run() -> None:
        writer = SpoolWriter(path, max_bytes=MEGABYTE, min_free_bytes=10**9)
        writer.open()
        try:
            await writer.append(item())
            free[0] = 10**9 - 1
            while not writer.is_disk_low:
                await asyncio.sleep(0.01)
            with pytest.raises(SpoolFull, match="disk_full"):
                await writer.append(item())
            free[0] = 10**9
            while writer.is_disk_low:
                await asyncio.sleep(0.01)
            await writer.append(item())
        finally:
            writer.close()

    asyncio.run(asyncio.wait_for(run(), 30))
    assert len(SpoolReader(path).read(0, max_items=9, max_bytes=99)) == 2
