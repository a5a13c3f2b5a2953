"""Everything that is no door for events goes to the web process, over a Unix socket.

The web process may be slow, starting or dead: its requests wait here as tasks, on connections of their own, and what
arrives at the doors does not notice. A request is read whole (bounded) before a thread of the web process is taken.
"""

import asyncio
import logging
from pathlib import Path

import httpx

from mukiau.core.limits import MAX_PAGE_REQUEST_BYTES, MAX_PAGE_TARGET_BYTES
from mukiau.intake.asgi import BodyTooLongError, ClientDisconnectedError, Receive, Request, Scope, Send, read_body
from mukiau.intake.edge import SENDER
from mukiau.intake.notices import send_notice
from mukiau.intake.proxies import Sender

# More pages at once than this wait for their turn; the web process has fewer threads anyway.
MAX_PAGE_CONNECTIONS = 32
PAGE_TIMEOUT = httpx.Timeout(60.0, connect=2.0, pool=30.0)

# RFC 9110, 7.6.1: they speak of one connection only. Expect was answered by reading the body.
_HOP_BY_HOP = {
    b"connection",
    b"expect",
    b"keep-alive",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"proxy-connection",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
}
# What the web process is told in our words alone.
_REPLACED = {
    b"content-length",
    b"forwarded",
    b"host",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-port",
    b"x-forwarded-prefix",
    b"x-forwarded-proto",
    b"x-request-id",
    b"x-script-name",
}

log = logging.getLogger(__name__)


class WebForwarder:
    """Sends requests on to the web process and streams its answers back."""

    def __init__(self, socket_path: Path) -> None:
        limits = httpx.Limits(max_connections=MAX_PAGE_CONNECTIONS, max_keepalive_connections=8, keepalive_expiry=20)
        transport = httpx.AsyncHTTPTransport(uds=str(socket_path), limits=limits)
        self._client = httpx.AsyncClient(transport=transport, timeout=PAGE_TIMEOUT, trust_env=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if len(scope["raw_path"]) + len(scope["query_string"]) > MAX_PAGE_TARGET_BYTES:
            await send_notice(414, scope, send)
            return
        try:
            body = await read_body(Request.from_scope(scope, receive), max_bytes=MAX_PAGE_REQUEST_BYTES)
        except BodyTooLongError:
            await send_notice(413, scope, send)
        except ClientDisconnectedError:
            return
        else:
            await self._send_on(scope, body, send)

    async def _send_on(self, scope: Scope, body: bytes, send: Send) -> None:
        try:
            response = await self._client.send(self._request(scope, body), stream=True)
        except (httpx.InvalidURL, httpx.LocalProtocolError):
            await send_notice(400, scope, send)
        except (httpx.ReadTimeout, httpx.WriteTimeout):
            await send_notice(504, scope, send)
        except httpx.TransportError as error:
            log.debug("The web process does not answer: %r", error)  # the supervisor says when it ends
            await send_notice(503, scope, send)
        else:
            await _stream_back(response, send)

    async def close(self) -> None:
        await self._client.aclose()

    def _request(self, scope: Scope, body: bytes) -> httpx.Request:
        path = scope.get("raw_path") or scope["path"].encode()
        target = path + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        url = httpx.URL("http://web", raw_path=target)
        headers = forwarded_headers(scope, body)
        return httpx.Request(scope["method"], url, headers=headers, content=body or None)


def forwarded_headers(scope: Scope, body: bytes) -> list[tuple[bytes, bytes]]:
    """Return the headers for the web process: without what speaks of the client's connection and what anybody said of
    its sender, with what we know of it."""
    given: list[tuple[bytes, bytes]] = scope["headers"]
    named = {name.strip().lower() for key, value in given if key == b"connection" for name in value.split(b",") if name}
    dropped = _HOP_BY_HOP | _REPLACED | named
    headers = [(name, value.strip(b" \t")) for name, value in given if name not in dropped]
    if body:
        headers.append((b"content-length", str(len(body)).encode()))
    return headers + _sender_headers(scope[SENDER])


def _sender_headers(sender: Sender) -> list[tuple[bytes, bytes]]:
    said = (
        (b"host", sender.host),
        (b"x-forwarded-for", sender.address),
        (b"x-forwarded-proto", sender.scheme),
        (b"x-request-id", sender.request_id),
    )
    return [(name, value.encode("latin-1")) for name, value in said if value]


async def _stream_back(response: httpx.Response, send: Send) -> None:
    headers = [(name.lower(), value) for name, value in response.headers.raw if name.lower() not in _HOP_BY_HOP]
    try:
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        async for part in response.aiter_raw():
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    except httpx.TransportError as error:
        # The status is out already: the server closes the connection, so the client sees a broken answer, not half
        # of one that looks whole.
        log.warning("The web process broke off in the middle of an answer: %r", error)
    finally:
        await asyncio.shield(response.aclose())
