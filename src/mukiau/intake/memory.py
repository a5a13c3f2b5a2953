"""How much memory the bodies of all requests may take together, from their first bytes until they are answered.

Nearly every body is small and comes in one piece: it costs nothing here. Any other takes its share of one budget before
more of it is read; where the budget is spent it waits, and the server holds its client back. So that clients who send a
byte a second cannot keep everybody waiting, the one that has been sending longest is then cut off.

Beyond a megabyte a body also needs one of a few places, so that large ones are read to their end one after the other
instead of all halfway.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from mukiau.core.limits import LARGE_BODIES_AT_ONCE, LARGE_BODY_BYTES, MAX_BODIES_ARRIVING, MAX_BODIES_BYTES

# A client that is not done within this time is slow enough to be cut off when others wait.
ENOUGH_SECONDS = 2.0
LOOK_SECONDS = 0.1


class CutOffError(Exception):
    """The body came too slowly while others were waiting for the memory it held."""


@dataclass(eq=False, slots=True)
class Share:
    """What one request holds."""

    began: float
    """By the event loop's clock."""
    deadline: asyncio.Timeout = field(default_factory=lambda: asyncio.timeout(None))
    held: AsyncExitStack = field(default_factory=AsyncExitStack)
    bytes: int = 0
    is_cut_off: bool = False


class BodyMemory:
    """The budget; one for the whole process."""

    def __init__(self, max_bytes: int = MAX_BODIES_BYTES) -> None:
        self._max_bytes = max_bytes
        self._used = 0
        self._arriving: dict[Share, None] = {}
        """In the order they began."""
        self._turn = asyncio.Lock()
        self._large = asyncio.Semaphore(LARGE_BODIES_AT_ONCE)

    @asynccontextmanager
    async def share(self) -> AsyncIterator[Share]:
        """Give a request a share, which ends when the request is answered."""
        share = Share(asyncio.get_running_loop().time())
        try:
            yield share
        finally:
            self._used -= share.bytes
            await share.held.aclose()

    @asynccontextmanager
    async def arriving(self, share: Share) -> AsyncIterator[None]:
        """While its body arrives a share may be cut off; raises CutOffError then."""
        self._arriving[share] = None
        try:
            async with share.deadline:
                if len(self._arriving) > MAX_BODIES_ARRIVING:
                    self._cut_off_slowest(even_if_young=True)
                yield
        except TimeoutError:
            raise CutOffError from None
        finally:
            del self._arriving[share]

    async def take(self, share: Share, count: int) -> None:
        """Wait until there is memory for so many bytes more."""
        if share.bytes <= LARGE_BODY_BYTES < share.bytes + count:
            await share.held.enter_async_context(self._large)
        async with self._turn:  # first come, first served: one waits for memory, all others for their turn
            while self._used + count > self._max_bytes and self._used > share.bytes:
                self._cut_off_slowest()
                await asyncio.sleep(LOOK_SECONDS)
            self._used += count
            share.bytes += count

    def _cut_off_slowest(self, *, even_if_young: bool = False) -> None:
        now = asyncio.get_running_loop().time()
        slowest = next((share for share in self._arriving if not share.is_cut_off), None)
        if slowest is not None and (even_if_young or now - slowest.began > ENOUGH_SECONDS):
            slowest.is_cut_off = True
            slowest.deadline.reschedule(now)
