"""The key ring: fresh within a second, and not to be asked to death."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from mukiau.intake import keys as keys_module
from mukiau.intake.keys import KeyRing
from mukiau.intake.ports import Key, KeySourceError

T = TypeVar("T")
KEY = Key(public_key="a" * 32, project_id=1, source_id=10)


class Source:
    def __init__(self, *keys: Key) -> None:
        self.keys = list(keys)
        self.version_now = 1
        self.lookups = self.loads = 0
        self.is_broken = False

    def load_keys(self) -> list[Key]:
        self.loads += 1
        return list(self.keys)

    def find_key(self, public_key: str) -> Key | None:
        self._check()
        self.lookups += 1
        return next((key for key in self.keys if key.public_key == public_key), None)

    def version(self) -> int:
        self._check()
        return self.version_now

    def _check(self) -> None:
        if self.is_broken:
            raise KeySourceError("The keys could not be read.")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def run(source: Source, use: Callable[[KeyRing, Clock], Awaitable[T]]) -> T:
    async def inside() -> T:
        clock = Clock()
        ring = KeyRing(source, clock=clock)
        try:
            return await use(ring, clock)
        finally:
            ring.close()

    return asyncio.run(inside())


def test_a_key_made_a_moment_ago_opens_at_its_first_request() -> None:
    async def use(ring: KeyRing, _: Clock) -> Key | None:
        await ring.refresh()
        source.keys.append(KEY)
        return await ring.find(KEY.public_key)

    source = Source()
    assert run(source, use) == KEY


def test_many_first_requests_at_once_share_one_look_up() -> None:
    async def use(ring: KeyRing, _: Clock) -> list[Key | None]:
        return await asyncio.gather(*(ring.find(KEY.public_key) for _ in range(20)))

    source = Source(KEY)
    assert run(source, use) == [KEY] * 20
    assert source.lookups == 1


def test_an_unknown_key_is_looked_up_at_most_once_a_second() -> None:
    async def use(ring: KeyRing, clock: Clock) -> None:
        for _ in range(50):
            assert await ring.find("b" * 32) is None
        assert source.lookups == 1
        clock.now += 1.1
        await ring.find("b" * 32)
        assert source.lookups == 2

    source = Source(KEY)
    run(source, use)


def test_guessing_many_keys_does_not_reach_the_file_each_time() -> None:
    async def use(ring: KeyRing, _: Clock) -> None:
        for number in range(keys_module.MAX_UNKNOWN_KEYS + 500):
            await ring.find(f"{number:032x}")

    source = Source(KEY)
    run(source, use)
    assert source.lookups == keys_module.MAX_UNKNOWN_KEYS


def test_a_key_that_was_switched_off_is_gone_after_the_next_look() -> None:
    async def use(ring: KeyRing, clock: Clock) -> tuple[Key | None, Key | None]:
        await ring.refresh()
        before = await ring.find(KEY.public_key)
        source.keys.clear()
        source.version_now += 1
        await ring.refresh()
        return before, await ring.find(KEY.public_key)

    source = Source(KEY)
    assert run(source, use) == (KEY, None)


def test_keys_are_read_again_only_when_something_was_written() -> None:
    async def use(ring: KeyRing, _: Clock) -> None:
        for _ in range(10):
            await ring.refresh()

    source = Source(KEY)
    run(source, use)
    assert source.loads == 1


def test_known_keys_go_on_working_while_the_file_cannot_be_read() -> None:
    async def use(ring: KeyRing, _: Clock) -> Key | None:
        await ring.refresh()
        source.is_broken = True
        await ring.refresh()
        return await ring.find(KEY.public_key)

    source = Source(KEY)
    assert run(source, use) == KEY


def test_a_key_is_not_called_unknown_while_the_file_cannot_be_read() -> None:
    async def use(ring: KeyRing, _: Clock) -> Key | None:
        source.is_broken = True
        with pytest.raises(KeySourceError):
            await ring.find(KEY.public_key)
        source.is_broken = False
        return await ring.find(KEY.public_key)

    source = Source(KEY)
    assert run(source, use) == KEY
