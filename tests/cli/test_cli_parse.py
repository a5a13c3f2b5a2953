"""`mukiau parse` and `mukiau group`: a stable form for programs that read them."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

LOG = """\
2026-11-20 10:12:01,004 INFO  [main] order.api - listening on 8080
2026-11-20 10:12:07,311 ERROR [worker-3] order.charge - charge failed for order 118
Traceback (most recent call last):
  File "/srv/order/gateway.py", line 12, in pay
    raise TimeoutError("no answer in 3.0s")
TimeoutError: no answer in 3.0s

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/order/charge.py", line 44, in charge
    raise ChargeError(f"order {order.id} was not charged") from error
order.charge.ChargeError: order 118 was not charged
2026-11-20 10:12:08,002 INFO  [main] order.api - GET /health 200
2026-11-20 10:15:40,760 ERROR [worker-1] order.stock - no stock row for sku A-1207
2026-11-20 10:19:02,090 ERROR [worker-2] order.stock - no stock row for sku B-0031
"""
KEYS = [
    "record_ids",
    "level",
    "service",
    "environment",
    "logger",
    "message",
    "template",
    "language",
    "exceptions",
    "fingerprint_hash",
]


def record(message: str, *, record_id: str, stream: str = "order/1") -> dict[str, Any]:
    return {
        "log_group": "/ecs/acme-prod/order",
        "log_stream": stream,
        "timestamp": 1_795_000_000_000,
        "message": message,
        "id": record_id,
    }


def json_lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in records)


def test_each_event_is_one_json_line_with_these_keys(mukiau) -> None:
    events = mukiau.lines("parse", "-", text=LOG)

    assert [list(event) for event in events] == [KEYS] * 3


def test_the_ids_of_plain_lines_are_their_numbers(mukiau) -> None:
    events = mukiau.lines("parse", "-", text=LOG)

    assert [event["record_ids"] for event in events] == [[str(n) for n in range(2, 14)], ["15"], ["16"]]


def test_exceptions_come_outermost_first_with_frames_oldest_call_first(mukiau) -> None:
    event = mukiau.lines("parse", "-", text=LOG)[0]

    assert [(link["type"], link["relation"]) for link in event["exceptions"]] == [
        ("order.charge.ChargeError", "top"),
        ("TimeoutError", "cause"),
    ]
    assert event["exceptions"][1]["message"] == "no answer in 3.0s"
    assert event["exceptions"][1]["frames"][-1]["function"] == "pay"
    assert event["exceptions"][1]["frames"][-1]["lineno"] == 12


def test_the_words_of_the_log_call_are_kept_beside_the_chain(mukiau) -> None:
    event = mukiau.lines("parse", "-", text=LOG)[0]

    assert (event["level"], event["logger"], event["language"]) == ("error", "order.charge", "python")
    assert event["message"] == "charge failed for order 118"
    assert event["template"] == "charge failed for order <num>"


def test_events_of_one_kind_have_one_fingerprint(mukiau) -> None:
    _, first, second = mukiau.lines("parse", "-", text=LOG)

    assert first["fingerprint_hash"] == second["fingerprint_hash"]


def test_records_as_json_lines_keep_their_ids_and_name_service_and_environment(mukiau) -> None:
    text = json_lines(
        record("2026-11-20 10:15:40,760 ERROR order.stock - no stock row", record_id="a-1"),
        record("2026-11-20 10:15:41,002 INFO order.api - ok", record_id="a-2"),
    )

    (event,) = mukiau.lines("parse", "-", text=text)

    assert event["record_ids"] == ["a-1"]
    assert (event["service"], event["environment"]) == ("order", "acme-prod")


def test_a_warning_with_a_trace_is_an_event_of_level_warning(mukiau) -> None:
    text = LOG.splitlines(keepends=True)
    warning = "".join([text[1].replace("ERROR", "WARN "), *text[2:6]])

    (event,) = mukiau.lines("parse", "-", text=warning)

    assert event["level"] == "warning"


def test_a_warning_without_a_trace_is_no_event(mukiau) -> None:
    events = mukiau.lines("parse", "-", text="2026-11-20 10:15:40,760 WARN order.stock - stock is low\n")

    assert events == []


def test_members_of_an_exception_group_say_so(mukiau) -> None:
    text = """\
  + Exception Group Traceback (most recent call last):
  |   File "/srv/batch/main.py", line 4, in run
  |     raise ExceptionGroup("2 of 9 jobs failed", errors)
  | ExceptionGroup: 2 of 9 jobs failed (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: no currency
    +---------------- 2 ----------------
    | KeyError: 'sku'
    +------------------------------------
"""

    (event,) = mukiau.lines("parse", "-", text=text)

    assert [(link["type"], link["relation"]) for link in event["exceptions"]] == [
        ("ExceptionGroup", "top"),
        ("ValueError", "group-member"),
        ("KeyError", "group-member"),
    ]


@pytest.mark.parametrize("command", ["parse", "group"])
def test_standard_input_a_file_a_gzip_and_a_glob_say_the_same(mukiau, tmp_path: Path, command: str) -> None:
    tmp_path.joinpath("order.log").write_text(LOG, encoding="utf-8")
    tmp_path.joinpath("order.log.gz").write_bytes(gzip.compress(LOG.encode()))

    said = [
        mukiau.lines(command, "-", text=LOG),
        mukiau.lines(command, "-", text=gzip.compress(LOG.encode())),
        mukiau.lines(command, tmp_path / "order.log"),
        mukiau.lines(command, tmp_path / "order.log.gz"),
        mukiau.lines(command, tmp_path / "*.log"),
    ]

    assert len(said[0]) == 3
    assert all(other == said[0] for other in said)


def test_a_cloudwatch_document_is_read_as_it_is(mukiau, tmp_path: Path) -> None:
    document = {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "/ecs/acme-prod/order",
        "logStream": "order/1",
        "logEvents": [
            {
                "id": "36",
                "timestamp": 1_795_000_000_000,
                "message": "2026-11-20 10:15:40 ERROR order.stock - no stock row",
            }
        ],
    }
    tmp_path.joinpath("document.json.gz").write_bytes(gzip.compress(json.dumps(document).encode()))

    (event,) = mukiau.lines("parse", tmp_path / "document.json.gz")

    assert (event["record_ids"], event["service"]) == (["36"], "order")


@pytest.mark.parametrize("command", ["parse", "group"])
@pytest.mark.parametrize("text", ["", "\n\n", "2026-11-20 10:15:40,760 INFO order.api - all is well\n"])
def test_finding_nothing_is_no_failure(mukiau, command: str, text: str) -> None:
    result = mukiau(command, "-", "--json", text=text)

    assert (result.exit_code, result.stdout) == (0, "")


def test_bytes_that_are_no_text_are_no_failure(mukiau) -> None:
    events = mukiau.lines("parse", "-", text=b"2026-11-20 10:15:40 ERROR order.stock - \xff\xfe row\n\x00\xff\n")

    assert len(events) == 1


def test_a_line_that_is_no_record_is_named_and_the_rest_is_read(mukiau) -> None:
    text = json_lines(record("2026-11-20 10:15:40 ERROR order.stock - no stock row", record_id="a-1")) + "{broken\n"

    result = mukiau("parse", "-", "--json", text=text)

    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1
    assert "-:2: no JSON" in result.stderr


def test_a_file_that_does_not_exist_is_said_in_one_sentence(mukiau) -> None:
    result = mukiau("group", "nowhere.log")

    assert (result.exit_code, result.stderr) == (1, "Error: No file is called nowhere.log.\n")


def test_group_says_for_each_event_its_records_and_its_group(mukiau) -> None:
    groups = mukiau.lines("group", "-", text=LOG)
    events = mukiau.lines("parse", "-", text=LOG)

    assert groups == [{"record_ids": e["record_ids"], "group": e["fingerprint_hash"]} for e in events]


def test_for_people_group_counts_the_most_frequent_first(mukiau) -> None:
    lines = mukiau("group", "-", text=LOG).stdout.splitlines()

    assert [line.split()[0] for line in lines] == ["2", "1", "3"]
    assert lines[-1] == "3 events, 2 issues"


def test_nothing_is_written_by_looking(mukiau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where a folder happens to have the data folder's name."""
    monkeypatch.chdir(tmp_path)
    mukiau.data.mkdir()

    mukiau("parse", "-", text=LOG)

    assert list(mukiau.data.iterdir()) == []
    assert list(tmp_path.iterdir()) == [mukiau.data]


def test_a_gzip_that_ends_too_early_is_said_in_one_sentence(mukiau, tmp_path: Path) -> None:
    tmp_path.joinpath("order.log.gz").write_bytes(gzip.compress(LOG.encode())[:-20])

    result = mukiau("group", tmp_path / "order.log.gz")

    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {tmp_path / 'order.log.gz'} cannot be read: ")
    assert "Traceback" not in result.stderr


def test_lines_of_two_files_never_make_one_event(mukiau, tmp_path: Path) -> None:
    """Not even when the first ends within a trace and the second begins like the rest of it."""
    lines = LOG.splitlines(keepends=True)
    tmp_path.joinpath("a.log").write_text("".join(lines[1:4]), encoding="utf-8")
    tmp_path.joinpath("b.log").write_text("".join(lines[4:6]), encoding="utf-8")

    groups = mukiau.lines("group", tmp_path / "*.log")

    assert ["1", "2", "3"] in [group["record_ids"] for group in groups]


JAPANESE = "2026-11-20 10:15:40,760 ERROR [w-1] order.stock - 在庫が不足しています 商品=A-1\n"


@pytest.mark.parametrize("encoding", ["cp932", "euc-jp"])
def test_files_of_another_encoding_are_read_when_it_is_named(mukiau, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(JAPANESE.encode(encoding))

    (event,) = mukiau.lines("parse", path, "--encoding", encoding)

    assert event["message"] == "在庫が不足しています 商品=A-1"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_at_the_beginning_of_a_file_is_no_part_of_its_text(mukiau, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(JAPANESE.encode(encoding))

    (event,) = mukiau.lines("parse", path)

    assert (event["message"], event["logger"]) == ("在庫が不足しています 商品=A-1", "order.stock")


def test_an_unknown_encoding_is_a_wrong_option(mukiau) -> None:
    result = mukiau("parse", "--encoding", "kanji", text=JAPANESE)

    assert result.exit_code == 2
    assert "no encoding is called kanji" in result.stderr


def test_people_are_told_when_nothing_was_found_and_programs_get_nothing(mukiau) -> None:
    quiet = "2026-11-20 10:15:40,760 INFO [w-1] order.stock - fine\n"

    assert mukiau("parse", text=quiet).stderr == "No error event was found.\n"
    assert mukiau("parse", "--json", text=quiet).output == ""


def test_a_folder_in_place_of_a_file_is_said_with_what_to_name_instead(mukiau, tmp_path: Path) -> None:
    result = mukiau("group", tmp_path)

    assert result.exit_code == 1
    assert f"{tmp_path} is a folder; name the files in it, such as {tmp_path}/*.log." in result.stderr


def test_what_aws_logs_tail_prints_is_read_stream_by_stream(mukiau) -> None:
    lines = [
        "ERROR [w-1] order.charge - charge failed",
        "Traceback (most recent call last):",
        '  File "/srv/order/charge.py", line 41, in charge',
        "    gateway.pay(order)",
        "TimeoutError: no answer",
    ]
    streams = ("order/app/89b3411dc52d8ea04b9b", "2026/11/20/[$LATEST]3f1c0a52d8ea04b9b889c95")
    text = "".join(
        f"2026-11-20T10:15:40.76{n}000+00:00 {stream} {line}\n" for n, line in enumerate(lines) for stream in streams
    )

    first, second = mukiau.lines("parse", text=text)

    assert first["exceptions"] == second["exceptions"]
    assert [link["type"] for link in first["exceptions"]] == ["TimeoutError"]
    assert {*first["record_ids"], *second["record_ids"]} == {str(number) for number in range(1, 11)}


def test_a_line_that_only_begins_with_a_time_is_a_plain_one(mukiau) -> None:
    (event,) = mukiau.lines("parse", text="2026-11-20T10:15:40.760000+00:00 ERROR orders/7 was not saved\n")

    assert event["message"] == "orders/7 was not saved"


def test_events_come_in_the_order_of_the_file_though_a_trace_closes_late(mukiau, tmp_path: Path) -> None:
    trace = ["12:00:00 ERROR first", "java.io.IOException: no", "\tat shop.Cart.open(Cart.java:31)"]
    file = tmp_path / "app.log"
    file.write_text("\n".join([*trace, '{"level":"error","msg":"second"}', '{"level":"error","msg":"third"}']), "utf-8")

    events = mukiau.lines("parse", str(file))

    assert [event["message"] for event in events] == ["first", "second", "third"]


def test_no_event_of_a_large_file_is_kept_back(mukiau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mukiau.cli.analyse.MAX_WAITING", 3)
    file = tmp_path / "app.log"
    file.write_text("".join(f'{{"level":"error","msg":"m{n}"}}\n' for n in range(20)), "utf-8")

    events = mukiau.lines("parse", str(file))

    assert [event["message"] for event in events] == [f"m{n}" for n in range(20)]


@pytest.mark.parametrize("indent", [None, 4])
def test_an_answer_of_kinesis_is_read_as_the_command_prints_it(mukiau, tmp_path: Path, indent: int | None) -> None:
    data = base64.b64encode(gzip.compress(LOG.encode())).decode()
    answer = {"Records": [{"SequenceNumber": "7", "Data": data, "PartitionKey": "p"}], "MillisBehindLatest": 0}
    file = tmp_path / "records.json"
    file.write_text(f"{json.dumps(answer, indent=indent)}\n" * 2, encoding="utf-8")

    events = mukiau.lines("parse", file)

    assert events[0]["message"] == "charge failed for order 118"
    assert events[0]["record_ids"][0] == "7:1"


@pytest.mark.parametrize("indent", [None, 4])
def test_an_answer_of_kinesis_without_records_is_no_line(mukiau, tmp_path: Path, indent: int | None) -> None:
    file = tmp_path / "records.json"
    file.write_text(json.dumps({"Records": [], "MillisBehindLatest": 0}, indent=indent), encoding="utf-8")

    result = mukiau("parse", file)

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No error event was found.\n")


def test_what_is_no_record_of_kinesis_is_said_with_what_to_do(mukiau, tmp_path: Path) -> None:
    packed = base64.b64encode(b"\xf3\x89\x9a\xc2 several").decode()
    file = tmp_path / "records.json"
    file.write_text(json.dumps({"Records": [{"Data": packed}, {"Data": "?"}]}) + "\n{}\n", encoding="utf-8")

    said = mukiau("parse", file).stderr.splitlines()

    assert [line.removeprefix(f"{file}:").split(";")[0] for line in said[:-1]] == [
        "1: a Kinesis record that holds several of the Kinesis Producer Library",
        "2: a Kinesis record whose Data is no base64, or gzip that is cut",
        "2: no answer of GetRecords, in a file that begins with one",
    ]
