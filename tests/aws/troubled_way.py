"""Between the function and mukiau: throttles, fails, is slow, cuts connections before and after the server has it."""

import threading
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from time import sleep

TROUBLES = ("throttle", "pass", "cut before", "pass", "cut after", "fail", "pass", "slow", "unavailable")


@dataclass(slots=True)
class Way:
    """What happened on it."""

    port: int
    happened: Counter[str] = field(default_factory=Counter)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port_behind: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port_behind = port_behind
        self.way = Way(self.server_port)
        self.troubles = cycle(TROUBLES)


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        trouble = next(self.server.troubles)
        self.server.way.happened[trouble] += 1
        self.close_connection = trouble.startswith("cut")
        if trouble == "throttle":
            self._answer(429, b"{}", {"Retry-After": "1"})
        elif trouble in ("fail", "unavailable"):
            self._answer(500 if trouble == "fail" else 503, b"{}", {})
        elif trouble != "cut before":
            self._pass_on(body, trouble)

    def _pass_on(self, body: bytes, trouble: str) -> None:
        sleep(1.5 if trouble == "slow" else 0)
        status, answer = self._ask(body)
        if trouble != "cut after":
            self._answer(status, answer, {})

    def _ask(self, body: bytes) -> tuple[int, bytes]:
        of_connection = {"host", "content-length"}
        headers = {name: value for name, value in self.headers.items() if name.lower() not in of_connection}
        request = urllib.request.Request(f"http://127.0.0.1:{self.server.port_behind}{self.path}", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


@contextmanager
def troubled_way(server_port: int) -> Iterator[Way]:
    """Forward requests to a server of this machine, most of them not at once."""
    server = _Server(server_port)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server.way
    finally:
        server.shutdown()
        server.server_close()
