"""What Fluent Bit and Fluentd post."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.records.fluent import iter_fluent
from mukiau.core.records.payloads import MAX_RECORD_CHARS, RecordsBatch, Rejected, read_batch
from mukiau.core.records.record import Record

KUBERNETES = {
    "pod_name": "cart-5d9c",
    "namespace_name": "acme-prod",
    "container_name": "app",
    "labels": {"app.kubernetes.io/name": "cart"},
}
FIRELENS = {
    "date": 1_795_169_740.76,
    "source": "stderr",
    "log": "ERROR boom",
    "container_id": "0b7f-1",
    "container_name": "/ecs-order-12-app-a4",
    "ecs_cluster": "acme-prod",
    "ecs_task_arn": "arn:aws:ecs:ap-northeast-1:123456789012:task/acme-prod/0b7f",
    "ecs_task_definition": "order:12",
}


def read(body: bytes) -> RecordsBatch:
    return read_batch(iter_fluent(body, item="7"))


def one(value: dict[str, object]) -> Record:
    (record,) = read(json.dumps(value).encode()).records
    return record


@pytest.mark.parametrize("form", [b"[%s,%s]", b"%s\n%s\n", b"%s%s"], ids=["json", "json_lines", "json_stream"])
def test_every_form_of_json_is_read(form: bytes) -> None:
    batch = read(form % (b'{"date":1795169740.76,"log":"a\\n"}', b'{"date":1795169740.77,"log":"b\\n"}'))

    assert [(record.message, record.timestamp_ms) for record in batch.records] == [
        ("a", 1_795_169_740_760),
        ("b", 1_795_169_740_770),
    ]
    assert batch.rejected == ()


def test_kubernetes_says_whose_a_line_is() -> None:
    record = one({"date": 1.7e9, "log": "\tat a.B.c(D.java:1)\n", "stream": "stderr", "kubernetes": KUBERNETES})

    assert record.message == "\tat a.B.c(D.java:1)"
    assert record.stream == ("", "/kubernetes/acme-prod/cart", "cart-5d9c/app")
    assert record.service == "cart"


def test_a_name_may_be_a_number() -> None:
    assert one({"log": "x", "host": 12}).log_stream == "12"


def test_firelens_says_whose_a_line_is() -> None:
    record = one(FIRELENS)

    assert (record.message, record.service) == ("ERROR boom", "order")
    assert record.stream == ("123456789012", "/firelens/acme-prod/order", "0b7f/ecs-order-12-app-a4")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"message": "plain", "host": "a"}, "plain"),
        ({"log": {"level": "error", "msg": "boom"}}, '{"level":"error","msg":"boom"}'),
        ({"level": "error", "msg": "boom", "kubernetes": KUBERNETES}, '{"level":"error","msg":"boom"}'),
        ({"message": "boom", "user": "u1"}, '{"message":"boom","user":"u1"}'),
        ({"log": "half", "logtag": "P"}, '{"log":"half","logtag":"P"}'),
    ],
)
def test_the_line_is_what_was_printed_or_what_a_parser_made_of_it(value: dict[str, object], message: str) -> None:
    assert one(value).message == message


def test_a_chunk_that_is_sent_again_has_the_same_names() -> None:
    body = json.dumps([FIRELENS, FIRELENS]).encode()

    first, again = read(body).records, read(body).records

    assert first == again
    assert first[0].record_id != first[1].record_id
    assert all(record.has_source_id for record in first)


def test_a_line_without_a_time_may_come_again() -> None:
    record = one({"log": "boom"})

    assert (record.record_id, record.has_source_id, record.timestamp_ms) == ("7:0", False, None)


def test_what_is_no_line_is_named_and_does_not_fail_the_others() -> None:
    batch = read(b'[1,{"date":1},{"log":"a"}]\nnope')

    assert [record.message for record in batch.records] == ["a"]
    assert batch.rejected == (Rejected(0, "not_an_object"), Rejected(1, "no_message"), Rejected(3, "not_json"))


@given(st.binary(max_size=200), st.dictionaries(st.sampled_from([*FIRELENS, "kubernetes", "_p"]), st.text(max_size=20)))
def test_reading_never_raises(noise: bytes, value: dict[str, str]) -> None:
    for body in (noise, json.dumps(value).encode(), json.dumps([value, {"kubernetes": value}]).encode()):
        batch = read(body)

        assert {rejected.reason for rejected in batch.rejected} <= {"not_json", "not_an_object", "no_message"}


@pytest.mark.parametrize(("chars", "rejected"), [(MAX_RECORD_CHARS, ()), (MAX_RECORD_CHARS + 1, (Rejected(0, "cut"),))])
def test_a_message_that_is_cut_is_said_to_be(chars: int, rejected: tuple[Rejected, ...]) -> None:
    batch = read(json.dumps({"log": "x" * chars}).encode())

    assert [len(record.message) for record in batch.records] == [MAX_RECORD_CHARS]
    assert batch.rejected == rejected
