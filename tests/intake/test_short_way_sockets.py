"""Connections whose requests may go the short way are as good as others, over sockets."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import MagicMock

import pytest
import uvicorn
from uvicorn.server import ServerState

from house import AUTH, EVENT, ID, PATH, House, proxies
from mukiau.intake import server as server_module
from mukiau.intake.answers import Answer
from mukiau.intake.edge import Edge
from mukiau.intake.meter import Meter
from mukiau.intake.ports import Settle, SpoolItem
from mukiau.intake.server import http_config
from mukiau.intake.short_way import Head, ShortWay


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


def test_a_connection_goes_on_after_a_known_head_whose_body_is_for_the_app(house: House) -> None:
    session = b'{}\n{"type":"session"}\n{}\n'
    with serving(house) as (port, _), socket.create_connection(("127.0.0.1", port), 5) as client:
        answers = []
        for body in (EVENT, EVENT, session, EVENT):
            client.sendall(wire(body))
            answers.append(read_answer(client))

    assert [answer.startswith(b"HTTP/1.1 200") for answer in answers] == [True] * 4
    assert b"\r\nx-sentry-rate-limits: " in answers[2]
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
        def take(self, head: Head, scope: Any, body: bytes, reply: Callable[[Answer], None]) -> bool:
            taken.append(body)
            return super().take(head, scope, body, reply)

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
