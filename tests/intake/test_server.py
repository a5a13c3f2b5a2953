"""The doors over real sockets: limits of a connection, and forwarding to the web process."""

import asyncio
import gzip
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from mukiau.core.addresses import read_networks
from mukiau.core.limits import MAX_CONNECTIONS
from mukiau.intake import server as server_module
from mukiau.intake.asgi import App, ClientDisconnectedError, Receive, Request, Scope, Send, read_body
from mukiau.intake.edge import Edge
from mukiau.intake.forward import WebForwarder
from mukiau.intake.meter import Meter
from mukiau.intake.proxies import TrustedProxies
from mukiau.intake.server import http_config

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        body = await read_body(Request.from_scope(scope, receive), max_bytes=10**6)
    except ClientDisconnectedError:
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving(
    app: App, beside: Callable[[], Awaitable[Any]] | None = None, *, max_connections: int = MAX_CONNECTIONS
) -> Iterator[int]:
    """Serve an app on a free port from another thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(http_config(app, loop="asyncio", max_connections=max_connections))

    async def run() -> None:
        started = await beside() if beside else None
        await server.serve(sockets=[listener])
        if started is not None:
            started.close()
        if isinstance(app, WebForwarder):
            await app.close()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def exchange(port: int, *parts: bytes, timeout: float = 5) -> bytes:
    """Send bytes and return everything until the server closes; b"" when it just closed."""
    with socket.create_connection(("127.0.0.1", port), timeout) as client:
        received = b""
        try:
            for part in parts:
                client.sendall(part)
            while chunk := client.recv(65536):
                received += chunk
        except ConnectionError:
            pass
        return received


def post(body: bytes, *headers: str) -> bytes:
    lines = ["POST /x?a=1 HTTP/1.1", "Host: shop.example.com", "Connection: close", *headers]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


def test_a_request_comes_back() -> None:
    with serving(echo) as port:
        answer = exchange(port, post(b"hello"))

    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\nhello")


def test_a_client_that_has_sent_all_it_will_still_gets_its_answer() -> None:
    request = post(b"hello").replace(b"Connection: close\r\n", b"")
    with serving(echo) as port, socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 200")


def test_headers_beyond_64_kb_are_refused_in_one_piece_and_in_many() -> None:
    with serving(echo) as port:
        whole = exchange(port, post(b"", "X-Long: " + "x" * 70_000))
        pieces = exchange(port, b"POST / HTTP/1.1\r\n", *[b"X-%d: %s\r\n" % (n, b"x" * 1000) for n in range(200)])
        unended = exchange(port, b"POST / HTTP/1.1\r\nX: ", *[b"x" * 10_000] * 50)
        still_there = exchange(port, post(b"hello"))

    for answer in (whole, pieces, unended):
        assert not answer.startswith(b"HTTP/1.1 2")
    assert still_there.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("start", [b"", b"POST / HTTP/1.1\r\nHost: x\r\n", post(b"12345")[:-2]])
def test_a_request_that_does_not_become_whole_in_time_is_cut_off(monkeypatch: pytest.MonkeyPatch, start: bytes) -> None:
    monkeypatch.setattr(server_module, "REQUEST_READ_SECONDS", 0.2)
    with serving(echo) as port:
        assert exchange(port, start, timeout=3) == b""


def test_a_kept_connection_may_be_idle_longer_than_a_request_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "REQUEST_READ_SECONDS", 0.2)
    request = post(b"hi").replace(b"Connection: close\r\n", b"")
    with serving(echo) as port, socket.create_connection(("127.0.0.1", port), 5) as client:
        answers = []
        for _ in range(2):
            client.sendall(request)
            answers.append(b"".join(iter(lambda: client.recv(1), b"i")))
            threading.Event().wait(0.5)

    assert [answer[:12] for answer in answers] == [b"HTTP/1.1 200"] * 2


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
        "Content-Length: 3\r\nContent-Length: 3",
        "Content-Length: 3\r\nContent-Length: 40",
        "Content-Length: 3, 3",
        "Content-Length: +3",
        "Content-Length: 0x3",
        "Content-Length : 3",
        "Content-Length: 3\r\n Transfer-Encoding: chunked",
        "Content-Length: 3\nTransfer-Encoding: chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: \x0bchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Content-Length: 3\r\nHost: b.example",
    ],
)
def test_a_request_that_two_readers_could_read_differently_is_refused_and_ends_the_connection(framing: str) -> None:
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n"
    with serving(echo) as port:
        answer = exchange(port, f"POST / HTTP/1.1\r\nHost: a.example\r\n{framing}\r\n\r\n".encode() + smuggled)

    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("name", ["Upgrade", "upgrade", "UPGRADE"])
@pytest.mark.parametrize("cuts", [(), (-5,), (-41, -5)])
def test_who_offers_another_protocol_has_its_body_read_all_the_same(name: str, cuts: tuple[int, ...]) -> None:
    inner = b"GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n"
    request = post(inner, "Connection: Upgrade, HTTP2-Settings", f"{name}: h2c").replace(b"Connection: close\r\n", b"")
    bounds = [0, *(len(request) + cut for cut in cuts), len(request)]
    parts = [request[start:end] for start, end in pairwise(bounds)]
    with serving(echo) as port, socket.create_connection(("127.0.0.1", port), 5) as client:
        for part in parts:
            client.sendall(part)
            threading.Event().wait(0.05)
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.endswith(inner)


@pytest.mark.parametrize("body", ["Content-Length: 40", "Transfer-Encoding: chunked"])
def test_an_offer_that_cannot_be_taken_from_the_request_ends_the_connection(body: str) -> None:
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n"
    head = f"POST / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n{body}\r\n\r\n".encode()
    with serving(echo) as port, socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(head[:50])  # without the offer
        threading.Event().wait(0.3)
        client.sendall(head[50:] + smuggled)
        answer = b"".join(iter(lambda: client.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_header_with_an_underscore_never_passes_for_the_one_with_a_dash() -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def note(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend(scope["headers"])
        await echo(scope, receive, send)

    with serving(note) as port:
        exchange(port, post(b"", "X_Sentry_Auth: Sentry sentry_key=a", "Content_Length: 3", "X-Kept: yes"))

    assert [name for name, _ in seen] == [b"host", b"connection", b"x-kept", b"content-length"]


def test_of_too_many_connections_the_one_that_waits_longest_is_closed() -> None:
    with serving(echo, max_connections=3) as port:
        waiting = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(3)]
        threading.Event().wait(0.2)
        answer = exchange(port, post(b"hello"))
        closed = waiting[0].recv(1)
        for client in waiting:
            client.close()

    assert answer.startswith(b"HTTP/1.1 200")
    assert closed == b""


def test_who_holds_most_has_to_go_when_the_memory_for_bodies_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "MAX_BODIES_BYTES", 600_000)
    start = post(b"").replace(b"Content-Length: 0", b"Content-Length: %d")
    with (
        serving(echo) as port,
        socket.create_connection(("127.0.0.1", port), 5) as small,
        socket.create_connection(("127.0.0.1", port), 5) as large,
    ):
        small.sendall(start % 300_000 + b"x" * 1_000)
        large.sendall(start % 900_000 + b"x" * 400_000)
        answer = exchange(port, post(b"x" * 300_000))
        refused = large.recv(12)
        small.sendall(b"x" * 299_000)
        kept = small.recv(12)

    assert answer.startswith(b"HTTP/1.1 200")
    assert refused == b"HTTP/1.1 503"
    assert kept == b"HTTP/1.1 200"


def test_a_request_that_is_refused_while_its_app_waits_is_let_go_of_without_a_fault(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server_module, "REQUEST_READ_SECONDS", 0.2)
    ended = threading.Event()

    async def wait(_scope: Scope, _receive: Receive, _send: Send) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with serving(wait) as port:
        answer = exchange(port, post(b"12345")[:-2])

    assert answer == b""
    assert ended.is_set()
    assert caplog.messages == []


def test_memory_for_bodies_is_free_again_when_they_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "MAX_BODIES_BYTES", 600_000)
    with serving(echo) as port:
        answers = [exchange(port, post(b"x" * 500_000))[:12] for _ in range(5)]

    assert answers == [b"HTTP/1.1 200"] * 5


async def large_answer(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(200):
        await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def test_an_answer_nobody_reads_does_not_keep_its_connection(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server_module, "ANSWER_STALL_SECONDS", 0.2)
    with serving(large_answer) as port, socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(post(b""))
        threading.Event().wait(1)
        received = 0
        with suppress(ConnectionError):
            while piece := client.recv(65536):
                received += len(piece)

    assert 0 < received < 200 * 100_000
    assert caplog.messages == []


def test_pipelined_requests_whose_answers_nobody_reads_are_no_fault(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server_module, "REQUEST_READ_SECONDS", 0.2)
    monkeypatch.setattr(server_module, "LINGER_SECONDS", 0.2)
    request = post(b"x").replace(b"Connection: close\r\n", b"")
    with serving(large_answer) as port, socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(request * 100 + request[:-1])
        threading.Event().wait(1)

    assert caplog.messages == []


@pytest.mark.parametrize("noise", [b"\x16\x03\x01\x02\x00\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET\r\n\r\n"])
def test_what_is_no_http_is_refused_without_a_line_in_the_log(noise: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with serving(echo) as port:
        answer = exchange(port, noise)

    assert answer[:12] in {b"", b"HTTP/1.1 400"}
    assert caplog.messages == []


async def refuse(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def test_a_connection_whose_request_was_refused_before_it_was_whole_takes_the_next_one_and_ends_when_idle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server_module, "KEEP_ALIVE_SECONDS", 1)
    request = post(b"x" * 500_000).replace(b"Connection: close\r\n", b"")
    with serving(refuse) as port, socket.create_connection(("127.0.0.1", port), 30) as client:
        answers = b""
        for count in range(1, 4):
            client.sendall(request[:1000])
            while answers.count(b"\r\n\r\n") < count:
                answers += client.recv(1000)
            client.sendall(request[1000:])
        idle = client.recv(1000)

    assert answers.count(b"HTTP/1.1 413") == 3
    assert idle == b""


# --- Forwarding ----------------------------------------------------------------------------------------------------


@contextmanager
def forwarding(
    path: Path, handler: Handler | None, *, trusted: str = "", base_url: str = "", prefix: str = ""
) -> Iterator[int]:
    """Serve a forwarder behind the edge; its web process is `handler` (none: it is dead)."""
    proxies = TrustedProxies(read_networks(trusted), base_url=base_url, new_request_id=lambda: "made-here")

    async def start_web() -> Any:
        return await asyncio.start_unix_server(handler, path) if handler else None

    # The client belongs to the event loop it is used in, so it is made at the first request.
    class Lazy:
        forwarder: WebForwarder | None = None

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            self.forwarder = self.forwarder or WebForwarder(path)
            await self.forwarder(scope, receive, send)

    with serving(Edge(Lazy(), proxies, meter=Meter(), prefix=prefix), start_web) as port:
        yield port


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line), 0)
    return head + await reader.readexactly(length)


def answering(answer: bytes, seen: list[bytes]) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(answer)
        await writer.drain()
        writer.close()

    return handle


def test_a_page_comes_back_as_the_web_process_made_it(tmp_path: Path) -> None:
    page = gzip.compress(b"<p>page</p>")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: close\r\n"
    seen: list[bytes] = []
    with forwarding(tmp_path / "s", answering(head + b"Content-Length: %d\r\n\r\n" % len(page) + page, seen)) as port:
        answer = exchange(port, post(b"a=1", "X-Forwarded-For: 203.0.113.9", "Cookie: s=1", "Keep-Alive: 5"))

    got_head, got_body = answer.split(b"\r\n\r\n", 1)
    assert got_body == page
    assert got_head.lower().count(b"set-cookie") == 2
    request = seen[0].lower()
    assert request.startswith(b"post /x?a=1 http/1.1\r\n")
    assert request.endswith(b"\r\n\r\na=1")
    for line in (
        b"host: shop.example.com",
        b"x-forwarded-for: 127.0.0.1",  # the header came from nobody we trust
        b"x-forwarded-proto: http",
        b"x-request-id: made-here",
        b"cookie: s=1",
    ):
        assert line + b"\r\n" in request
    assert b"keep-alive: 5" not in request


def test_what_a_trusted_proxy_says_of_the_client_reaches_the_page_in_our_words_alone(tmp_path: Path) -> None:
    said = (
        "X-Forwarded-For: 198.51.100.1, 203.0.113.9",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: tools.example",
        "X-Forwarded-Prefix: /elsewhere",
        "Forwarded: for=192.0.2.66;host=evil.example",
        "X-Request-Id: 4bf92f3577b34da6",
        "X_Forwarded_For: 192.0.2.66",
        "X-Script-Name: /elsewhere",
    )
    seen: list[bytes] = []
    handler = answering(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", seen)
    with forwarding(tmp_path / "s", handler, trusted="127.0.0.1", prefix="/mukiau") as port:
        answer = exchange(port, post(b"", *said).replace(b"/x?a=1", b"/mukiau/x%2Fy?a=1"))

    lines = seen[0].lower().split(b"\r\n")
    told = [line for line in lines if line.startswith((b"x-", b"x_", b"forwarded", b"host"))]
    assert lines[0] == b"post /x%2fy?a=1 http/1.1"
    assert sorted(told) == [
        b"host: tools.example",
        b"x-forwarded-for: 203.0.113.9",
        b"x-forwarded-proto: https",
        b"x-request-id: 4bf92f3577b34da6",
    ]
    assert b"x-request-id: 4bf92f3577b34da6" in answer


@pytest.mark.parametrize(
    ("asked", "passed_on"),
    [
        ("/mukiau/issues/", "/issues/"),
        ("/mukiau", "/"),
        ("/issues/", "/issues/"),  # a proxy took the prefix off
        ("/mukiaux/issues/", "/mukiaux/issues/"),
        ("/%6dukiau/issues/", "/%6dukiau/issues/"),
    ],
)
def test_the_prefix_is_taken_off_the_path_once(tmp_path: Path, asked: str, passed_on: str) -> None:
    seen: list[bytes] = []
    handler = answering(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", seen)
    with forwarding(tmp_path / "s", handler, prefix="/mukiau") as port:
        exchange(port, post(b"").replace(b"/x?a=1", asked.encode()))

    assert seen[0].split(b" ")[1] == passed_on.encode()


@pytest.mark.parametrize(("accept", "kind"), [("text/html", b"text/html"), ("*/*", b"text/plain")])
def test_while_the_web_process_is_away_the_visitor_is_asked_to_wait(tmp_path: Path, accept: str, kind: bytes) -> None:
    with forwarding(tmp_path / "s", None) as port:
        answer = exchange(port, post(b"", f"Accept: {accept}"))

    assert answer.startswith(b"HTTP/1.1 503")
    assert b"content-type: " + kind in answer
    assert b"retry-after: 2" in answer
    assert b"starting" in answer
    assert ("起動しています".encode() in answer) is (accept == "text/html")


@pytest.mark.parametrize("line", ["X-Odd: \ta\t", "X-Empty:"])
def test_odd_but_legal_headers_reach_the_page(tmp_path: Path, line: str) -> None:
    seen: list[bytes] = []
    handler = answering(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", seen)
    with forwarding(tmp_path / "s", handler) as port:
        assert exchange(port, post(b"", line)).startswith(b"HTTP/1.1 204")


@pytest.mark.parametrize(
    "request_bytes",
    [
        post(b"", "Host: another.example.com"),
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ],
)
def test_a_request_no_page_can_have_is_refused_here(tmp_path: Path, request_bytes: bytes) -> None:
    seen: list[bytes] = []
    with forwarding(tmp_path / "s", answering(b"", seen)) as port:
        assert exchange(port, request_bytes).startswith(b"HTTP/1.1 400")

    assert seen == []


def test_an_address_beyond_8_kb_is_refused(tmp_path: Path) -> None:
    seen: list[bytes] = []
    with forwarding(tmp_path / "s", answering(b"", seen)) as port:
        answer = exchange(port, post(b"").replace(b"/x?a=1", b"/x?a=" + b"1" * 9_000))

    assert answer.startswith(b"HTTP/1.1 414")
    assert seen == []


def test_a_page_request_beyond_a_megabyte_is_refused(tmp_path: Path) -> None:
    seen: list[bytes] = []
    with forwarding(tmp_path / "s", answering(b"", seen)) as port:
        answer = exchange(port, post(bytes(1024**2 + 1)))

    assert answer.startswith(b"HTTP/1.1 413")
    assert seen == []


def test_an_answer_broken_off_does_not_look_whole(tmp_path: Path) -> None:
    seen: list[bytes] = []
    handler = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf a page", seen)
    with forwarding(tmp_path / "s", handler) as port:
        answer = exchange(port, post(b""))

    head, body = answer.split(b"\r\n\r\n", 1)
    assert b"content-length: 1000" in head
    assert len(body) < 1000
