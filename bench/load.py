"""The load generator: posts a corpus to a door and says how fast and with what answers.

    python -m bench.load --dsn http://KEY@127.0.0.1:8000/1 --corpus events.bin -c 32 [--door records]

C threads with one kept connection each; the next request leaves when the answer is in (closed loop). It runs as a
process of its own, so that it does not share an interpreter with what it measures, and imports the standard library
only. One JSON object on standard output.
"""

import argparse
import itertools
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bench.corpus import read_corpus
from bench.numbers import percentile

Address = tuple[str, int]
TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Target:
    """A door of a server, and the key that opens it."""

    address: Address
    path: str
    key: str

    @classmethod
    def from_dsn(cls, dsn: str, door: str) -> "Target":
        url = urlsplit(dsn)
        prefix, _, project = url.path.rpartition("/")
        return cls((url.hostname or "", url.port or 80), f"{prefix}/api/{project}/{door}/", url.username or "")

    def request(self, body: bytes) -> bytes:
        """Return the whole request for a gzip body."""
        host, port = self.address
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: {host}:{port}\r\n"
            "Content-Type: application/octet-stream\r\nContent-Encoding: gzip\r\nUser-Agent: bench\r\n"
            f"X-Sentry-Auth: Sentry sentry_key={self.key}, sentry_version=7, sentry_client=bench/1\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


class Connection:
    """A blocking HTTP/1.1 client that reads just enough of an answer to use the connection again."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._socket: socket.socket | None = None

    def send(self, request: bytes) -> int:
        """Return the answer's status; raises OSError."""
        if self._socket is not None:
            try:
                return self._exchange(self._socket, request)
            except ConnectionError:  # the server had closed the kept connection: once more on a new one
                self.close()
        self._socket = socket.create_connection(self._address, TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._exchange(self._socket, request)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchange(self, connection: socket.socket, request: bytes) -> int:
        connection.sendall(request)
        answer = b""
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += _receive(connection)
        lines = answer[:end].lower().split(b"\r\n")
        fields = {name: value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
        needed = end + 4 + int(fields.get(b"content-length", b"0"))
        while len(answer) < needed:
            answer += _receive(connection)
        if b"content-length" not in fields or fields.get(b"connection") == b"close":
            self.close()
        return int(lines[0].split(b" ", 2)[1])


def _receive(connection: socket.socket) -> bytes:
    received = connection.recv(65_536)
    if not received:
        raise ConnectionResetError("The connection was closed before its answer was complete.")
    return received


@dataclass(slots=True)
class Tally:
    """What the threads saw; appending and counting under one lock."""

    latencies: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, status: str, seconds: float) -> None:
        with self.lock:
            self.latencies.append(seconds)
            self.statuses[status] += 1


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load came to."""

    requests: int
    accepted: int
    started_at: float
    """By the monotonic clock, which all processes of a machine share."""
    seconds: float
    accepted_per_second: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    statuses: dict[str, int]
    """Answers by status, or by the error's name where there was none."""


def run_load(target: Target, bodies: Sequence[bytes], *, concurrency: int, rate: float = 0) -> LoadResult:
    """Post every body once; return when all are answered.

    With a rate (requests a second) each is posted at its time, if a connection is free by then.
    """
    requests = [target.request(body) for body in bodies]
    tickets, tally = itertools.count(), Tally()
    started_at = time.monotonic()
    timetable = Timetable(started_at, rate)
    threads = [
        threading.Thread(target=_work, args=(target.address, requests, tickets, timetable, tally))
        for _ in range(concurrency)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - started_at
    accepted = sum(count for status, count in tally.statuses.items() if status.startswith("2"))
    return LoadResult(
        requests=len(requests),
        accepted=accepted,
        started_at=started_at,
        seconds=round(seconds, 3),
        accepted_per_second=round(accepted / seconds, 1),
        p50_ms=round(percentile(tally.latencies, 50) * 1000, 2),
        p99_ms=round(percentile(tally.latencies, 99) * 1000, 2),
        max_ms=round(max(tally.latencies) * 1000, 2),
        statuses=dict(tally.statuses),
    )


@dataclass(frozen=True, slots=True)
class Timetable:
    """When each request is due."""

    started_at: float
    rate: float
    """Requests a second; 0: at once."""

    def wait_for(self, ticket: int) -> None:
        if self.rate:
            time.sleep(max(0.0, self.started_at + ticket / self.rate - time.monotonic()))


def _work(
    address: Address,
    requests: Sequence[bytes],
    tickets: "itertools.count[int]",
    timetable: Timetable,
    tally: Tally,
) -> None:
    connection = Connection(address)
    while (ticket := next(tickets)) < len(requests):
        timetable.wait_for(ticket)
        began = time.perf_counter()
        try:
            status = str(connection.send(requests[ticket]))
        except OSError as error:
            connection.close()
            status = type(error).__name__
        tally.add(status, time.perf_counter() - began)
    connection.close()


def main() -> None:
    """Post a corpus to a door and print what it took."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=main.__doc__)
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--door", choices=("envelope", "records"), default="envelope")
    parser.add_argument("-c", "--concurrency", type=int, default=8)
    parser.add_argument(
        "--rate", type=float, default=0, help="requests a second (default: as fast as they are answered)"
    )
    options = parser.parse_args()
    target = Target.from_dsn(options.dsn, options.door)
    result = run_load(target, list(read_corpus(options.corpus)), concurrency=options.concurrency, rate=options.rate)
    print(json.dumps(asdict(result)))


if __name__ == "__main__":
    main()
