"""Gives a test a server and leaves no process behind."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data")
    yield server
    if server.process is not None and server.process.poll() is None:
        server.stop()
    for role in ("intake", "digest", "web", "notify"):  # none may be left behind, whatever the test did
        if (pid := server.pid(role)) is not None:
            os.kill(pid, signal.SIGKILL)
