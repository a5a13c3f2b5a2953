"""A whole mukiau in one process, to be attacked: the real ASGI app, and a digester that writes a real state file."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import re2

from mukiau.core.records.log_groups import DEFAULT
from mukiau.core.scrub import Scrubber, ScrubPolicy
from mukiau.digest.event_maker import EventMaker
from mukiau.digest.making import Making
from mukiau.digest.pipeline import Pipeline
from mukiau.digest.ports import SourceDefaults
from mukiau.digest.worker import Worker
from mukiau.intake import ports
from mukiau.intake.app import IntakeApp
from mukiau.intake.asgi import Message, Receive, Scope, Send
from mukiau.intake.doorway import Doorway
from mukiau.intake.keys import KeyRing
from mukiau.intake.quotas import Quotas
from mukiau.stores.dictionaries import Dictionaries
from mukiau.stores.payloads import unpack
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect
from mukiau.stores.state_writer import StateWriter

KEY, OTHER_KEY = "a" * 32, "b" * 32
AUTH = {"x-sentry-auth": f"Sentry sentry_key={KEY}"}
NOW_MS = 1_791_200_000_000
PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        parsed = json.loads(self.body)
        assert isinstance(parsed, dict)
        return parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One item of the spool as digest reads it."""

    position: int
    kind: str
    project_id: int
    source_id: int
    received_ms: int
    encoding: str
    event_id: str
    body: bytes


@dataclass(slots=True)
class MemorySpool:
    """Takes from intake, gives to digest; faults of the app are counted like any refusal."""

    items: list[Kept] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def put(self, item: ports.SpoolItem, settle: ports.Settle) -> None:
        asyncio.get_running_loop().call_soon(settle, self._take(item))

    async def append(self, item: ports.SpoolItem) -> int:
        return self._take(item)

    def _take(self, item: ports.SpoolItem) -> int:
        position = len(self.items) + 1
        names = ("project_id", "source_id", "received_ms", "encoding", "event_id", "body")
        self.items.append(Kept(position=position, kind=item.kind.value, **{n: getattr(item, n) for n in names}))
        return position

    def count(self, name: str, reason: str, quantity: int = 1) -> None:
        if name == "refused":
            self.refusals.append(reason)

    def read(self, after: int, *, max_items: int, max_bytes: int) -> Sequence[Kept]:
        return self.items[after : after + max_items]


class TwoKeys:
    """The key of project 1, and one of another project."""

    def __init__(self) -> None:
        self._keys = {
            KEY: ports.Key(public_key=KEY, project_id=1, source_id=1, quota_events=0),
            OTHER_KEY: ports.Key(public_key=OTHER_KEY, project_id=2, source_id=2, quota_events=0),
        }

    def load_keys(self) -> Sequence[ports.Key]:
        return list(self._keys.values())

    def find_key(self, public_key: str) -> ports.Key | None:
        return self._keys.get(public_key)

    def version(self) -> int:
        return 1


class NoDefaults:
    def find_defaults(self, source_id: int) -> SourceDefaults | None:
        return None


async def _no_pages(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class Siege:
    """Knocks at the doors and digests what was let in."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._loop = asyncio.Runner()
        self.spool = MemorySpool()
        ids = count(1)
        self._keys = KeyRing(TwoKeys(), clock=lambda: 0.0)
        self._app = IntakeApp(
            Doorway(
                spool=self.spool,
                keys=self._keys,
                quotas=Quotas(events=0, window_seconds=60, clock=lambda: 0.0),
                now_ms=lambda: NOW_MS,
                new_event_id=lambda: f"{next(ids):032x}",
            ),
            _no_pages,
        )
        self._now_ms = NOW_MS
        self._writer = StateWriter(data / STATE_FILE)
        maker = EventMaker(Scrubber(ScrubPolicy(), compile_pattern=re2.compile))
        make = Making(maker=maker, table=DEFAULT)
        pipeline = Pipeline(make=make, sources=NoDefaults(), find_seen=self._writer.find_seen)
        self._worker = Worker(
            spool=self.spool, store=self._writer, pipeline=pipeline, clock=lambda: self._now_ms, idle_ms=1_000
        )
        self._worker.restore()

    def close(self) -> None:
        self._keys.close()
        self._writer.close()
        self._loop.close()

    def knock(
        self,
        path: str,
        body: bytes,
        headers: dict[str, str] | None = None,
        *,
        method: str = "POST",
        query: str = "",
    ) -> Answer:
        """Send one request in pieces, as a server gives it to the app; an exception of the app is one of the test."""
        sent: list[Message] = []
        pieces = [body[at : at + PIECE_BYTES] for at in range(0, len(body), PIECE_BYTES)] or [b""]

        async def receive() -> Message:
            piece = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: Message) -> None:
            sent.append(message)

        given = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in (AUTH if headers is None else headers).items()]
        scope: Scope = {"type": "http", "method": method, "path": path, "query_string": query.encode("latin-1"),
                        "headers": given}  # fmt: skip
        self._loop.run(self._app(scope, receive, send))
        return Answer(status=sent[0]["status"], body=b"".join(message.get("body", b"") for message in sent[1:]))

    def digest(self) -> None:
        """Digest all that was let in, then let every log stream fall idle and be forgotten."""
        while self._worker.turn():
            self._now_ms += 1
        for pause_ms in (10_000, 3_600_000):
            self._now_ms += pause_ms
            self._worker.turn()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(connect(self._data / STATE_FILE, readonly=True)) as state:
            return [tuple(row) for row in state.execute(query, values)]

    def event_count(self) -> int:
        return int(self.rows("SELECT count(*) FROM event")[0][0])

    def set_aside(self) -> list[str]:
        """Return why items could not be digested."""
        return [f"{kind}: {reason}" for kind, reason in self.rows("SELECT kind, reason FROM set_aside ORDER BY id")]

    def stored(self, event_id: str) -> dict[str, Any] | None:
        """Return the stored document of an event, None when there is none."""
        with closing(connect(self._data / STATE_FILE, readonly=True)) as state:
            query = "SELECT payload, payload_codec FROM event WHERE event_id = ?"
            found = state.execute(query, (event_id,)).fetchone()
            return unpack(*found, Dictionaries(state).find) if found else None
