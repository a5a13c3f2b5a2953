"""Under load: a stop in order loses nothing, and intake goes on while the pages are dead or hang."""

import os
import signal
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.error import URLError

import pytest

from serving import Server, wait_until

pytestmark = pytest.mark.slow


@dataclass(slots=True)
class Senders:
    """Clients that send each event once and note what they were answered."""

    server: Server
    accepted: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)
    refused: list[int] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Senders":
        self._threads = [threading.Thread(target=self._send, args=(number,)) for number in range(4)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _send(self, number: int) -> None:
        while not self._stop.is_set():
            event_id = f"{number:032x}"
            number += len(self._threads)
            try:
                status = self.server.post("store", b'{"event_id": "%s", "message": "boom"}' % event_id.encode())
            except (URLError, OSError):
                self.unanswered.add(event_id)
                time.sleep(0.05)
                continue
            if status == 200:
                self.accepted.add(event_id)
            else:
                self.refused.append(status)


def stored_ids(server: Server) -> list[str]:
    return [str(row[0]) for row in server.rows("SELECT event_id FROM event")]


def test_a_stop_in_order_under_load_loses_nothing_it_accepted(server: Server) -> None:
    server.start_ready()
    with Senders(server) as senders:
        for _ in range(3):
            goal = len(senders.accepted) + 100
            wait_until(lambda goal=goal: len(senders.accepted) > goal, 60, "some load")  # type: ignore[misc]
            assert server.stop() < 10
            server.start()
        wait_until(lambda: len(senders.accepted) > goal + 100, 60, "load after the last start")
    wait_until(server.is_drained, 60, "digest to read everything")

    stored = stored_ids(server)
    assert len(stored) == len(set(stored))
    assert senders.accepted <= set(stored) <= senders.accepted | senders.unanswered
    assert senders.refused == []


def kill_web(server: Server) -> None:
    if (pid := server.pid("web")) is not None:
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.3)


def hold_web(server: Server) -> None:
    """Let the web process hang, with requests that wait for it."""
    if (pid := server.pid("web")) is None:
        return
    os.kill(pid, signal.SIGSTOP)
    waiting = [threading.Thread(target=read_page, args=(server,)) for _ in range(20)]
    for thread in waiting:
        thread.start()
    time.sleep(1)
    os.kill(pid, signal.SIGCONT)
    for thread in waiting:
        thread.join(60)


def read_page(server: Server) -> None:
    with suppress(URLError, OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{server.port}/sign-in/", timeout=30).close()


@pytest.mark.parametrize("disturb", [kill_web, hold_web])
def test_intake_answers_everything_while_the_pages_are_dead_or_hang(
    server: Server, disturb: Callable[[Server], None]
) -> None:
    server.start_ready()
    with Senders(server) as senders:
        for _ in range(5):
            goal = len(senders.accepted) + 20
            disturb(server)
            wait_until(lambda goal=goal: len(senders.accepted) > goal, 60, "events accepted meanwhile")  # type: ignore[misc]
    wait_until(server.is_drained, 60, "digest to read everything")

    assert (senders.unanswered, senders.refused) == (set(), [])
    assert sorted(stored_ids(server)) == sorted(senders.accepted)
