"""A spool in memory and the parts of a digester, for digest's tests."""

import gzip
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mukiau.core.records.log_groups import DEFAULT
from mukiau.core.scrub import Scrubber, ScrubPolicy
from mukiau.digest.event_maker import EventMaker
from mukiau.digest.making import Making
from mukiau.digest.pipeline import Pipeline
from mukiau.digest.ports import Item, SourceDefaults, StateStore
from mukiau.digest.worker import Worker

IDLE_MS = 1_000
MAKER = EventMaker(Scrubber(ScrubPolicy()))


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolItem:
    position: int
    kind: str
    received_ms: int
    body: bytes
    encoding: str = ""
    event_id: str = ""
    project_id: int = 1
    source_id: int = 1


@dataclass(slots=True)
class MemorySpool:
    """Positions are contiguous, as in the real one."""

    items: list[SpoolItem] = field(default_factory=list)

    def put(self, kind: str, body: bytes, *, received_ms: int = 0, **rest: Any) -> None:
        self.items.append(
            SpoolItem(position=len(self.items) + 1, kind=kind, body=body, received_ms=received_ms, **rest)
        )

    def put_event(self, payload: Any, *, event_id: str = "e" * 32, received_ms: int = 0) -> None:
        text = json.dumps(payload).encode()
        header = json.dumps({"type": "event", "length": len(text)}).encode()
        self.put("envelope", b"{}\n" + header + b"\n" + text, event_id=event_id, received_ms=received_ms)

    def put_records(self, records: Iterable[dict[str, Any]], *, received_ms: int = 0) -> None:
        body = "\n".join(json.dumps(record, ensure_ascii=False) for record in records).encode()
        self.put("records", gzip.compress(body, 1), encoding="gzip", received_ms=received_ms)

    def read(self, after: int, *, max_items: int, max_bytes: int) -> Sequence[Item]:
        return self.items[after : after + max_items]


@dataclass(slots=True)
class Clock:
    now_ms: int = 0

    def __call__(self) -> int:
        return self.now_ms


class OneSource:
    def find_defaults(self, source_id: int) -> SourceDefaults | None:
        return SourceDefaults(service="by-key", environment="by-key-prod")


def make_worker(
    spool: MemorySpool,
    store: StateStore,
    *,
    clock: Clock | None = None,
    maker: EventMaker = MAKER,
    steady: Callable[[], int] | None = None,
) -> Worker:
    make = Making(maker=maker, table=DEFAULT)
    pipeline = Pipeline(make=make, sources=OneSource(), find_seen=store.find_seen)
    worker = Worker(spool=spool, store=store, pipeline=pipeline, clock=clock or Clock(), idle_ms=IDLE_MS, steady=steady)
    worker.restore()
    return worker


def drain(spool: MemorySpool, store: StateStore, *, maker: EventMaker = MAKER, maximum: int = 10_000) -> None:
    """Digest all there is, then let every stream fall idle."""
    last_ms = max((item.received_ms for item in spool.items), default=0)
    clock = Clock(last_ms)
    worker = make_worker(spool, store, clock=clock, maker=maker)
    for _ in range(maximum):
        clock.now_ms += 1
        if not worker.turn():
            break
    clock.now_ms += 10 * IDLE_MS
    worker.turn()


def record(
    number: int, message: str, *, stream: str = "ecs/orders/1", timestamp_ms: int | None = None
) -> dict[str, Any]:
    return {
        "account": "1",
        "log_group": "/ecs/acme-prod/orders",
        "log_stream": stream,
        "timestamp": 1_791_000_000_000 + number if timestamp_ms is None else timestamp_ms,
        "message": message,
        "id": f"id-{stream}-{number}",
    }


TRACE = (
    "2026-10-05 12:00:00,000 ERROR [main] shop.Orders - order 4711 failed",
    "java.lang.IllegalStateException: no stock for 4711",
    "\tat shop.Orders.place(Orders.java:12)",
    "\tat shop.Main.main(Main.java:3)",
    "Caused by: java.io.IOException: timeout",
    "\tat shop.Store.read(Store.java:9)",
    "\t... 1 more",
)


def trace_records(start: int = 0, *, stream: str = "ecs/orders/1") -> list[dict[str, Any]]:
    return [record(start + n, line, stream=stream) for n, line in enumerate(TRACE)]
