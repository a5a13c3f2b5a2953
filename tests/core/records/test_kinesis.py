"""What a Kinesis stream holds: an answer of GetRecords, or the event of a function."""

import base64
import gzip
import json
from typing import Any

import pytest

from mukiau.core.records.kinesis import is_kinesis, iter_kinesis
from mukiau.core.records.payloads import RecordsBatch, read_batch

CLOUDWATCH = {
    "messageType": "DATA_MESSAGE",
    "owner": "123456789012",
    "logGroup": "/ecs/acme-prod/order",
    "logStream": "order/7",
    "logEvents": [{"id": "56", "timestamp": 1_795_000_000_000, "message": "ERROR no stock"}],
}


def answer(*data: bytes, first: int = 100) -> dict[str, Any]:
    return {
        "Records": [
            {"SequenceNumber": str(first + at), "Data": base64.b64encode(one).decode(), "PartitionKey": "p"}
            for at, one in enumerate(data)
        ],
        "NextShardIterator": "AAAA",
        "MillisBehindLatest": 0,
    }


def read(value: dict[str, Any]) -> RecordsBatch:
    return read_batch(iter_kinesis(value, around={"log_stream": "shard"}))


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_subscription_document_is_read_gzipped_or_not(pack: Any) -> None:
    (record,) = read(answer(pack(json.dumps(CLOUDWATCH).encode()))).records

    assert (record.record_id, record.message, record.timestamp_ms) == ("56", "ERROR no stock", 1_795_000_000_000)
    assert record.stream == ("123456789012", "/ecs/acme-prod/order", "order/7")


def test_lines_of_an_application_are_named_by_their_sequence_number() -> None:
    given = answer(b"ERROR one\n  at x\n", b'{"level":"error","msg":"two"}')

    records = read(given).records

    assert [record.message for record in records] == ["ERROR one", "  at x", '{"level":"error","msg":"two"}']
    assert [record.record_id for record in records] == ["100:0", "100:1", "101:0"]
    assert all(record.has_source_id and record.log_stream == "shard" for record in records)


def test_the_event_of_a_function_is_read_alike() -> None:
    event = {"Records": [{"kinesis": {"sequenceNumber": "9", "data": base64.b64encode(b"boom").decode()}}]}

    (record,) = read(event).records

    assert is_kinesis(event)
    assert (record.record_id, record.message) == ("9:0", "boom")


def test_what_cannot_be_read_is_named_by_its_place_and_loses_nothing_else() -> None:
    given = answer(b"one", b"two", b"\xf3\x89\x9a\xc2packed", gzip.compress(b"cut")[:-9])
    given["Records"][0]["Data"] = "no base64!"
    given["Records"].append("no record")

    found = read(given)

    assert [record.message for record in found.records] == ["two"]
    assert [(one.index, one.reason) for one in found.rejected] == [
        (0, "bad_kinesis_data"),
        (2, "aggregated"),
        (3, "bad_kinesis_data"),
        (4, "bad_kinesis_data"),
    ]


def test_an_answer_without_records_is_one() -> None:
    assert is_kinesis(answer())
    assert read(answer()) == RecordsBatch(())


@pytest.mark.parametrize(
    "value", [None, [], {}, {"Records": 7}, {"Records": [{"s3": {}}]}, {"records": []}, {"Records": []}]
)
def test_other_json_is_none(value: Any) -> None:
    assert not is_kinesis(value)
