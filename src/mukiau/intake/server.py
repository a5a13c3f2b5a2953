"""Runs the ASGI app on uvicorn, with limits on what a connection may cost before a request is even whole."""

import asyncio
import socket
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mukiau.intake.asgi import App

# A client slower than this holds memory and a connection; SDKs give up after 30 s themselves.
REQUEST_READ_SECONDS = 15.0
MAX_HEADER_BYTES = 64 * 1024
# Longer than the pools of SDKs and proxies keep a connection, so that they close it and not we under their hands.
KEEP_ALIVE_SECONDS = 75
GRACEFUL_SECONDS = 5
BACKLOG = 2048


class BoundedHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a cap on the size of the headers and on the time a request may take to arrive."""

    _head_bytes = 0
    _is_in_head = True
    _is_incomplete = True
    _read_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._is_incomplete:
            return  # nearly always: the whole request came in one piece
        if self._read_timer is None:
            self._arm()
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEADER_BYTES:
                self._refuse()

    def on_message_begin(self) -> None:
        self._is_in_head = self._is_incomplete = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        if sum([len(name) + len(value) for name, value in self.headers]) + len(self.url) > MAX_HEADER_BYTES:
            raise ValueError("The headers are larger than 64 KB.")  # uvicorn answers 400 and closes
        if (
            sum([name == b"host" for name, _ in self.headers]) > 1
        ):  # RFC 9112, 3.2: two readers could choose differently
            raise ValueError("The request has more than one Host.")
        # `X_Sentry_Auth` and `X-Sentry-Auth` are one variable to CGI: a proxy that checks or sets one lets the other by.
        self.headers[:] = [header for header in self.headers if b"_" not in header[0]]
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_incomplete = False
        self._disarm()
        super().on_message_complete()

    def _arm(self) -> None:
        self._read_timer = self.loop.call_later(REQUEST_READ_SECONDS, self._close)

    def _disarm(self) -> None:
        if self._read_timer is not None:
            self._read_timer.cancel()
            self._read_timer = None

    def _close(self) -> None:
        self._read_timer = None
        if not self.transport.is_closing():
            self.transport.close()

    def _refuse(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            )
            self.transport.close()


def http_config(app: App, *, loop: str = "auto") -> uvicorn.Config:
    """Return how uvicorn is to serve the app: nothing logged per request, nothing loaded that is not used."""
    options: dict[str, Any] = {"http": BoundedHttpProtocol, "ws": "none", "lifespan": "off", "interface": "asgi3"}
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


async def serve(app: App, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; requests in progress are finished (for up to 5 s)."""
    await uvicorn.Server(http_config(app)).serve(sockets=[listener])
