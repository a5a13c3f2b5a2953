"""Backups: nothing lost or doubled between two files that others write, and nothing restored that is not whole."""

import asyncio
import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from state_files import batch, event, rows, write

from mukiau.intake.ports import ItemKind, SpoolItem
from mukiau.stores import backups, sqlite
from mukiau.stores.backups import BackupError, make_backup, restore_backup
from mukiau.stores.locks import RoleLock
from mukiau.stores.reader import iter_events, read_status
from mukiau.stores.schema import SCHEMA_VERSION, STATE_FILE
from mukiau.stores.spool import SpoolWriter
from mukiau.stores.spool_reader import SPOOL_FILE, SpoolReader

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SECRET = "web-secret-key"
TARGETS = pytest.mark.parametrize("name", ["copy", "copy.tar", "copy.tar.gz"])

Change = Callable[[Path], None]


def accept(data: Path, *bodies: bytes, after: int = 0, trim: int = 0) -> list[int]:
    """Let intake keep some bodies, and trim; return their positions."""

    async def run() -> list[int]:
        spool = SpoolWriter(data / SPOOL_FILE, max_bytes=10**9)
        spool.open(after=after)
        made = [
            await spool.append(SpoolItem(kind=ItemKind.ENVELOPE, project_id=1, source_id=1, received_ms=1, body=body))
            for body in bodies
        ]
        spool.trim(trim)
        while trim and SpoolReader(data / SPOOL_FILE).read(0, max_items=1, max_bytes=1):
            await asyncio.sleep(0.01)
        spool.close()
        return made

    return asyncio.run(run())


def waiting(data: Path) -> list[bytes]:
    """What digest would read next."""
    (position,) = rows(data, "SELECT position FROM digest_state")[0]
    return [item.body for item in SpoolReader(data / SPOOL_FILE).read(position, max_items=99, max_bytes=10**9)]


@pytest.fixture
def busy(data_folder: Path) -> Path:
    """A folder with two digested items of three, and a secret key."""
    accept(data_folder, b"one", b"two", b"three")
    write(data_folder, batch(event(1)), batch(event(2, failure="load"), after=1))
    (data_folder / SECRET).write_text("signing-key")
    return data_folder


def back_up(data: Path, target: Path) -> None:
    make_backup(data, target, secret_files=(SECRET,), now=NOW)


def restore(source: Path, data: Path, *, may_replace: bool = False) -> None:
    restore_backup(source, data, secret_files=(SECRET,), now=NOW, may_replace=may_replace)


@TARGETS
def test_what_was_backed_up_comes_back(busy: Path, tmp_path: Path, name: str) -> None:
    back_up(busy, tmp_path / "kept" / name)

    restore(tmp_path / "kept" / name, tmp_path / "new")

    assert list(iter_events(tmp_path / "new")) == list(iter_events(busy))
    assert read_status(tmp_path / "new") == read_status(busy)
    assert waiting(tmp_path / "new") == [b"three"]
    assert (tmp_path / "new" / SECRET).read_text() == "signing-key"
    assert [path.name for path in (tmp_path / "kept").iterdir()] == [name]


@TARGETS
def test_copies_are_private(busy: Path, tmp_path: Path, name: str) -> None:
    back_up(busy, tmp_path / name)

    restore(tmp_path / name, tmp_path / "new")

    found = [tmp_path / name, *(tmp_path / name).glob("*"), *(tmp_path / "new").glob("*")]
    assert [path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_what_is_digested_and_trimmed_between_the_two_copies_is_neither_lost_nor_doubled(
    busy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = backups.copy_database
    copied: list[str] = []

    def copy_while_others_work(source: Path, target: Path) -> None:
        copy(source, target)
        copied.append(source.name)
        if len(copied) == 1:  # digest and intake go on at once, and forget what they have done
            accept(busy, b"four", b"five")
            write(busy, batch(event(3), after=2), batch(event(4), after=3), batch(event(5), after=4))
            accept(busy, trim=5)

    monkeypatch.setattr(backups, "copy_database", copy_while_others_work)

    back_up(busy, tmp_path / "copy")
    restore(tmp_path / "copy", tmp_path / "new")

    assert [line.event_id for line in iter_events(tmp_path / "new")] == [f"{n:032x}" for n in (1, 2, 3, 4, 5)]
    assert waiting(tmp_path / "new") == []
    (position,) = accept(tmp_path / "new", b"six", after=5)
    assert position > 5
    assert waiting(tmp_path / "new") == [b"six"]


def test_a_folder_without_a_spool_or_a_key_is_backed_up_as_it_is(data_folder: Path, tmp_path: Path) -> None:
    back_up(data_folder, tmp_path / "copy")

    restore(tmp_path / "copy", tmp_path / "new")

    assert {path.name for path in (tmp_path / "new").iterdir() if path.suffix != ".lock"} == {STATE_FILE}


@TARGETS
def test_a_target_that_holds_something_is_left_alone(busy: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "mine").touch()

    with pytest.raises(BackupError, match="exists already"):
        back_up(busy, tmp_path / name)

    assert [path.name for path in (tmp_path / name).iterdir()] == ["mine"]


@TARGETS
def test_a_backup_that_fails_leaves_no_half_behind(
    busy: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise sqlite.OperationalError("disk I/O error")

    monkeypatch.setattr(backups, "read_schema_version", fail)

    with pytest.raises(sqlite.OperationalError):
        back_up(busy, tmp_path / "kept" / name)

    assert [path for path in (tmp_path / "kept").rglob("*") if path.is_file()] == []


def test_a_backup_whose_making_was_cut_off_is_not_restored(busy: Path, tmp_path: Path) -> None:
    back_up(busy, tmp_path / "copy")
    (tmp_path / "copy" / "backup.json").unlink()

    with pytest.raises(BackupError, match="is no whole backup"):
        restore(tmp_path / "copy", tmp_path / "new")

    assert not (tmp_path / "new").exists()


def cut(copy: Path) -> None:
    (copy / STATE_FILE).write_bytes((copy / STATE_FILE).read_bytes()[:-1])


def flip(copy: Path) -> None:
    held = bytearray((copy / STATE_FILE).read_bytes())
    held[5000] ^= 1
    (copy / STATE_FILE).write_bytes(held)


def lose(copy: Path) -> None:
    (copy / SPOOL_FILE).unlink()


@pytest.mark.parametrize("damage", [cut, flip, lose])
def test_a_damaged_backup_replaces_nothing(busy: Path, tmp_path: Path, data_folder: Path, damage: Change) -> None:
    back_up(busy, tmp_path / "copy")
    damage(tmp_path / "copy")
    before = list(iter_events(busy))

    with pytest.raises(BackupError, match="is damaged"):
        restore(tmp_path / "copy", busy, may_replace=True)

    assert list(iter_events(busy)) == before


def change_manifest(copy: Path, **changes: object) -> None:
    manifest = copy / "backup.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **changes}))


@pytest.mark.parametrize("said", [{"schema": SCHEMA_VERSION + 1}, {"format": 2}])
def test_a_newer_mukiaus_backup_is_refused(busy: Path, tmp_path: Path, said: dict[str, int]) -> None:
    back_up(busy, tmp_path / "copy")
    change_manifest(tmp_path / "copy", **said)

    with pytest.raises(BackupError, match="newer mukiau"):
        restore(tmp_path / "copy", tmp_path / "new")


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "serve.lock"])
def test_a_backup_names_no_other_files(busy: Path, tmp_path: Path, name: str) -> None:
    back_up(busy, tmp_path / "copy")
    files = json.loads((tmp_path / "copy" / "backup.json").read_text())["files"]
    change_manifest(tmp_path / "copy", files=[*files, {"name": name, "bytes": 0, "sha256": ""}])

    with pytest.raises(BackupError, match="is no backup of mukiau"):
        restore(tmp_path / "copy", tmp_path / "new")


@pytest.mark.parametrize("role", ["serve", "intake", "digest", "web", "migrate"])
def test_a_folder_in_use_is_never_replaced(busy: Path, tmp_path: Path, role: str) -> None:
    back_up(busy, tmp_path / "copy")
    lock = RoleLock(busy, role)
    assert lock.acquire()

    with pytest.raises(BackupError, match="is in use"):
        restore(tmp_path / "copy", busy, may_replace=True)

    lock.release()


def test_data_that_is_there_is_replaced_only_on_request_and_kept_aside(busy: Path, tmp_path: Path) -> None:
    back_up(busy, tmp_path / "copy")
    write(busy, batch(event(3, failure="other"), after=2))
    late = list(iter_events(busy))

    with pytest.raises(BackupError, match="is not empty"):
        restore(tmp_path / "copy", busy)
    restore(tmp_path / "copy", busy, may_replace=True)

    assert len(list(iter_events(busy))) == 2
    assert list(iter_events(busy / "replaced-20261124T030000Z")) == late
