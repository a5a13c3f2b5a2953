"""kill -9 of digest at any moment while people decide and close: each occurrence that needs an answer has exactly one.

Now and then everything dies at once, the web process in the middle of a decision, too. Envelopes and log lines of issues that are decided come in while digest dies, many of them twice; meanwhile programs decide
the issues anew (single occurrences, keys, batches, turn about) and close handlings, so that others have to be opened.
"""

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import httpx
import pytest

from mukiau.stores.sqlite import connect
from serving import MUKIAU, Server, wait_until

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("MUKIAU_HANDLING_KILLS", "15"))
SENT_AGAIN = 0.2
TOKEN = "mukiau_of-the-test-that-kills"
CHOICES: dict[str, tuple[dict[str, str], ...]] = {
    "EachError": ({"decision": "handle_each"}, {"decision": "handle_batch", "period": "hour"}),
    "KeyedError": ({"decision": "handle_each", "key": "order_id"}, {"decision": "handle_each", "key": "shop"}),
    "BatchError": ({"decision": "handle_batch"}, {"decision": "handle_batch", "period": "hour"}),
    "LoggedError": ({"decision": "handle_each", "key": "order_id"}, {"decision": "handle_each"}),
}
"""What is decided of each issue, turn about; whatever holds, an occurrence needs an answer."""


@dataclass(slots=True)
class Traffic:
    """What was sent and accepted, and what people did meanwhile."""

    server: Server
    stop: threading.Event = field(default_factory=threading.Event)
    accepted: Counter[str] = field(default_factory=Counter)
    """Events by kind of error."""
    again: int = 0
    decided: int = 0
    closed: int = 0
    threads: list[threading.Thread] = field(default_factory=list)

    def begin(self, *workers: Callable[[random.Random], None], rng: random.Random) -> None:
        for worker in workers:
            given = random.Random(rng.getrandbits(64))
            thread = threading.Thread(target=self._run, args=(worker, given), name=worker.__name__)
            thread.start()
            self.threads.append(thread)

    def _run(self, worker: Callable[[random.Random], None], rng: random.Random) -> None:
        while not self.stop.is_set():
            worker(rng)

    def end(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(60)

    def send_envelope(self, rng: random.Random) -> None:
        kind = rng.choice(("EachError", "KeyedError", "BatchError"))
        self._post("envelope", envelope(kind, rng), kind, rng)
        time.sleep(0.03)

    def send_lines(self, rng: random.Random) -> None:
        self._post("records", log_lines(rng), "LoggedError", rng)
        time.sleep(0.08)

    def _post(self, door: str, body: bytes, kind: str, rng: random.Random) -> None:
        is_again = rng.random() < SENT_AGAIN
        for _ in range(1 + is_again):
            self._send_until_accepted(door, body)
        self.accepted[kind] += 1
        self.again += is_again

    def _send_until_accepted(self, door: str, body: bytes) -> None:
        """Send as a good client does: again until it is accepted, whatever became of the try before."""
        until = time.monotonic() + 60
        while True:
            with suppress(OSError):
                if (status := self.server.post(door, body, timeout=5)) == 200:
                    return
                assert status == 503
            assert time.monotonic() < until
            time.sleep(0.05)

    def decide(self, rng: random.Random) -> None:
        """Decide an issue anew."""
        kind, choices = rng.choice(list(CHOICES.items()))
        self.decided += (
            self._call("POST", f"issues/{issues(self.server)[kind]}/decide", rng.choice(choices)) is not None
        )
        time.sleep(rng.uniform(0.1, 0.3))

    def close_some(self, rng: random.Random) -> None:
        """Close the oldest handlings."""
        found = self._call("GET", "handlings") or {"items": []}
        for one in found["items"][: rng.randint(1, 5)]:
            given = {"version": one["version"], "minutes": 1, "outcome": "worked"}
            self.closed += self._call("POST", f"handlings/{one['id']}/finish", given) is not None
        time.sleep(rng.uniform(0.2, 0.5))

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        """Return what the API answers; None where its process is dead."""
        url = f"http://127.0.0.1:{self.server.port}/api/v1/{path}"
        try:
            answer = httpx.request(method, url, json=body, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)
        except httpx.TransportError:
            return None
        assert answer.is_success or answer.status_code in {502, 503}, answer.text
        return answer.json() if answer.is_success else None


def envelope(kind: str, rng: random.Random) -> bytes:
    """An event of one kind of error, of one of a few orders and shops."""
    frame = {"filename": "shop/orders.py", "function": f"raise_{kind}", "lineno": 7, "in_app": True}
    exception = {"type": kind, "value": "refused", "stacktrace": {"frames": [frame]}}
    event = {
        "exception": {"values": [exception]},
        "environment": rng.choice(("acme-prod", "globex-prod")),
        "tags": {"order_id": f"ORD-{rng.randint(1, 8)}", "shop": f"s{rng.randint(1, 3)}"},
    }
    head = {"event_id": f"{rng.getrandbits(128):032x}"}
    return b"\n".join(json.dumps(part).encode() for part in (head, {"type": "event"}, event))


def log_lines(rng: random.Random) -> bytes:
    """A traceback as a container prints it, a record a line, and the line after it."""
    name, order = f"{rng.getrandbits(40):010x}", f"ORD-{rng.randint(1, 8)}"
    lines = (
        f"2026-11-24 10:00:00,123 ERROR shop.billing charge failed order_id={order}",
        "Traceback (most recent call last):",
        '  File "/app/shop/billing.py", line 12, in charge',
        "    gateway.charge(order)",
        "LoggedError: gateway gone",
        "2026-11-24 10:00:00,124 INFO shop.billing done",
    )
    now = int(time.time() * 1000)
    around = {"log_group": "/ecs/acme-prod/billing", "log_stream": f"task/{name}"}
    records = (
        {**around, "id": f"{name}-{at}", "timestamp": now + at, "message": line} for at, line in enumerate(lines)
    )
    return b"\n".join(json.dumps(record).encode() for record in records)


def issues(server: Server) -> dict[str, int]:
    """The issues by their kind of error."""
    return {str(kind): int(str(id_)) for kind, id_ in server.rows("SELECT root_type, id FROM issue")}


def make_token(server: Server) -> None:
    """Let programs do what an administrator may."""
    subprocess.run(
        [*MUKIAU, "createadmin", "--data", str(server.data), "--password", "a long enough word", "mori"],
        check=True,
        capture_output=True,
    )
    with closing(connect(server.data / "state.sqlite3")) as state:
        values = (sha256(TOKEN.encode()).hexdigest(), TOKEN[:13])
        state.execute(
            "INSERT INTO api_token (user_id, name, token_hash, prefix, scopes, created_ms, expires_ms, last_used_ms,"
            " last_used_address) SELECT id, 'kill', ?, ?, 'read work:write', 0, 4102444800000, 0, '' FROM auth_user",
            values,
        )


def kill_some(server: Server, rng: random.Random) -> Counter[str]:
    """Kill digest; every fifth time all at once, after which the supervisor no longer waits before it starts digest."""
    killed: Counter[str] = Counter()
    while killed.total() < KILLS:
        time.sleep(rng.uniform(0.1, 1.2))
        role = "serve" if killed.total() % 5 == 4 else "digest"
        if (pid := server.pid(role)) is None:
            continue  # it is just being started again
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            killed[role] += 1
        if role == "serve":
            assert server.process is not None
            server.process.wait()
            server.start()
    return killed


def test_each_occurrence_has_exactly_one_handling_whatever_digest_was_doing_when_it_died(server: Server) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    server.start_ready()
    make_token(server)
    traffic = Traffic(server)
    traffic.begin(traffic.send_envelope, traffic.send_envelope, traffic.send_lines, rng=rng)
    try:
        wait_until(lambda: len(issues(server)) == len(CHOICES), 60, "an issue of each kind")
        traffic.begin(traffic.decide, traffic.close_some, rng=rng)
        wait_until(lambda: server.rows("SELECT 1 FROM issue_work WHERE decision = 'none_yet'") == [], 30, "decisions")
        killed = kill_some(server, rng)
    finally:
        traffic.end()
    wait_until(server.is_drained, 60, "digest to read everything")

    print(
        f"killed {dict(killed)}; {dict(traffic.accepted)}, {traffic.again} sent again; decided {traffic.decided}, closed {traffic.closed}"
    )
    check_handlings(server, traffic)
    assert server.rows("PRAGMA integrity_check") == [("ok",)]


def check_handlings(server: Server, traffic: Traffic) -> None:
    """Hold handlings and their occurrences against the events."""
    stored = server.rows("SELECT count(*) FROM event")
    assert stored == [(traffic.accepted.total(),)]
    assert server.rows(UNANSWERED) == []
    assert server.rows("SELECT count(*), count(DISTINCT event_pk) FROM handling_occurrence") == [stored[0] * 2]
    for name, query in WRONG.items():
        assert server.rows(query) == [], name
    assert traffic.decided > 0
    assert traffic.closed > 0


UNANSWERED = """
SELECT e.id FROM event e LEFT JOIN handling_occurrence o ON o.event_pk = e.id LEFT JOIN handling h ON h.id = o.handling_id
WHERE h.id IS NULL
"""
_OPEN = "state IN ('open', 'in_progress', 'waiting')"
WRONG = {
    "a handling counts its occurrences": """
        SELECT id FROM handling h
        WHERE occurrence_count <> (SELECT count(*) FROM handling_occurrence WHERE handling_id = h.id)""",
    "it begins and ends with them": """
        SELECT h.id FROM handling h JOIN handling_occurrence o ON o.handling_id = h.id JOIN event e ON e.id = o.event_pk
        GROUP BY h.id HAVING (h.first_ms, h.last_ms) <> (min(e.occurred_ms), max(e.occurred_ms))""",
    "its occurrences are of its issue and environment": """
        SELECT h.id FROM handling h JOIN fingerprint f ON f.id = h.fingerprint_id
        JOIN handling_occurrence o ON o.handling_id = h.id JOIN event e ON e.id = o.event_pk
        JOIN fingerprint g ON g.id = e.fingerprint_id WHERE (f.issue_id, h.environment) <> (g.issue_id, e.environment)""",
    "one answers a single occurrence": "SELECT id FROM handling WHERE kind = 'each' AND occurrence_count <> 1",
    "of a key or batch one is open": f"""
        SELECT f.issue_id, environment, kind, key FROM handling h JOIN fingerprint f ON f.id = h.fingerprint_id
        WHERE kind <> 'each' AND {_OPEN} GROUP BY 1, 2, 3, 4 HAVING count(*) > 1""",
}
"""Queries that find what may not be."""
