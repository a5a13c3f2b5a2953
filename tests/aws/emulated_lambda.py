"""Lambda without AWS: the runtime API, asynchronous calls with retries and an on-failure destination.

The function itself runs as on AWS: its zip unpacked in a folder, under `awslambdaric`, AWS's own runtime client, in a
process of its own. Lambda's pauses between tries are left out.
"""

import json
import os
import queue
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from mukiau.cli.forwarder.package import HANDLER

FUNCTION = "mukiau-forwarder"
MAX_ATTEMPTS = 3
_NEXT = "/2018-06-01/runtime/invocation/next"


@dataclass(slots=True)
class _Call:
    event: Any
    attempts: int = 0
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


class Lambda:
    """One function and its calls."""

    def __init__(self, *, timeout_seconds: float) -> None:
        self.timeout_seconds = timeout_seconds
        self.answers: list[Any] = []
        self.errors: list[dict[str, Any]] = []
        """Of every failed try."""
        self.given_up: list[Any] = []
        """Events that failed MAX_ATTEMPTS times: what the on-failure destination gets."""
        self.open = 0
        self._waiting: queue.SimpleQueue[_Call] = queue.SimpleQueue()
        self._running: dict[str, _Call] = {}

    def invoke(self, event: Any) -> None:
        """Call it some time, as CloudWatch Logs does."""
        self.open += 1
        self._waiting.put(_Call(event))

    @property
    def is_done(self) -> bool:
        return self.open == 0

    def next(self) -> _Call | None:
        try:
            call = self._waiting.get(timeout=1)
        except queue.Empty:
            return None
        call.attempts += 1
        self._running[call.request_id] = call
        return call

    def succeed(self, request_id: str, answer: Any) -> None:
        del self._running[request_id]
        self.answers.append(answer)
        self.open -= 1

    def fail(self, request_id: str, error: dict[str, Any]) -> None:
        call = self._running.pop(request_id)
        self.errors.append(error)
        if call.attempts < MAX_ATTEMPTS:
            self._waiting.put(call)
            return
        self.given_up.append(call.event)
        self.open -= 1


@contextmanager
def running(task_folder: Path, environ: dict[str, str], *, timeout_seconds: float = 30) -> Iterator[Lambda]:
    """Run the function that a folder holds."""
    function = Lambda(timeout_seconds=timeout_seconds)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _api_of(function))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    of_lambda = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
        "AWS_LAMBDA_FUNCTION_NAME": FUNCTION,
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{FUNCTION}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "1",
        "PATH": os.environ["PATH"],
    }
    command = [sys.executable, "-m", "awslambdaric", HANDLER]
    process = subprocess.Popen(command, cwd=task_folder, env=of_lambda | environ)
    try:
        yield function
    finally:
        process.kill()
        process.wait()
        server.shutdown()
        server.server_close()


def _api_of(function: Lambda) -> type[BaseHTTPRequestHandler]:
    class RuntimeAPI(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            assert self.path == _NEXT, self.path
            while (call := function.next()) is None:
                pass
            deadline = int((time.time() + function.timeout_seconds) * 1000)
            self._answer(
                200,
                json.dumps(call.event).encode(),
                {
                    "Lambda-Runtime-Aws-Request-Id": call.request_id,
                    "Lambda-Runtime-Deadline-Ms": str(deadline),
                    "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:us-east-1:1:function:{FUNCTION}",
                    "Content-Type": "application/json",  # without it the runtime client crashes
                },
            )

        def do_POST(self) -> None:
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"null")
            request_id, what = self.path.split("/")[-2:]
            if what == "response":
                function.succeed(request_id, given)
            else:
                function.fail(request_id, given)
            self._answer(202, b"{}", {"Content-Type": "application/json"})

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except ConnectionError:  # the function's process was ended
                self.close_connection = True

    return RuntimeAPI
