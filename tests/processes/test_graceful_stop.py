"""A stop ends everything within ten seconds, whatever is going on, and loses nothing that was accepted."""

import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from mukiau.stores import sqlite
from mukiau.supervisor.serve import STOP_SECONDS, WEB_STOP_SECONDS
from serving import Server, wait_until

pytestmark = pytest.mark.slow

EVENT = b'{"message": "boom"}'
CONTRACT_SECONDS = 10.0
"""Of the service manager, and of what we promise; not how fast this machine is."""


@contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), 30) as client:
        yield client


def head(server: Server, path: str, length: int) -> bytes:
    lines = (f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {length}", "", "")
    return "\r\n".join(lines).encode()


def pids(server: Server) -> list[int]:
    return [pid for role in ("serve", "intake", "digest", "web") if (pid := server.pid(role)) is not None]


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def stop(server: Server, number: signal.Signals = signal.SIGTERM, *, times: int = 1) -> None:
    """Stop as a service manager does, and see that all is over in time."""
    running = pids(server)
    assert server.process is not None
    began = time.monotonic()
    for _ in range(times):
        server.process.send_signal(number)
        time.sleep(0.2)
    server.process.wait(30)

    assert time.monotonic() - began <= CONTRACT_SECONDS
    assert server.process.returncode == 0
    wait_until(lambda: all(map(is_gone, running)), 5, "the end of every process")


def test_the_parts_of_a_stop_fit_into_its_time() -> None:
    assert 0 < WEB_STOP_SECONDS < STOP_SECONDS < CONTRACT_SECONDS - 1


def test_a_stop_during_slow_uploads(server: Server) -> None:
    server.start_ready()
    wait_until(lambda: len(pids(server)) == 4, 20, "every process")
    path = f"/api/1/store/?sentry_key={server.public_key}"
    with connected(server) as half, connected(server) as headless, connected(server) as idle:
        half.sendall(head(server, path, 1000) + b'{"message"')
        headless.sendall(b"POST /api/1/store/ HTTP/1.1\r\nHost: lo")
        idle.sendall(head(server, path, len(EVENT)) + EVENT)
        assert idle.recv(100).startswith(b"HTTP/1.1 200")

        stop(server)

    server.start()
    wait_until(lambda: server.pid("digest") and server.is_drained(), 30, "digest")
    assert server.rows("SELECT count(*) FROM event") == [(1,)]


def test_an_upload_that_ends_during_the_stop_is_kept_and_answered(server: Server) -> None:
    server.start_ready()
    wait_until(lambda: len(pids(server)) == 4, 20, "every process")
    assert server.post("store", EVENT) == 200
    with connected(server) as client:
        client.sendall(head(server, f"/api/1/store/?sentry_key={server.public_key}", len(EVENT)) + EVENT[:5])
        time.sleep(0.3)
        stopping = threading.Thread(target=stop, args=(server,))
        stopping.start()
        wait_until(lambda: _refuses(server), 5, "a closed door")
        client.sendall(EVENT[5:])
        answer = client.recv(1000)
        stopping.join()

    assert answer.startswith(b"HTTP/1.1 200")
    server.start()
    wait_until(lambda: server.pid("digest") and server.is_drained(), 30, "digest")
    assert server.rows("SELECT count(*) FROM event") == [(2,)]


def _refuses(server: Server) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", server.port)) != 0


@contextmanager
def state_locked(server: Server) -> Iterator[None]:
    """Hold the write lock: whoever wants to write the state waits for up to 20 s."""
    with closing(sqlite.connect(server.data / "state.sqlite3")) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def test_a_stop_while_digest_cannot_write_its_batch(server: Server) -> None:
    server.start_ready()
    wait_until(lambda: len(pids(server)) == 4, 20, "every process")
    with state_locked(server):
        for _ in range(50):
            assert server.post("store", EVENT) == 200
        time.sleep(1)

        stop(server)

    server.start()
    wait_until(lambda: server.pid("digest") and server.is_drained(), 30, "digest")
    assert server.rows("SELECT count(*) FROM event") == [(50,)]


def test_a_stop_while_a_page_takes_long(server: Server) -> None:
    server.start_ready()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=30) as visitor:
        wait_until(lambda: visitor.get("/sign-in/").status_code == 200, 30, "the first page")
        link = re.search(r"/first-start/\S+", server.log.read_text())
        assert link is not None
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', visitor.get(link[0]).text)
        assert token is not None
        form = {"csrfmiddlewaretoken": token[1], "name": "dora", "password": PASSWORD, "again": PASSWORD}
        answers: list[int] = []
        with state_locked(server):
            asking = threading.Thread(target=lambda: answers.append(_post(visitor, link[0], form)))
            asking.start()
            time.sleep(1)  # it is in the middle of its transaction now, and waits for the lock

            stop(server)
            asking.join()

    assert answers in ([0], [500], [503])
    assert server.rows("SELECT count(*) FROM auth_user") == [(0,)]


PASSWORD = "a long enough word"


def _post(visitor: httpx.Client, path: str, form: dict[str, str]) -> int:
    try:
        return visitor.post(path, data=form).status_code
    except httpx.TransportError:
        return 0


@pytest.mark.parametrize(("number", "times"), [(signal.SIGTERM, 2), (signal.SIGHUP, 1)], ids=str)
def test_a_stop_by_any_signal_and_told_twice(server: Server, number: signal.Signals, times: int) -> None:
    server.start_ready()
    wait_until(lambda: len(pids(server)) == 4, 20, "every process")

    stop(server, number, times=times)


def _is_frozen(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def test_processes_that_do_not_hear_are_ended(server: Server) -> None:
    server.start_ready()
    wait_until(lambda: len(pids(server)) == 4, 20, "every process")
    frozen = [pid for role in ("intake", "digest", "web") if (pid := server.pid(role)) is not None]
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    # A signal that ends a process by default ends it still on its way to the stop.
    wait_until(lambda: all(map(_is_frozen, frozen)), 20, "frozen processes")

    stop(server)

    for role in ("intake", "digest", "web"):
        assert f"{role} does not stop; ending it." in server.log.read_text()


def test_a_stop_before_the_server_is_up_is_a_stop(server: Server) -> None:
    server.start()
    wait_until(lambda: server.pid("serve"), 20, "the supervisor")
    assert server.process is not None

    server.process.send_signal(signal.SIGTERM)

    assert server.process.wait(CONTRACT_SECONDS) == 0
    assert "Traceback" not in server.log.read_text()


def test_a_stop_while_the_port_is_still_anothers_is_a_stop(server: Server) -> None:
    with socket.create_server(("127.0.0.1", server.port)):
        server.start()
        wait_until(lambda: server.pid("serve"), 20, "the supervisor")
        assert server.process is not None

        server.process.send_signal(signal.SIGTERM)

        assert server.process.wait(CONTRACT_SECONDS) == 0
    assert "Cannot listen" not in server.log.read_text()


def test_a_server_started_with_nohup_outlives_its_terminal(server: Server) -> None:
    server.start(under=["nohup"])
    wait_until(lambda: server.pid("intake"), 20, "intake")
    assert server.process is not None

    server.process.send_signal(signal.SIGHUP)

    with pytest.raises(subprocess.TimeoutExpired):
        server.process.wait(1)
