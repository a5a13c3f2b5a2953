"""A whole mukiau in processes of its own, on a free port and a fresh data folder."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import ClassVar

from mukiau import clock
from mukiau.stores import sqlite
from mukiau.stores.projects import create_project
from mukiau.stores.schema import STATE_FILE

MUKIAU = [sys.executable, "-m", "mukiau"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until `condition()` is true; fail with `what` when it does not become so."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"waited {seconds:g} s for: {what}"
        time.sleep(0.05)


@cache
def _migrated_state() -> Path:
    """A state file without anything in it, made once: migrating takes as long as many a test."""
    folder = Path(tempfile.mkdtemp(prefix="mukiau-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run([*MUKIAU, "migrate", "--data", str(folder)], check=True, stdout=subprocess.DEVNULL)
    connection = sqlite.connect(folder / STATE_FILE)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return folder / STATE_FILE


@dataclass(slots=True)
class Server:
    """One data folder and the `mukiau serve` that runs on it."""

    data: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    ROLES: ClassVar[tuple[str, ...]] = ("intake", "digest", "web")
    """Processes without which it is not ready."""
    public_key: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    """Settings beyond data folder and port."""

    @property
    def log(self) -> Path:
        return self.data.parent / "serve.log"

    @property
    def full_environment(self) -> dict[str, str]:
        return {**os.environ, "MUKIAU_PORT": str(self.port), **self.environment}

    def start(self, *, under: Sequence[str] = ()) -> None:
        """Start it, `under` another program such as nohup."""
        with self.log.open("ab") as log:
            command = [*under, *MUKIAU, "serve", "--data", str(self.data), "--port", str(self.port), "--no-quota"]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=self.full_environment)

    def start_ready(self) -> None:
        """Start on a migrated state file, make a project and wait until every process is there."""
        if not (self.data / STATE_FILE).exists():
            self.data.mkdir(parents=True, exist_ok=True)
            shutil.copy(_migrated_state(), self.data / STATE_FILE)
        self.start()
        wait_until(lambda: all(map(self.pid, self.ROLES)), 90, "every process")
        # By hand: the command would take a tenth of the time of many a test. A key that is not known yet is looked up.
        self.public_key = create_project(self.data, "Shop", now_ms=clock.unix_ms()).sources[0].public_key

    def stop(self) -> float:
        """Stop as a service manager would; return how long it took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        return time.monotonic() - began

    def pid(self, role: str) -> int | None:
        """Return the process that plays a role now, None while there is none."""
        try:
            pid = int((self.data / f"{role}.lock").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if b"mukiau" in command else None

    def post(self, door: str, body: bytes, *, timeout: float = 10) -> int:
        """Send a body; return the status."""
        url = f"http://127.0.0.1:{self.port}/api/1/{door}/"
        headers = {"X-Sentry-Auth": f"Sentry sentry_key={self.public_key}, sentry_version=7"}
        request = urllib.request.Request(url, body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def rows(self, query: str, file: str = "state.sqlite3") -> list[tuple[object, ...]]:
        connection = sqlite.connect(self.data / file, readonly=True)
        try:
            return [tuple(row) for row in connection.execute(query)]
        finally:
            connection.close()

    def is_drained(self) -> bool:
        """Say whether digest has read all that intake has accepted, and no log entry is open."""
        accepted = self.rows("SELECT seq FROM sqlite_sequence WHERE name = 'item'", "spool.sqlite3")
        digested = self.rows("SELECT position FROM digest_state")
        open_streams = self.rows("SELECT count(*) FROM stream_state WHERE is_open")
        return bool(accepted and digested and accepted[0] == digested[0] and open_streams == [(0,)])
