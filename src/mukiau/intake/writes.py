"""Answers that are written in pieces, sent in one."""

import asyncio
from typing import Any


class JoinedWrites:
    """A transport that sends what is written within one turn of the loop at once.

    uvicorn writes the head and the body of an answer one after the other. Each is a system call that wakes the client:
    with a small answer the second one is for nothing.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._pieces:
            self._loop.call_soon(self.flush)
        self._pieces.append(data)

    def flush(self) -> None:
        """Send what was written."""
        pieces, self._pieces = self._pieces, []
        if pieces and not self._transport.is_closing():
            self._transport.write(b"".join(pieces))

    def send(self, data: bytes) -> None:
        """Send at once, behind what was written."""
        self._pieces.append(data)
        self.flush()

    def close(self) -> None:
        """Send what was written, then close."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
