"""The few shapes of ASGI that intake uses, and reading a request under limits."""

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from mukiau.core.limits import LARGE_BODY_BYTES

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
BeforeLarge = Callable[[], Awaitable[object]]

# int() refuses thousands of digits; nobody means more than these.
_MAX_LENGTH_DIGITS = 18


class ClientDisconnectedError(Exception):
    """The client went away before its request was read: nobody is left to answer."""


class BodyTooLongError(Exception):
    """The body has more bytes than allowed, by its Content-Length or by counting."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a door sees of a request."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    """Names in lower case; of a repeated header the last one."""
    receive: Receive
    held: AsyncExitStack = field(default_factory=AsyncExitStack)
    """What the request holds until it is answered: its share of the machine's memory."""

    @classmethod
    def from_scope(cls, scope: Scope, receive: Receive) -> "Request":
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        return cls(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers, receive)


async def read_body(request: Request, *, max_bytes: int, before_large: BeforeLarge | None = None) -> bytes:
    """Return the whole body; raise BodyTooLongError or ClientDisconnectedError (also for a client that is too slow, or
    holds too much: the server closes its connection).

    `before_large` is awaited once, when the body has passed LARGE_BODY_BYTES, before more of it is read.
    """
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > _MAX_LENGTH_DIGITS or int(length) > max_bytes):
        raise BodyTooLongError
    message = await request.receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        return _checked(message.get("body", b""), max_bytes)  # nearly always: one piece, no copy
    return await _read_rest(request.receive, message, max_bytes, before_large)


async def _read_rest(receive: Receive, message: Message, max_bytes: int, before_large: BeforeLarge | None) -> bytes:
    body = BytesIO()  # gives its content without another copy
    while message["type"] != "http.disconnect":
        body.write(message.get("body", b""))
        if body.tell() > max_bytes:
            raise BodyTooLongError
        if not message.get("more_body"):
            return body.getvalue()
        if before_large is not None and body.tell() > LARGE_BODY_BYTES:
            await before_large()
            before_large = None
        message = await receive()
    raise ClientDisconnectedError


def _checked(body: bytes, max_bytes: int) -> bytes:
    if len(body) > max_bytes:
        raise BodyTooLongError
    return body
