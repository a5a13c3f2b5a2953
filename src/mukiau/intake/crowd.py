"""How many connections there may be, and how much they may hold together."""

from typing import Protocol

_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 10\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Member(Protocol):
    """A connection, as the crowd sees it."""

    @property
    def held_bytes(self) -> int:
        """Received of requests that are not answered yet."""
        ...

    def refuse(self, answer: bytes) -> None:
        """Answer instead of the app, and close."""
        ...

    def end(self) -> None:
        """Close the connection."""
        ...


class Crowd:
    """All connections, and what they may cost together.

    Those that wait for a request, or for the rest of one, are known in the order they began to: of too many connections
    the first of them has to go. Of too many bytes that were received and not answered yet, the connection that holds most
    and is not done has to: that is a large body or one of the slow clients that would otherwise keep all others out.
    """

    def __init__(self, max_connections: int, max_bytes: int) -> None:
        self._max_connections = max_connections
        self._max_bytes = max_bytes
        self._bytes = 0
        self._waiting: dict[Member, None] = {}

    def wait(self, connection: Member, connections: int) -> None:
        """Add one that waits; `connections` are open."""
        self._waiting[connection] = None
        if connections > self._max_connections:
            next(iter(self._waiting)).end()

    def begin(self, connection: Member) -> None:
        """Note that a connection that waits has begun a request: its time begins anew."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = None

    def go(self, connection: Member) -> None:
        """Remove one that waits no more."""
        self._waiting.pop(connection, None)

    def hold(self, connection: Member, size: int) -> None:
        """Count bytes that a connection has received."""
        self._bytes += size
        while self._bytes > self._max_bytes:
            largest = max(self._waiting, key=lambda waiting: waiting.held_bytes, default=connection)
            refused = largest if largest.held_bytes else connection  # all others are whole and being answered
            refused.refuse(_BUSY)
            if refused is connection:
                return

    def release(self, size: int) -> None:
        """Count bytes that were answered."""
        self._bytes -= size
