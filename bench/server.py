"""A real mukiau on a fresh data folder, as a person would start it; ended and deleted with the measurement."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.processes import Usage, read_role_seconds, read_usage
from mukiau import clock
from mukiau.stores import sqlite
from mukiau.stores.projects import create_project, dsn_at
from mukiau.stores.reader import Status, read_status
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.spool_reader import SPOOL_FILE

HOST = "127.0.0.1"
START_SECONDS = 30.0
STOP_SECONDS = 15.0
STALL_SECONDS = 20.0
"""Without progress for so long, digesting is given up."""
POLL_SECONDS = 0.05


class BenchError(Exception):
    """What is to be measured does not work; says what was waited for."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running mukiau."""

    process: subprocess.Popen[bytes]
    folder: Path
    dsn: str
    port: int

    def usage(self) -> Usage:
        """Return what all its processes use."""
        return read_usage(self.process.pid)

    def role_seconds(self, role: str) -> float:
        """Return the CPU seconds one of its processes (`intake`, `digest`, `web`) has used."""
        return read_role_seconds(self.process.pid, role)

    def wait_until_digested(self) -> tuple[float, Status]:
        """Wait until everything accepted is visible; return the monotonic time of the end, and what there is."""
        found = read_status(self.folder)
        moved = time.monotonic()
        while found.pending:
            if time.monotonic() - moved > STALL_SECONDS:
                raise BenchError(f"Digest stands still with {found.pending} items waiting.")
            time.sleep(POLL_SECONDS)
            latest = read_status(self.folder)
            if (latest.pending, latest.events) != (found.pending, found.events):
                moved = time.monotonic()
            found = latest
        return moved, found

    def wait_until_trimmed(self) -> None:
        """Wait until the spool has forgotten what is digested."""
        with closing(sqlite.connect(self.folder / SPOOL_FILE, readonly=True)) as connection:
            wait_until(lambda: not connection.execute("SELECT EXISTS (SELECT 1 FROM item)").fetchone()[0], "trimming")

    def used_bytes(self) -> int:
        """Return the bytes of pages in use in both files (free pages are filled again, so they are no event's cost)."""
        return sum(_used_bytes(self.folder / name) for name in (STATE_FILE, SPOOL_FILE))


@contextmanager
def running_server(data: Path | None = None) -> Iterator[Server]:
    """Start mukiau without quotas on a free port, with a project; stop it afterwards, and delete its folder unless it was
    given."""
    with TemporaryDirectory(prefix="bench-") as name:
        folder = data or Path(name) / "data"
        port = free_port()
        log = Path(name) / "server.log"
        with log.open("wb") as output:
            process = subprocess.Popen(_command(folder, port), stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_until(lambda: answers(port, "/"), f"mukiau to answer; it said: {log}", process)
            project = create_project(folder, "bench", now_ms=clock.unix_ms())
            dsn = dsn_at(f"http://{HOST}:{port}", project.id, project.sources[0].public_key).render()
            time.sleep(1.5)  # a key is known to the doors within a second
            yield Server(process, folder, dsn, port)
        finally:
            stop(process)


def _command(folder: Path, port: int) -> list[str]:
    return [sys.executable, "-m", "mukiau", "serve", "--data", str(folder), "--port", str(port), "--no-quota"]


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def answers(port: int, path: str) -> bool:
    """Say whether the web process answers: intake alone answers 502 or 503 for it."""
    with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        try:
            connection.request("GET", path)
            return connection.getresponse().status < 500
        except OSError:
            return False


def wait_until(is_done: Callable[[], bool], what: str, process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait for something that comes within seconds; raise BenchError when it does not, or the process has ended."""
    until = time.monotonic() + START_SECONDS
    while not is_done():
        if time.monotonic() > until or (process is not None and process.poll() is not None):
            raise BenchError(f"Waited in vain for {what}.")
        time.sleep(POLL_SECONDS)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server, gracefully where it lets itself be."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _used_bytes(path: Path) -> int:
    with closing(sqlite.connect(path, readonly=True)) as connection:
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
    return int((pages - free) * size)
