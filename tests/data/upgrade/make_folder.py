"""Make the data folder of a release that `tests/processes/test_upgrade.py` upgrades.

    python tests/data/upgrade/make_folder.py CHECKOUT TARGET.tar.xz

`CHECKOUT` is a checkout of that release (`git worktree add ../old COMMIT`); its code runs in this interpreter. The folder
comes to be as folders do: a server is started, events and log lines are sent to it, and it is killed with work left over.

What it holds: one person (NAME, PASSWORD), two projects with three keys, events packed without and with a dictionary, a
log entry that is still open, one item set aside, and a spool with events, the rest of the open entry and a request sent
twice that are not digested. Beside the folder, `expected/` holds what the release itself said of it: `events.jsonl`
(`mukiau events --json`), `status.json`, and `waiting.json`: what must come of the rest of the spool. `backup.tar` is what
the release's own `mukiau backup` made of the folder.
"""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from contextlib import closing
from pathlib import Path

NAME, PASSWORD = "alice", "correct horse battery"
ERRORS = ("ValueError", "KeyError", "TimeoutError", "ConnectionError", "PermissionError", "ZeroDivisionError")
EVENTS, WAITING = 300, 12
"""Digested (a dictionary is learned from the first 200), and left in the spool."""


class Release:
    """A release's commands on one data folder."""

    def __init__(self, checkout: Path, data: Path) -> None:
        self.data = data
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(checkout.resolve() / "src"),
            "MUKIAU_DATA": str(data),
            "MUKIAU_IDLE_FLUSH_SECONDS": "3600",  # a log entry stays open
        }

    def start(self) -> subprocess.Popen[bytes]:
        command = ["serve", "--port", str(self.port), "--no-quota"]
        process = subprocess.Popen([sys.executable, "-m", "mukiau", *command], env=self._environment)
        until(lambda: (self.data / "intake.lock").exists() and self.is_listening(), "intake")
        return process

    def is_listening(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).close()
        except OSError:
            return False
        return True

    def run(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "mukiau", *arguments]
        return subprocess.check_output(command, env=self._environment, text=True)

    def send(self, door: str, body: bytes, key: dict[str, object]) -> None:
        url = f"http://127.0.0.1:{self.port}/api/{key['project']}/{door}/"
        headers = {"X-Sentry-Auth": f"Sentry sentry_key={key['public_key']}, sentry_version=7"}
        urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10).close()

    def pid(self, role: str) -> int:
        return int((self.data / f"{role}.lock").read_text())

    def status(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.run("status", "--json"))
        return found


def until(condition: object, what: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.2)


def event(number: int) -> bytes:
    kind = ERRORS[number % len(ERRORS)]
    frames = [
        {"filename": "shop/web.py", "function": "dispatch", "lineno": 40, "module": "shop.web", "in_app": True},
        {
            "filename": "shop/orders.py",
            "function": f"raise_{kind}",
            "lineno": 7,
            "module": "shop.orders",
            "in_app": True,
        },
    ]
    return json.dumps(
        {
            "event_id": f"{number:032x}",
            "platform": "python",
            "environment": ("acme-prod", "acme-staging")[number % 2],
            "release": "shop@1.4.2",
            "tags": {"service": "orders", "region": ("tokyo", "osaka")[number % 2]},
            "user": {"id": str(number % 17)},
            "breadcrumbs": [{"category": "query", "message": f"SELECT {number} FROM stock", "level": "info"}],
            "exception": {
                "values": [{"type": kind, "value": f"在庫がありません {number}", "stacktrace": {"frames": frames}}]
            },
        }
    ).encode()


def lines(stream: str, first: int, *messages: str) -> bytes:
    around = {"log_group": "/ecs/acme-prod/billing", "log_stream": stream}
    now = int(time.time() * 1000)
    return b"\n".join(
        json.dumps({**around, "id": f"{stream}-{number}", "timestamp": now, "message": message}).encode()
        for number, message in enumerate(messages, first)
    )


WHOLE = (
    "2026-11-24 10:00:00,123 ERROR shop.billing charge failed",
    "Traceback (most recent call last):",
    '  File "/app/shop/billing.py", line 12, in charge',
    "    gateway.charge(order)",
    "ConnectionError: gateway gone",
    "2026-11-24 10:00:00,124 INFO shop.billing done",
)
OPEN, REST = WHOLE[:3], WHOLE[3:]


def fill(release: Release) -> dict[str, object]:
    """Send what is to be digested, then what is not; kill the server; return what must come of the latter."""
    server = release.start()
    release.run("createadmin", "--password", PASSWORD, NAME)
    shop = json.loads(release.run("project", "create", "Shop", "--json"))
    other = json.loads(release.run("project", "create", "倉庫", "--json"))
    release.run("project", "key", "Shop", "--label", "AWS 1", "--service", "billing", "--environment", "acme-prod")
    key = {"project": shop["id"], "public_key": shop["public_key"]}
    for number in range(1, EVENTS + 1):
        release.send("store", event(number), key)
        if number % 100 == 0:
            until(lambda: release.status()["pending"] == 0, "digest")
            time.sleep(2)  # a heartbeat learns the dictionary
    release.send("store", event(10_001), {"project": other["id"], "public_key": other["public_key"]})
    release.send("records", lines("task/whole", 1, *WHOLE), key)
    server.send_signal(signal.SIGTERM)
    server.wait()
    put_unknown_item(release.data)
    server = release.start()
    release.send("records", lines("task/open", 1, *OPEN), key)
    # The unknown item was not accepted at a door, but it is digested: set aside.
    until(lambda: release.status()["digested"] == release.status()["accepted"] + 1, "digest")
    os.kill(release.pid("digest"), signal.SIGSTOP)
    waiting = [*range(EVENTS + 1, EVENTS + WAITING + 1), 1]  # and one that is known already
    for number in waiting:
        release.send("store", event(number), key)
    release.send("records", lines("task/open", len(OPEN) + 1, *REST), key)
    release.send("records", lines("task/whole", 1, *WHOLE), key)  # a retry: every line is known
    for role in ("serve", "intake", "digest", "web"):
        os.kill(release.pid(role), signal.SIGKILL)
    server.wait()
    return {"event_ids": [f"{number:032x}" for number in waiting if number > 1], "torn_entry_records": len(OPEN) + 2}


def put_unknown_item(data: Path) -> None:
    """Put an item into the spool that no release can digest, as a fault would."""
    with closing(sqlite3.connect(data / "spool.sqlite3", timeout=20)) as spool, spool:
        spool.execute(
            "INSERT INTO item (kind, project_id, source_id, received_ms, encoding, event_id, body) "
            "VALUES ('fax', 1, 1, ?, '', '', x'00')",
            (int(time.time() * 1000),),
        )


def main(checkout: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        data, expected = Path(temporary, "data"), Path(temporary, "expected")
        data.mkdir(mode=0o700)
        expected.mkdir()
        release = Release(checkout, data)
        waiting = fill(release)
        expected.joinpath("waiting.json").write_text(json.dumps(waiting, indent=1) + "\n")
        expected.joinpath("events.jsonl").write_text(release.run("events", "--json"))
        expected.joinpath("status.json").write_text(release.run("status", "--json"))
        release.run("backup", str(Path(temporary, "backup.tar")))
        with tarfile.open(target, "w:xz", preset=9) as archive:
            for path in sorted(data.iterdir()):
                if path.name in {"state.sqlite3", "spool.sqlite3", "web-secret-key"} or path.name.endswith("-wal"):
                    archive.add(path, f"data/{path.name}")
            archive.add(expected, "expected")
            archive.add(Path(temporary, "backup.tar"), "backup.tar")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
