"""A running mukiau that clients send to, and what it made of their events."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from mukiau.core.event import Event, Origin
from mukiau.core.event_builder import build_event
from mukiau.stores.dictionaries import Dictionaries
from mukiau.stores.payloads import unpack
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect
from serving import Server, wait_until

_EVENT = """
SELECT event.payload, event.payload_codec, issue.id, issue.title, issue.subtitle, issue.service
FROM event JOIN fingerprint ON fingerprint.id = fingerprint_id JOIN issue ON issue.id = issue_id WHERE event.event_id = ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An event as it is stored, and the issue it belongs to."""

    event: Event
    payload: dict[str, Any]
    issue: int
    title: str
    subtitle: str
    service: str

    @property
    def chain(self) -> list[tuple[str, str, str]]:
        """Type, message and relation, outermost first."""
        return [(link.type, link.message, str(link.relation)) for link in self.event.exceptions]

    @property
    def tags(self) -> dict[str, str]:
        return dict(self.payload["tags"])


@dataclass(frozen=True, slots=True)
class Tracker:
    """The running server, as somebody who looks at its pages."""

    server: Server

    @property
    def dsn(self) -> str:
        return f"http://{self.server.public_key}@127.0.0.1:{self.server.port}/1"

    def holds(self, event_id: str) -> bool:
        """Say whether a page would show the event now."""
        return self._find(event_id) is not None

    def wait_for(self, event_id: str) -> Seen:
        """Return an event that was sent, once it is there."""
        wait_until(lambda: self.holds(event_id), 10, f"event {event_id}")
        found = self._find(event_id)
        assert found is not None
        return found

    def _find(self, event_id: str) -> Seen | None:
        with closing(connect(self.server.data / STATE_FILE, readonly=True)) as state:
            row = state.execute(_EVENT, (event_id,)).fetchone()
            if row is None:
                return None
            packed, payload_codec, issue, title, subtitle, service = row
            payload = unpack(packed, payload_codec, Dictionaries(state).find)["payload"]
        event = build_event(payload, origin=Origin(), received_at=datetime.now(UTC))
        return Seen(event=event, payload=payload, issue=issue, title=title, subtitle=subtitle, service=service)


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracker]:
    server = Server(tmp_path_factory.mktemp("clients") / "data")
    server.start_ready()
    yield Tracker(server)
    server.stop()
    for role in ("intake", "digest", "web"):  # none may be left behind
        if (pid := server.pid(role)) is not None:
            os.kill(pid, signal.SIGKILL)
