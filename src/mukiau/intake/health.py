"""Answers for what watches over a server: does it live, is it ready, how much went through it.

`/healthz` says at once that intake answers. `/readyz` is 200 when what is sent now is kept and soon digested, else 503
with what is missing. `/metrics` has the counts in Prometheus' text format. None of them needs signing in, so they tell
counts and reasons only, never a key, a project, a service or a path; none writes. What they read is read off the event
loop, and at most once a second however many ask.
"""

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from mukiau.intake.answers import Answer
from mukiau.intake.asgi import App, Receive, Scope, Send
from mukiau.intake.condition import Vitals, check
from mukiau.intake.edge import DOOR
from mukiau.intake.meter import Meter
from mukiau.intake.metrics import render_metrics

KEPT_SECONDS = 1.0

Reading = TypeVar("Reading")


class HealthDesk:
    """An ASGI app that answers the three paths and passes everything else on."""

    def __init__(self, vitals: Vitals, beyond: App, *, meter: Meter, now_ms: Callable[[], int]) -> None:
        self._condition = _Recent(vitals.read_condition)
        self._figures = _Recent(vitals.read_figures)
        self._beyond = beyond
        self._meter = meter
        self._now_ms = now_ms
        self._answers: dict[str, Callable[[], Awaitable[Answer]]] = {
            "/healthz": _answer_alive,
            "/readyz": self._answer_ready,
            "/metrics": self._answer_metrics,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._answers.get(scope["path"]) if scope["method"] in {"GET", "HEAD"} else None
        if answer is None:
            await self._beyond(scope, receive, send)
        else:
            scope[DOOR] = "health"
            await (await answer()).send(send)

    async def _answer_ready(self) -> Answer:
        checks = check(await self._condition.get(), self._now_ms())
        missing = [name for name, obstacle in checks.items() if obstacle]
        said = {"ready": not missing, "missing": missing, "checks": {n: said or "ok" for n, said in checks.items()}}
        return _answer(503 if missing else 200, b"application/json", json.dumps(said) + "\n")

    async def _answer_metrics(self) -> Answer:
        text = render_metrics(await self._condition.get(), await self._figures.get(), self._meter, self._now_ms())
        return _answer(200, b"text/plain; version=0.0.4; charset=utf-8", text)


class _Recent(Generic[Reading]):
    """A reading that is a second old at most; those who ask meanwhile wait for the same one."""

    def __init__(self, read: Callable[[], Reading]) -> None:
        self._read = read
        self._lock = asyncio.Lock()
        self._readings: list[Reading] = []
        self._until = -math.inf

    async def get(self) -> Reading:
        async with self._lock:
            if time.monotonic() >= self._until:
                self._readings = [await asyncio.to_thread(self._read)]
                self._until = time.monotonic() + KEPT_SECONDS
            return self._readings[0]


async def _answer_alive() -> Answer:
    return _answer(200, b"text/plain; charset=utf-8", "ok\n")


def _answer(status: int, kind: bytes, text: str) -> Answer:
    body = text.encode("utf-8", "replace")
    headers = (
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    )
    return Answer(status, headers, body)
