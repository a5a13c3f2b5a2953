"""`mukiau learn`: a newcomer's first look at a log file."""

import gzip
import json
from pathlib import Path

import pytest

LOG = """\
booting
2026-11-20 10:12:01,004 INFO  [main] order.api - listening on 8080
2026-11-20 10:15:40,760 ERROR [worker-1] order.stock - order 1 failed
java.lang.IllegalStateException: no stock
\tat shop.Orders.place(Orders.java:12)
Caused by: java.io.IOException: timeout
\tat shop.Store.read(Store.java:9)
2026-11-20 10:15:41,760 INFO  [main] order.api - next
2026-11-20 10:19:02,090 ERROR [worker-2] order.stock - no stock row for sku B-0031
2026-11-20 10:19:03,090 ERROR [worker-2] order.stock - no stock row for sku B-0032
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "order.log"
    file.write_text(LOG, encoding="utf-8")
    return file


def test_the_report_says_what_it_is_what_fails_and_what_to_do(mukiau, log: Path) -> None:
    said = mukiau("learn", log)

    assert said.exit_code == 0, said.output
    for words in (
        "10 log lines",
        "50 % text with time and level",
        "40 % lines of stack traces",
        "2026-11-20 10:12:01 to 10:19:03 UTC",
        "60 % error, 40 % info",
        "JVM",
        "3 events, which would be 2 issues",
        "IllegalStateException: no stock",
        "<- IOException: timeout",
        "1: booting",
        "mukiau ingest",
        "Nothing names the service",
    ):
        assert words in " ".join(said.stdout.split()), said.stdout
    assert max(map(len, said.stdout.splitlines())) <= 100


def test_the_same_comes_as_json(mukiau, log: Path) -> None:
    (found,) = mukiau.lines("learn", log)

    assert (found["lines"], found["events"], found["events_without_exception"]) == (10, 3, 2)
    assert found["groups"] == [
        {"count": 2, "title": "no stock row for sku B-0031", "cause": "", "level": "error", "language": "", "services": []},
        {
            "count": 1,
            "title": "IllegalStateException: no stock",
            "cause": "IOException: timeout",
            "level": "error",
            "language": "java",
            "services": [],
        },
    ]  # fmt: skip
    assert found["troubles"] == {"stray": {"count": 1, "samples": [["1", "booting"]]}}
    assert len(found["advice"]) == 4


def test_records_with_a_log_group_name_their_service(mukiau, tmp_path: Path) -> None:
    lines = [{"log_group": group, "log_stream": "a", "message": "ERROR: boom"} for group in ("/ecs/p/cart", "/other/x")]
    file = tmp_path / "records.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join([*map(json.dumps, lines), "nope"]).encode()))

    (found,) = mukiau.lines("learn", file)

    assert found["services"] == {"cart": 1, "": 1}
    assert found["log_groups"] == {"/ecs/p/cart": 1, "/other/x": 1}
    assert found["rejected"] == {"not_json": 1}
    assert any("The log group /other/x is not of the form" in sentence for sentence in found["advice"])


def test_another_encoding_is_guessed_at(mukiau, tmp_path: Path) -> None:
    file = tmp_path / "sjis.log"
    file.write_bytes("2026-11-20 10:12:01 ERROR [main] 在庫がありません\n".encode("cp932"))

    (wrong,), (right,) = mukiau.lines("learn", file), mukiau.lines("learn", file, "--encoding", "cp932")

    assert "--encoding cp932" in wrong["advice"][0]
    assert right["groups"][0]["title"] == "在庫がありません"


def test_a_log_cannot_write_to_the_terminal_or_forge_the_report(mukiau, tmp_path: Path) -> None:
    file = tmp_path / "evil.log"
    file.write_text(
        "x\x1b]0;owned\x07[bold red]\u202e\n2026-11-20 10:12:01 ERROR [main] \x1b[2J[/] boom\n", encoding="utf-8"
    )

    said = mukiau("learn", file)

    assert said.exit_code == 0
    assert "\x1b" not in said.stdout
    assert "\u202e" not in said.stdout
    assert "[bold red]" in said.stdout


def test_no_more_lines_are_read_than_asked_for(mukiau, log: Path) -> None:
    (found,) = mukiau.lines("learn", log, "--lines", "2")

    assert (found["lines"], found["is_cut"], found["events"]) == (2, True, 0)


def test_an_empty_file_is_said_to_be_empty(mukiau, tmp_path: Path) -> None:
    file = tmp_path / "empty.log"
    file.touch()

    said = mukiau("learn", file)

    assert "There is no line in it." in said.stdout
