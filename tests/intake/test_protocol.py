"""What the doors answer, row by row: keys, framing, encodings, limits, and the words of the wire."""

import asyncio
import base64
import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import pytest
import zstandard

from mukiau.core.limits import LARGE_BODIES_AT_ONCE, MAX_REJECTIONS_LISTED
from mukiau.intake.ports import ItemKind, Key, KeySourceError

KEY = "0123456789abcdef" * 2
OTHER_KEY = "f" * 32
NEW_ID = "c0ffee00" * 4
EVENT_ID = "9ec79c33ec9942ab8353589fcb2e04dc"
EVENT = {"message": "boom", "level": "error"}


def envelope(event: Any = EVENT, header: Any = None, kind: str = "event") -> bytes:
    payload = event if isinstance(event, bytes) else json.dumps(event).encode()
    head = json.dumps({"event_id": EVENT_ID} if header is None else header).encode()
    return head + b"\n" + json.dumps({"type": kind, "length": len(payload)}).encode() + b"\n" + payload + b"\n"


def sentry(key: str = KEY, **fields: str) -> str:
    return "Sentry " + ", ".join(f"{k}={v}" for k, v in {"sentry_key": key, "sentry_version": "7", **fields}.items())


# --- Where the door is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/api/7/envelope/",
        "/api/7/envelope",
        "//api///7//envelope//",
        "/errors/api/7/envelope/",
    ],
)
def test_every_spelling_of_the_address_is_the_same_door(house: Any, path: str) -> None:
    answer = house.send(path, envelope())

    assert answer.status == 200
    assert answer.json == {"id": EVENT_ID}
    assert answer.headers["content-type"] == "application/json"
    assert len(house.spool.items) == 1


@pytest.mark.parametrize("path", ["/", "/api/7/security/", "/api/7/envelope/more", "/issues/", "/api/7/storexx/"])
def test_everything_else_is_a_page(house: Any, path: str) -> None:
    assert house.send(path).body == b"a page"


@pytest.mark.parametrize("door", ["envelope", "records"])
def test_a_get_is_not_allowed_where_only_posts_make_sense(house: Any, door: str) -> None:
    answer = house.send(f"/api/7/{door}/", method="GET")

    assert answer.status == 405
    assert "POST" in answer.headers["allow"]


# --- Who may come in ------------------------------------------------------------------------------------------------

BASIC = base64.b64encode(f"{KEY}:".encode()).decode()


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"x-sentry-auth": sentry()}, ""),
        ({"x-sentry-auth": sentry(sentry_secret="s", sentry_client="x/1")}, ""),
        ({"x-sentry-auth": "SENTRY sentry_key=" + KEY}, ""),
        ({"x-sentry-auth": sentry(KEY.upper())}, ""),
        ({"x-sentry-auth": sentry(KEY + ".no-cache")}, ""),
        ({"authorization": sentry()}, ""),
        ({"authorization": f"Basic {BASIC}"}, ""),
        ({}, f"sentry_key={KEY}&sentry_version=7&sentry_client=browser"),
        ({"x-sentry-auth": sentry(), "authorization": "Bearer a-proxys-own"}, ""),
    ],
)
def test_a_key_is_taken_from_every_place_the_wire_knows(house: Any, headers: dict[str, str], query: str) -> None:
    answer = house.send("/api/7/envelope/", envelope(), headers, query=query)

    assert answer.status == 200, answer.body
    assert (house.spool.items[0].project_id, house.spool.items[0].source_id) == (7, 70)


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({}, "", 401),
        ({"x-sentry-auth": "nonsense"}, "", 401),
        ({"x-sentry-auth": "Sentry sentry_version=7"}, "", 401),
        ({"x-sentry-auth": sentry(), "authorization": sentry()}, "", 401),
        ({"x-sentry-auth": sentry()}, f"sentry_key={KEY}", 401),
        ({"x-sentry-auth": sentry("short")}, "", 400),
        ({"x-sentry-auth": sentry(sentry_version="8")}, "", 400),
        ({"x-sentry-auth": sentry("e" * 32)}, "", 403),
        ({"x-sentry-auth": sentry(OTHER_KEY)}, "", 403),
        ({"authorization": f"Bearer {KEY}"}, "", 401),
    ],
)
@pytest.mark.parametrize("door", ["envelope", "store"])
def test_a_request_that_may_not_come_in_is_told_why(
    house: Any, door: str, headers: dict[str, str], query: str, status: int
) -> None:
    answer = house.send(f"/api/7/{door}/", envelope() if door == "envelope" else b"{}", headers, query=query)

    assert answer.status == status
    assert answer.json["detail"] == answer.headers["x-sentry-error"]
    assert answer.json["causes"] == []
    assert house.spool.items == []
    assert sum(n for (name, _), n in house.spool.counts.items() if name == "refused") == 1


def test_an_envelope_may_bring_its_key_in_its_first_line(house: Any) -> None:
    header = {"event_id": EVENT_ID, "dsn": f"https://{KEY}@errors.example.com/7"}

    assert house.send("/api/7/envelope/", envelope(header=header), {}).status == 200


@pytest.mark.parametrize(
    ("dsn", "status"),
    [
        (f"https://{KEY}@errors.example.com/7", 200),
        (f"https://{KEY}@errors.example.com/8", 400),
        (f"https://{OTHER_KEY}@errors.example.com/7", 400),
    ],
)
def test_key_and_first_line_of_an_envelope_must_agree(house: Any, dsn: str, status: int) -> None:
    assert house.send("/api/7/envelope/", envelope(header={"dsn": dsn})).status == status


@pytest.mark.parametrize(
    ("project", "status"), [("x", 400), ("8", 403), ("9" * 30, 400), ("\u00b2", 400), ("9" * 5_000, 400)]
)
def test_the_project_of_the_address_must_be_the_keys(house: Any, project: str, status: int) -> None:
    assert house.send(f"/api/{project}/envelope/", envelope()).status == status
    by_first_line = envelope(header={"dsn": f"https://{KEY}@errors.example.com/7"})
    assert house.send(f"/api/{project}/envelope/", by_first_line, {}).status in {status, 400}


def test_keys_that_cannot_be_read_now_are_no_reason_to_turn_a_client_away_for_good(house: Any) -> None:
    def fail(_public_key: str) -> None:
        raise KeySourceError("The disk is gone.")

    house.keys.find_key = fail
    answer = house.send("/api/7/envelope/", envelope())

    assert answer.status == 503
    assert answer.headers["retry-after"] == "2"


def test_the_oldest_address_leaves_the_project_to_the_key(house: Any) -> None:
    assert house.send("/api/store/", b"{}").status == 200
    assert house.spool.items[0].project_id == 7


# --- Envelopes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "answered"),
    [
        (envelope(), 200, {"id": EVENT_ID}),
        (envelope(header={"event_id": EVENT_ID.upper()}), 200, {"id": EVENT_ID}),
        (envelope(event={"event_id": "a" * 32}, header={}), 200, {"id": "a" * 32}),
        (envelope(event={"event_id": "a" * 32}), 200, {"id": EVENT_ID}),
        (envelope(header={}), 200, {"id": NEW_ID}),
        (envelope(event={"event_id": 5}, header={}), 200, {"id": NEW_ID}),
        (envelope(event=b'{"extra": NaN, "x": "\\ud800"}'), 200, {"id": EVENT_ID}),
        (b'{"event_id":"%s"}\n' % EVENT_ID.encode(), 200, {"id": EVENT_ID}),
        (b"{}", 200, {}),
        (envelope(kind="a_new_invention"), 200, {"id": EVENT_ID}),
        (b"", 400, None),
        (b"\n\n", 400, None),
        (b"not json\n", 400, None),
        (b'{}\n{"type":"event","length":100}\n{}', 400, None),
        (b'{}\n{"type":"event","length":1}\n{}\n', 400, None),
        (b'{}\n{"length":2}\n{}\n', 400, None),
        (envelope(event=b"[1]"), 400, None),
        (envelope(event=b"{nope"), 400, None),
        (envelope() + b'{"type":"event"}\n{}\n', 400, None),
        (envelope(event={"message": "x" * 1_100_000}), 413, None),
    ],
)
def test_an_envelope_is_answered_by_what_it_holds(house: Any, body: bytes, status: int, answered: Any) -> None:
    answer = house.send("/api/7/envelope/", body)

    assert answer.status == status, answer.body
    if status == 200:
        assert answer.json == answered
    else:
        assert answer.json["detail"]
        assert house.spool.items == []


def test_the_body_is_kept_as_it_came_with_the_id_that_was_answered(house: Any) -> None:
    body = gzip.compress(envelope(header={}))

    house.send("/api/7/envelope/", body, {"x-sentry-auth": sentry(), "content-encoding": "gzip"})

    item = house.spool.items[0]
    assert (item.kind, item.body, item.encoding, item.event_id) == (ItemKind.ENVELOPE, body, "gzip", NEW_ID)
    assert item.received_ms == 1_000_000


def test_an_envelope_nobody_reads_is_acknowledged_counted_and_its_sender_told_to_stop(house: Any) -> None:
    body = envelope(kind="transaction") + b'{"type":"session"}\n{}\n{"type":"brand_new"}\n{}\n'

    answer = house.send("/api/7/envelope/", body)

    assert answer.status == 200
    assert answer.headers["x-sentry-rate-limits"] == "3600:session;transaction:organization:unsupported"
    assert house.spool.items == []
    assert dict(house.spool.counts) == {
        ("dropped", "unsupported:transaction"): 1,
        ("dropped", "unsupported:session"): 1,
        ("dropped", "unsupported:unknown"): 1,
    }


def test_a_clients_account_of_what_it_did_not_send_is_kept(house: Any) -> None:
    answer = house.send("/api/7/envelope/", envelope(kind="client_report", header={}))

    assert (answer.status, answer.json) == (200, {})
    assert house.spool.items[0].event_id == ""


# --- Single events ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(EVENT).encode(),
        base64.b64encode(json.dumps(EVENT).encode()),
        base64.b64encode(zlib.compress(json.dumps(EVENT).encode())),
        b'{"message": "boom", "extra": {"x": NaN}}',
    ],
)
def test_the_old_door_takes_every_form_of_an_event(house: Any, body: bytes) -> None:
    answer = house.send("/api/7/store/", body)

    assert (answer.status, answer.json) == (200, {"id": NEW_ID})
    assert (house.spool.items[0].kind, house.spool.items[0].body) == (ItemKind.STORE, body)


def test_the_old_door_keeps_the_events_own_id_without_dashes(house: Any) -> None:
    answer = house.send("/api/7/store/", b'{"event_id": "9EC79C33-EC99-42AB-8353-589FCB2E04DC"}')

    assert answer.json == {"id": EVENT_ID}


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"[]", 400), (b"{", 400), (b"?", 400), (b'{"m":"' + b"x" * 1_100_000 + b'"}', 413)],
)
def test_the_old_door_refuses_what_is_no_event(house: Any, body: bytes, status: int) -> None:
    assert house.send("/api/7/store/", body).status == status


def test_a_get_on_the_old_door_answers_a_pixel(house: Any) -> None:
    query = f"sentry_key={KEY}&sentry_data=%7B%22message%22%3A%22hi%22%7D"

    answer = house.send("/api/7/store/", headers={}, method="GET", query=query)

    assert answer.status == 200
    assert answer.headers["content-type"] == "image/gif"
    assert answer.body.startswith(b"GIF89a")
    assert house.spool.items[0].body == b'{"message":"hi"}'


# --- Records --------------------------------------------------------------------------------------------------------

LINES = b"\n".join(
    json.dumps({"log_group": "/ecs/p/s", "log_stream": "s", "timestamp": 1, "message": m, "id": m}).encode()
    for m in ("a", "b", "c")
)
SUBSCRIPTION = {
    "messageType": "DATA_MESSAGE",
    "owner": "1",
    "logGroup": "/ecs/p/s",
    "logStream": "x",
    "logEvents": [{"id": "1", "timestamp": 1, "message": "m"}, {"id": "2", "timestamp": 2, "message": "n"}],
}


@pytest.mark.parametrize(
    "headers", [{"authorization": f"Bearer {KEY}"}, {"x-sentry-auth": sentry()}, {"authorization": f"Basic {BASIC}"}]
)
def test_records_are_counted_and_kept(house: Any, headers: dict[str, str]) -> None:
    answer = house.send("/api/7/records/", LINES, headers)

    assert (answer.status, answer.json) == (200, {"accepted": 3, "rejected": []})
    assert (house.spool.items[0].kind, house.spool.items[0].record_count) == (ItemKind.RECORDS, 3)


def test_bad_lines_are_named_and_do_not_fail_the_others(house: Any) -> None:
    answer = house.send("/api/7/records/", b"nope\n" + LINES + b'\n{"no": "message"}\n')

    assert answer.status == 200
    assert answer.json["accepted"] == 3
    rejected = answer.json["rejected"]
    assert [line["index"] for line in rejected] == [0, 4]
    assert all(line["reason"] for line in rejected)
    assert sum(n for (name, _), n in house.spool.counts.items() if name == "rejected_records") == 2


def test_a_body_without_one_good_line_keeps_nothing(house: Any) -> None:
    answer = house.send("/api/7/records/", b"nope\n")

    assert (answer.status, answer.json["accepted"]) == (200, 0)
    assert house.spool.items == []


@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(json.dumps(SUBSCRIPTION).encode()),
        json.dumps(SUBSCRIPTION).encode(),
        json.dumps(
            {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(SUBSCRIPTION).encode())).decode()}}
        ).encode(),
    ],
    ids=["bare gzip document", "document", "lambda event"],
)
def test_what_cloudwatch_delivers_is_taken_in_each_of_its_forms(house: Any, body: bytes) -> None:
    assert house.send("/api/7/records/", body).json == {"accepted": 2, "rejected": []}


def test_a_large_body_of_records_is_read_beside_the_event_loop(house: Any) -> None:
    body = b"\n".join(json.dumps({"message": "x" * 200, "id": str(n)}).encode() for n in range(5000))

    assert house.send("/api/7/records/", body).json == {"accepted": 5000, "rejected": []}


# --- Encodings and limits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("zstd", zstandard.ZstdCompressor().compress),
        ("", bytes),
        ("UTF-8", bytes),
        ("identity", bytes),
    ],
)
def test_bodies_are_unpacked_by_their_content_encoding(
    house: Any, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    headers = {"x-sentry-auth": sentry(), "content-encoding": encoding}

    assert house.send("/api/7/envelope/", pack(envelope()), headers).json == {"id": EVENT_ID}


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("gzip", b"no gzip", 400),
        ("gzip", gzip.compress(envelope())[:-10], 400),
        ("compress", envelope(), 415),
        ("gzip", gzip.compress(bytes(60 * 1024**2)), 413),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_refused(house: Any, encoding: str, body: bytes, status: int) -> None:
    headers = {"x-sentry-auth": sentry(), "content-encoding": encoding}

    assert house.send("/api/7/envelope/", body, headers).status == status


def test_a_body_too_long_by_its_own_account_is_refused_unread(house: Any) -> None:
    headers = {"x-sentry-auth": sentry(), "content-length": str(20 * 1024**2 + 1)}

    assert house.send("/api/7/envelope/", b"", headers).status == 413


def test_a_chunked_body_is_refused_as_soon_as_it_is_too_long(house: Any) -> None:
    parts = [bytes(1024**2)] * 30

    assert house.send_parts("/api/7/envelope/", parts, {"x-sentry-auth": sentry()}).status == 413


def test_a_body_in_pieces_is_put_together(house: Any) -> None:
    body = envelope()
    parts = [body[at : at + 7] for at in range(0, len(body), 7)]

    assert house.send_parts("/api/7/envelope/", parts, {"x-sentry-auth": sentry()}).status == 200
    assert house.spool.items[0].body == body


def test_only_so_many_large_bodies_are_read_at_once_and_the_others_wait(house: Any) -> None:
    body = json.dumps({"message": "x" * 3000}).encode() + b"\n"
    reading: set[int] = set()
    most = 0

    async def send_one(app: Any, number: int) -> int:
        pieces = [body * 400] * 2 + [b""]
        statuses: list[int] = []

        async def receive() -> dict[str, Any]:
            nonlocal most
            await asyncio.sleep(0)
            piece = pieces.pop(0)
            if len(pieces) < 2:  # the first megabyte has passed
                reading.add(number)
                most = max(most, len(reading))
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                reading.discard(number)
                statuses.append(message["status"])

        headers = [(b"x-sentry-auth", sentry().encode())]
        scope = {"type": "http", "method": "POST", "path": "/api/7/records/", "query_string": b"", "headers": headers}
        await app(scope, receive, send)
        return statuses[0]

    async def send_many() -> list[int]:
        app = house.app()
        return await asyncio.gather(*(send_one(app, number) for number in range(20)))

    assert asyncio.run(send_many()) == [200] * 20
    assert most == LARGE_BODIES_AT_ONCE


def test_only_the_first_bad_lines_are_listed_and_all_are_counted(house: Any) -> None:
    answer = house.send("/api/7/records/", b"x\n" * 5_000)

    assert len(answer.json["rejected"]) == MAX_REJECTIONS_LISTED
    assert house.spool.counts["rejected_records", "not_json"] == 5_000


def test_a_client_that_goes_away_is_not_answered(house: Any) -> None:
    messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

    assert house.run("/api/7/envelope/", messages, {"x-sentry-auth": sentry()}) == []
    assert house.spool.items == []


# --- Full, over quota, broken ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["spool_full", "disk_full", "spool_failed"])
@pytest.mark.parametrize(
    ("door", "body"),
    [("envelope", envelope()), ("store", b"{}"), ("records", LINES)],
    ids=["envelope", "store", "records"],
)
def test_a_full_spool_answers_503_and_when_to_come_again(house: Any, reason: str, door: str, body: bytes) -> None:
    house.spool.full = reason

    answer = house.send(f"/api/7/{door}/", body)

    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert house.spool.counts["refused", reason] == 1


def test_a_fault_is_answered_and_counted_and_does_not_end_the_process(house: Any) -> None:
    house.spool.is_broken = True

    answer = house.send("/api/7/envelope/", envelope())

    assert answer.status == 500
    assert house.spool.counts["refused", "internal error"] == 1


def test_over_quota_answers_429_with_the_wires_header_until_the_window_ends(make_house: Callable[..., Any]) -> None:
    house = make_house(quota_events=2)

    statuses = [house.send("/api/7/envelope/", envelope()).status for _ in range(3)]
    answer = house.send("/api/7/envelope/", envelope())
    house.now += 61
    later = house.send("/api/7/envelope/", envelope())

    assert statuses == [200, 200, 429]
    assert answer.headers["retry-after"] == "60"
    assert answer.headers["x-sentry-rate-limits"] == "60:default;error;security:key:over_quota"
    assert later.status == 200
    assert house.spool.counts["refused", "over quota"] == 2


def test_a_key_may_have_a_quota_of_its_own_or_none(make_house: Callable[..., Any]) -> None:
    house = make_house(quota_events=1)
    house.keys.keys = [
        Key(public_key=KEY, project_id=7, source_id=70, quota_events=0),
        Key(public_key=OTHER_KEY, project_id=8, source_id=80, quota_events=3),
    ]
    other = {"x-sentry-auth": sentry(OTHER_KEY)}

    assert [house.send("/api/7/envelope/", envelope()).status for _ in range(5)] == [200] * 5
    assert [house.send("/api/8/envelope/", envelope(), other).status for _ in range(4)] == [200, 200, 200, 429]


# --- Browsers --------------------------------------------------------------------------------------------------------


def test_a_browser_may_ask_first(house: Any) -> None:
    answer = house.send("/api/7/envelope/", headers={"origin": "https://shop.example.com"}, method="OPTIONS")

    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "x-sentry-auth" in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-max-age"] == "3600"


@pytest.mark.parametrize("body", [envelope(), b"nonsense"])
def test_a_browser_may_read_every_answer_and_its_limits(house: Any, body: bytes) -> None:
    answer = house.send("/api/7/envelope/", body)

    assert answer.headers["access-control-allow-origin"] == "*"
    exposed = answer.headers["access-control-expose-headers"]
    assert {name.strip() for name in exposed.split(",")} == {"x-sentry-error", "x-sentry-rate-limits", "retry-after"}
