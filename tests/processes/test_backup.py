"""A backup made under load holds what was accepted before it began, and comes back as the same events."""

import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from serving import MUKIAU, Server, wait_until

pytestmark = pytest.mark.slow

ERRORS = ("ValueError", "KeyError", "TimeoutError")


def event_body(number: int) -> bytes:
    kind = ERRORS[number % len(ERRORS)]
    frame = {"filename": "shop/orders.py", "function": f"raise_{kind}", "lineno": 7, "in_app": True}
    exception = {"type": kind, "value": f"order {number}", "stacktrace": {"frames": [frame]}}
    return json.dumps({"event_id": f"{number:032x}", "exception": {"values": [exception]}}).encode()


class Load:
    """Sends events until it is stopped; knows which were accepted."""

    def __init__(self, server: Server) -> None:
        self.accepted: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(server, n)) for n in range(3)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self, server: Server, first: int) -> None:
        number = first
        while not self._stop.is_set():
            if server.post("store", event_body(number)) == 200:
                self.accepted.append(f"{number:032x}")
            number += len(self._threads)


def command(*arguments: str | Path) -> str:
    return subprocess.check_output([*MUKIAU, *map(str, arguments)], text=True)


def events(data: Path) -> dict[str, dict[str, object]]:
    lines = [json.loads(line) for line in command("events", "--json", "--data", data).splitlines()]
    found = {line["event_id"]: line for line in lines}
    assert len(found) == len(lines)
    return found


def drain(server: Server) -> None:
    def pending() -> int:
        return int(json.loads(command("status", "--json", "--data", server.data))["pending"])

    wait_until(lambda: pending() == 0, 60, "digest to read everything")


@pytest.mark.parametrize("is_digest_behind", [False, True])
def test_a_backup_under_load_comes_back_as_the_same_events(
    server: Server, tmp_path: Path, *, is_digest_behind: bool
) -> None:
    server.start_ready()
    with Load(server) as load:
        wait_until(lambda: len(load.accepted) > 50, 30, "some load")
        digest = server.pid("digest")
        assert digest is not None
        if is_digest_behind:  # then the spool is what the backup depends on
            os.kill(digest, signal.SIGSTOP)
            time.sleep(0.5)
        before = set(load.accepted)
        command("backup", tmp_path / "copy.tar", "--data", server.data)
        os.kill(digest, signal.SIGCONT)
        wait_until(lambda: len(load.accepted) > len(before) + 20, 30, "load after the backup")
    drain(server)
    server.stop()

    restored = Server(tmp_path / "new" / "data")
    command("restore", tmp_path / "copy.tar", "--data", restored.data)
    restored.start()
    try:
        wait_until(lambda: restored.pid("digest"), 30, "digest")
        restored.public_key = server.public_key
        drain(restored)
        wait_until(lambda: restored.post("store", event_body(10**9)) == 200, 10, "the restored door")
        wait_until(lambda: f"{10**9:032x}" in events(restored.data), 10, "an event after the restore")
    finally:
        restored.stop()

    was, now = events(server.data), events(restored.data)
    assert set(was) == set(load.accepted)
    assert {event_id: now.get(event_id) for event_id in before} == {event_id: was[event_id] for event_id in before}
    assert set(now) - {f"{10**9:032x}"} <= set(was)


def test_a_backup_of_a_server_that_rests_comes_back_with_the_same_events_to_the_letter(
    server: Server, tmp_path: Path
) -> None:
    server.start_ready()
    with Load(server) as load:
        wait_until(lambda: len(load.accepted) > 300, 60, "enough events for a payload dictionary")
    drain(server)
    wait_until(lambda: server.rows("SELECT count(*) FROM payload_dictionary") == [(1,)], 20, "the dictionary")

    command("backup", tmp_path / "copy", "--data", server.data)
    command("restore", tmp_path / "copy", "--data", tmp_path / "new")

    for form in ((), ("--json",)):
        assert command("events", *form, "--data", tmp_path / "new") == command("events", *form, "--data", server.data)
