"""Readers of pages: people who open one page after another without a pause, and how long each page took.

    python -m bench.readers --port 8000 --cookie mukiau_session=… -c 2 /issues/ '/issues/?q=timeout'

One thread and kept connection each, in a process of their own. They stop when standard input ends, or after `--rounds`;
one JSON object on standard output: by path the milliseconds of every answer, and how many were no 200.
"""

import argparse
import http.client
import json
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

HOST = "127.0.0.1"
TIMEOUT_SECONDS = 60
REST_SECONDS = 0.2
"""After an answer that never came: the web process may just be starting."""


@dataclass(slots=True)
class Readings:
    """What readers saw."""

    milliseconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """By path, of whole answers with status 200."""
    failures: int = 0
    """Answers of another status, and none at all."""


@contextmanager
def reading(port: int, cookie: str, paths: Sequence[str], *, readers: int) -> Iterator[Readings]:
    """Have readers at work while the block runs; what they saw is there when it has ended."""
    readings = Readings()
    process = _start(port, cookie, paths, ["-c", str(readers)])
    try:
        yield readings
    finally:
        _take(process, readings)


def read_rounds(port: int, cookie: str, paths: Sequence[str], *, rounds: int) -> Readings:
    """Have one reader open all pages some times."""
    readings = Readings()
    _take(_start(port, cookie, paths, ["-c", "1", "--rounds", str(rounds)]), readings, wait=True)
    return readings


def _start(port: int, cookie: str, paths: Sequence[str], options: list[str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "bench.readers", "--port", str(port), "--cookie", cookie, *options, *paths]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _take(process: "subprocess.Popen[str]", readings: Readings, *, wait: bool = False) -> None:
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        if not wait:
            process.stdin.close()
        found = json.loads(process.stdout.read())
    readings.milliseconds.update(found["milliseconds"])
    readings.failures = found["failures"]


class Reader(threading.Thread):
    """Opens pages until it is told to stop."""

    def __init__(self, options: argparse.Namespace, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._options = options
        self._stop_event = stop
        self._connection = http.client.HTTPConnection(HOST, options.port, timeout=TIMEOUT_SECONDS)
        self.readings = Readings()

    def run(self) -> None:
        rounds = 0
        while not self._stop_event.is_set() and (not self._options.rounds or rounds < self._options.rounds):
            for path in self._options.paths:
                self._open(path)
            rounds += 1

    def _open(self, path: str) -> None:
        began = time.perf_counter()
        try:
            self._connection.request("GET", path, headers={"Cookie": self._options.cookie, "Accept-Encoding": "gzip"})
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self.readings.failures += 1
            time.sleep(REST_SECONDS)
            return
        if answer.status == http.HTTPStatus.OK:
            self.readings.milliseconds[path].append((time.perf_counter() - began) * 1000)
        else:
            self.readings.failures += 1
            time.sleep(REST_SECONDS)


def main() -> None:
    """Read until standard input ends or the rounds are over, and print what was seen."""
    parser = argparse.ArgumentParser(prog="python -m bench.readers", description=main.__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--cookie", required=True)
    parser.add_argument("--rounds", type=int, default=0, help="0: until standard input ends")
    parser.add_argument("-c", "--readers", type=int, default=1)
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    stop = threading.Event()
    readers = [Reader(options, stop) for _ in range(options.readers)]
    for reader in readers:
        reader.start()
    if not options.rounds:
        sys.stdin.read()
        stop.set()
    for reader in readers:
        reader.join()
    print(json.dumps(_sum([reader.readings for reader in readers])))


def _sum(all_readings: Sequence[Readings]) -> dict[str, object]:
    milliseconds: dict[str, list[float]] = defaultdict(list)
    for readings in all_readings:
        for path, values in readings.milliseconds.items():
            milliseconds[path] += values
    return {"milliseconds": milliseconds, "failures": sum(readings.failures for readings in all_readings)}


if __name__ == "__main__":
    main()
