"""The supervisor: one per data folder, restarts what dies, stops in time, leaves nobody behind."""

import json
import os
import signal
import subprocess
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from mukiau import __version__
from mukiau.stores import sqlite
from mukiau.stores.state_file import copy_state
from serving import MUKIAU, Server, free_port, wait_until

pytestmark = pytest.mark.slow

EVENT = b'{"message": "boom"}'


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*MUKIAU, *arguments], capture_output=True, text=True, timeout=60, check=False)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_server_starts_says_where_it_is_and_stops_in_time(server: Server) -> None:
    server.start_ready()

    assert server.post("store", EVENT) == 200
    wait_until(lambda: server.rows("SELECT count(*) FROM event") == [(1,)], 10, "the event")

    assert server.stop() < 10
    assert server.process is not None
    assert server.process.returncode == 0
    log = server.log.read_text()
    assert f"http://127.0.0.1:{server.port}/" in log
    assert "first-start" in log
    assert [server.pid(role) for role in ("serve", "intake", "digest", "web")] == [None] * 4


def test_what_is_kept_is_for_nobody_else_to_read_also_in_a_folder_open_to_all(server: Server) -> None:
    server.data.mkdir()
    server.data.chmod(0o755)
    server.start_ready()
    server.post("store", EVENT)

    wait_until(lambda: server.rows("SELECT count(*) FROM event") == [(1,)], 10, "the event")

    assert {path.name: path.stat().st_mode & 0o077 for path in server.data.iterdir()} == {
        path.name: 0 for path in server.data.iterdir()
    }


def test_a_server_whose_spool_is_taken_away_starts_a_new_one_and_loses_nothing_it_accepts(server: Server) -> None:
    server.start_ready()
    assert server.post("store", EVENT) == 200
    wait_until(lambda: server.rows("SELECT count(*) FROM event") == [(1,)], 10, "the first event")

    for file in server.data.glob("spool.sqlite3*"):
        file.unlink()

    def is_accepted() -> bool:
        try:
            return server.post("store", b'{"message": "after"}') == 200
        except OSError:
            return False

    wait_until(is_accepted, 20, "a door that takes events again")
    wait_until(lambda: server.rows("SELECT count(*) FROM event") == [(2,)], 10, "the event after the loss")


def test_pages_come_through_the_same_port(server: Server) -> None:
    server.start_ready()

    def status() -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/", timeout=10) as page:
                return int(page.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    wait_until(lambda: status() == 200, 20, "a page")


def test_a_second_server_on_the_same_data_is_refused_in_one_sentence(server: Server) -> None:
    server.start_ready()

    second = run("serve", "--data", str(server.data), "--port", str(free_port()))

    assert second.returncode != 0
    assert len((second.stdout + second.stderr).strip().splitlines()) == 1
    assert str(server.data) in second.stdout + second.stderr
    assert server.post("store", EVENT) == 200


@pytest.mark.parametrize("role", ["intake", "digest", "web"])
def test_a_child_that_dies_is_started_again(server: Server, role: str) -> None:
    server.start_ready()
    wait_until(lambda: server.pid(role), 20, role)
    first = server.pid(role)
    assert first is not None

    os.kill(first, signal.SIGKILL)

    wait_until(lambda: server.pid(role) not in {None, first}, 20, f"a new {role}")
    if role == "intake":
        wait_until(lambda: server.post("store", EVENT) == 200, 10, "the door")


def test_the_children_of_a_killed_supervisor_end_and_a_new_one_takes_over(server: Server) -> None:
    server.start_ready()
    children = [pid for role in ("intake", "digest", "web") if (pid := server.pid(role)) is not None]
    assert server.process is not None

    server.process.kill()
    server.process.wait()

    wait_until(lambda: not any(is_alive(pid) for pid in children), 10, "the children's end")
    server.start()
    wait_until(lambda: server.pid("intake") not in {None, *children}, 20, "a new intake")
    assert server.post("store", EVENT) == 200


def test_a_key_made_while_the_server_runs_works_within_a_second_and_a_disabled_one_stops(server: Server) -> None:
    server.start_ready()
    made = json.loads(run("project", "create", "Other", "--json", "--data", str(server.data)).stdout)
    server.public_key = made["public_key"]

    def send() -> int:
        url = f"http://127.0.0.1:{server.port}/api/{made['id']}/store/?sentry_key={made['public_key']}"
        try:
            with urllib.request.urlopen(urllib.request.Request(url, EVENT), timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    assert send() == 200
    with closing(sqlite.connect(server.data / "state.sqlite3")) as connection:
        connection.execute("UPDATE source SET is_active = 0 WHERE public_key = ?", (made["public_key"],))
    began = time.monotonic()
    wait_until(lambda: send() == 403, 5, "the refusal")
    assert time.monotonic() - began < 1.5


def test_data_of_a_newer_version_is_refused_in_one_sentence(server: Server) -> None:
    server.data.mkdir()
    with closing(sqlite.connect(server.data / "state.sqlite3")) as connection:
        connection.execute("PRAGMA user_version = 999")

    refused = run("serve", "--data", str(server.data), "--port", str(server.port))

    assert refused.returncode != 0
    assert len((refused.stdout + refused.stderr).strip().splitlines()) == 1
    assert "newer" in refused.stderr


def test_a_data_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    server = Server(tmp_path / "data" / "below")

    command = [*MUKIAU, "serve", "--data", str(server.data), "--port", str(server.port)]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    assert refused.returncode == 1
    assert refused.stdout.count("\n") == 1
    assert "cannot be written" in refused.stdout
    assert refused.stderr == ""


def test_a_port_in_use_is_told_in_one_sentence(server: Server, tmp_path: Path) -> None:
    server.start_ready()

    other = run("serve", "--data", str(tmp_path / "other"), "--port", str(server.port))

    assert other.returncode != 0
    assert "Cannot listen" in other.stdout


def test_a_copy_of_the_state_is_whole_while_others_write(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite3"
    with closing(sqlite.connect(state)) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(1000)])

        copy = copy_state(state)

    assert copy.name == f"state.before-{__version__}.sqlite3"
    with closing(sqlite.connect(copy, readonly=True)) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (1000,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert list(tmp_path.glob("*.part*")) == []


def test_a_process_that_may_not_give_way_runs_all_the_same(server: Server, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import os\n\ndef refuse(_by):\n    raise PermissionError(1, 'Operation not permitted')\n\nos.nice = refuse\n"
    )
    server.environment = {"PYTHONPATH": str(tmp_path)}
    server.start_ready()

    assert server.post("store", EVENT) == 200
    wait_until(lambda: server.rows("SELECT count(*) FROM event") == [(1,)], 20, "the event")
