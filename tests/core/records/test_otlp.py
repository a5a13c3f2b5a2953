"""OpenTelemetry's logs, as a real SDK and a collector send them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.event import Level
from mukiau.core.records.assemble import Assembler
from mukiau.core.records.entry import LogEntry
from mukiau.core.records.otlp import json_body, wire
from mukiau.core.records.otlp.logged import MAX_ATTRIBUTES
from mukiau.core.records.otlp.records import iter_otlp, iter_otlp_json
from mukiau.core.records.payloads import MAX_RECORD_CHARS, RecordsBatch, Rejected, read_batch

DATA = Path(__file__).parents[2] / "data/records/otlp"
SDK = (DATA / "python_sdk.pb").read_bytes()
COLLECTOR = (DATA / "collector.json").read_bytes()
REASONS = {"not_otlp", "no_message", "bad_log_record", "cut", "too_many"}


def protobuf(body: bytes) -> RecordsBatch:
    return read_batch(iter_otlp(body, item="7"))


def in_json(body: bytes) -> RecordsBatch:
    return read_batch(iter_otlp_json(body, item="7"))


def errors(batch: RecordsBatch) -> list[LogEntry]:
    assembler = Assembler()
    found = [*assembler.feed(batch.records), *assembler.flush_all()]
    return sorted(found, key=lambda entry: entry.occurred_ms or 0)


def export(**logged: object) -> bytes:
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [logged]}]}]}).encode()


def test_what_the_python_sdk_sends_is_read_with_its_chain() -> None:
    batch = protobuf(SDK)

    chained, plain = errors(batch)
    assert batch.rejected == ()
    assert [record.service for record in batch.records] == ["order"] * 3
    assert {record.environment for record in batch.records} == {"acme-prod"}
    assert [link.type for link in chained.exceptions] == ["RuntimeError", "KeyError"]
    assert chained.exceptions[0].message == "order 7 failed"
    assert chained.exceptions[0].frames[-1].filename.endswith("place.py")
    assert (chained.message, chained.logger, chained.level) == ("cannot place order 7", "shop.orders", Level.ERROR)
    assert (chained.service, chained.environment) == ("order", "acme-prod")
    assert (plain.message, plain.exceptions) == ("no stock row for sku A-1", ())
    assert plain.call_site == "/srv/order/place.py:<module>"


def test_lines_that_a_collector_read_from_a_container_are_put_together() -> None:
    batch = in_json(COLLECTOR)

    traced, declined = errors(batch)
    assert batch.records[0].stream == ("123456789012", "", "cart/cart-5d9c/app/stderr")
    assert batch.records[0].message.startswith("2026-11-20 10:15:40,760 ERROR")
    assert batch.records[0].timestamp_ms == 1_795_169_740_760
    assert [link.type for link in traced.exceptions] == ["java.lang.IllegalStateException"]
    assert len(traced.record_ids) == 3
    assert (declined.message, declined.trace_id) == ("payment declined", "5b8efff798038103d269b633813fc60c")


@pytest.mark.parametrize(("read", "body"), [(protobuf, SDK), (in_json, COLLECTOR)])
def test_the_same_body_gives_the_same_ids(read, body: bytes) -> None:
    ids = [record.record_id for record in read(body).records]

    assert [record.record_id for record in read(body).records] == ids
    assert len(set(ids)) == len(ids)


def test_two_equal_log_records_of_one_body_are_two() -> None:
    record = {"timeUnixNano": "1795169740760000000", "body": {"stringValue": "boom"}}
    body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record, record]}]}]}).encode()

    first, second = in_json(body).records

    assert first.record_id != second.record_id


def test_a_log_record_without_a_time_may_come_again() -> None:
    (record,) = in_json(export(body={"stringValue": "boom"})).records

    assert (record.record_id, record.has_source_id, record.timestamp_ms) == ("7:0", False, None)


@pytest.mark.parametrize(
    ("number", "text", "level"),
    [(9, "", "info"), (17, "SEVERE", "error"), (21, "", "fatal"), (0, "WARN", "WARN"), (13, "", "warning")],
)
def test_a_severity_becomes_the_level(number: int, text: str, level: str) -> None:
    (record,) = in_json(export(severityNumber=number, severityText=text, body={"stringValue": "m"})).records

    assert json.loads(record.message)["level"] == level


def test_a_service_that_nobody_named_is_none() -> None:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "unknown_service:java"}}]}
    body = {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": [{"body": {"stringValue": "m"}}]}]}]}

    (record,) = in_json(json.dumps(body).encode()).records

    assert record.service == ""


def test_a_broken_log_record_does_not_fail_the_others() -> None:
    scope = bytes.fromhex("12 02 0a ff") + bytes.fromhex("12 05 2a 03 0a 01") + b"a"
    body = b"\x0a" + bytes([len(scope) + 2]) + b"\x12" + bytes([len(scope)]) + scope

    batch = protobuf(body)

    assert [record.message for record in batch.records] == ["a"]
    assert batch.rejected == (Rejected(0, "bad_log_record"),)


@pytest.mark.parametrize("body", [b"hello", b"\xff" * 20, SDK[:-1], b"\x0b", b"\x0a\x7f"])
def test_what_is_no_protobuf_is_turned_away(body: bytes) -> None:
    assert protobuf(body).rejected[-1].reason == "not_otlp"


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", SDK])
def test_what_is_no_json_is_turned_away(body: bytes) -> None:
    assert in_json(body).rejected == (Rejected(0, "not_otlp"),)


def test_more_fields_than_a_body_may_have_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_FIELDS", 30)
    monkeypatch.setattr(json_body, "MAX_BODY_MARKS", 30)

    assert protobuf(SDK).rejected[-1].reason == "not_otlp"
    assert in_json(COLLECTOR).rejected == (Rejected(0, "not_otlp"),)


def test_of_too_many_attributes_the_first_are_kept() -> None:
    attributes = [{"key": f"k{n}", "value": {"intValue": str(n)}} for n in range(2 * MAX_ATTRIBUTES)]

    (record,) = in_json(export(severityNumber=17, attributes=attributes)).records

    assert len(json.loads(record.message)["attributes"]) == MAX_ATTRIBUTES


@given(st.binary(max_size=300), st.integers(0, len(SDK)), st.binary(max_size=4))
def test_reading_never_raises(noise: bytes, at: int, patch: bytes) -> None:
    for body in (noise, SDK[:at] + patch + SDK[at + len(patch) :]):
        for batch in (protobuf(body), in_json(body)):
            assert {rejected.reason for rejected in batch.rejected} <= REASONS


@pytest.mark.parametrize(("chars", "rejected"), [(MAX_RECORD_CHARS, ()), (MAX_RECORD_CHARS + 1, (Rejected(0, "cut"),))])
def test_a_message_that_is_cut_is_said_to_be(chars: int, rejected: tuple[Rejected, ...]) -> None:
    batch = in_json(export(body={"stringValue": "x" * chars}))

    assert [len(record.message) for record in batch.records] == [MAX_RECORD_CHARS]
    assert batch.rejected == rejected


def test_what_cannot_be_read_comes_behind_what_could() -> None:
    batch = protobuf(SDK + b"\x0a\x7f")

    assert batch.rejected == (Rejected(len(batch.records), "not_otlp"),)
