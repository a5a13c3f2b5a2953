"""The few shapes of ASGI that intake uses, and reading a request under limits."""

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from mukiau.core.limits import FREE_BODY_BYTES
from mukiau.intake.memory import BodyMemory

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

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


async def read_body(request: Request, *, max_bytes: int, memory: BodyMemory) -> bytes:
    """Return the whole body; raise BodyTooLongError, CutOffError or ClientDisconnectedError (also for a client that is
    too slow: the server closes its connection).

    What it takes of the memory it holds until the request is answered.
    """
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > _MAX_LENGTH_DIGITS or int(length) > max_bytes):
        raise BodyTooLongError
    message = await request.receive()
    body: bytes = message.get("body", b"")
    if len(body) > max_bytes:
        raise BodyTooLongError
    if len(body) <= FREE_BODY_BYTES and not message.get("more_body") and message["type"] == "http.request":
        return body  # nearly always: one small piece
    share = await request.held.enter_async_context(memory.share())
    async with memory.arriving(share):
        return await _read_rest(request.receive, message, max_bytes, lambda count: memory.take(share, count))


async def _read_rest(
    receive: Receive, message: Message, max_bytes: int, take: Callable[[int], Awaitable[None]]
) -> bytes:
    body = BytesIO()  # gives its content without another copy
    size = 0
    while message["type"] != "http.disconnect":
        part = message.get("body", b"")
        size += len(part)
        if size > max_bytes:
            raise BodyTooLongError
        await take(len(part))
        body.write(part)
        if not message.get("more_body"):
            return body.getvalue()
        message = await receive()
    raise ClientDisconnectedError
