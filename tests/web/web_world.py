"""A small world to look at: a project, a key, and events that went through digest's own stations."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from mukiau import clock
from mukiau.core.event import JSONObject, Origin
from mukiau.core.scrub import Scrubber, ScrubPolicy
from mukiau.digest.batch import Batch, SetAside
from mukiau.digest.event_maker import EventMaker, RawEvent
from mukiau.stores.projects import Project, create_project
from mukiau.stores.sqlite import connect
from mukiau.stores.state_writer import StateWriter

HOUR_MS = 3_600_000


class World:
    """A data folder with one project, written as digest writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now_ms = clock.unix_ms()
        self.project = create_project(folder, "Shop", now_ms=self.now_ms)
        self.key = self.project.sources[0]
        self._maker = EventMaker(Scrubber(ScrubPolicy()))
        self._writer = StateWriter(folder / "state.sqlite3")

    def close(self) -> None:
        self._writer.close()

    def another_project(self, name: str) -> Project:
        return create_project(self.folder, name, now_ms=self.now_ms)

    def send(
        self, *payloads: JSONObject, hours_ago: float = 0.5, project: Project | None = None, raw: str = ""
    ) -> None:
        """Digest payloads as one batch."""
        project = project or self.project
        origin = Origin(project_id=project.id, source_id=project.sources[0].id, service="order-api", raw=raw)
        occurred = (self.now_ms - hours_ago * HOUR_MS) / 1000
        events = [
            self._maker.make(
                RawEvent(
                    payload={"timestamp": occurred + index / 1000, "level": "error", **payload},
                    origin=origin,
                    event_id=payload.get("event_id") or uuid4().hex,
                    received_ms=self.now_ms,
                )
            )
            for index, payload in enumerate(payloads)
        ]
        position = self._writer.position()
        self._writer.write(Batch(after=position, position=position, digested_ms=self.now_ms, events=tuple(events)))

    def handle(self, issue: int = 1, *, key: str = "", decision: str = "handle_each") -> None:
        """From now on occurrences of an issue get handlings."""
        with closing(connect(self.folder / "state.sqlite3")) as state:
            state.execute(
                "UPDATE issue_work SET decision = ?, key = ?, needs_decision = 0 WHERE issue_id = ?",
                (decision, key, issue),
            )

    def set_aside(self, reason: str, body: bytes = b"not an envelope") -> None:
        """Have an item set aside."""
        position = self._writer.position()
        item = SetAside(
            position=1,
            kind="envelope",
            project_id=self.project.id,
            source_id=self.key.id,
            received_ms=self.now_ms,
            encoding="",
            event_id="",
            body=body,
            reason=reason,
        )
        self._writer.write(Batch(after=position, position=position, digested_ms=self.now_ms, set_aside=(item,)))


def read(answer: Any) -> str:
    """Return an answer's text, every run of white space as one space and none between tags."""
    return re.sub(r">\s+<", "><", re.sub(r"\s+", " ", answer.content.decode()))


def message(text: str, **more: Any) -> JSONObject:
    """Return the payload of a logged message."""
    return {"logger": "shop.orders", "logentry": {"formatted": text}, **more}


def exception(kind: str, value: str, *frames: JSONObject, **more: Any) -> JSONObject:
    """Return one exception of a chain."""
    return {"type": kind, "value": value, "stacktrace": {"frames": list(frames)}, **more}


def frame(function: str, line: int = 10, *, in_app: bool = True, **more: Any) -> JSONObject:
    """Return a stack frame."""
    file = "shop/orders.py" if in_app else "lib/driver.py"
    module = "shop.orders" if in_app else "driver.core"
    return {"filename": file, "module": module, "function": function, "lineno": line, "in_app": in_app, **more}


def chain(*values: JSONObject, **more: Any) -> JSONObject:
    """Return the payload of exceptions, root cause first."""
    return {"exception": {"values": list(values)}, **more}


POINTS = chain(
    exception(
        "UniqueViolation",
        'duplicate key value violates unique constraint "uq_grant"',
        frame("execute", 90, in_app=False),
        frame(
            "append_grant",
            88,
            pre_context=["row = Grant(order_id)"],
            context_line="session.execute(insert(Grant))",
            post_context=["session.flush()"],
            vars={"order_id": "'ORD-20481'", "note": "<script>alert(1)</script>"},
        ),
    ),
    exception("PointGrantError", "ポイント付与に失敗しました（注文 ORD-20481）", frame("grant", 142)),
    environment="acme-prod",
    release="2026.47.0",
    tags={"service": "point-service", "browser": "none"},
    breadcrumbs={"values": [{"timestamp": 1_790_000_000, "level": "warning", "category": "db", "message": "retry 2"}]},
    request={"url": "https://shop.example.com/points", "method": "POST", "headers": {"Accept": "text/html"}},
    user={"id": "u-17"},
)
