"""A door to knock at: the real ASGI app over a spool in memory."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from mukiau.core.addresses import read_networks
from mukiau.intake.app import IntakeApp
from mukiau.intake.asgi import App, Message, Receive, Scope, Send
from mukiau.intake.doorway import Doorway
from mukiau.intake.keys import KeyRing
from mukiau.intake.ports import Key, Settle, SpoolFull, SpoolItem
from mukiau.intake.proxies import TrustedProxies
from mukiau.intake.quotas import Quotas

KEY = "0123456789abcdef" * 2
OTHER_KEY = "f" * 32
NEW_ID = "c0ffee00" * 4
ID = "ab" * 16
EVENT = b'{"event_id":"%s"}\n{"type":"event"}\n{"message":"x"}\n' % ID.encode()
AUTH = {"x-sentry-auth": f"Sentry sentry_key={KEY}, sentry_version=7"}
PATH = "/api/7/envelope/"


class MemorySpool:
    """Keeps items in a list; refuses with `full`."""

    def __init__(self) -> None:
        self.items: list[SpoolItem] = []
        self.counts: Counter[tuple[str, str]] = Counter()
        self.full = ""
        self.is_broken = False

    async def append(self, item: SpoolItem) -> int:
        return self._take(item)

    def put(self, item: SpoolItem, settle: Settle) -> None:
        settle(self._take(item))

    def _take(self, item: SpoolItem) -> int:
        if self.is_broken:
            raise RuntimeError("a bug")
        if self.full:
            raise SpoolFull(self.full)
        self.items.append(item)
        return len(self.items)

    def count(self, name: str, reason: str, quantity: int = 1) -> None:
        self.counts[name, reason] += quantity


class MemoryKeys:
    """Keys that may change; counts how often it is asked."""

    def __init__(self, *keys: Key) -> None:
        self.keys = list(keys)
        self.current_version = 0
        self.lookups = 0

    def load_keys(self) -> Sequence[Key]:
        return list(self.keys)

    def find_key(self, public_key: str) -> Key | None:
        self.lookups += 1
        return next((key for key in self.keys if key.public_key == public_key), None)

    def version(self) -> int:
        return self.current_version


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        parsed = json.loads(self.body)
        assert isinstance(parsed, dict)
        return parsed


async def web_page(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Stands for the web process."""
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b"a page"})


@dataclass(slots=True)
class House:
    """An intake with its parts at hand."""

    now: float = 1000.0
    web: App = web_page
    quota_events: int = 0
    spool: MemorySpool = field(default_factory=MemorySpool)
    keys: MemoryKeys = field(
        default_factory=lambda: MemoryKeys(
            Key(public_key=KEY, project_id=7, source_id=70), Key(public_key=OTHER_KEY, project_id=8, source_id=80)
        )
    )

    def send(
        self, path: str, body: bytes = b"", headers: dict[str, str] | None = None, method: str = "POST", query: str = ""
    ) -> Response:
        """Send one request, its body in one piece, with a valid key unless `headers` are given."""
        given = {"x-sentry-auth": f"Sentry sentry_key={KEY}"} if headers is None else headers
        return self.send_parts(path, [body], given, method, query)

    def send_parts(
        self, path: str, parts: list[bytes], headers: dict[str, str], method: str = "POST", query: str = ""
    ) -> Response:
        messages: list[Message] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
        messages[-1]["more_body"] = False
        return self.run(path, messages, headers, method, query)[0]

    def run(
        self, path: str, messages: list[Message], headers: dict[str, str], method: str = "POST", query: str = ""
    ) -> list[Response]:
        """Drive the app with raw messages; returns no response when it sent none."""
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        sent: list[Message] = []

        async def receive() -> Message:
            return messages.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        asyncio.run(self.app()(scope, receive, send))
        return [_response(sent)] if sent else []

    def app(self) -> IntakeApp:
        return IntakeApp(self.doorway(), self.web)

    def doorway(self) -> Doorway:
        return Doorway(
            spool=self.spool,
            keys=KeyRing(self.keys, clock=lambda: self.now),
            quotas=self._quotas(),
            now_ms=lambda: int(self.now * 1000),
            new_event_id=lambda: NEW_ID,
        )

    _kept_quotas: Quotas | None = None

    def _quotas(self) -> Quotas:
        if self._kept_quotas is None:
            self._kept_quotas = Quotas(events=self.quota_events, window_seconds=60, clock=lambda: self.now)
        return self._kept_quotas


def _response(sent: list[Message]) -> Response:
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Response(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))


def proxies(trusted: str = "") -> TrustedProxies:
    """Return who is trusted to say where a request came from."""
    return TrustedProxies(read_networks(trusted), base_url="", new_request_id=lambda: "made-here")
