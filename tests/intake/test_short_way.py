"""The short way answers as the app does, or leaves the request to it; and its connections are as good as others."""

import asyncio
import gzip
import json
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import MagicMock

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.server import ServerState

from house import KEY, OTHER_KEY, House, Response
from mukiau import codec
from mukiau.core.addresses import read_networks
from mukiau.intake import server as server_module
from mukiau.intake.answers import Answer
from mukiau.intake.asgi import Message
from mukiau.intake.edge import Edge
from mukiau.intake.meter import Meter
from mukiau.intake.ports import Settle, SpoolItem
from mukiau.intake.proxies import TrustedProxies
from mukiau.intake.server import http_config
from mukiau.intake.short_way import ShortWay

ID = "ab" * 16
EVENT = b'{"event_id":"%s"}\n{"type":"event"}\n{"message":"x"}\n' % ID.encode()
AUTH = {"x-sentry-auth": f"Sentry sentry_key={KEY}, sentry_version=7"}
PATH = "/api/7/envelope/"
ADDRESS = ("127.0.0.1", 5000)


def proxies(trusted: str = "") -> TrustedProxies:
    return TrustedProxies(read_networks(trusted), base_url="", new_request_id=lambda: "made-here")


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
    if not way.may_take(scope) or not way.take(scope, body, answers.append):
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

    assert not way.may_take(request(EVENT, AUTH, path="/api/7/envelope/"))
    assert way.may_take(request(EVENT, AUTH, path="/api/api/7/envelope/"))


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


# --- Over sockets -------------------------------------------------------------------------------------------------


class SlowSpool:
    """Says later what became of an item: when `go` is set."""

    def __init__(self, house: House) -> None:
        self.house, self.go = house, threading.Event()
        self.waiting: list[tuple[SpoolItem, Settle]] = []
        self.go.set()

    def put(self, item: SpoolItem, settle: Settle) -> None:
        loop = asyncio.get_running_loop()

        def later() -> None:
            self.go.wait(10)
            loop.call_soon_threadsafe(self.house.spool.put, item, settle)

        threading.Thread(target=later, daemon=True).start()

    async def append(self, item: SpoolItem) -> int:
        return await self.house.spool.append(item)

    def count(self, name: str, reason: str, quantity: int = 1) -> None:
        self.house.spool.count(name, reason, quantity)


@contextmanager
def serving(house: House) -> Iterator[tuple[int, SlowSpool]]:
    """Serve the doors with the short way beside them, on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    doorway, spool, meter = house.doorway(), SlowSpool(house), Meter()
    doorway.spool = spool
    app = Edge(house.app(), proxies(), meter=meter, prefix="")
    server = uvicorn.Server(http_config(app, short_way=ShortWay(doorway, proxies(), meter), loop="asyncio"))

    async def run() -> None:
        await doorway.keys.refresh()
        await server.serve(sockets=[listener])

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    try:
        yield listener.getsockname()[1], spool
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def wire(body: bytes = EVENT, *, version: str = "1.1", close: bool = False) -> bytes:
    lines = [f"POST {PATH} HTTP/{version}", "Host: a", *(f"{name}: {value}" for name, value in AUTH.items())]
    lines += ["Connection: close"] * close
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def read_answer(client: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"}"):
        piece = client.recv(65536)
        if not piece:
            break
        answer += piece
    return answer


def test_requests_on_one_connection_are_answered_one_after_the_other(house: House) -> None:
    with serving(house) as (port, _), socket.create_connection(("127.0.0.1", port), 5) as client:
        answers = []
        for _ in range(3):
            client.sendall(wire())
            answers.append(read_answer(client))

    assert all(answer.startswith(b"HTTP/1.1 200 OK\r\n") and ID.encode() in answer for answer in answers)
    assert all(b"\r\ndate: " in answer and b"\r\nx-request-id: made-here\r\n" in answer for answer in answers)
    assert len(house.spool.items) == 3


@pytest.mark.parametrize("cut", [10, 60, len(wire()) - len(EVENT), len(wire()) - 5])
def test_a_request_in_pieces_is_waited_for(house: House, cut: int) -> None:
    with serving(house) as (port, _), socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(wire()[:cut])
        threading.Event().wait(0.1)
        client.sendall(wire()[cut:])
        answer = read_answer(client)

    assert answer.startswith(b"HTTP/1.1 200")
    assert len(house.spool.items) == 1


def test_pipelined_requests_are_all_answered_in_order(house: House) -> None:
    bodies = [EVENT.replace(ID.encode(), b"%032x" % number) for number in range(5)]
    with serving(house) as (port, _), socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(b"".join(wire(body, close=body is bodies[-1]) for body in bodies))
        answers = b"".join(iter(lambda: client.recv(65536), b""))

    assert [answers.find(b"%032x" % number) for number in range(5)] == sorted(
        answers.find(b"%032x" % number) for number in range(5)
    )
    assert answers.count(b"HTTP/1.1 200") == 5
    assert len(house.spool.items) == 5


@pytest.mark.parametrize("options", [{"close": True}, {"version": "1.0"}])
def test_a_connection_that_is_not_to_be_kept_ends_with_its_answer(house: House, options: dict[str, Any]) -> None:
    with serving(house) as (port, _), socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(wire(**options))
        answer = b"".join(iter(lambda: client.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"\r\nconnection: close\r\n" in answer


def test_what_comes_with_something_that_is_no_http_is_not_taken(house: House) -> None:
    with serving(house) as (port, _), socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(wire() + b"\0garbage\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 400")
    assert house.spool.items == []


@pytest.mark.parametrize("is_read", [True, False])
def test_who_reads_no_answers_waits_in_the_app(house: House, is_read: bool) -> None:
    taken: list[bytes] = []

    class Noted(ShortWay):
        def take(self, scope: Any, body: bytes, reply: Callable[[Answer], None]) -> bool:
            taken.append(body)
            return super().take(scope, body, reply)

    async def send() -> None:
        doorway = house.doorway()
        await doorway.keys.refresh()
        config = http_config(house.app(), short_way=Noted(doorway, proxies(), Meter()), loop="asyncio")
        config.load()
        make: Any = config.http_protocol_class
        protocol = make(config=config, server_state=ServerState(), app_state={})
        protocol.connection_made(MagicMock(is_closing=lambda: False, get_extra_info=lambda _name: None))
        if not is_read:
            protocol.pause_writing()
        protocol.data_received(wire())
        await asyncio.sleep(0.05)
        protocol.connection_lost(None)

    asyncio.run(send())

    assert taken == [EVENT] * is_read
    assert len(house.spool.items) == 1  # it is kept in any case; the answer waits


def test_a_fault_costs_an_event_its_short_way_only(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("mukiau.intake.short_way.event_id_of", fail)
    with serving(house) as (port, _), socket.create_connection(("127.0.0.1", port), 5) as client:
        answers = []
        for _ in range(2):
            client.sendall(wire())
            answers.append(read_answer(client))

    assert all(answer.startswith(b"HTTP/1.1 200") and ID.encode() in answer for answer in answers)
    assert len(house.spool.items) == 2
    assert "a bug" in caplog.text


def test_who_leaves_before_the_request_is_whole_is_counted(house: House) -> None:
    with serving(house) as (port, _):
        with socket.create_connection(("127.0.0.1", port), 5) as client:
            client.sendall(wire()[:-5])
            threading.Event().wait(0.1)
        threading.Event().wait(0.3)

    assert house.spool.counts["refused", "client disconnected"] == 1
    assert house.spool.items == []


def test_who_leaves_before_the_answer_has_sent_the_event_all_the_same(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(house) as (port, spool):
        spool.go.clear()
        with socket.create_connection(("127.0.0.1", port), 5) as client:
            client.sendall(wire())
            threading.Event().wait(0.1)
        threading.Event().wait(0.1)
        spool.go.set()
        threading.Event().wait(0.2)
        with socket.create_connection(("127.0.0.1", port), 5) as client:
            client.sendall(wire())
            answer = read_answer(client)

    assert answer.startswith(b"HTTP/1.1 200")
    assert len(house.spool.items) == 2
    assert caplog.messages == []


def test_a_request_that_never_becomes_whole_is_cut_off(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "REQUEST_READ_SECONDS", 0.2)
    with serving(house) as (port, _), socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(wire()[:-5])

        assert client.recv(100) == b""


def test_a_server_that_stops_answers_what_it_has_begun(house: House) -> None:
    stopped: list[Callable[[], None]] = []
    with serving(house) as (port, spool):
        spool.go.clear()
        client = socket.create_connection(("127.0.0.1", port), 5)
        client.sendall(wire())
        threading.Event().wait(0.2)
        stopped.append(spool.go.set)
        threading.Timer(0.5, spool.go.set).start()
    with client:
        answer = b"".join(iter(lambda: client.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"\r\nconnection: close\r\n" in answer
