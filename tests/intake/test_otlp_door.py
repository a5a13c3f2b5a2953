"""The door for OpenTelemetry's logs, by its protocol."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from mukiau.intake.ports import ItemKind

KEY = "0123456789abcdef" * 2
DATA = Path(__file__).parents[1] / "data/records/otlp"
PROTOBUF = {"content-type": "application/x-protobuf", "authorization": f"Bearer {KEY}"}
JSON = {"content-type": "application/json; charset=utf-8", "x-mukiau-key": KEY}
SDK = (DATA / "python_sdk.pb").read_bytes()
COLLECTOR = (DATA / "collector.json").read_bytes()
BROKEN = b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[1,{"body":{"stringValue":"m"}}]}]}]}'


def knock(house: Any, body: bytes, headers: dict[str, str]) -> Any:
    return house.send("/api/7/otlp/v1/logs", body, headers)


@pytest.mark.parametrize(
    ("body", "headers", "kind", "count", "said"),
    [
        (SDK, PROTOBUF, ItemKind.OTLP, 3, b""),
        (gzip.compress(SDK), PROTOBUF | {"content-encoding": "gzip"}, ItemKind.OTLP, 3, b""),
        (COLLECTOR, JSON, ItemKind.OTLP_JSON, 4, b"{}"),
    ],
    ids=["protobuf", "gzip", "json"],
)
def test_an_export_is_kept_as_it_came(
    house: Any, body: bytes, headers: dict[str, str], kind: ItemKind, count: int, said: bytes
) -> None:
    answer = knock(house, body, headers)

    assert (answer.status, answer.body) == (200, said)
    assert answer.headers["content-type"] == headers["content-type"].partition(";")[0]
    (item,) = house.spool.items
    assert (item.kind, item.body, item.record_count) == (kind, body, count)


def test_a_partial_success_says_how_many_were_not_kept(house: Any) -> None:
    answer = knock(house, BROKEN, JSON)

    assert answer.json == {"partialSuccess": {"rejectedLogRecords": "1", "errorMessage": "bad_log_record: 1"}}
    assert house.spool.counts["rejected_records", "bad_log_record"] == 1
    assert house.spool.items[0].record_count == 1


def test_a_partial_success_in_protobuf_is_protobuf(house: Any) -> None:
    answer = knock(house, SDK + b"\xff", PROTOBUF)

    assert (answer.status, answer.body) == (200, b"\x0a\x0f\x08\x01\x12\x0bnot_otlp: 1")


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason"),
    [
        (b"hello", PROTOBUF, 400, "not an export of logs: what comes does not fit its content type"),
        (SDK, JSON, 400, "not an export of logs: what comes does not fit its content type"),
        (SDK, {"content-type": PROTOBUF["content-type"]}, 401, "missing authorization information"),
        (SDK, PROTOBUF | {"authorization": "Bearer x"}, 400, "malformed public key"),
        (SDK, PROTOBUF | {"x-mukiau-key": KEY}, 401, "multiple authorization payloads detected"),
        (SDK, JSON | {"content-type": "text/plain"}, 415, "content type is neither application/x-protobuf nor application/json"),
        (SDK, JSON | {"content-length": str(10**9)}, 413, "request body is too large"),
    ],
)  # fmt: skip
def test_a_refusal_is_a_status_in_the_encoding_of_the_request(
    house: Any, body: bytes, headers: dict[str, str], status: int, reason: str
) -> None:
    answer = knock(house, body, headers)

    in_protobuf = b"\x12" + bytes([len(reason)]) + reason.encode()
    is_json = headers["content-type"].startswith("application/json")
    assert answer.status == status
    assert answer.body == (json.dumps({"message": reason}, separators=(",", ":")).encode() if is_json else in_protobuf)
    assert house.spool.items == []


def test_an_exporter_is_told_when_to_try_again(house: Any) -> None:
    house.spool.full = "disk_full"

    answer = knock(house, SDK, PROTOBUF)

    assert (answer.status, int(answer.headers["retry-after"]) > 0) == (503, True)


def test_an_export_of_nothing_is_one(house: Any) -> None:
    answer = knock(house, b"", PROTOBUF | {"content-length": "0"})

    assert (answer.status, answer.body, house.spool.items) == (200, b"", [])
