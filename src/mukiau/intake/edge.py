"""The outermost app: every request passes here first, and its answer last.

It finds out who sends, answers with the request's id (X-Request-Id), counts, and takes the path everything is below off
the paths; where a proxy has done so already it makes no difference.
"""

import logging
import time

from mukiau import logs
from mukiau.intake.arrivals import Arrivals
from mukiau.intake.asgi import App, Message, Receive, Scope, Send
from mukiau.intake.meter import Meter
from mukiau.intake.proxies import TrustedProxies

log = logging.getLogger("mukiau.access")

SENDER, DOOR = "mukiau.sender", "mukiau.door"
"""Where a request's scope has its Sender, and the name of what answered it (none: a page)."""


class Edge:
    """An ASGI app around another one."""

    def __init__(
        self, app: App, proxies: TrustedProxies, *, meter: Meter, prefix: str, logs_access: bool = False
    ) -> None:
        """`prefix` is the path everything is below, without a slash at its end; empty for none."""
        self._app = app
        self._proxies = proxies
        self._meter = meter
        self.arrivals = Arrivals()
        self._prefix = prefix
        self._logs_access = logs_access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        peer = scope["client"][0] if scope.get("client") else ""
        sender = scope[SENDER] = self._proxies.read_sender(peer, scope["headers"], scheme=scope["scheme"])
        method, path = scope["method"], scope["path"]
        if self._prefix:
            _take_off(scope, self._prefix)
        logs.request_id.set(sender.request_id)  # each request has a task, and with it a context, of its own
        watched = _Watched(send, sender.request_id)
        began = time.perf_counter()
        self._meter.in_progress += 1
        try:
            await self._app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - began
            self._meter.in_progress -= 1
            self._meter.note(scope.get(DOOR, "pages"), watched.status, seconds)
            if DOOR not in scope:
                self.arrivals.note(peer, sender)
            if self._logs_access:
                _log_access(method, path, watched.status, seconds, sender.address)


class _Watched:
    """Sends an answer with the request's id, and remembers its status."""

    __slots__ = ("_id", "_send", "status")

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._id = (b"x-request-id", request_id.encode())
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], self._id]
        await self._send(message)


def _log_access(method: str, path: str, status: int, seconds: float, client: str) -> None:
    """Log one request; status 0: nobody was there any more to answer."""
    fields = {
        "method": method,
        "path": path,
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
        "client": client,
    }
    log.info("%s %s %d in %.1f ms", method, path, status, seconds * 1000, extra={"fields": fields})


def _take_off(scope: Scope, prefix: str) -> None:
    path, raw = scope["path"], scope["raw_path"]
    if is_below(prefix, path) and raw.startswith(prefix.encode()):
        scope["path"], scope["raw_path"] = path[len(prefix) :] or "/", raw[len(prefix) :] or b"/"


def is_below(prefix: str, path: str) -> bool:
    """Say whether a path is the prefix's own or one below it."""
    return path.startswith(prefix) and path[len(prefix) :][:1] in {"", "/"}
