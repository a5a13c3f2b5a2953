"""How a data folder is, read from real files."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from mukiau.intake.condition import MAX_HEARTBEAT_AGE_MS, check
from mukiau.intake.meter import Meter
from mukiau.intake.metrics import render_metrics
from mukiau.intake.ports import ItemKind, SpoolItem
from mukiau.stores import spool as spool_module
from mukiau.stores import sqlite
from mukiau.stores.processes import read_processes
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.spool import SpoolWriter
from mukiau.stores.spool_reader import SPOOL_FILE
from mukiau.stores.state_writer import StateWriter
from mukiau.stores.vitals import StoredVitals

NOW_MS = 1_790_000_000_000
SECRET_KEY = "a" * 32


@contextmanager
def opened(data: Path, max_bytes: int = 10**9) -> Iterator[StoredVitals]:
    spool = SpoolWriter(data / SPOOL_FILE, max_bytes=max_bytes)
    spool.open()
    try:
        yield StoredVitals(data, spool, max_spool_bytes=max_bytes)
    finally:
        spool.close()


def beat(data: Path, now_ms: int = NOW_MS) -> None:
    with closing(StateWriter(data / STATE_FILE)) as writer:
        writer.beat(now_ms)


def missing(read: StoredVitals, now_ms: int = NOW_MS) -> list[str]:
    return [name for name, obstacle in check(read.read_condition(), now_ms).items() if obstacle]


def test_a_folder_with_a_living_digest_is_well(data_folder: Path) -> None:
    beat(data_folder)

    with opened(data_folder) as read:
        assert missing(read) == []
        assert missing(read, NOW_MS + MAX_HEARTBEAT_AGE_MS) == ["digest"]
        assert read.read_condition().spool_bytes > 0


@pytest.mark.parametrize("version", [0, 999])
def test_another_schema_is_named_and_its_tables_are_not_read(data_folder: Path, version: int) -> None:
    with closing(sqlite.connect(data_folder / STATE_FILE)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")

    with opened(data_folder) as read:
        assert missing(read) == ["schema"]
        assert read.read_figures() is None


def test_a_folder_without_a_state_file_and_one_with_a_broken_one_raise_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as read:
        assert missing(read) == ["schema"]
        assert read.read_figures() is None

        (tmp_path / STATE_FILE).write_bytes(b"no database" * 100)
        assert missing(read) == ["schema"]
        assert read.read_figures() is None


def test_a_full_spool_takes_nothing(data_folder: Path) -> None:
    beat(data_folder)

    with opened(data_folder, max_bytes=100_000) as read:
        assert read.read_condition().spool_obstacle == "the spool is full"


def test_a_full_disk_takes_nothing(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "MIN_FREE_BYTES", 2**80)

    with opened(data_folder) as read:
        assert read.read_condition().spool_obstacle == "the disk is full"


def test_a_spool_that_was_closed_takes_nothing(data_folder: Path) -> None:
    with opened(data_folder) as read:
        pass

    assert read.read_condition().spool_obstacle == "the spool has failed"


def test_looking_writes_nothing_and_tells_no_key_name_or_path(data_folder: Path) -> None:
    (data_folder / "web-secret-key").write_text("very-secret-signing-key")

    with opened(data_folder) as read:
        item = SpoolItem(kind=ItemKind.ENVELOPE, project_id=1, source_id=1, received_ms=1, body=b"password=hunter2")
        asyncio.run(read._spool.append(item))
        before = content(data_folder)
        condition, figures = read.read_condition(), read.read_figures()
        after = content(data_folder)

    text = render_metrics(condition, figures, Meter(), NOW_MS) + str(check(condition, NOW_MS))
    assert figures is not None
    assert figures.accepted == 1
    assert after == before
    for private in (SECRET_KEY, "very-secret-signing-key", "hunter2", "shop", "Shop", str(data_folder)):
        assert private not in text


def content(data: Path) -> dict[str, bytes]:
    """What is in the files. A reader leaves SQLite's own note of who reads (-shm) and an empty log behind."""
    held = {path.name: path.read_bytes() for path in data.iterdir() if not path.name.endswith("-shm")}
    return {name: body for name, body in held.items() if body}


FAMILY = "import os, sys, time; os.fork(); print(flush=True); time.sleep(600)"


def test_what_the_makers_of_digest_take_counts_with_it_and_no_stranger_for_a_role(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FAMILY, "mukiau"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, process_group=0) as digest:
        assert digest.stdout is not None
        assert digest.stdout.readline() + digest.stdout.readline() == b"\n\n"
        try:
            (tmp_path / "digest.lock").write_text(f"{digest.pid}\n")
            (tmp_path / "intake.lock").write_text(f"{digest.pid}\n")
            (tmp_path / "web.lock").write_text("1\n")  # given to another program since
            found = read_processes(tmp_path)
        finally:
            os.killpg(digest.pid, signal.SIGKILL)

    assert set(found) == {"digest", "intake"}
    assert found["digest"].resident_bytes > 1.5 * found["intake"].resident_bytes > 0
    assert found["digest"].started_at == found["intake"].started_at
