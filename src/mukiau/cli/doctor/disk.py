"""The data folder: what kind of disk it is on, room, rights, schema, and whether its files can be read."""

import os
from collections.abc import Iterator
from pathlib import Path

from mukiau.cli.doctor.finding import Finding, Patient, fine, note, wrong
from mukiau.stores.examination import find_corruption, find_unreadable
from mukiau.stores.schema import SCHEMA_VERSION, STATE_FILE
from mukiau.stores.spool_reader import SPOOL_FILE
from mukiau.stores.state_file import read_schema_version

MIN_FREE_BYTES = 1024**3
MIN_FREE_FILES = 1_000
# They do not share memory between processes, or promise locks and fsync that they do not keep.
NETWORK = ("nfs", "cifs", "smb", "afs", "9p", "ceph", "gluster", "lustre", "gpfs", "fuse.s3", "fuse.sshfs", "fuse.gcs")
PRIVATE_FILES = ("web-secret-key", STATE_FILE, SPOOL_FILE)

_MOUNTS = Path("/proc/self/mountinfo")


def look_at_folder(patient: Patient) -> Iterator[Finding]:
    folder = patient.folder
    if not folder.is_dir():
        todo = f"`mukiau serve --data {folder}` makes it; or MUKIAU_DATA (now: {folder}) names the wrong one."
        yield wrong("data folder", f"{folder} does not exist yet", why="There is nothing to look at.", todo=todo)
        return
    yield fine("data folder", str(folder))
    if os.access(folder, os.W_OK) and not os.statvfs(folder).f_flag & os.ST_RDONLY:
        yield fine("writable", "yes")
    else:
        todo = "Run mukiau (and this command) as the folder's owner, and mount its disk for writing."
        yield wrong("writable", f"this user may not write {folder}", why="Nothing can be kept.", todo=todo)


def look_at_file_system(patient: Patient) -> Iterator[Finding]:
    kind = _file_system_of(patient.folder) if patient.folder.is_dir() else ""
    if kind.startswith(NETWORK):
        why = "SQLite needs shared memory, locks and fsync, which network file systems do not keep: data will be lost."
        todo = "Move the data folder to a disk of this machine (on AWS: EBS, not EFS)."
        yield wrong("file system", f"{kind}, over the network", why=why, todo=todo)
    elif kind in {"overlay", "aufs"}:
        why = "What is in a container's own file system is gone with the container."
        yield note("file system", f"{kind}, a container's own", why=why, todo="Mount a volume at the data folder.")
    elif kind in {"tmpfs", "ramfs"}:
        why = "It is gone when the machine or the container starts anew."
        yield note("file system", f"{kind}, in memory", why=why, todo="Put the data folder on a disk.")
    elif kind:
        yield fine("file system", kind)


def _file_system_of(folder: Path) -> str:
    """Return the type of the file system a folder is on, empty where the system does not tell (proc(5), mountinfo)."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    mounts = [(_unescaped(line.split()[4]), line.partition(" - ")[2].split()[0]) for line in lines]
    above = [(len(place), kind) for place, kind in mounts if folder.resolve().is_relative_to(place)]
    # Of two at one place the later one is seen.
    return max(reversed(above), key=lambda mount: mount[0])[1] if above else ""


def _unescaped(place: str) -> str:
    return place.encode("latin-1", "replace").decode("unicode_escape") if "\\" in place else place


def look_at_room(patient: Patient) -> Iterator[Finding]:
    if not patient.folder.is_dir():
        return
    disk = os.statvfs(patient.folder)
    free_bytes = disk.f_bavail * disk.f_frsize
    found = f"{free_bytes / 1024**3:.1f} GiB free"
    if free_bytes < MIN_FREE_BYTES:
        yield wrong("disk", found, why="With a full disk events are refused.", todo="Make room, or give it more disk.")
    elif disk.f_files and disk.f_favail < MIN_FREE_FILES:
        found = f"room for {disk.f_favail} more files (inodes)"
        yield wrong("disk", found, why="SQLite cannot make its log files.", todo="Delete files nobody needs.")
    else:
        yield fine("disk", found)


def look_at_rights(patient: Patient) -> Iterator[Finding]:
    files = [path for name in PRIVATE_FILES if (path := patient.folder / name).is_file()]
    readable = [path.name for path in files if path.stat().st_mode & 0o077]
    strange = [path.name for path in files if path.stat().st_uid != patient.folder.stat().st_uid]
    if readable and patient.folder.stat().st_mode & 0o077:
        todo = f"Run `chmod -R go-rwx {patient.folder}`."
        found = f"others on this machine can read {', '.join(readable)}"
        yield wrong("rights", found, why="They hold log lines, accounts, and the key that signs sessions.", todo=todo)
    elif strange:
        todo = f"Run `chown -R --reference={patient.folder} {patient.folder}`, and commands as that user from now on."
        found = f"{', '.join(strange)} belong{'s' if len(strange) == 1 else ''} to another user than the folder"
        yield wrong("rights", found, why="A command was run as somebody else; mukiau may not write them.", todo=todo)
    elif files:
        yield fine("rights", "nobody else reads what is kept")


def look_at_schema(patient: Patient) -> Iterator[Finding]:
    if not patient.has_state:
        return
    version = read_schema_version(patient.folder / STATE_FILE)
    found = f"version {version}; this mukiau knows {SCHEMA_VERSION}"
    if version == SCHEMA_VERSION:
        yield fine("schema", found)
    elif version < SCHEMA_VERSION:
        why, todo = "The pages and digest need the newer one.", "Start `mukiau serve`: it brings the data up to date."
        yield wrong("schema", found, why=why, todo=todo)
    else:
        todo = "Install the newer version again, or restore the copy `state.before-….sqlite3`."
        yield wrong("schema", found, why="A newer mukiau wrote it; this one does not know its tables.", todo=todo)


def look_at_content(patient: Patient) -> Iterator[Finding]:
    """The last events always; all of both files with --thorough."""
    if not patient.has_state or read_schema_version(patient.folder / STATE_FILE) != SCHEMA_VERSION:
        return
    files = (STATE_FILE, SPOOL_FILE) if patient.is_thorough else ()
    said = {name: find_corruption(patient.folder / name) for name in files if (patient.folder / name).exists()}
    broken = [f"{name}: {text}" for name, text in said.items() if text]
    if not broken:
        broken = [f"{found} cannot be read" for found in find_unreadable(patient.folder)]
    if broken:
        why = "A disk fault, a copy of a running server's files, or two machines on one folder did this."
        todo = "Stop mukiau, keep the folder as it is, and restore the last backup (`mukiau restore`)."
        yield wrong("content", "; ".join(broken), why=why, todo=todo)
    else:
        how = "both files are sound" if patient.is_thorough else "the last events can be read (--thorough reads all)"
        yield fine("content", how)
