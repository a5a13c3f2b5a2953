"""Events end to end: the real SDK's envelopes through a running server, and what it costs."""

import gzip
import json
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.corpus import read_corpus
from bench.host import loop_ms
from bench.load import Connection, LoadResult, Target
from bench.measure import Results
from bench.numbers import percentile
from bench.server import BenchError, Server, running_server
from mukiau import codec
from mukiau.core.event import JSONObject
from mukiau.digest.envelopes import open_envelope
from mukiau.stores import sqlite
from mukiau.stores.reader import read_status
from mukiau.stores.schema import STATE_FILE

CONCURRENCY = 32
SETTLE_SECONDS = 2.0
WARM_UP_EVENTS = 300
LEARN_SECONDS = 4.0
"""Digest looks every two seconds whether it is time to learn."""
VISIBLE_REPEATS = 50
VISIBLE_TIMEOUT_SECONDS = 10.0
VISIBLE_POLL_SECONDS = 0.005
SAMPLE_SECONDS = 0.5
_FAILURES = """
SELECT issue_id, value FROM fingerprint_tag JOIN fingerprint ON fingerprint.id = fingerprint_id WHERE "key" = 'failure'
"""
ROLES = ("intake", "digest")
"""The processes an event passes."""


def measure_events(results: Results, *, events: int, repeats: int) -> None:
    """Measure everything about events; each repeat is a fresh server that takes the same corpus."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        corpus, first = Path(name) / "events.bin", Path(name) / "warm-up.bin"
        make_corpus(corpus, events)
        make_corpus(first, WARM_UP_EVENTS)
        for repeat in range(repeats):
            with running_server() as server:
                time.sleep(SETTLE_SECONDS)
                results.add("memory_idle", server.usage().pss_mib)
                warm_up(server, first)
                results.add("host", loop_ms())
                _measure_load(server, corpus, results)
                if repeat == 0:
                    _measure_grouping(server, results)
                    _measure_visibility(server, corpus, results)


def make_corpus(path: Path, events: int) -> None:
    """Write what the real SDK reports of so many failures; in a process of its own, which the SDK patches."""
    subprocess.run([sys.executable, "-m", "bench.corpus", str(path), "-n", str(events)], check=True)


def run_load_process(dsn: str, corpus: Path, *, door: str, concurrency: int) -> LoadResult:
    """Run the load generator as a process of its own; raise BenchError unless everything is accepted."""
    command = [sys.executable, "-m", "bench.load", "--dsn", dsn, "--corpus", str(corpus), "--door", door]
    done = subprocess.run([*command, "-c", str(concurrency)], check=True, stdout=subprocess.PIPE)
    result = LoadResult(**json.loads(done.stdout))
    if result.accepted != result.requests:
        raise BenchError(f"Not everything was accepted: {result.statuses}.")
    return result


def warm_up(server: Server, corpus: Path) -> None:
    """Let the server learn what its events have in common: their size on disk depends on it."""
    run_load_process(server.dsn, corpus, door="envelope", concurrency=1)
    server.wait_until_digested()
    time.sleep(LEARN_SECONDS)


def _measure_load(server: Server, corpus: Path, results: Results) -> None:
    server.wait_until_trimmed()
    roles = {role: server.role_seconds(role) for role in ROLES}
    before, bytes_before = server.usage(), server.used_bytes()
    events_before = read_status(server.folder).events
    with _sampled(server) as peak:
        load = run_load_process(server.dsn, corpus, door="envelope", concurrency=CONCURRENCY)
        ended_at, status = server.wait_until_digested()
    after = server.usage()
    events = status.events - events_before
    results.add("accepted", load.accepted_per_second)
    results.add("accepted_p50", load.p50_ms)
    results.add("accepted_p99", load.p99_ms)
    results.add("digested", events / (ended_at - load.started_at))
    results.add("cpu_per_event", (after.cpu_seconds - before.cpu_seconds) * 1000 / load.accepted)
    for role, seconds in roles.items():
        results.add(f"cpu_{role}", (server.role_seconds(role) - seconds) * 1000 / load.accepted)
    results.add("memory_load", max(peak.pss_mib, after.pss_mib))
    server.wait_until_trimmed()
    results.add("disk_per_event", (server.used_bytes() - bytes_before) / events / 1024)


@dataclass(slots=True)
class _Peak:
    pss_mib: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)


@contextmanager
def _sampled(server: Server) -> Iterator[_Peak]:
    """Watch the server's memory while the block runs."""
    peak = _Peak()

    def sample() -> None:
        while not peak.stop.wait(SAMPLE_SECONDS):
            peak.pss_mib = max(peak.pss_mib, server.usage().pss_mib)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        peak.stop.set()
        thread.join()


def _measure_grouping(server: Server, results: Results) -> None:
    """Count issues, and how many failures are exactly one issue: 40 issues may also be one too many and one too few."""
    with closing(sqlite.connect(server.folder / STATE_FILE, readonly=True)) as connection:
        pairs = connection.execute(_FAILURES).fetchall()
    issues_of: dict[str, set[int]] = {}
    failures_of: dict[int, set[str]] = {}
    for issue, failure in pairs:
        issues_of.setdefault(failure, set()).add(issue)
        failures_of.setdefault(issue, set()).add(failure)
    split = [failure for failure, issues in issues_of.items() if len(issues) > 1]
    merged = [failures for failures in failures_of.values() if len(failures) > 1]
    results.add("issues", read_status(server.folder).issues)
    results.add("issues_exact", len(issues_of.keys() - set(split) - set().union(*merged)))
    for failure in sorted(split):
        results.note(f"The failure `{failure}` became {len(issues_of[failure])} issues.")
    for failures in merged:
        results.note(f"The failures {', '.join(f'`{name}`' for name in sorted(failures))} became one issue.")


def _measure_visibility(server: Server, corpus: Path, results: Results) -> None:
    """Send one event at a time to the idle server and wait until it is in the state file."""
    payload = open_envelope(next(read_corpus(corpus)), "gzip", event_id="").payload
    target = Target.from_dsn(server.dsn, "envelope")
    connection = Connection(target.address)
    with closing(sqlite.connect(server.folder / STATE_FILE, readonly=True)) as state:
        delays = [_delay_of_one(target, connection, state, payload) for _ in range(VISIBLE_REPEATS)]
    connection.close()
    results.add("visible", percentile(delays, 95))


def _delay_of_one(target: Target, connection: Connection, state: sqlite.Connection, payload: JSONObject) -> float:
    """Return the seconds between sending an event and its being stored."""
    event_id = uuid.uuid4().hex
    parts = ({"event_id": event_id}, {"type": "event"}, {**payload, "event_id": event_id})
    body = gzip.compress(b"\n".join(codec.dumps(part) for part in parts))
    sent_at = time.monotonic()
    connection.send(target.request(body))
    while not state.execute("SELECT 1 FROM event WHERE event_id = ?", (event_id,)).fetchone():
        if time.monotonic() - sent_at > VISIBLE_TIMEOUT_SECONDS:
            raise BenchError(f"The event {event_id} does not appear.")
        time.sleep(VISIBLE_POLL_SECONDS)
    return time.monotonic() - sent_at
