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
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from mukiau import __version__
from mukiau.intake.answers import Answer
from mukiau.intake.asgi import App, Receive, Scope, Send

# Digest beats once a second; ten missed are no long batch any more.
MAX_HEARTBEAT_AGE_MS = 10_000
KEPT_SECONDS = 1.0
# Reasons are few and ours; should one ever come from outside, what collects the metrics must not drown in it.
MAX_REASONS = 50

METRICS = (
    ("mukiau_build_info", "gauge", "1; the label says which version runs."),
    ("mukiau_ready", "gauge", "1 where the check of /readyz that the label names is well, else 0."),
    ("mukiau_digest_heartbeat_age_seconds", "gauge", "Time since digest was last alive; +Inf for never."),
    ("mukiau_spool_bytes", "gauge", "Bytes taken in the spool."),
    ("mukiau_accepted_total", "counter", "Requests kept on disk."),
    ("mukiau_accepted_records_total", "counter", "Log records in them."),
    ("mukiau_refused_total", "counter", "Requests not taken, by reason."),
    ("mukiau_digested_total", "counter", "Requests digested, those set aside included."),
    ("mukiau_dropped_total", "counter", "What was sent and not kept, by reason."),
    ("mukiau_duplicates_total", "counter", "Events and records that were known already."),
    ("mukiau_pending", "gauge", "Requests and open log entries that are not visible yet."),
    ("mukiau_set_aside", "gauge", "Requests that could not be digested and wait for somebody to look."),
    ("mukiau_issues", "gauge", "Issues kept."),
    ("mukiau_events", "gauge", "Events kept."),
)
"""Name, kind and explanation of each metric, in the order they are given out."""

Reading = TypeVar("Reading")
Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How the data folder is."""

    spool_obstacle: str = ""
    """Why the spool takes nothing now, in a few words; empty when it does."""
    schema_obstacle: str = ""
    """Why the state file is not one this program can use; empty when it is."""
    heartbeat_ms: int = 0
    """When digest was last alive, in unix milliseconds; 0 for never."""
    spool_bytes: int = 0
    """Taken in the spool, of what the settings allow it."""


class Figures(Protocol):
    """Counts since the data folder was made."""

    @property
    def accepted(self) -> int: ...
    @property
    def accepted_records(self) -> int: ...
    @property
    def digested(self) -> int: ...
    @property
    def pending(self) -> int: ...
    @property
    def issues(self) -> int: ...
    @property
    def events(self) -> int: ...
    @property
    def duplicates(self) -> int: ...
    @property
    def set_aside(self) -> int: ...
    @property
    def dropped(self) -> Mapping[str, int]: ...
    @property
    def refused(self) -> Mapping[str, int]: ...


class Vitals(Protocol):
    """Looks at the data folder; may block, writes nothing and raises nothing."""

    def read_condition(self) -> Condition:
        """Return how it is; quick."""
        ...

    def read_figures(self) -> Figures | None:
        """Return the counts, None when they cannot be read now."""
        ...


class HealthDesk:
    """An ASGI app that answers the three paths and passes everything else on."""

    def __init__(self, vitals: Vitals, beyond: App, *, now_ms: Callable[[], int]) -> None:
        self._condition = _Recent(vitals.read_condition)
        self._figures = _Recent(vitals.read_figures)
        self._beyond = beyond
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
            await (await answer()).send(send)

    async def _answer_ready(self) -> Answer:
        checks = check(await self._condition.get(), self._now_ms())
        missing = [name for name, obstacle in checks.items() if obstacle]
        said = {"ready": not missing, "missing": missing, "checks": {n: said or "ok" for n, said in checks.items()}}
        return _answer(503 if missing else 200, b"application/json", json.dumps(said) + "\n")

    async def _answer_metrics(self) -> Answer:
        text = render_metrics(await self._condition.get(), await self._figures.get(), self._now_ms())
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


def check(condition: Condition, now_ms: int) -> dict[str, str]:
    """Return by name what must be well before requests are sent here: empty, or what is wrong."""
    return {
        "spool": condition.spool_obstacle,
        "digest": "" if condition.schema_obstacle else _heartbeat_obstacle(condition.heartbeat_ms, now_ms),
        "schema": condition.schema_obstacle,
    }


def _heartbeat_obstacle(heartbeat_ms: int, now_ms: int) -> str:
    """A heartbeat of the future is as bad: the clock was set back since, and a living digest beats by the new time."""
    if not heartbeat_ms:
        return "no heartbeat yet"
    age_ms = now_ms - heartbeat_ms
    return "" if abs(age_ms) < MAX_HEARTBEAT_AGE_MS else f"the last heartbeat is {age_ms // 1000} s old"


def render_metrics(condition: Condition, figures: Figures | None, now_ms: int) -> str:
    """Return everything in Prometheus' text format; without figures only what is known without them."""
    samples = {**_condition_samples(condition, now_ms), **(_figure_samples(figures) if figures else {})}
    return "".join(
        _metric(name, kind, explained, samples[name]) for name, kind, explained in METRICS if name in samples
    )


def _condition_samples(condition: Condition, now_ms: int) -> dict[str, list[Sample]]:
    age = (now_ms - condition.heartbeat_ms) / 1000 if condition.heartbeat_ms else math.inf
    return {
        "mukiau_build_info": [({"version": __version__}, 1)],
        "mukiau_ready": [({"check": name}, int(not obstacle)) for name, obstacle in check(condition, now_ms).items()],
        "mukiau_digest_heartbeat_age_seconds": [({}, age)],
        "mukiau_spool_bytes": [({}, condition.spool_bytes)],
    }


def _figure_samples(figures: Figures) -> dict[str, list[Sample]]:
    return {
        "mukiau_accepted_total": [({}, figures.accepted)],
        "mukiau_accepted_records_total": [({}, figures.accepted_records)],
        "mukiau_refused_total": _by_reason(figures.refused),
        "mukiau_digested_total": [({}, figures.digested)],
        "mukiau_dropped_total": _by_reason(figures.dropped),
        "mukiau_duplicates_total": [({}, figures.duplicates)],
        "mukiau_pending": [({}, figures.pending)],
        "mukiau_set_aside": [({}, figures.set_aside)],
        "mukiau_issues": [({}, figures.issues)],
        "mukiau_events": [({}, figures.events)],
    }


def _by_reason(counts: Mapping[str, int]) -> list[Sample]:
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(count for _, count in most[MAX_REASONS:])
    return [*(({"reason": reason}, count) for reason, count in most[:MAX_REASONS]), *_others(rest)]


def _others(count: int) -> list[Sample]:
    return [({"reason": "other"}, count)] if count else []


def _metric(name: str, kind: str, explained: str, samples: Iterable[Sample]) -> str:
    lines = [f"# HELP {name} {explained}", f"# TYPE {name} {kind}"]
    lines += [f"{name}{_labels(labels)} {_number(value)}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    shown = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{shown}}}" if shown else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return "+Inf" if value == math.inf else f"{value:.3f}" if isinstance(value, float) else str(value)


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
