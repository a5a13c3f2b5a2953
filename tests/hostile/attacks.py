"""Attacks on a running server, all at once: each goes on until it is told to end, over sockets, as a stranger would.

    python -m tests.hostile.attacks PORT KEY SECONDS

It runs as a process of its own, so that it does not share an interpreter with the honest client that is measured. One
JSON object on standard output: by attack, how often each answer came (`closed`: none).
"""

import asyncio
import base64
import json
import sys
import time
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle

import brotli
import zstandard

MEGABYTE = 1024**2
GIGABYTE = 1024**3
ANSWER_SECONDS = 60.0
PAUSE_SECONDS = 0.02


@dataclass(slots=True)
class Target:
    """Whom to attack, until when (monotonic seconds), and what was answered."""

    port: int
    key: str
    until: float = 0.0
    answers: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.until

    def head(self, path: str, *headers: str, method: str = "POST", key: str | None = None) -> bytes:
        """Return the head of a request with a good key, or another one."""
        auth = f"X-Sentry-Auth: Sentry sentry_key={key or self.key}"
        return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", auth, *headers, "", ""]).encode()

    def post(self, door: str, body: bytes, *headers: str, key: str | None = None) -> bytes:
        return self.head(f"/api/1/{door}/", f"Content-Length: {len(body)}", *headers, key=key) + body


async def knock(target: Target, request: bytes, *, piece_bytes: int = MEGABYTE) -> str:
    """Send a request in pieces; return the status of the answer, `closed` when there was none."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    except OSError:
        return "refused"
    try:
        with suppress(ConnectionError):
            for at in range(0, len(request), piece_bytes):
                writer.write(request[at : at + piece_bytes])
                await writer.drain()
        return await _status(reader)
    except (ConnectionError, TimeoutError):
        return "closed"
    finally:
        writer.close()


async def _status(reader: asyncio.StreamReader) -> str:
    async with asyncio.timeout(ANSWER_SECONDS):
        line = await reader.readline()
        await reader.read(MEGABYTE)
    return line[9:12].decode("latin-1") or "closed"


async def drip(target: Target, start: bytes, drop: bytes) -> str:
    """Send the start of a request, then a drop each second until the server has had enough."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    except OSError:
        return "refused"
    try:
        writer.write(start)
        while not target.is_over:
            await writer.drain()
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    return (await reader.readline())[9:12].decode("latin-1") or "closed"
            writer.write(drop)
    except ConnectionError:
        return "closed"
    finally:
        writer.close()
    return "still open"


async def stare(target: Target, request: bytes) -> str:
    """Send requests and read no answer."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", target.port, limit=1)
    except OSError:
        return "refused"
    try:
        writer.write(request)
        while not target.is_over and not writer.is_closing():
            await asyncio.sleep(0.5)
    except ConnectionError:
        return "closed"
    finally:
        writer.transport.abort()
    return "unread"


# --- Bodies --------------------------------------------------------------------------------------------------------


def event(payload: bytes) -> bytes:
    return b'{}\n{"type":"event","length":%d}\n%s\n' % (len(payload), payload)


def deflate_bomb(size: int, wbits: int) -> bytes:
    """Blanks; one piece is packed once and repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    piece = b" " * 16 * MEGABYTE
    start = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + again * (size // len(piece) - 1)


def large_bodies() -> list[tuple[str, bytes, str]]:
    """Door, body and encoding of requests that are as large as they may be, and most work."""
    line = b'{"log_group":"/ecs/p/a","log_stream":"s","message":%s}\n'
    trace = json.dumps("ERROR a\njava.lang.Error: x\n" + "\tat a.B.c(D.java:1)\n" * 1_000_000).encode()
    causes = json.dumps(
        "ERROR a\njava.lang.Error: x\n" + "Caused by: a.B: y\n\tat a.B.c(D.java:1)\n" * 100_000
    ).encode()
    gzipped = [
        line % trace,
        line % causes,
        line % json.dumps("ERROR " + "x" * 10 * MEGABYTE).encode(),
        line % json.dumps("ERROR a" + "\n" * 1_000_000).encode(),
        b"x\n" * 201_000,
        b'{"message":"INFO a"}\n' * 201_000,
        b"{}" * 100_000,
        b"[" * 100_000,
        (line % json.dumps("ERROR a\n" + "k=v " * 5_000).encode()) * 500,
    ]
    return [("records", zlib.compress(body, 1, 31), "gzip") for body in gzipped] + [
        ("envelope", zlib.compress(event(payload), 1, 31), "gzip")
        for payload in (
            b'{"message":"m","extra":{"x":{' + b",".join(b'"%d":1' % n for n in range(70_000)) + b"}}}",
            b'{"exception":{"values":[{"type":"E","stacktrace":{"frames":['
            + b",".join([b'{"lineno":1}'] * 70_000)
            + b"]}}]}}",
            b'{"exception":{"values":[' + b",".join([b'{"type":"E"}'] * 70_000) + b"]}}",
            b'{"breadcrumbs":[' + b",".join([b'{"message":"b"}'] * 60_000) + b"]}",
            b'{"tags":{' + b",".join(b'"t%d":1' % n for n in range(70_000)) + b"}}",
            b'{"message":"' + b"password=a&token=b " * 50_000 + b'"}',
            b'{"message":"m","extra":' + b'{"a":' * 90_000 + b"1" + b"}" * 90_000 + b"}",
        )
    ]


# --- Requests that are sent one after the other -----------------------------------------------------------------------


def _bombs(target: Target) -> list[bytes]:
    packed = {
        "gzip": deflate_bomb(10 * GIGABYTE, 31), "deflate": deflate_bomb(10 * GIGABYTE, 15),
        "br": brotli.compress(b" " * 100 * MEGABYTE, quality=1), "zstd": zstandard.compress(b" " * 200 * MEGABYTE),
    }  # fmt: skip
    return [
        *(target.post(door, body, f"Content-Encoding: {name}") for name, body in packed.items() for door in ("envelope", "records")),
        target.post("store", base64.b64encode(deflate_bomb(GIGABYTE, 15))),
        target.post("records", json.dumps({"awslogs": {"data": base64.b64encode(deflate_bomb(GIGABYTE, 31)).decode()}}).encode()),
    ]  # fmt: skip


def _large(target: Target) -> list[bytes]:
    return [target.post(door, body, f"Content-Encoding: {encoding}") for door, body, encoding in large_bodies()]


def _noise(target: Target) -> list[bytes]:
    tls = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 2
    return [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(100), tls, b"\x00" * 10_000, b"GET\r\n\r\n", b"\xff" * 70_000 + b"\r\n\r\n",
        target.post("envelope", b"x") + b"garbage" * 10_000, target.head("/api/1/envelope/", "Content-Length: -1") + b"x",
        target.head("/api/1/envelope/", "Content-Length: 5", "Content-Length: 6") + b"hello!",
        target.head("/api/1/envelope/", "Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        target.head("/api/1/envelope/", "Transfer-Encoding: chunked") + b"ZZ\r\nhello\r\n0\r\n\r\n",
        target.head("/api/1/envelope/", "Transfer-Encoding: chunked") + b"FFFFFFFFFFFFFFFFF\r\nhello\r\n",
    ]  # fmt: skip


def _long_heads(target: Target) -> list[bytes]:
    start = target.head("/api/1/envelope/")[:-2]
    return [
        start + b"X-Long: " + b"x" * 100 * MEGABYTE + b"\r\n\r\n",
        start + b"".join(b"X-%d: 1\r\n" % n for n in range(100_000)) + b"\r\n",
        start + b"X-Long: " + b"x" * 65_536 + b"\r\n\r\n",
        b"POST /" + b"a" * 10 * MEGABYTE + b" HTTP/1.1\r\n\r\n",
        target.head("/api/1/envelope/", "X-Sentry-Auth: Sentry sentry_key=" + "a" * 10 * MEGABYTE),
    ]


def _wide(target: Target) -> list[bytes]:
    chunk = b"100000\r\n" + b"x" * MEGABYTE + b"\r\n"
    chunked = target.head("/api/1/envelope/", "Transfer-Encoding: chunked") + chunk * 200 + b"0\r\n\r\n"
    return [chunked, target.post("records", b"x" * 200 * MEGABYTE)]


def _keys(target: Target) -> list[bytes]:
    body = event(b'{"message":"x"}')
    return [target.post("envelope", body, key=f"{n:032x}") for n in range(5_000)]


def _pages(target: Target) -> list[bytes]:
    paths = [
        "/",
        "/login/?next=" + "/" * 8_000,
        "/issues/?q=" + "%00" * 8_000,
        "/static/" + "../" * 2_000 + "etc/passwd",
    ]
    return [target.head(path, method="GET") for path in paths] + [
        target.head("/login/", "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {size}") + b"a=b&" * (size // 4)
        for size in (400, MEGABYTE - 4, 2 * MEGABYTE)
    ]  # fmt: skip


def _same(target: Target) -> list[bytes]:
    return [target.post("envelope", event(b'{"event_id":"%032x","message":"%d"}' % (7, n))) for n in range(200)]


# --- What takes its time ---------------------------------------------------------------------------------------------


async def _slow_head(target: Target) -> str:
    return await drip(target, b"POST /api/1/envelope/ HTTP/1.1\r\nX-A: ", b"a")


async def _slow_body(target: Target) -> str:
    start = target.head("/api/1/envelope/", f"Content-Length: {19 * MEGABYTE}") + b"x" * (MEGABYTE - 2_000)
    return await drip(target, start, b"x")


async def _slow_large_body(target: Target) -> str:
    start = target.head("/api/1/records/", f"Content-Length: {19 * MEGABYTE}") + b"x" * 18 * MEGABYTE
    return await drip(target, start, b"x")


async def _slow_form(target: Target) -> str:
    start = target.head("/login/", f"Content-Length: {MEGABYTE}") + b"x" * (MEGABYTE - 2_000)
    return await drip(target, start, b"x")


async def _unread_rejections(target: Target) -> str:
    return await stare(target, target.post("records", zlib.compress(b"x\n" * 201_000, 1, 31), "Content-Encoding: gzip"))


async def _unread_pipeline(target: Target) -> str:
    return await stare(target, target.post("envelope", event(b'{"message":"x"}')) * 1_000)


async def _unread_page(target: Target) -> str:
    return await stare(target, target.head("/login/", method="GET") * 500)


# --- All together ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attack:
    """So many attackers at once, each again and again: by one way, or one request after the other."""

    count: int
    once: Callable[[Target], Awaitable[str]] | None = None
    make: Callable[[Target], list[bytes]] | None = None

    def prepare(self, target: Target) -> Callable[[], Awaitable[str]]:
        """Make what is sent: that takes some time, which is none of the attack."""
        if self.once is not None:
            return partial(self.once, target)
        assert self.make is not None
        requests = cycle(self.make(target))
        return lambda: knock(target, next(requests))


ATTACKS = {
    "heads a byte a second": Attack(500, once=_slow_head),
    "bodies a byte a second": Attack(500, once=_slow_body),
    "large bodies a byte a second": Attack(20, once=_slow_large_body),
    "forms a byte a second": Attack(300, once=_slow_form),
    "answers nobody reads": Attack(20, once=_unread_rejections),
    "pipelines nobody reads": Attack(50, once=_unread_pipeline),
    "pages nobody reads": Attack(50, once=_unread_page),
    "bodies of 200 MB": Attack(2, make=_wide),
    "heads of up to 100 MB": Attack(2, make=_long_heads),
    "bombs of 10 GB": Attack(4, make=_bombs),
    "bodies of most work": Attack(8, make=_large),
    "noise": Attack(4, make=_noise),
    "wrong keys": Attack(4, make=_keys),
    "pages": Attack(4, make=_pages),
    "one id": Attack(4, make=_same),
}


async def attack(target: Target, names: Iterable[str], seconds: float) -> None:
    """Run the attacks side by side for so long."""
    prepared = {name: ATTACKS[name].prepare(target) for name in names}
    target.until = time.monotonic() + seconds
    await asyncio.gather(
        *[_repeat(target, name, once) for name, once in prepared.items() for _ in range(ATTACKS[name].count)]
    )


async def _repeat(target: Target, name: str, once: Callable[[], Awaitable[str]]) -> None:
    while not target.is_over:
        target.answers.setdefault(name, Counter())[await once()] += 1
        await asyncio.sleep(PAUSE_SECONDS)


def main() -> None:
    """Attack as the command line says."""
    port, key, seconds, *names = sys.argv[1:]
    target = Target(port=int(port), key=key)
    asyncio.run(attack(target, names or ATTACKS, float(seconds)))
    print(json.dumps(target.answers))


if __name__ == "__main__":
    main()
