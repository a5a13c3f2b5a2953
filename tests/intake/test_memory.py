"""The memory that the bodies of all requests share."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from mukiau.intake import memory as memory_module
from mukiau.intake.asgi import Message, Request, read_body
from mukiau.intake.memory import BodyMemory, CutOffError

PIECE = b"x" * 100_000


def request(receive: Callable[[], Awaitable[Message]], held: AsyncExitStack) -> Request:
    return Request("POST", "/", "", {}, receive, held)


def pieces(count: int) -> Callable[[], Awaitable[Message]]:
    """A body of so many pieces that are there already."""
    left = [count]

    async def receive() -> Message:
        left[0] -= 1
        return {"type": "http.request", "body": PIECE, "more_body": left[0] > 0}

    return receive


def stuck() -> Callable[[], Awaitable[Message]]:
    """A body whose first piece is all that ever comes."""
    first = [{"type": "http.request", "body": PIECE, "more_body": True}]

    async def receive() -> Message:
        if first:
            return first.pop()
        await asyncio.Event().wait()
        raise AssertionError

    return receive


async def read(receive: Callable[[], Awaitable[Message]], memory: BodyMemory) -> int:
    async with AsyncExitStack() as held:
        return len(await read_body(request(receive, held), max_bytes=10**7, memory=memory))


def test_a_body_waits_for_the_memory_another_one_holds() -> None:
    async def both() -> list[str]:
        memory, order = BodyMemory(300_000), []
        async with AsyncExitStack() as held:
            await read_body(request(pieces(2), held), max_bytes=10**7, memory=memory)
            second = asyncio.ensure_future(read(pieces(2), memory))
            await asyncio.sleep(0.05)
            order.append("first answered")
            assert not second.done()
        await second
        return [*order, "second read"]

    assert asyncio.run(both()) == ["first answered", "second read"]


def test_who_has_been_sending_longest_is_cut_off_when_others_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_module, "ENOUGH_SECONDS", 0.0)

    async def three() -> list[object]:
        memory = BodyMemory(250_000)
        slow = [asyncio.ensure_future(read(stuck(), memory)) for _ in range(2)]
        await asyncio.sleep(0.01)
        quick = await read(pieces(1), memory)
        second = slow[1].done()
        slow[1].cancel()
        return [*await asyncio.gather(slow[0], return_exceptions=True), second, quick]

    first, second_is_done, quick = asyncio.run(three())

    assert isinstance(first, CutOffError)
    assert not second_is_done
    assert quick == len(PIECE)


def test_of_too_many_bodies_halfway_the_first_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_module, "MAX_BODIES_ARRIVING", 3)

    async def many() -> list[bool]:
        memory = BodyMemory()
        slow = [asyncio.ensure_future(read(stuck(), memory)) for _ in range(5)]
        await asyncio.sleep(0.05)
        done = [one.done() for one in slow]
        for one in slow:
            one.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        return done

    assert asyncio.run(many()) == [True, True, False, False, False]


def test_a_body_larger_than_all_the_memory_is_read_alone() -> None:
    assert asyncio.run(read(pieces(5), BodyMemory(250_000))) == 5 * len(PIECE)
