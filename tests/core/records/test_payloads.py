"""Bodies of the records door."""

import base64
import gzip
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.records import payloads
from mukiau.core.records.moments import read_moment
from mukiau.core.records.payloads import MAX_MARKS, MAX_RECORD_CHARS, MAX_RECORDS, MAX_REJECTED, Rejected, parse_records

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


def lambda_event(*documents: object) -> bytes:
    data = gzip.compress("".join(json.dumps(document) for document in documents).encode())
    return json.dumps({"awslogs": {"data": base64.b64encode(data).decode()}}).encode()


def test_json_lines_become_records_in_order() -> None:
    lines = [
        {"log_group": "g", "log_stream": "s", "timestamp": 5, "message": "a", "id": "1", "account": "9"},
        {"logGroup": "g", "logStream": "s", "timestamp": 6, "message": "b"},
    ]

    batch = parse_records("\n".join(json.dumps(line) for line in lines).encode(), item="spool-7")

    assert batch.rejected == ()
    first, second = batch.records
    assert (first.record_id, first.message, first.timestamp_ms, first.stream) == ("1", "a", 5, ("9", "g", "s"))
    assert first.has_source_id
    assert (second.record_id, second.has_source_id, second.log_group) == ("spool-7:1", False, "g")


@pytest.mark.parametrize("whole", [b"[%s[]]", b"[\n%s[]\n]"], ids=["on one line", "on several"])
def test_a_list_of_more_values_than_memory_is_for_is_not_decoded(whole: bytes) -> None:
    body = whole % (b"[]," * (MAX_MARKS // 2))
    tracemalloc.start()

    batch = parse_records(body, item="i")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert batch.rejected == (Rejected(0, "too_many_values"),)
    assert peak < 4 * len(body)


def test_a_bad_line_never_fails_its_batch() -> None:
    body = b'{"message":"a"}\nnot json\n[1]\n{"message":3}\n{"x":1}\n\n{"message":"b"}'

    batch = parse_records(body, item="i")

    assert [record.message for record in batch.records] == ["a", "b"]
    assert batch.rejected == (
        Rejected(1, "not_json"),
        Rejected(2, "not_an_object"),
        Rejected(3, "no_message"),
        Rejected(4, "no_message"),
    )
    assert batch.records[1].record_id == "i:5"


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(DOCUMENT).encode(),
        json.dumps(DOCUMENT, indent=2).encode(),
        lambda_event(DOCUMENT),
    ],
    ids=["document", "pretty document", "lambda event"],
)
def test_a_subscription_document_is_read(body: bytes) -> None:
    batch = parse_records(body, item="i")

    assert [(r.record_id, r.message, r.timestamp_ms) for r in batch.records] == [
        ("39000179", "one", 1791209701769),
        ("39000180", "two", 1791209701770),
    ]
    assert batch.records[0].stream == ("123456789012", "/ecs/acme-prod/orders", "web/orders/1")
    assert batch.rejected == ()


def test_documents_without_a_newline_between_them_are_read() -> None:
    body = (json.dumps(DOCUMENT) * 3).encode()

    assert len(parse_records(body, item="i").records) == 6


def test_several_gzip_members_in_one_event_are_read() -> None:
    data = gzip.compress(json.dumps(DOCUMENT).encode()) + gzip.compress(json.dumps(DOCUMENT).encode())
    body = json.dumps({"awslogs": {"data": base64.b64encode(data).decode()}}).encode()

    assert len(parse_records(body, item="i").records) == 4


def test_a_control_message_holds_no_records_and_is_no_mistake() -> None:
    control = DOCUMENT | {"messageType": "CONTROL_MESSAGE"}

    batch = parse_records(lambda_event(control), item="i")

    assert batch.records == ()
    assert batch.rejected == ()


@pytest.mark.parametrize("data", ["%%%", "", base64.b64encode(b"no gzip").decode(), 5, None])
def test_a_broken_lambda_event_is_turned_away(data: object) -> None:
    batch = parse_records(json.dumps({"awslogs": {"data": data}}).encode(), item="i")

    assert batch.records == ()
    assert [rejected.reason for rejected in batch.rejected] in (["bad_awslogs_data"], [])


def test_a_gzip_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payloads, "MAX_UNPACKED_BYTES", 1_000)

    batch = parse_records(lambda_event(DOCUMENT | {"padding": "x" * 10_000}), item="i")

    assert batch.rejected == (Rejected(0, "bad_awslogs_data"),)


@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_read_without_raising(body: bytes) -> None:
    parse_records(body, item="i")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["message", "id", "timestamp", "logEvents", "awslogs", "data", "messageType", "log_group"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(json_values)
def test_any_json_is_read_without_raising(value: object) -> None:
    batch = parse_records(json.dumps(value).encode(), item="i")

    for record in batch.records:
        assert isinstance(record.message, str)
        assert record.timestamp_ms is None or isinstance(record.timestamp_ms, int)


def test_beyond_the_limit_the_rest_is_rejected_as_one() -> None:
    batch = parse_records(b'{"message":""}\n' * (MAX_RECORDS + 5_000), item="a")

    assert len(batch.records) == MAX_RECORDS
    assert [line.reason for line in batch.rejected] == ["too_many"]


def test_of_a_message_beyond_a_mebibyte_the_beginning_is_kept_and_that_is_said() -> None:
    body = json.dumps({"message": "x" * (MAX_RECORD_CHARS + 1)}).encode()

    batch = parse_records(body, item="1")

    assert [len(record.message) for record in batch.records] == [MAX_RECORD_CHARS]
    assert [(line.index, line.reason) for line in batch.rejected] == [(0, "cut")]


def test_a_body_of_bad_lines_is_not_read_to_its_end() -> None:
    body = b"x\n" * (MAX_REJECTED + 5) + b'{"message": "late"}'

    batch = parse_records(body, item="1")

    assert batch.records == ()
    assert len(batch.rejected) == MAX_REJECTED + 1
    assert batch.rejected[-1].reason == "too_many"


def test_a_time_that_no_float_holds_is_no_time() -> None:
    assert read_moment(10**400) is None
