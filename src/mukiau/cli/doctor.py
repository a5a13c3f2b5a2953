"""`mukiau doctor`: look for common mistakes, say each in one sentence with what to do."""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from mukiau import clock
from mukiau.cli.options import data_option, json_option, read_settings
from mukiau.config import Settings
from mukiau.stores.locks import RoleLock
from mukiau.stores.projects import list_projects
from mukiau.stores.reader import read_status
from mukiau.stores.schema import SCHEMA_VERSION, STATE_FILE
from mukiau.stores.sqlite import has_wal_fix, sqlite_library, sqlite_version
from mukiau.stores.state_file import read_schema_version

MIN_FREE_BYTES = 1024**3
MAX_CLOCK_SKEW_MS = 60_000
MAX_PENDING = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one look found."""

    check: str
    is_fine: bool
    says: str


@click.command()
@data_option
@json_option
def doctor(data: Path | None, *, as_json: bool) -> None:
    """Look for common mistakes in this installation; exit code 1 when one is found."""
    settings = read_settings(data=data)
    findings = [finding for check in _CHECKS for finding in check(settings)]
    for finding in findings:
        mark = "ok  " if finding.is_fine else "LOOK"
        click.echo(json.dumps(asdict(finding)) if as_json else f"{mark}  {finding.check}: {finding.says}")
    raise SystemExit(0 if all(finding.is_fine for finding in findings) else 1)


def _python(_settings: Settings) -> Iterator[Finding]:
    yield Finding(check="python", is_fine=sys.version_info >= (3, 11), says=sys.version.split()[0])


def _sqlite(_settings: Settings) -> Iterator[Finding]:
    version = sqlite_version()
    is_fine = has_wal_fix(tuple(int(part) for part in version.split(".")))
    advice = "" if is_fine else ", which can corrupt a file that two processes write; install the package pysqlite3"
    yield Finding(check="sqlite", is_fine=is_fine, says=f"{version} from {sqlite_library()}{advice}")


def _folder(settings: Settings) -> Iterator[Finding]:
    folder = Path(settings.data).absolute()
    exists = folder.is_dir()
    says = f"{folder}" if exists else f"{folder} does not exist yet; `mukiau serve --data {folder}` makes it"
    yield Finding(check="data folder", is_fine=exists, says=says)
    if exists:
        can_write = os.access(folder, os.W_OK)
        yield Finding(
            check="writable", is_fine=can_write, says="yes" if can_write else f"this user may not write {folder}"
        )
        free = shutil.disk_usage(folder).free
        yield Finding(check="disk", is_fine=free >= MIN_FREE_BYTES, says=f"{free / 1024**3:.1f} GiB free")


def _schema(settings: Settings) -> Iterator[Finding]:
    path = Path(settings.data) / STATE_FILE
    if not path.exists():
        return
    version = read_schema_version(path)
    says = f"version {version}, this mukiau knows {SCHEMA_VERSION}"
    advice = {-1: "; `mukiau serve` brings it up to date", 0: "", 1: "; it was written by a newer mukiau"}
    order = (version > SCHEMA_VERSION) - (version < SCHEMA_VERSION)
    yield Finding(check="schema", is_fine=order == 0, says=says + advice[order])


def _keys(settings: Settings) -> Iterator[Finding]:
    if not Path(settings.data, STATE_FILE).exists():
        return
    keys = [source for project in list_projects(Path(settings.data)) for source in project.sources if source.is_active]
    says = f"{len(keys)} active" if keys else "none is active; `mukiau project create NAME` makes a project with one"
    yield Finding(check="keys", is_fine=bool(keys), says=says)


def _processes(settings: Settings) -> Iterator[Finding]:
    folder = Path(settings.data)
    if not folder.joinpath(STATE_FILE).exists():
        return
    for role in ("intake", "digest", "web"):
        lock = RoleLock(folder, role)
        is_running = not lock.acquire()
        lock.release()
        says = f"running (process {lock.find_holder()})" if is_running else "not running"
        yield Finding(check=role, is_fine=is_running, says=says)


def _progress(settings: Settings) -> Iterator[Finding]:
    if not Path(settings.data, STATE_FILE).exists():
        return
    status = read_status(Path(settings.data))
    says = f"{status.pending:,} waiting to be digested"
    yield Finding(check="pending", is_fine=status.pending <= MAX_PENDING, says=says)
    says = f"{status.set_aside} items could not be digested{'; the status page shows why' if status.set_aside else ''}"
    yield Finding(check="set aside", is_fine=status.set_aside == 0, says=says)


def _clock(settings: Settings) -> Iterator[Finding]:
    """A file just written must not be from the future or the past: network file systems, containers with odd clocks."""
    folder = Path(settings.data)
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return
    probe = folder / f".clock-{os.getpid()}"
    probe.touch()
    skew_ms = abs(probe.stat().st_mtime_ns // 1_000_000 - clock.unix_ms())
    probe.unlink()
    says = f"agrees with the file system (within {skew_ms} ms), time zone {time.strftime('%Z')}"
    if skew_ms > MAX_CLOCK_SKEW_MS:
        says = f"the file system's clock is {skew_ms / 1000:.0f} s away; set the clock by NTP"
    yield Finding(check="clock", is_fine=skew_ms <= MAX_CLOCK_SKEW_MS, says=says)


def _address(settings: Settings) -> Iterator[Finding]:
    url = settings.base_url
    is_fine = not url or url.startswith(("http://", "https://"))
    says = url or "MUKIAU_BASE_URL is not set; DSNs name this machine"
    yield Finding(
        check="base URL", is_fine=is_fine, says=says if is_fine else f"{url} must begin with https:// or http://"
    )


_CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _python,
    _sqlite,
    _folder,
    _schema,
    _keys,
    _processes,
    _progress,
    _clock,
    _address,
)
