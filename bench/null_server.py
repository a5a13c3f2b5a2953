"""A server that answers every POST with 200 and keeps nothing: the load generator's own ceiling.

`python -m bench.null_server [PORT]`, then `python -m bench.load` against it.
"""

import asyncio
import sys

BODY = b'{"id":"00000000000000000000000000000000","accepted":0,"rejected":[]}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
DEFAULT_PORT = 9900


class NullProtocol(asyncio.Protocol):
    """One connection; requests need a Content-Length."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            at = self._buffer.lower().find(b"content-length:", 0, end)
            needed = end + 4 + int(self._buffer[at + 15 : self._buffer.find(b"\r\n", at)])
            if len(self._buffer) < needed:
                return
            self._buffer = self._buffer[needed:]
            assert self._transport is not None
            self._transport.write(ANSWER)


async def main(port: int) -> None:
    """Answer until interrupted."""
    server = await asyncio.get_running_loop().create_server(NullProtocol, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_PORT))
