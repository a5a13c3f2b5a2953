"""The machine: interpreter, SQLite, clock, port, open files, and settings nobody reads."""

import os
import socket
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

from mukiau import config
from mukiau.cli.doctor.finding import Finding, Patient, fine, note, wrong
from mukiau.stores.examination import newest_arrival_ms
from mukiau.stores.processes import find_process
from mukiau.stores.sqlite import has_wal_fix, sqlite_library, sqlite_version

OLDEST_PYTHON = (3, 11)
MAX_CLOCK_SKEW_MS = 60_000
# Each connection is a file; a fleet of SDKs keeps some hundred open.
MIN_OPEN_FILES = 4_096


def look_at_python(_patient: Patient) -> Iterator[Finding]:
    found = sys.version.split()[0]
    if sys.version_info[:2] < OLDEST_PYTHON:
        yield wrong("python", found, why="mukiau needs Python 3.11.", todo="Install it with a newer Python.")
    elif is_plain_build(sys.base_prefix, sysconfig.get_config_var("CONFIG_ARGS")):
        why = "Everything takes a fifth more CPU than with the same Python from a distribution or the official image."
        todo = "Use one of those, or build it with --enable-optimizations (pyenv: PYTHON_CONFIGURE_OPTS)."
        yield note("python", f"{found}, built without optimization", why=why, todo=todo)
    else:
        yield fine("python", found)


def is_plain_build(prefix: str, configured: object) -> bool:
    """Tell a Python that somebody built by `./configure && make`, as pyenv does, from one built with a profile of its own use.

    Distributions profile theirs by other means than the option; their prefix is `/usr`.
    """
    return isinstance(configured, str) and prefix != "/usr" and "--enable-optimizations" not in configured


def look_at_sqlite(_patient: Patient) -> Iterator[Finding]:
    version = sqlite_version()
    found = f"{version} from {sqlite_library()}"
    if has_wal_fix(tuple(int(part) for part in version.split("."))):
        yield fine("sqlite", found)
    else:
        why = "This version can corrupt a file that two processes write, and finds no Japanese words of two characters."
        yield wrong("sqlite", found, why=why, todo="Install the package pysqlite3, which carries a newer one.")


def look_at_clock(patient: Patient) -> Iterator[Finding]:
    """Against a file just written (network file systems, odd containers), and against what has arrived already."""
    if not os.access(patient.folder, os.W_OK):
        return
    skew_ms = _file_system_time_ms(patient.folder) - patient.now_ms
    ahead_ms = (newest_arrival_ms(patient.folder) if patient.has_state else 0) - patient.now_ms
    todo = "Set the clock by NTP (`timedatectl`, chrony)."
    if abs(skew_ms) > MAX_CLOCK_SKEW_MS:
        found = f"the file system's clock is {_span(skew_ms)} {'ahead' if skew_ms > 0 else 'behind'}"
        yield wrong("clock", found, why="Times of events, quotas and heartbeats cannot be compared.", todo=todo)
    elif ahead_ms > MAX_CLOCK_SKEW_MS:
        found = f"the newest event arrived {_span(ahead_ms)} in the future"
        yield wrong("clock", found, why="The clock was ahead then, or is behind now.", todo=todo)
    else:
        yield fine("clock", f"agrees with the file system and with what has arrived; zone {time.strftime('%Z')}")


def _file_system_time_ms(folder: Path) -> int:
    probe = folder / f".clock-{os.getpid()}"
    probe.touch()
    try:
        return probe.stat().st_mtime_ns // 1_000_000
    finally:
        probe.unlink()


def _span(ms: int) -> str:
    seconds = abs(ms) // 1000
    return f"{seconds} s" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def look_at_port(patient: Patient) -> Iterator[Finding]:
    """Only while nobody of this folder listens on it."""
    if find_process(patient.folder, "serve") or find_process(patient.folder, "intake"):
        return
    host, port = patient.settings.host, patient.settings.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        found = f"{host}:{port} cannot be listened on: {error.strerror or error}"
        todo = "Stop what listens there, or choose MUKIAU_PORT (above 1023 without special rights) and MUKIAU_HOST."
        yield wrong("port", found, why="mukiau cannot start.", todo=todo)
    else:
        yield fine("port", f"{host}:{port} is free")


def look_at_open_files(patient: Patient) -> Iterator[Finding]:
    """Of the process that holds the connections; it has raised its own limit as far as it may."""
    pid = find_process(patient.folder, "intake")
    limit = _open_files_of(pid) if pid else None
    if limit is None:
        return
    if limit >= MIN_OPEN_FILES:
        yield fine("open files", f"intake may have {limit:,} open")
        return
    todo = "Raise the limit: LimitNOFILE= of systemd, --ulimit nofile=65536 of a container, `ulimits` of ECS."
    found = f"intake may have {limit:,} open"
    yield wrong("open files", found, why="Each connection is one; beyond it senders are not answered.", todo=todo)


def _open_files_of(pid: int) -> int | None:
    try:
        lines = Path(f"/proc/{pid}/limits").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    soft = next((line.split()[3] for line in lines if line.startswith("Max open files")), "")
    return int(soft) if soft.isdigit() else None


def look_at_settings(patient: Patient) -> Iterator[Finding]:
    unknown = config.find_unknown(patient.environ)
    for name, meant in unknown.items():
        why = "mukiau has no such setting: what it says has no effect."
        if meant:
            yield wrong("settings", f"{name} is set", why=why, todo=f"Did you mean {meant}?")
        else:
            yield note(
                "settings", f"{name} is set", why=why, todo="Take it away; `docs/reference/settings.md` has all."
            )
    if not unknown:
        yield fine("settings", "every MUKIAU_ variable is one that mukiau reads")
