"""Send the demo's log records and events to a running mukiau, as a forwarder and an SDK would.

Times are moved so that the newest record is a minute old; ids stay, so a demo sent twice counts once.
"""

import gzip
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import islice
from typing import Any

import httpx

from mukiau.core.dsn import Dsn

RECORDS_A_REQUEST = 500
AFTER_LAST_CRUMB = timedelta(milliseconds=20)
EVENTS_OVER = timedelta(days=10)
MAX_TRIES = 20


def send_demo(records_to: Dsn, events_to: Dsn, *, now: datetime, report: Callable[[str], None]) -> int:
    """Send everything; return the number of log records. `report` gets one sentence now and then."""
    sent = 0
    with httpx.Client(timeout=30, trust_env=False) as client:
        for body in _envelopes(now):
            _post(client, events_to, "envelope", body)
        for batch in _record_batches(now):
            _post(client, records_to, "records", "\n".join(json.dumps(record) for record in batch).encode())
            sent += len(batch)
            if sent % 5_000 == 0:
                report(f"Demo: {sent:,} log lines sent …")
    report(f"Demo: {sent:,} log lines sent.")
    return sent


def _record_batches(now: datetime) -> Iterator[list[dict[str, Any]]]:
    records = [*_lines("records.jsonl.gz"), *map(json.loads, _requests().splitlines())]
    shift_ms = int(now.timestamp() * 1000) - 60_000 - max(record["timestamp"] for record in records)
    moved = (
        {**record, "timestamp": record["timestamp"] + shift_ms, "message": move_times(record["message"], shift_ms)}
        for record in records
    )
    while batch := list(islice(moved, RECORDS_A_REQUEST)):
        yield batch


_WRITTEN_TIME = re.compile(r"(\d{4})([-/])(\d{2})\2(\d{2})([T ])(\d{2}):(\d{2}):(\d{2})")
_WRITTEN_UNIX = re.compile(r"(?<=\"time\":)\d{13}|(?<=\"ts\":)\d{10}(?=\.\d)")


def move_times(line: str, shift_ms: int) -> str:
    """Return the line with the times a logger wrote into it moved, too: dates with a time, and JSON's unix times."""
    return _WRITTEN_UNIX.sub(lambda match: _moved_unix(match[0], shift_ms), _WRITTEN_TIME.sub(_mover(shift_ms), line))


def _mover(shift_ms: int) -> Callable[[re.Match[str]], str]:
    shift = timedelta(seconds=shift_ms // 1000)

    def move(match: re.Match[str]) -> str:
        dash, between = match[2], match[5]
        layout = f"%Y{dash}%m{dash}%d{between}%H:%M:%S"
        try:
            then = datetime.strptime(match[0], layout).replace(tzinfo=UTC)
        except ValueError:
            return match[0]
        return (then + shift).strftime(layout)

    return move


def _moved_unix(digits: str, shift_ms: int) -> str:
    return str(int(digits) + (shift_ms if len(digits) == 13 else shift_ms // 1000))


def _envelopes(now: datetime) -> Iterator[bytes]:
    """Yield one envelope an event, spread evenly over the last days."""
    events = list(_lines("events.jsonl.gz"))
    for index, event in enumerate(events, 1):
        when = (now - EVENTS_OVER * (1 - index / len(events)) - timedelta(minutes=1)).astimezone(UTC)
        _move_event(event, when)
        header = {"event_id": event["event_id"], "sent_at": now.astimezone(UTC).isoformat()}
        yield b"\n".join(json.dumps(part).encode() for part in (header, {"type": "event"}, event)) + b"\n"


def _move_event(event: dict[str, Any], when: datetime) -> None:
    """Let an event occur then, and what happened before it end just before."""
    event["timestamp"] = when.isoformat()
    crumbs = event.get("breadcrumbs", {}).get("values", [])
    times = [datetime.fromisoformat(crumb["timestamp"]) for crumb in crumbs]
    for crumb, then in zip(crumbs, times, strict=True):
        crumb["timestamp"] = (then - max(times) + when - AFTER_LAST_CRUMB).isoformat()


def _lines(name: str) -> Iterator[dict[str, Any]]:
    with (files("mukiau.demo") / name).open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _requests() -> str:
    """Return records of requests that failed in several services, each with one trace id."""
    return (files("mukiau.demo") / "requests.jsonl").read_text("utf-8")


def _post(client: httpx.Client, dsn: Dsn, door: str, body: bytes) -> None:
    """Post one body; wait and try again while the server is starting or busy."""
    headers = {"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={dsn.public_key}", "Content-Encoding": "gzip"}
    url = dsn.endpoint(door)
    for _ in range(MAX_TRIES):
        try:
            answer = client.post(url, content=gzip.compress(body, 6, mtime=0), headers=headers)
        except httpx.TransportError:
            time.sleep(0.5)
            continue
        if answer.status_code not in {429, 503}:
            answer.raise_for_status()
            return
        time.sleep(min(5.0, float(answer.headers.get("Retry-After", "1"))))
    raise ConnectionError(f"The demo could not be sent to {url}: no answer after {MAX_TRIES} tries.")
