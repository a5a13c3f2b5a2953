"""The outermost app: every request passes here first, and its answer last.

It finds out who sends, answers with the request's id (X-Request-Id), and takes the path everything is below off the
paths; where a proxy has done so already it makes no difference.
"""

from mukiau.intake.asgi import App, Message, Receive, Scope, Send
from mukiau.intake.proxies import TrustedProxies

SENDER = "mukiau.sender"
"""Where a request's scope has its Sender."""


class Edge:
    """An ASGI app around another one."""

    def __init__(self, app: App, proxies: TrustedProxies, *, prefix: str) -> None:
        """`prefix` is the path everything is below, without a slash at its end; empty for none."""
        self._app = app
        self._proxies = proxies
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        peer = scope["client"][0] if scope.get("client") else ""
        sender = scope[SENDER] = self._proxies.read_sender(peer, scope["headers"], scheme=scope["scheme"])
        if self._prefix:
            _take_off(scope, self._prefix)
        request_id = (b"x-request-id", sender.request_id.encode())

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], request_id]
            await send(message)

        await self._app(scope, receive, send_with_id)


def _take_off(scope: Scope, prefix: str) -> None:
    path, raw = scope["path"], scope["raw_path"]
    if path.startswith(prefix) and raw.startswith(prefix.encode()) and path[len(prefix) :][:1] in {"", "/"}:
        scope["path"], scope["raw_path"] = path[len(prefix) :] or "/", raw[len(prefix) :] or b"/"
