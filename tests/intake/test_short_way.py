"""The short way answers as the app does, or leaves the request to it; and its connections are as good as others."""

import asyncio
import gzip
import json
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from house import AUTH, EVENT, ID, KEY, OTHER_KEY, PATH, House, Response, proxies
from mukiau import codec
from mukiau.intake.answers import Answer
from mukiau.intake.asgi import Message
from mukiau.intake.edge import Edge
from mukiau.intake.meter import Meter
from mukiau.intake.short_way import ShortWay

ADDRESS = ("127.0.0.1", 5000)


async def by_app(house: House, scope: dict[str, Any], body: bytes) -> Response:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await Edge(house.app(), proxies("127.0.0.1"), meter=Meter(), prefix="")(dict(scope), receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Response(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))


async def by_the_short_way(house: House, scope: dict[str, Any], body: bytes) -> Response | None:
    doorway, answers = house.doorway(), list[Answer]()
    await doorway.keys.refresh()
    way = ShortWay(doorway, proxies("127.0.0.1"), Meter())
    head = way.read_head(scope)
    if head is None or not way.take(head, scope, body, answers.append):
        return None
    headers = {name.decode(): value.decode() for name, value in answers[0].headers}
    return Response(answers[0].status, headers, answers[0].body)


def request(body: bytes, headers: dict[str, str], path: str = PATH, query: str = "") -> dict[str, Any]:
    given = {**headers, "content-length": str(len(body))}
    return {
        "type": "http", "scheme": "http", "method": "POST", "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "client": ADDRESS,
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in given.items()],
    }  # fmt: skip


def both_ways(body: bytes, headers: dict[str, str], path: str = PATH, query: str = "", **house: Any) -> Response | None:
    """Return the short way's answer, None where it gave none; it is what the app's is."""
    one, other = House(**house), House(**house)
    scope = request(body, headers, path, query)
    long = asyncio.run(by_app(one, scope, body))
    short = asyncio.run(by_the_short_way(other, scope, body))
    if short is None:
        assert other.spool.items == []
        assert not other.spool.counts
    else:
        assert (short, other.spool.items, other.spool.counts) == (long, one.spool.items, one.spool.counts)
    return short


PACKED = {
    "gzip": gzip.compress(EVENT, mtime=0),
    "deflate": zlib.compress(EVENT),
    "": EVENT,
}


@pytest.mark.parametrize("encoding", PACKED)
def test_an_ordinary_event_goes_the_short_way(encoding: str) -> None:
    answer = both_ways(PACKED[encoding], {**AUTH, **({"content-encoding": encoding} if encoding else {})})

    assert answer is not None
    assert answer.json == {"id": ID}


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"authorization": f"Sentry sentry_key={KEY}"}, ""),
        ({}, f"sentry_key={KEY}&sentry_version=7"),
        ({**AUTH, "x-request-id": "given-by-a-proxy"}, ""),
        ({**AUTH, "x-forwarded-for": "203.0.113.9"}, ""),
    ],
)
def test_however_a_key_and_an_id_come(headers: dict[str, str], query: str) -> None:
    answer = both_ways(EVENT, headers, query=query)

    assert answer is not None
    assert answer.headers["x-request-id"] == headers.get("x-request-id", "made-here")


@pytest.mark.parametrize(
    ("body", "headers", "path"),
    [
        (EVENT, {}, PATH),
        (EVENT, {"x-sentry-auth": "Sentry sentry_key=" + "9" * 32}, PATH),
        (EVENT, {"x-sentry-auth": f"Sentry sentry_key={OTHER_KEY}"}, PATH),
        (EVENT, {"x-sentry-auth": "nonsense " + "x" * 2_000}, PATH),
        (EVENT, {**AUTH, "authorization": f"Sentry sentry_key={KEY}"}, PATH),
        (EVENT, AUTH, "/api/x/envelope/"),
        (EVENT, AUTH, "/api/7/store/"),
        (EVENT, AUTH, "/elsewhere/"),
        (b"", AUTH, PATH),
        (b"no envelope", AUTH, PATH),
        (EVENT, {**AUTH, "content-encoding": "gzip"}, PATH),
        (EVENT, {**AUTH, "content-encoding": "lzma"}, PATH),
        (gzip.compress(EVENT, mtime=0)[:-9], {**AUTH, "content-encoding": "gzip"}, PATH),
        (b'{}\n{"type":"event"}\n[1]\n', AUTH, PATH),
        (b'{}\n{"type":"session"}\n{}\n', AUTH, PATH),
        (b'{}\n{"type":"client_report"}\n{}\n', AUTH, PATH),
        (b'{"dsn":"http://%s@h/8"}\n' % KEY.encode() + EVENT.partition(b"\n")[2], AUTH, PATH),
        (b'{}\n{"type":"event"}\n{"message":"%s"}\n' % (b"x" * 70_000), AUTH, PATH),
        (gzip.compress(b'{}\n{"type":"event"}\n{"a":"%s"}' % (b"x" * 2**20), mtime=0), {**AUTH, "content-encoding": "gzip"}, PATH),
    ],
)  # fmt: skip
def test_what_is_unusual_is_left_to_the_app(body: bytes, headers: dict[str, str], path: str) -> None:
    assert both_ways(body, headers, path) is None


def test_a_dsn_that_agrees_is_no_obstacle() -> None:
    body = b'{"dsn":"http://%s@h/7"}\n' % KEY.encode() + EVENT.partition(b"\n")[2]

    assert both_ways(body, AUTH) is not None


def test_over_quota_the_app_says_so_and_nothing_is_spent() -> None:
    house = House(quota_events=1)
    scope = request(EVENT, AUTH)
    answers = [asyncio.run(by_the_short_way(house, scope, EVENT)) for _ in range(3)]

    assert [answer is not None for answer in answers] == [True, False, False]
    assert asyncio.run(by_app(house, scope, EVENT)).status == 429


def test_whose_quota_is_spent_has_nothing_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(quota_events=1)
    asyncio.run(by_the_short_way(house, request(EVENT, AUTH), EVENT))
    monkeypatch.setattr(codec, "decompress", lambda *_arguments, **_options: pytest.fail("unpacked"))

    assert asyncio.run(by_the_short_way(house, request(EVENT, AUTH), EVENT)) is None


@pytest.mark.parametrize("name", ["x-request-id", "traceparent"])
def test_a_repeated_header_of_a_proxy_is_read_as_the_app_reads_it(name: str) -> None:
    scope = request(EVENT, AUTH)
    scope["headers"] += [(name.encode(), b"aaaaaaaa1"), (name.encode(), b"bbbbbbbb2")]
    short, long = asyncio.run(by_the_short_way(House(), scope, EVENT)), asyncio.run(by_app(House(), scope, EVENT))

    assert short == long


def test_the_path_that_everything_is_below_is_taken_off() -> None:
    way = ShortWay(House().doorway(), proxies(), Meter(), prefix="/api")

    assert way.read_head(request(EVENT, AUTH, path="/api/7/envelope/")) is None
    assert way.read_head(request(EVENT, AUTH, path="/api/api/7/envelope/")) is not None


def test_a_full_spool_is_said_as_the_app_says_it() -> None:
    one, other = House(), House()
    one.spool.full = other.spool.full = "disk_full"
    scope = request(EVENT, AUTH)

    short = asyncio.run(by_the_short_way(one, scope, EVENT))

    assert short == asyncio.run(by_app(other, scope, EVENT))
    assert short is not None
    assert short.status == 503
    assert one.spool.counts == other.spool.counts


@settings(max_examples=200)
@given(
    event=st.dictionaries(st.text(max_size=8), st.one_of(st.none(), st.integers(), st.text(max_size=8)), max_size=4),
    header=st.dictionaries(
        st.sampled_from(["event_id", "dsn", "x"]), st.sampled_from([ID, "", None, 3, f"http://{KEY}@h/7"])
    ),
    cut=st.integers(-3, 0),
    garbage=st.binary(max_size=3),
)
def test_both_ways_agree_on_any_envelope(
    event: dict[str, Any], header: dict[str, Any], cut: int, garbage: bytes
) -> None:
    text = b"\n".join(json.dumps(part).encode() for part in (header, {"type": "event"}, event))
    body = text[: len(text) + cut] + garbage

    both_ways(body, AUTH)
