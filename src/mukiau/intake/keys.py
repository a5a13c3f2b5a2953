"""The keys that open the door, held in memory and never more than a second behind the state file.

Twice a second the state file is asked whether anything was written; if so all active keys are read again, so a key
that was switched off stops working within a second. A key nobody knows is looked up at once (but each one at most once
a second, and only so many different ones), so a key made a moment ago works with its first request.

The file is read in a thread of its own: a slow disk must not hold the event loop.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from mukiau.intake.ports import Key, KeySource, KeySourceError

POLL_SECONDS = 0.5
UNKNOWN_KEY_SECONDS = 1.0
# Guessed keys cost one look-up each; beyond so many different ones within a second they are refused unseen.
MAX_UNKNOWN_KEYS = 1_000

T = TypeVar("T")

log = logging.getLogger(__name__)


class KeyRing:
    """Active keys by public key; `find` from the event loop, `watch` as a task beside it."""

    def __init__(self, source: KeySource, *, clock: Callable[[], float]) -> None:
        self._source = source
        self._clock = clock
        self._keys: Mapping[str, Key] = {}
        self._unknown_since: dict[str, float] = {}
        self._lookups: dict[str, asyncio.Future[Key | None]] = {}
        self._version: int | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="keys")

    def known(self, public_key: str) -> Key | None:
        """Return the active key where that is known without a look; None says nothing."""
        return self._keys.get(public_key)

    async def find(self, public_key: str) -> Key | None:
        """Return the active key, or None; raises KeySourceError when that cannot be known now."""
        if (key := self._keys.get(public_key)) is not None:
            return key
        if (lookup := self._lookups.get(public_key)) is not None:
            return await asyncio.shield(lookup)  # many first requests at once share one look-up
        if not self._may_look_up(public_key):
            return None
        lookup = self._lookups[public_key] = asyncio.ensure_future(self._look_up(public_key))
        lookup.add_done_callback(lambda _: self._lookups.pop(public_key, None))
        return await asyncio.shield(lookup)

    async def watch(self) -> None:
        """Keep the keys fresh until cancelled."""
        while True:
            await self.refresh()
            await asyncio.sleep(POLL_SECONDS)

    async def refresh(self) -> None:
        """Read all keys again if the state file was written since the last time."""
        try:
            version = await self._in_thread(self._source.version)
            if version == self._version:
                return
            keys = await self._in_thread(self._source.load_keys)
        except KeySourceError as error:
            log.warning("%s", error)  # the keys known so far go on working
            return
        self._version = version
        self._keys = {key.public_key: key for key in keys}

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _look_up(self, public_key: str) -> Key | None:
        try:
            key = await self._in_thread(self._source.find_key, public_key)
        except KeySourceError as error:
            log.warning("%s", error)
            self._unknown_since.pop(public_key, None)  # nothing was learned about it
            raise
        if key is not None:
            self._keys = {**self._keys, public_key: key}
            self._unknown_since.pop(public_key, None)
        return key

    def _may_look_up(self, public_key: str) -> bool:
        now = self._clock()
        if len(self._unknown_since) >= MAX_UNKNOWN_KEYS:
            recent = {key: since for key, since in self._unknown_since.items() if now - since < UNKNOWN_KEY_SECONDS}
            self._unknown_since = recent
        since = self._unknown_since.get(public_key)
        if since is None and len(self._unknown_since) >= MAX_UNKNOWN_KEYS:
            return False
        if since is not None and now - since < UNKNOWN_KEY_SECONDS:
            return False
        self._unknown_since[public_key] = now
        return True

    async def _in_thread(self, call: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)
