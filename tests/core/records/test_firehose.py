"""Requests of Amazon Data Firehose."""

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.records import firehose
from mukiau.core.records.firehose import iter_firehose
from mukiau.core.records.payloads import RecordsBatch, Rejected, read_batch

DOCUMENT = {
    "messageType": "DATA_MESSAGE",
    "owner": "123456789012",
    "logGroup": "/ecs/acme-prod/orders",
    "logStream": "web/orders/1",
    "subscriptionFilters": ["all"],
    "logEvents": [
        {"id": "39000179", "timestamp": 1791209701769, "message": "one"},
        {"id": "39000180", "timestamp": 1791209701770, "message": "two"},
    ],
}
REASONS = {"not_firehose", "bad_firehose_data", "no_message", "not_json", "not_an_object", "too_many"}
TEXT = json.dumps(DOCUMENT).encode()


def request(*data: bytes, **more: Any) -> bytes:
    records = [{"data": base64.b64encode(one).decode()} for one in data]
    return json.dumps({"requestId": "r-1", "timestamp": 1791209701769, "records": records, **more}).encode()


def read(body: bytes, item: str = "7") -> RecordsBatch:
    return read_batch(iter_firehose(body, item=item))


@pytest.mark.parametrize(
    "data",
    [gzip.compress(TEXT * 2), gzip.compress(TEXT) * 2, gzip.compress(TEXT + b"\n" + TEXT), TEXT + TEXT],
    ids=["documents in a row", "members in a row", "lines", "not packed"],
)
def test_documents_of_a_subscription_are_read_however_they_are_packed(data: bytes) -> None:
    batch = read(request(data))

    assert [record.message for record in batch.records] == ["one", "two"] * 2
    assert batch.records[0].record_id == "39000179"
    assert batch.records[0].stream == ("123456789012", "/ecs/acme-prod/orders", "web/orders/1")
    assert batch.rejected == ()


def test_a_control_message_holds_nothing_and_is_no_mistake() -> None:
    batch = read(request(gzip.compress(json.dumps(DOCUMENT | {"messageType": "CONTROL_MESSAGE"}).encode())))

    assert batch == RecordsBatch(())


def test_lines_of_an_application_are_whole_messages_named_by_their_request() -> None:
    lines = b'plain ERROR boom\r\n{"level":"error","message":"boom"}\n\n{not json'

    first, again = read(request(lines, b"more"), item="7"), read(request(lines, b"more"), item="9")

    assert [(record.record_id, record.message) for record in first.records] == [
        ("r-1:0", "plain ERROR boom"),
        ("r-1:1", '{"level":"error","message":"boom"}'),
        ("r-1:2", "{not json"),
        ("r-1:3", "more"),
    ]
    assert all(record.has_source_id for record in first.records)
    assert again == first


def test_lines_of_a_request_without_an_id_are_named_by_the_item_and_may_come_again() -> None:
    (record,) = read(request(b"boom", requestId=None)).records

    assert (record.record_id, record.has_source_id) == ("7:0", False)


def test_records_in_the_form_of_the_records_door_are_taken_as_such() -> None:
    (record,) = read(request(b'{"log_group":"/ecs/p/s","log_stream":"a","message":"m","timestamp":5}')).records

    assert (record.stream, record.message, record.timestamp_ms) == (("", "/ecs/p/s", "a"), "m", 5)


def test_a_line_in_front_names_the_log_group_of_lines_that_do_not() -> None:
    head = b'{"log_group":"/ecs/acme-prod/cart","log_stream":"cart"}\n'

    plain, own = read(head + request(b"boom", gzip.compress(TEXT))).records[:2]

    assert plain.stream == ("", "/ecs/acme-prod/cart", "cart")
    assert own.log_group == "/ecs/acme-prod/orders"


def test_a_record_nobody_can_read_does_not_fail_the_others() -> None:
    records = [{"data": "%%%"}, {"data": base64.b64encode(gzip.compress(TEXT)[:-4]).decode()}, {"data": "YQ=="}, 7]

    batch = read(json.dumps({"requestId": "r-1", "records": records}).encode())

    assert [record.message for record in batch.records] == ["a"]
    assert batch.rejected == tuple(Rejected(index, "bad_firehose_data") for index in (0, 1, 3))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b'{"records":1}', b"{}\n[]", b"\xff"])
def test_what_is_no_request_is_turned_away(body: bytes) -> None:
    assert read(body).rejected == (Rejected(0, "not_firehose"),)


def test_a_body_of_small_values_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firehose, "MAX_REQUEST_MARKS", 30)

    assert read(b'{"records":[' + b"[]," * 20 + b"1]}").rejected == (Rejected(0, "not_firehose"),)


@pytest.mark.parametrize("name", ["MAX_LINES", "MAX_LINES_BYTES", "MAX_UNPACKED_BYTES"])
def test_behind_a_bound_nothing_is_read(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(firehose, name, 3)

    batch = read(request(b"a\nb", b"c\nd\ne", b"f"))

    assert len(batch.records) <= 3
    assert [rejected.reason for rejected in batch.rejected] == ["too_many"]


@given(
    st.lists(st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode)), max_size=4),
    st.binary(max_size=40),
)
def test_reading_never_raises(data: list[bytes], head: bytes) -> None:
    for body in (head, request(*data), head + b"\n" + request(*data), request(*map(gzip.compress, data))):
        batch = read(body)

        assert {rejected.reason for rejected in batch.rejected} <= REASONS
