"""`mukiau ingest`: files come in by the road of the network, and `mukiau events` says what `mukiau group` said."""

import gzip
import json
import os
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from mukiau.cli.files import open_text
from serving import MUKIAU, Server, free_port, wait_until

pytestmark = pytest.mark.slow

DEMO = Path(__file__).resolve().parents[2] / "src/mukiau/demo/records.jsonl.gz"
LINES = 4_000

LOG = """\
2026-11-20 10:12:01,004 INFO  [main] order.api - listening on 8080

2026-11-20 10:15:40,760 ERROR [worker-1] order.stock - no stock row for sku A-1207
2026-11-20 10:19:02,090 ERROR [worker-2] order.stock - no stock row for sku B-0031
"""


@pytest.fixture
def served(mukiau_on) -> Iterator[None]:
    """A server on the folder, so that bringing something in starts none."""
    server = Server(mukiau_on.data)
    server.start()
    wait_until(lambda: server.pid("intake"), 60, "intake")
    yield
    server.stop()


def groups_of(events: list[dict[str, object]], group: str) -> dict[str, object]:
    """By first record, because an event is named by it."""
    return {json.dumps(event["record_ids"]): event[group] for event in events}


def sets_of(groups: dict[str, object]) -> set[frozenset[str]]:
    """What is together, whatever it is called."""
    together: dict[object, set[str]] = defaultdict(set)
    for event, group in groups.items():
        together[group].add(event)
    return set(map(frozenset, together.values()))


def test_what_the_server_digested_is_grouped_as_group_says(mukiau, tmp_path: Path) -> None:
    records = tmp_path / "records.jsonl.gz"
    with open_text(str(DEMO)) as lines:
        records.write_bytes(gzip.compress("".join(islice(lines, LINES)).encode(), 1))

    said = mukiau.apart("ingest", records, "--json")

    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout) == {"accepted": LINES, "rejected": 0}
    digested = groups_of(mukiau.lines("events"), "issue")
    assert sets_of(digested) == sets_of(groups_of(mukiau.lines("group", records), "group"))
    assert len(digested) > 50


def test_a_file_brought_in_twice_counts_once(mukiau_on, tmp_path: Path) -> None:
    log = tmp_path / "order.log"
    log.write_text(LOG, encoding="utf-8")
    command = ("ingest", log, "--log-group", "/ecs/acme-prod/order")

    first, second = mukiau_on.apart(*command), mukiau_on.apart(*command)

    assert (first.stdout, second.stdout) == ("4 log lines accepted, 0 rejected.\n",) * 2
    (status,) = mukiau_on.lines("status")
    assert (status["events"], status["issues"], status["duplicates"], status["pending"]) == (2, 1, 4, 0)
    assert {event["environment"] for event in mukiau_on.lines("events")} == {"acme-prod"}


def test_lines_come_in_from_standard_input(mukiau) -> None:
    said = mukiau.apart("ingest", "-", text=LOG)

    assert said.returncode == 0, said.stderr
    (status,) = mukiau.lines("status")
    assert status["events"] == 2


def test_with_several_projects_one_must_be_named(mukiau_on) -> None:
    mukiau_on("project", "create", "Other")

    said = mukiau_on("ingest", "-", text=LOG)

    assert said.exit_code == 2
    assert "Which project? --project takes one of: shop, other." in said.stderr


@pytest.mark.usefixtures("served")
def test_records_without_ids_count_once_by_what_they_say_and_where(mukiau_on, tmp_path: Path) -> None:
    monday, tuesday = tmp_path / "monday.jsonl", tmp_path / "tuesday.jsonl"
    monday.write_text(_record("ERROR order.stock - no stock row") + "no record\n", encoding="utf-8")
    tuesday.write_text(_record("ERROR order.ship - no carrier"), encoding="utf-8")

    said = [
        mukiau_on.apart("ingest", "--json", "-", text=monday.read_text(encoding="utf-8")),
        mukiau_on.apart("ingest", "--json", "-", text=tuesday.read_text(encoding="utf-8")),
        mukiau_on.apart("ingest", "--json", "-", text=monday.read_text(encoding="utf-8")),
    ]

    assert [json.loads(one.stdout) for one in said] == [
        {"accepted": 1, "rejected": 1},
        {"accepted": 1, "rejected": 0},
        {"accepted": 1, "rejected": 1},
    ]
    assert said[0].stderr.splitlines()[0] == "-:2: no JSON"
    (status,) = mukiau_on.lines("status")
    assert (status["events"], status["duplicates"]) == (2, 1)


@pytest.mark.usefixtures("served")
def test_a_file_is_the_same_by_whatever_path(mukiau_on, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.joinpath("order.log").write_text(LOG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    mukiau_on.apart("ingest", "order.log")
    mukiau_on.apart("ingest", tmp_path / "." / "order.log", "./order.log")

    (status,) = mukiau_on.lines("status")
    assert (status["events"], status["duplicates"]) == (2, 8)


def _record(message: str) -> str:
    return json.dumps({"log_group": "/ecs/acme-prod/order", "log_stream": "order/1", "message": message}) + "\n"


def test_a_server_started_for_a_file_leaves_no_address(mukiau_on) -> None:
    """A DSN must not name a port that was there for a moment."""
    before = mukiau_on.lines("project", "list")

    mukiau_on.apart("ingest", "-", text=LOG)

    assert mukiau_on.lines("project", "list") == before


def test_an_intake_without_supervisor_is_sent_to(mukiau_on) -> None:
    port = str(free_port())
    address = {"MUKIAU_PORT": port, "MUKIAU_DATA": str(mukiau_on.data)}
    intake = subprocess.Popen([*MUKIAU, "role", "intake"], env=os.environ | address)
    try:
        wait_until(lambda: mukiau_on.data.joinpath("intake.lock").exists(), 10, "intake")

        said = mukiau_on.apart("ingest", "--no-wait", "-", text=LOG, MUKIAU_PORT=port)
    finally:
        intake.terminate()
        intake.wait(10)

    assert (said.returncode, said.stdout) == (0, "4 log lines accepted, 0 rejected.\n")
