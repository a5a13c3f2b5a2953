"""`mukiau ingest --follow`, and what CloudWatch Logs and Firehose leave in a bucket."""

import gzip
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from serving import MUKIAU, Server, wait_until


def line(number: int) -> str:
    return f"2026-11-20 10:15:40,760 ERROR [main] order.stock - no stock row for sku A-{number}\n"


def document(number: int) -> bytes:
    events = [
        {"id": f"{number}-{n}", "timestamp": 1_795_169_740_000 + n, "message": f"ERROR: {number}"} for n in range(2)
    ]
    return json.dumps(
        {"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "/ecs/p/cart", "logStream": "s", "logEvents": events}
    ).encode()


def test_documents_in_a_row_and_in_several_gzip_members_are_read(mukiau, tmp_path: Path) -> None:
    file = tmp_path / "logs-1-2026-11-20-10-15-40-0b7f"
    file.write_bytes(b"".join(gzip.compress(document(number)) for number in range(3)) + gzip.compress(document(3) * 40))

    (found,) = mukiau.lines("learn", file)

    assert (found["lines"], found["log_groups"], found["rejected"]) == (86, {"/ecs/p/cart": 86}, {})


def test_an_export_is_read_with_its_stream_and_times(mukiau, tmp_path: Path) -> None:
    folder = tmp_path / "0b7f/web-order-1"
    folder.mkdir(parents=True)
    trace = "java.lang.Error: boom\n\tat shop.A.b(A.java:1)"
    text = (
        f"2026-11-20T10:15:40.760Z ERROR failed\n2026-11-20T10:15:40.761Z {trace}\n2026-11-20T10:15:41.000Z INFO ok\n"
    )
    (folder / "000000.gz").write_bytes(gzip.compress(text.encode()))

    (event,) = mukiau.lines("parse", folder / "000000.gz")

    assert [link["type"] for link in event["exceptions"]] == ["java.lang.Error"]
    assert event["record_ids"] == ["1", "2", "3"]


@pytest.mark.parametrize("arguments", [["-"], [], ["x.log", "--encoding", "utf-16"]])
def test_what_cannot_be_followed_is_refused(mukiau_on, arguments: list[str]) -> None:
    said = mukiau_on("ingest", "--follow", *arguments)

    assert said.exit_code == 2
    assert "--follow" in said.stderr


def test_a_folder_is_refused_for_it_would_be_waited_for_for_ever(mukiau_on, tmp_path: Path) -> None:
    said = mukiau_on("ingest", "--follow", tmp_path)

    assert said.exit_code == 1
    assert f"{tmp_path} is a folder; name the files in it, such as {tmp_path / '*.log'}." in said.stderr


def start(server: Server, log: Path, said: Path) -> "subprocess.Popen[bytes]":
    command = [*MUKIAU, "ingest", "--follow", str(log), "--log-group", "/ecs/p/order"]
    with said.open("ab") as file:
        environment = os.environ | {"MUKIAU_DATA": str(server.data)}
        options = {"env": environment, "stdout": file, "stderr": file}
        return subprocess.Popen(command, preexec_fn=_hear_interrupts, **options)  # noqa: PLW1509 - it only sets a signal


def _hear_interrupts() -> None:
    """A shell has what it runs in the background ignore them, the tests with all that they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.slow
def test_a_growing_file_is_brought_in_once_through_a_restart(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    server.start_ready()
    log, said = tmp_path / "order.log", tmp_path / "said.txt"
    log.write_text(line(1), encoding="utf-8")

    def events() -> int:
        return int(str(server.rows("SELECT count(*) FROM event")[0][0]))

    following = start(server, log, said)
    try:
        wait_until(lambda: events() == 1, 60, "the first line")
        following.send_signal(signal.SIGINT)
        assert following.wait(30) == 0
        with log.open("a", encoding="utf-8") as file:
            file.write(line(2))
        following = start(server, log, said)
        wait_until(lambda: events() == 2, 60, "the line after the restart")
        wait_until(server.is_drained, 60, "digest")
    finally:
        following.terminate()
        following.wait(30)
        server.stop()

    assert events() == 2
    assert said.read_text(encoding="utf-8").count("1 log line accepted. The next start goes on from here.") == 2
