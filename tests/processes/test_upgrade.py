"""Data folders of earlier releases, taken over by this one: everything is there, and what was waiting is digested once.

`tests/data/upgrade/` holds one such folder per release whose schema differs, made by `make_folder.py` there.
"""

import json
import os
import random
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mukiau.stores.dictionaries import Dictionaries
from mukiau.stores.payloads import unpack
from mukiau.stores.sqlite import connect
from serving import MUKIAU, Server, wait_until

pytestmark = pytest.mark.slow

ROOM = Path(__file__).parents[1] / "data" / "upgrade"
RELEASES = sorted(ROOM.glob("*.tar.xz"))
NAME, PASSWORD = "alice", "correct horse battery"
SIGN_IN = """
import django
django.setup()
from django.contrib.auth import authenticate
user = authenticate(username={name!r}, password={password!r})
print(user, user and user.is_staff)
"""


class Taken:
    """An earlier release's folder, unpacked, and what that release said of it."""

    def __init__(self, release: Path, room: Path) -> None:
        with tarfile.open(release) as archive:
            archive.extractall(room)  # our own file; `filter=` is there since 3.11.4 only
        self.server = Server(room / "data")
        self.backup = room / "backup.tar"
        self.events = [json.loads(line) for line in (room / "expected/events.jsonl").read_text().splitlines()]
        self.status = json.loads((room / "expected/status.json").read_text())
        self.waiting = json.loads((room / "expected/waiting.json").read_text())


@pytest.fixture(autouse=True)
def _keep_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folders grow older with each day; what this release deletes by age is not what is asked here."""
    monkeypatch.setenv("MUKIAU_RETENTION_PAYLOAD_DAYS", "0")
    monkeypatch.setenv("MUKIAU_RETENTION_EVENT_DAYS", "0")


@pytest.fixture(params=RELEASES, ids=lambda path: path.name.removesuffix(".tar.xz"))
def taken(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Taken]:
    taken = Taken(request.param, tmp_path)
    yield taken
    if taken.server.process is not None and taken.server.process.poll() is None:
        taken.server.stop()


def read(command: str, data: Path) -> list[dict[str, Any]]:
    shown = subprocess.check_output([*MUKIAU, command, "--json", "--data", str(data)], text=True)
    return [json.loads(line) for line in shown.splitlines()]


def migrate(data: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*MUKIAU, "migrate", "--data", str(data)], stdout=subprocess.DEVNULL)


def assert_everything_is_there(taken: Taken, data: Path) -> None:
    """Hold a folder that was served for a while against what the earlier release said."""
    known = len(taken.events)
    now = read("events", data)
    assert now[:known] == taken.events
    fresh = {event["event_id"]: event for event in now[known:]}
    from_lines = [event for event_id, event in fresh.items() if event_id not in taken.waiting["event_ids"]]
    assert sorted(fresh.keys() - {event["event_id"] for event in from_lines}) == taken.waiting["event_ids"]
    assert sorted(tuple(event["record_ids"]) for event in from_lines) == [
        tuple(f"task/open-{number}" for number in range(1, taken.waiting["torn_entry_records"] + 1)),
        tuple(f"task/whole-{number}" for number in range(1, 6)),
    ]
    (status,) = read("status", data)
    assert (status["pending"], status["events"]) == (0, len(now))
    assert (status["accepted"], status["set_aside"]) == (taken.status["accepted"], taken.status["set_aside"])
    assert status["duplicates"] == 7  # the event and the six lines that were sent twice
    assert_counts_and_payloads(data)


def assert_counts_and_payloads(data: Path) -> None:
    with closing(connect(data / "state.sqlite3", readonly=True)) as state:
        assert state.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        by_issue = "JOIN fingerprint f ON f.id = fingerprint_id GROUP BY 1 ORDER BY 1"
        assert (
            state.execute("SELECT id, event_count FROM issue ORDER BY 1").fetchall()
            == state.execute(f"SELECT f.issue_id, count(*) FROM event {by_issue}").fetchall()
            == state.execute(f"SELECT f.issue_id, sum(count) FROM fingerprint_hour {by_issue}").fetchall()
        )
        find = Dictionaries(state).find
        packed = state.execute("SELECT payload, payload_codec FROM event").fetchall()
        assert {codec == 1 for _, codec in packed} == {True, False}  # without and with a dictionary
        assert all(unpack(payload, codec, find)["payload"] for payload, codec in packed)
        keys = state.execute("SELECT project_id, label, service, is_active FROM source ORDER BY id").fetchall()
    assert [row for row in keys if row[1] == "AWS 1"] == [(1, "AWS 1", "billing", 1)]
    assert [row[0] for row in keys] == [1, 2, 1]


def assert_alice_can_sign_in(data: Path) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "mukiau.web.settings", "MUKIAU_DATA": str(data)}
    code = SIGN_IN.format(name=NAME, password=PASSWORD)
    assert subprocess.check_output([sys.executable, "-c", code], env=environment, text=True) == f"{NAME} True\n"


def serve_until_digested(server: Server) -> None:
    server.start()
    wait_until(lambda: server.pid("digest") is not None, 30, "digest")
    wait_until(server.is_drained, 30, "the rest of the spool")
    server.stop()


def test_everything_of_an_earlier_release_is_there_and_the_rest_of_its_spool_is_digested_once(taken: Taken) -> None:
    serve_until_digested(taken.server)

    assert_everything_is_there(taken, taken.server.data)
    assert_alice_can_sign_in(taken.server.data)


def test_a_migration_that_is_killed_again_and_again_is_completed_by_the_next(taken: Taken) -> None:
    rng = random.Random(20_261_124)
    data = taken.server.data
    for _ in range(12):
        migration = migrate(data)
        time.sleep(rng.uniform(0.3, 1.5))
        migration.kill()
        migration.wait()

    assert migrate(data).wait(60) == 0
    assert read("events", data) == taken.events
    serve_until_digested(taken.server)
    assert_everything_is_there(taken, data)


def test_an_earlier_releases_backup_is_restored_and_upgraded(taken: Taken, tmp_path: Path) -> None:
    restored = Server(tmp_path / "new" / "data")
    subprocess.check_call(
        [*MUKIAU, "restore", str(taken.backup), "--data", str(restored.data)], stdout=subprocess.DEVNULL
    )

    serve_until_digested(restored)

    assert_everything_is_there(taken, restored.data)
    assert_alice_can_sign_in(restored.data)


def test_there_is_a_folder_of_an_earlier_release() -> None:
    assert RELEASES
