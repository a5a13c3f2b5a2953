"""A disk that fills up, for real: a small file system of its own, mounted for the test.

Mounting needs root; elsewhere the test says so and is skipped.
"""

import contextlib
import http.client
import json
import os
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import MUKIAU, Server, wait_until

pytestmark = pytest.mark.slow

DISK_BYTES = 96 * 1024**2
MIN_FREE_BYTES = 24 * 1024**2


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 96 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: a small disk can be mounted by root only")
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"NOT TESTED: a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    for _ in range(50):
        if subprocess.run(["umount", str(folder)], capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.2)
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def full(disk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server whose data folder is on the small disk; its log is not."""
    monkeypatch.setenv("MUKIAU_MIN_FREE_BYTES", str(MIN_FREE_BYTES))
    monkeypatch.setenv("MUKIAU_IDLE_FLUSH_SECONDS", "0.2")
    server = Server(disk)
    yield server
    if server.process is not None and server.process.poll() is None:
        server.stop()


def ask(server: Server, path: str) -> tuple[int, str, http.client.HTTPMessage]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers


def event(number: int) -> bytes:
    noise = os.urandom(2_000).hex()  # 2 KB however it is packed
    return json.dumps({"event_id": f"{number:032x}", "message": "boom", "extra": {"noise": noise}}).encode()


def send(server: Server, number: int) -> int:
    try:
        return server.post("store", event(number), timeout=30)
    except OSError:
        return 0


class Accepted:
    """Events numbered on and on; remembers which were accepted, and what the others were answered."""

    def __init__(self, server: Server) -> None:
        self.ids: set[str] = set()
        self.refusals: set[int] = set()
        self._server = server
        self._number = 0

    def send(self) -> int:
        self._number += 1
        status = send(self._server, self._number)
        if status == 200:
            self.ids.add(f"{self._number:032x}")
        else:
            self.refusals.add(status)
        return status

    def send_many(self, count: int) -> None:
        for _ in range(count):
            self.send()


def fill(folder: Path, *, leave_bytes: int) -> Path:
    """Let somebody else take the disk, but for so many bytes."""
    stuff = folder / "somebody-elses"
    disk = os.statvfs(folder)
    with contextlib.suppress(OSError), stuff.open("ab", buffering=0) as file:
        os.posix_fallocate(file.fileno(), 0, max(1, disk.f_bavail * disk.f_frsize - leave_bytes))
    return stuff


def take_everything(folder: Path) -> Path:
    """Fill the disk to the last block."""
    stuff = folder / "somebody-elses"
    with contextlib.suppress(OSError), stuff.open("ab", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)
    return stuff


def stored(server: Server) -> list[str]:
    return [str(row[0]) for row in server.rows("SELECT event_id FROM event")]


def assert_nothing_is_lost_or_doubled(server: Server, accepted: Accepted) -> None:
    wait_until(server.is_drained, 60, "digest to read everything")
    assert sorted(stored(server)) == sorted(accepted.ids)
    assert server.rows("SELECT sum(event_count) FROM issue") == [(len(accepted.ids),)]
    assert server.rows("SELECT sum(count) FROM fingerprint_hour") == [(len(accepted.ids),)]
    for file in ("state.sqlite3", "spool.sqlite3"):
        assert server.rows("PRAGMA integrity_check", file) == [("ok",)]


def test_a_disk_that_is_nearly_full_is_refused_honestly_and_taken_again_by_itself(full: Server, disk: Path) -> None:
    full.start_ready()
    wait_until(lambda: ask(full, "/sign-in/")[0] == 200, 60, "the pages")
    accepted = Accepted(full)
    accepted.send_many(20)

    stuff = fill(disk, leave_bytes=MIN_FREE_BYTES // 2)
    wait_until(lambda: accepted.send() == 503, 20, "a refusal")
    status, body, headers = refusal(full)
    assert (status, "disk_full" in body, int(headers["retry-after"]) > 0) == (503, True, True)
    assert ask(full, "/healthz")[0] == 200
    assert json.loads(ask(full, "/readyz")[1])["checks"]["spool"] == "the disk is full"
    assert ask(full, "/sign-in/")[0] == 200  # pages still open
    wait_until(full.is_drained, 60, "what was accepted is still digested")

    stuff.unlink()
    wait_until(lambda: accepted.send() == 200, 20, "events taken again")
    wait_until(lambda: ask(full, "/readyz")[0] == 200, 20, "readiness")
    assert accepted.refusals == {503}
    assert_nothing_is_lost_or_doubled(full, accepted)


def refusal(server: Server) -> tuple[int, str, http.client.HTTPMessage]:
    url = f"/api/1/store/?sentry_key={server.public_key}"
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{url}", event(0))
    try:
        urllib.request.urlopen(request, timeout=30).close()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers
    raise AssertionError("the event was accepted")


def test_a_disk_that_is_full_to_the_last_block_under_load_loses_nothing(full: Server, disk: Path) -> None:
    full.start_ready()
    accepted = Accepted(full)
    accepted.send_many(20)
    wait_until(full.is_drained, 60, "digest at work")
    stop = threading.Event()

    def keep_sending() -> None:
        while not stop.is_set():
            accepted.send()

    sender = threading.Thread(target=keep_sending)
    sender.start()
    try:
        for _ in range(3):
            goal = len(accepted.ids) + 50
            wait_until(lambda goal=goal: len(accepted.ids) > goal, 60, "some load")  # type: ignore[misc]
            stuff = take_everything(disk)
            time.sleep(2)
            assert ask(full, "/healthz")[0] == 200
            stuff.unlink()
            wait_until(lambda: send(full, 10**6) == 200, 60, "events taken again")
            accepted.ids.add(f"{10**6:032x}")
    finally:
        stop.set()
        sender.join(60)

    assert accepted.refusals <= {503}
    assert_nothing_is_lost_or_doubled(full, accepted)


def test_a_spool_that_outgrows_the_disk_while_digest_stands_still_is_digested_later(full: Server, disk: Path) -> None:
    full.start_ready()
    accepted = Accepted(full)
    digest = full.pid("digest")
    assert digest is not None
    os.kill(digest, 19)  # SIGSTOP
    fill(disk, leave_bytes=MIN_FREE_BYTES + 3 * 1024**2)
    wait_until(lambda: accepted.send() == 503, 120, "a refusal")
    os.kill(digest, 18)  # SIGCONT

    assert len(accepted.ids) > 100
    wait_until(full.is_drained, 60, "digest to read everything with what room was left for it")
    assert_nothing_is_lost_or_doubled(full, accepted)


def test_a_disk_that_became_read_only_is_said_in_one_sentence_and_nothing_is_lost(full: Server, disk: Path) -> None:
    full.start_ready()
    accepted = Accepted(full)
    accepted.send_many(20)
    wait_until(full.is_drained, 60, "digest to read everything")
    full.stop()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    command = [*MUKIAU, "serve", "--data", str(full.data), "--port", str(full.port)]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)

    assert refused.returncode == 1
    assert (refused.stdout + refused.stderr).count("\n") == 1
    assert "cannot be written" in refused.stdout
    full.start()
    wait_until(lambda: accepted.send() == 200, 30, "the door")
    assert_nothing_is_lost_or_doubled(full, accepted)
