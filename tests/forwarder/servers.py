"""A server that answers as told, and what a subscription delivers."""

import base64
import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mukiau.core.dsn import Dsn

KEY = "a" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """One answer, or what happens instead."""

    status: int = 200
    body: bytes = b'{"accepted": 1, "rejected": []}'
    headers: tuple[tuple[str, str], ...] = ()
    delay_seconds: float = 0
    cuts: bool = False
    """The connection is cut after the request was read."""
    hangs_up: bool = False
    """The connection is closed after the answer, though the answer does not say so."""


@dataclass(slots=True)
class Scripted:
    """The server's script and what it was sent."""

    port: int
    script: list[Says] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    """Path, headers, unpacked body."""
    connections: int = 0

    def dsn(self) -> Dsn:
        return Dsn(scheme="http", public_key=KEY, host=f"127.0.0.1:{self.port}", project_id=7)

    @property
    def bodies(self) -> list[bytes]:
        return [body for _, _, body in self.requests]

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]


@contextmanager
def scripted(*script: Says, otherwise: Says | None = None) -> Iterator[Scripted]:
    """Run a server that gives these answers in turn, then `otherwise` (200) for ever."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            state.connections += 1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.requests.append((self.path, headers, gzip.decompress(body)))
            self._answer(state.script.pop(0) if state.script else otherwise or Says())

        def _answer(self, says: Says) -> None:
            time.sleep(says.delay_seconds)
            self.close_connection = says.cuts or says.hangs_up
            if says.cuts:
                return
            self.send_response(says.status)
            for name, value in (*says.headers, ("Content-Length", str(len(says.body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(says.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that gave up is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state = Scripted(server.server_port, list(script))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(slots=True)
class Context:
    """Lambda's context."""

    seconds: float = 60
    log_group_name: str = "/aws/lambda/mukiau-forwarder"

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


def document(
    *messages: str, log_group: str = "/ecs/acme-prod/order", stream: str = "web/1", **fields: object
) -> dict[str, Any]:
    """Return what CloudWatch Logs delivers for these messages."""
    events = [{"id": f"{at:056d}", "timestamp": 1_795_514_400_000 + at, "message": m} for at, m in enumerate(messages)]
    return {
        "messageType": "DATA_MESSAGE",
        "owner": "111122223333",
        "logGroup": log_group,
        "logStream": stream,
        "subscriptionFilters": ["mukiau"],
        "logEvents": events,
        **fields,
    }


def lambda_event(of: dict[str, Any]) -> dict[str, Any]:
    """Return the event Lambda is called with."""
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(of).encode())).decode()}}
