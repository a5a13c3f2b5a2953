"""The door for Firehose, by its contract: what is asked, what is answered, in which words."""

import base64
import gzip
import json
from typing import Any

import pytest

from mukiau.codec import decompress
from mukiau.core.records import firehose
from mukiau.core.records.bodies import READERS
from mukiau.core.records.payloads import read_batch
from mukiau.intake.ports import ItemKind

KEY = "0123456789abcdef" * 2
HEADERS = {
    "content-type": "application/json",
    "x-amz-firehose-protocol-version": "1.0",
    "x-amz-firehose-request-id": "ed4acda5-034f-9f42-bba1-f29aea6d7d8f",
    "x-amz-firehose-source-arn": "arn:aws:firehose:ap-northeast-1:123456789012:deliverystream/logs",
    "x-amz-firehose-access-key": KEY,
}
ATTRIBUTES = {"x-amz-firehose-common-attributes": '{"commonAttributes":{"log_group":"/ecs/p/s","other":"x"}}'}


def request(*data: bytes) -> bytes:
    records = [{"data": base64.b64encode(one).decode()} for one in data]
    return json.dumps({"requestId": HEADERS["x-amz-firehose-request-id"], "timestamp": 1, "records": records}).encode()


def knock(house: Any, body: bytes, **more: str) -> Any:
    return house.send(
        "/api/7/firehose/", body, HEADERS | {name.replace("_", "-"): value for name, value in more.items()}
    )


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_request_is_kept_as_it_came_and_answered_with_its_id(house: Any, pack: Any) -> None:
    body = pack(request(b"one\ntwo", b"three"))

    answer = knock(house, body, **({"content_encoding": "gzip"} if pack is gzip.compress else {}))

    assert answer.status == 200
    assert answer.json == {"requestId": HEADERS["x-amz-firehose-request-id"], "timestamp": int(house.now * 1000)}
    assert answer.headers["content-type"] == "application/json"
    (item,) = house.spool.items
    assert (item.kind, item.body, item.record_count) == (ItemKind.FIREHOSE, body, 3)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_common_attributes_are_kept_with_the_lines(house: Any, pack: Any) -> None:
    answer = house.send("/api/7/firehose/", pack(request(b"one")), HEADERS | ATTRIBUTES)

    assert answer.status == 200
    (item,) = house.spool.items
    kept = decompress(item.body, item.encoding, max_bytes=10_000)
    (record,) = read_batch(READERS[item.kind](kept, loads=json.loads, item="")).records
    assert (record.message, record.log_group) == ("one", "/ecs/p/s")


def test_a_control_message_is_answered_and_dropped(house: Any) -> None:
    control = json.dumps(
        {"messageType": "CONTROL_MESSAGE", "logEvents": [{"id": "", "message": "CWL CONTROL MESSAGE"}]}
    )

    answer = knock(house, request(gzip.compress(control.encode())))

    assert (answer.status, house.spool.items) == (200, [])


def test_records_nobody_can_read_are_counted_and_do_not_fail_the_others(house: Any) -> None:
    answer = knock(house, request(b"\x1f\x8b broken", b"good"))

    assert answer.status == 200
    assert house.spool.items[0].record_count == 1
    assert house.spool.counts["rejected_records", "bad_firehose_data"] == 1


@pytest.mark.parametrize(
    ("body", "more", "status", "message"),
    [
        (b"hello", {}, 400, "not a request of Firehose: a JSON object with records is expected"),
        (b"", {}, 400, "empty request body"),
        (request(b"x"), {"x_amz_firehose_access_key": "wrong"}, 400, "malformed public key"),
        (
            request(b"x"),
            {"x_amz_firehose_access_key": "e" * 32},
            403,
            "event submission rejected with_reason: unknown or disabled key",
        ),
        (request(b"x"), {"content_length": str(10**9)}, 400, "request body is too large"),
    ],
)
def test_a_refusal_has_the_form_of_the_contract_and_is_never_413(
    house: Any, body: bytes, more: dict[str, str], status: int, message: str
) -> None:
    answer = knock(house, body, **more)

    assert answer.status == status
    assert answer.json == {
        "requestId": HEADERS["x-amz-firehose-request-id"],
        "timestamp": int(house.now * 1000),
        "errorMessage": message,
    }
    assert house.spool.items == []


def test_without_an_access_key_nobody_comes_in(house: Any) -> None:
    headers = {name: value for name, value in HEADERS.items() if name != "x-amz-firehose-access-key"}

    answer = house.send("/api/7/firehose/", request(b"x"), headers)

    assert (answer.status, answer.json["errorMessage"]) == (401, "missing authorization information")


def test_more_than_a_request_may_hold_is_left_to_the_backup_bucket(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firehose, "MAX_LINES", 2)

    answer = knock(house, request(b"a\nb\nc"))

    assert (answer.status, answer.json["errorMessage"]) == (
        400,
        "too much in one request: make the buffer of the Firehose stream smaller",
    )
    assert house.spool.items == []


@pytest.mark.parametrize(("trouble", "status"), [({"full": "disk_full"}, 503), ({"is_broken": True}, 500)])
def test_while_the_server_is_not_well_firehose_is_told_to_try_again(
    house: Any, trouble: dict[str, Any], status: int
) -> None:
    for name, value in trouble.items():
        setattr(house.spool, name, value)

    answer = knock(house, request(b"x"))

    assert (answer.status, set(answer.json)) == (status, {"requestId", "timestamp", "errorMessage"})
