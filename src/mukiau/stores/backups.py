"""Backups of a data folder, made while everything runs, and what is restored from them.

A backup is a folder, or one tar archive of it: the spool, the state, the secret key, and `backup.json` that names them
with their sizes and SHA-256. That file is written last: without it a backup is not whole and is never restored.

Two databases cannot be copied at one moment, so the order decides. **The spool is copied first, then the state.** Intake
trims the spool up to the position that the state has kept, and positions only grow:

* Nothing accepted before the copy of the spool is lost. It is in that copy, or it was trimmed; what was trimmed was
  digested in a state older than the one copied afterwards, which therefore has it.
* Nothing is there twice. The copied state holds its own position in the same transaction as its events; digest reads
  behind it, and so skips what the older spool still has. Where the state is ahead of the whole copied spool, intake goes
  on behind the state's position when it opens that spool.

The other way round, what digest and intake finish and trim between the two copies would be in neither. What is accepted
while the backup runs may be in it or not. Only counters show the gap between the two moments: `digested` may count a few
requests more than `accepted`.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from mukiau import __version__
from mukiau.stores.locks import RoleLock
from mukiau.stores.schema import SCHEMA_VERSION, STATE_FILE
from mukiau.stores.spool_reader import SPOOL_FILE
from mukiau.stores.state_file import copy_database, read_schema_version

MANIFEST = "backup.json"
FORMAT = 1
LAST_BACKUP = "last-backup"
"""In the data folder: when the last one was made."""
ARCHIVES = (".tar", ".tar.gz", ".tgz")
DATABASES = (SPOOL_FILE, STATE_FILE)
"""In the order they are copied; see above."""
ROLES = ("serve", "migrate", "intake", "digest", "web")
"""Who may be at work on a data folder."""
PIECE_BYTES = 1024 * 1024
MAX_MANIFEST_BYTES = 64 * 1024

OpenFile = Callable[[str], IO[bytes]]


class BackupError(Exception):
    """A backup cannot be made or restored; one sentence says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFile:
    """One file of a backup."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup says of itself."""

    made_at: str
    """ISO 8601, UTC; when its making began, which is how recent it is."""
    version: str
    schema: int
    files: tuple[BackupFile, ...]

    @property
    def bytes(self) -> int:
        """Size of all its files, unpacked."""
        return sum(file.bytes for file in self.files)


# --- Making -----------------------------------------------------------------------------------------------------------


def make_backup(data: Path, target: Path, *, secret_files: Sequence[str], now: datetime) -> Backup:
    """Back up a data folder into a new or empty folder, or into a new archive (by its name: .tar, .tar.gz, .tgz).

    `secret_files` are copied where they exist. Raises BackupError, OSError, sqlite.Error; no half of a backup is left behind then.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    made = _make(data, target, secret_files, now)
    data.joinpath(LAST_BACKUP).write_text(made.made_at + "\n", encoding="ascii")
    return made


def find_last_backup(data: Path) -> int | None:
    """Return when the last backup of a data folder was made, in unix milliseconds; None for never."""
    try:
        made_at = data.joinpath(LAST_BACKUP).read_text(encoding="ascii").strip()
        return int(datetime.fromisoformat(made_at).timestamp() * 1000)
    except (OSError, ValueError):
        return None


def _make(data: Path, target: Path, secret_files: Sequence[str], now: datetime) -> Backup:
    if target.name.endswith(ARCHIVES):
        return _make_archive(data, target, secret_files, now)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BackupError(f"{target} exists already and is no empty folder; name another one.")
    target.mkdir(mode=0o700, exist_ok=True)
    with ExitStack() as unless_whole:
        unless_whole.callback(_empty, target)
        backup = _fill(data, target, secret_files, now)
        unless_whole.pop_all()
    return backup


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def _make_archive(data: Path, target: Path, secret_files: Sequence[str], now: datetime) -> Backup:
    if target.exists():
        raise BackupError(f"{target} exists already; name another file.")
    with TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as temporary:
        folder = Path(temporary)
        backup = _fill(data, folder, secret_files, now)
        packed = folder / target.name
        mode = "w" if target.suffix == ".tar" else "w:gz"
        with _new_file(packed) as file, tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
            for name in (MANIFEST, *(file.name for file in backup.files)):
                archive.add(folder / name, name, recursive=False)
        _sync(packed)
        packed.replace(target)
    _sync(target.parent)
    return backup


def _fill(data: Path, folder: Path, secret_files: Sequence[str], now: datetime) -> Backup:
    for name in DATABASES:
        if (data / name).exists():
            _new_file(folder / name).close()  # private from its first byte on
            copy_database(data / name, folder / name)
    for name in secret_files:
        if (data / name).exists():
            with _new_file(folder / name) as copy:
                copy.write((data / name).read_bytes())
    files = tuple(_described(folder / name) for name in (*DATABASES, *secret_files) if (folder / name).exists())
    made_at = now.astimezone(UTC).isoformat(timespec="seconds")
    schema = read_schema_version(folder / STATE_FILE)
    backup = Backup(made_at=made_at, version=__version__, schema=schema, files=files)
    with _new_file(folder / MANIFEST) as manifest:
        manifest.write(json.dumps({"format": FORMAT, **asdict(backup)}, indent=1).encode() + b"\n")
    _sync(folder / MANIFEST)
    _sync(folder)
    return backup


def _described(path: Path) -> BackupFile:
    _sync(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return BackupFile(name=path.name, bytes=path.stat().st_size, sha256=digest)


# --- Restoring --------------------------------------------------------------------------------------------------------


def restore_backup(
    source: Path, data: Path, *, secret_files: Sequence[str], now: datetime, may_replace: bool = False
) -> Backup:
    """Make a data folder from a backup; return what the backup says of itself.

    The folder must be new or empty, or `may_replace` is given: then the data in it is moved into a folder of its own
    inside. It must not be in use in any case. Every file is checked before the first takes its place. Raises
    BackupError, OSError, tarfile.TarError.
    """
    with _opened(source) as open_file, ExitStack() as held:
        backup = _read_manifest(source, open_file, {*DATABASES, *secret_files})
        if not may_replace and data.exists() and any(path.suffix != ".lock" for path in data.iterdir()):
            raise BackupError(f"{data} is not empty; name a new folder, or give --force to replace the data in it.")
        for role in ROLES:
            held.enter_context(_locked(data, role))
        with TemporaryDirectory(prefix=".restoring-", dir=data) as temporary:
            for file in backup.files:
                _unpack(source, open_file, file, Path(temporary) / file.name)
            _move_aside(data, {*DATABASES, *secret_files}, f"replaced-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
            for file in sorted(
                backup.files, key=lambda file: file.name == STATE_FILE
            ):  # the state makes it a data folder
                (Path(temporary) / file.name).replace(data / file.name)
        _sync(data)
        return backup


@contextmanager
def _opened(source: Path) -> Iterator[OpenFile]:
    """Give a way to open a backup's files by their names; FileNotFoundError where there is none."""
    if source.is_dir():
        yield lambda name: (source / name).open("rb")
        return
    try:
        archive = tarfile.open(source)  # noqa: SIM115 - closed below
    except tarfile.ReadError:
        raise BackupError(f"{source} is no backup: neither a folder nor a tar archive.") from None
    with archive:

        def open_member(name: str) -> IO[bytes]:
            try:
                member = archive.extractfile(name)
            except KeyError:
                member = None
            if member is None:
                raise FileNotFoundError(f"{source} has no file {name}")
            return member

        yield open_member


def _read_manifest(source: Path, open_file: OpenFile, known: set[str]) -> Backup:
    """Return what a backup says of itself; its words are not trusted to name any other file."""
    try:
        with open_file(MANIFEST) as file:
            said = json.loads(file.read(MAX_MANIFEST_BYTES))
        form, schema = said["format"], int(said["schema"])
        files = tuple(BackupFile(**file) for file in said["files"])
        backup = Backup(made_at=said["made_at"], version=said["version"], schema=schema, files=files)
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        raise BackupError(f"{source} is no whole backup: its {MANIFEST} is missing or cannot be read.") from None
    if form != FORMAT or schema > SCHEMA_VERSION:
        raise BackupError(
            f"{source} was made by a newer mukiau ({backup.version}, schema {schema}; this one, {__version__}, knows "
            f"{SCHEMA_VERSION}): install that version."
        )
    names = {file.name for file in files}
    if STATE_FILE not in names or not names <= known:
        raise BackupError(f"{source} is no backup of mukiau: it holds {', '.join(sorted(map(repr, names)))}.")
    return backup


@contextmanager
def _locked(data: Path, role: str) -> Iterator[None]:
    lock = RoleLock(data, role)
    if not lock.acquire():
        raise BackupError(f"{data} is in use (process {lock.find_holder()}, {role}); stop it first.")
    try:
        yield
    finally:
        lock.release()


def _unpack(source: Path, open_file: OpenFile, file: BackupFile, target: Path) -> None:
    digest, size = hashlib.sha256(), 0
    try:
        with open_file(file.name) as packed, _new_file(target) as unpacked:
            while piece := packed.read(PIECE_BYTES):
                digest.update(piece)
                size += len(piece)
                unpacked.write(piece)
    except FileNotFoundError:
        raise BackupError(f"{source} is damaged: {file.name} is missing.") from None
    if (size, digest.hexdigest()) != (file.bytes, file.sha256):
        raise BackupError(f"{source} is damaged: {file.name} is not what was backed up.")
    _sync(target)


def _move_aside(data: Path, names: set[str], aside: str) -> None:
    """Move what is to be replaced, a database together with its log: with another's log it would be no database."""
    found = [data / f"{name}{end}" for name in sorted(names) for end in ("", "-wal", "-shm", "-journal")]
    if present := [path for path in found if path.exists()]:
        (data / aside).mkdir(mode=0o700)
        for path in present:
            path.replace(data / aside / path.name)


def _new_file(path: Path) -> io.BufferedWriter:
    """Open a file that does not exist yet, readable by its owner only."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
