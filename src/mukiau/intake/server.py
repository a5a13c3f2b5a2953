"""Runs the ASGI app on uvicorn, with limits on what a connection may cost before a request is even whole, and after it
was answered."""

import asyncio
import logging
import re
import socket
import threading
from functools import partial
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from mukiau.core.limits import (
    ANSWER_STALL_SECONDS,
    FREE_BODY_BYTES,
    KEEP_ALIVE_SECONDS,
    MAX_BODIES_BYTES,
    MAX_CONNECTIONS,
    MAX_HEADER_BYTES,
    REQUEST_READ_SECONDS,
)
from mukiau.intake.answers import Answer
from mukiau.intake.asgi import App, Scope
from mukiau.intake.crowd import Crowd
from mukiau.intake.heads import Cut, KnownHead, KnownHeads, cut_request
from mukiau.intake.short_way import Head, ShortWay
from mukiau.intake.writes import JoinedWrites

GRACEFUL_SECONDS = 5
BACKLOG = 2048
# What is left of an answer is sent within this time after the connection was closed, or not at all.
LINGER_SECONDS = 2.0

_UPGRADE = re.compile(rb"\r\nupgrade:", re.IGNORECASE)
_BODY = {b"content-length", b"transfer-encoding"}

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

log = logging.getLogger(__name__)
log.setLevel(logging.ERROR)  # a line for each broken request would let anybody fill the disk


def _is_fault(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


log.addFilter(_is_fault)  # uvicorn logs every exception of the app; a request that was refused here is none


def _without_upgrade(data: bytes) -> bytes:
    """Take the offer to change to another protocol from the head that data begins with.

    No other is spoken here, and who offers one (h2c, by Java's HttpClient with every request) sends its body all the same.
    The parser would not read that as the body.
    """
    end = data.find(b"\r\n\r\n")
    head = data[:end] if end >= 0 else data
    return _UPGRADE.sub(b"\r\nx-upgrade:", head) + data[len(head) :]


class BoundedHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a cap on the size of the headers, on the time a request may take to arrive, and on the
    time its answer may lie unread."""

    held_bytes = 0
    """Received of requests that are not answered yet; a small one that came in one piece is not counted."""
    _head_bytes = 0
    _is_in_head = True
    _is_incomplete = True
    _read_timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None
    _task: "asyncio.Task[None] | None" = None
    _running: RequestResponseCycle | None = None
    """The request that is being answered; of pipelined ones uvicorn itself only tells the last that nobody is there."""
    _postponed: tuple[RequestResponseCycle, Head] | None = None
    """A request that may go the short way when it is whole; the app does not know of it yet."""
    _unknown: Cut | None = None
    """The last request that came in one piece, if its head was not known."""

    def __init__(self, *args: Any, crowd: Crowd, heads: KnownHeads, short_way: ShortWay | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = log
        self._crowd = crowd
        self._heads = heads
        self._short_way = short_way

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._writes = JoinedWrites(transport, self.loop)
        super().connection_made(self._writes)  # type: ignore[arg-type]
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self.resume_writing()
        self._abandon()
        super().connection_lost(exc)

    def _abandon(self) -> None:
        """Let go of everything that was received: uvicorn's objects refer to each other, and would hold it for long."""
        self._let_go()
        for cycle in (self._running, self.cycle, *(queued for queued, _ in self.pipeline)):
            if cycle is not None:
                cycle.disconnected = True
                cycle.body = bytearray()
                cycle.message_event.set()
        self.pipeline.clear()
        if self._postponed is not None:
            self._begin(self._postponed[0])  # the app counts who went away

    def eof_received(self) -> bool:  # type: ignore[override]
        """Say whether to stay open: a client that has sent all it will may still read its answer."""
        if self._is_incomplete or self.cycle is None or self.cycle.response_complete:
            self._writes.flush()  # the connection is closed when this returns
            return False
        self.cycle.keep_alive = False
        return True

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stall_timer = self.loop.call_later(ANSWER_STALL_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    def on_response_complete(self) -> None:
        self._let_go()
        super().on_response_complete()
        if not self.pipeline and not self._is_incomplete:
            self._crowd.wait(self, len(self.connections))

    def data_received(self, data: bytes) -> None:
        cut = cut_request(data) if self._short_way is not None and self._is_free else None
        known = None if cut is None else self._heads.find(cut)
        if cut is not None and known is not None:
            self._open(cut, known)
            return
        self._unknown = cut
        super().data_received(_without_upgrade(data) if self._is_between and b"pgrade" in data else data)
        if not self._is_incomplete and len(data) <= FREE_BODY_BYTES:
            return  # nearly always: the whole request came in one small piece
        if not self._is_discarding:
            self.held_bytes += len(data)
            self._crowd.hold(self, len(data))
        if not self._is_incomplete or self.transport.is_closing():
            return
        if self._read_timer is None:
            self._arm()
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEADER_BYTES:
                self.refuse(_TOO_LARGE)

    def _open(self, cut: Cut, known: KnownHead) -> None:
        """Begin with a request as the parser would, whose turn it is not: it is between two requests, and stays there."""
        self._unset_keepalive_if_required()
        self._disarm()
        super().on_message_begin()
        self._is_incomplete = False
        self.headers += [*known.headers, *cut.varying]
        self.scope |= known.scope  # type: ignore[typeddict-item]
        self.cycle = self._running = cycle = self._new_cycle()
        cycle.body, cycle.more_body = bytearray(cut.body), False
        cycle.message_event.set()
        self._postponed = (cycle, known.read)
        self.loop.call_soon(self._go_the_short_way, self._postponed)

    def _new_cycle(self) -> RequestResponseCycle:
        return RequestResponseCycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=True,
            on_response=self.on_response_complete,
        )

    def on_message_begin(self) -> None:
        self._crowd.begin(self)
        self._is_in_head = self._is_incomplete = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        size, hosts, has_underscore = len(self.url), 0, False
        for name, value in self.headers:
            size += len(name) + len(value)
            hosts += name == b"host"
            has_underscore |= b"_" in name
        if size > MAX_HEADER_BYTES:
            raise ValueError("The headers are larger than 64 KB.")  # uvicorn answers 400 and closes
        if self.parser.should_upgrade() and not _BODY.isdisjoint(name for name, _ in self.headers):
            raise ValueError("The body would be read as another protocol's, or as the next request.")
        if hosts > 1:  # RFC 9112, 3.2: two readers could choose differently
            raise ValueError("The request has more than one Host.")
        # `X_Sentry_Auth` and `X-Sentry-Auth` are one variable to CGI: a proxy that checks or sets one lets the other by.
        if has_underscore:
            self.headers[:] = [header for header in self.headers if b"_" not in header[0]]
        super().on_headers_complete()

    @property
    def _is_between(self) -> bool:
        """No request has begun since the last one was whole."""
        return not self._is_incomplete or self.headers is None

    @property
    def _is_free(self) -> bool:
        """Nothing of a request has come since the last answer."""
        is_answered = self.cycle is None or self.cycle.response_complete
        return is_answered and self._is_between and not self.transport.is_closing()

    @property
    def _is_discarding(self) -> bool:
        """What arrives now is kept nowhere: its request was answered, or its connection is closed."""
        return self.transport.is_closing() or (self.cycle is not None and self.cycle.response_complete)

    def on_message_complete(self) -> None:
        self._is_incomplete = False
        self._disarm()
        super().on_message_complete()
        if self._postponed is not None:
            # In the next turn: what came behind it may be no HTTP, and then nothing of the connection is taken.
            self.loop.call_soon(self._go_the_short_way, self._postponed)
        elif self.cycle.response_complete and not self.transport.is_closing():
            self._wait_for_next()

    def _wait_for_next(self) -> None:
        """Go on after a request that was refused before it was whole: uvicorn gave up its time limit when the rest came.

        Closing here instead would meet the next request on its way: behind a load balancer somebody else's, who then
        gets a 502.
        """
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        self._crowd.wait(self, len(self.connections))

    def _arm(self) -> None:
        self._crowd.wait(self, len(self.connections))
        self._read_timer = self.loop.call_later(REQUEST_READ_SECONDS, self.refuse, b"")

    def _disarm(self) -> None:
        self._crowd.go(self)
        if self._read_timer is not None:
            self._read_timer.cancel()
            self._read_timer = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        is_asked_first = cycle.waiting_for_100_continue or not cycle.more_body
        way = None if is_asked_first else self._short_way
        head = None if way is None else way.read_head(cast("Scope", cycle.scope))
        if head is None:
            self._begin(cycle)
        else:
            self._postponed = (cycle, head)

    def _begin(self, cycle: RequestResponseCycle) -> None:
        """Let the app answer."""
        self._postponed = self._unknown = None
        self._task = self.loop.create_task(cycle.run_asgi(self.app))
        self._task.add_done_callback(self.tasks.discard)
        self.tasks.add(self._task)

    def _go_the_short_way(self, postponed: tuple[RequestResponseCycle, Head]) -> None:
        """Answer a whole request without the app, where that can be: whose answers are not read has to wait there."""
        if self._short_way is None or self._postponed is not postponed:
            return
        (cycle, head), self._postponed = postponed, None
        cut, self._unknown = self._unknown, None
        scope, reply, is_taken = cast("Scope", cycle.scope), partial(self._answer, cycle), False
        try:
            is_taken = not self.flow.write_paused and self._short_way.take(head, scope, bytes(cycle.body), reply)
        finally:  # a fault is logged by the loop, and costs this request its short way only
            if is_taken:
                self._learn(cut, cycle, head)
                cycle.body = bytearray()
            else:
                self._begin(cycle)

    def _learn(self, cut: Cut | None, cycle: RequestResponseCycle, head: Head) -> None:
        if cut is not None and cycle is self.cycle and cycle.body == cut.body:
            self._heads.learn(cut, cycle.scope, head)

    def _answer(self, cycle: RequestResponseCycle, answer: Answer) -> None:
        """Write an answer as uvicorn does, and go on with the connection."""
        if cycle.disconnected:
            return
        cycle.response_started = cycle.response_complete = True
        closing = [] if cycle.keep_alive else [(b"connection", b"close")]
        self._writes.send(answer.wire([*self.server_state.default_headers, *closing]))
        if not cycle.keep_alive:
            self._writes.close()
        self.on_response_complete()

    def _let_go(self) -> None:
        self._unknown = None
        self._crowd.release(self.held_bytes)
        self.held_bytes = 0

    def refuse(self, answer: bytes) -> None:
        """Answer instead of the app, and close. What the app has of the request is let go of at once."""
        if self._task is not None and (self._running is None or not self._running.response_started):
            self._task.cancel()
        if not self.transport.is_closing():
            self.transport.write(answer)
        self.end()

    def send_400_response(self, msg: str) -> None:
        super().send_400_response(msg)
        self.end()

    def timeout_keep_alive_handler(self) -> None:
        self.end()

    def end(self) -> None:
        """Close the connection, whether the client reads what was sent or not; what is still answered goes nowhere."""
        self._disarm()
        self._abandon()
        self.flow.resume_writing()
        self.transport.close()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)


def http_config(
    app: App, *, short_way: ShortWay | None = None, loop: str = "auto", max_connections: int = MAX_CONNECTIONS
) -> uvicorn.Config:
    """Return how uvicorn is to serve the app: nothing logged per request, nothing loaded that is not used."""
    crowd = Crowd(max_connections, MAX_BODIES_BYTES)
    http = partial(BoundedHttpProtocol, crowd=crowd, heads=KnownHeads(), short_way=short_way)
    options: dict[str, Any] = {"http": http, "ws": "none", "lifespan": "off", "interface": "asgi3"}
    return uvicorn.Config(
        app,
        loop=loop,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        **options,
    )


async def serve(
    app: App, listener: socket.socket, *, short_way: ShortWay | None, max_connections: int, stop: threading.Event
) -> None:
    """Serve until SIGTERM or SIGINT; requests in progress are finished (for up to 5 s).

    `max_connections` is what the system allows; no more than MAX_CONNECTIONS are open anyway. `stop` is set by a signal
    that came before this.
    """
    config = http_config(app, short_way=short_way, max_connections=min(max_connections, MAX_CONNECTIONS))
    await _Server(config, stop).serve(sockets=[listener])


class _Server(uvicorn.Server):
    """uvicorn's server, told of signals that came before its own handlers were there."""

    def __init__(self, config: uvicorn.Config, stop: threading.Event) -> None:
        super().__init__(config)
        self._stop = stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.should_exit |= self._stop.is_set()
