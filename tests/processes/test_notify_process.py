"""The whole way: an event comes in by the door, and a program is told; also when the process that tells is killed."""

import json
import os
import signal
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "notify"))
sys.path.insert(0, str(Path(__file__).parents[1] / "stores"))

from listening import Listener, listening
from notify_files import delivered, make_route

from mukiau.notify.route import Address
from mukiau.stores.notify.deliveries import State
from serving import Server, wait_until

pytestmark = pytest.mark.slow


def fail(server: Server, message: str) -> None:
    event = {"event_id": os.urandom(16).hex(), "level": "error", "environment": "acme-prod", "message": message}
    assert server.post("store", json.dumps(event).encode()) == 200


def ids(listener: Listener) -> list[str]:
    return [json.loads(got.body)["id"] for got in listener.got]


def test_a_message_gets_there_though_the_process_is_killed_before_it_knows(server: Server) -> None:
    server.environment["MUKIAU_NOTIFY_ALLOWED_HOSTS"] = "127.0.0.1"
    with listening() as listener:
        server.start_ready()
        assert server.pid("notify") is None  # nobody is to be told anything
        make_route(server.data, address=Address(to=listener.url, secret="s3cret"))
        wait_until(lambda: server.pid("notify"), 20, "the process that tells")
        listener.held = threading.Event()  # got, but not answered yet

        fail(server, "payment refused")
        wait_until(lambda: listener.got, 30, "a message")
        pid = server.pid("notify")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        listener.held.set()
        wait_until(lambda: len(listener.got) > 1, 30, "the message once more")
        wait_until(lambda: delivered(server.data)[0].state is State.SENT, 20, "what became of it")

    assert len(listener.got) == 2
    assert len(set(ids(listener))) == 1
    (item,) = json.loads(listener.got[0].body)["items"]
    assert (item["title"], item["environment"]) == ("payment refused", "acme-prod")
    assert item["url"] == f"http://localhost:{server.port}/issues/1/" or item["url"].endswith("/issues/1/")
