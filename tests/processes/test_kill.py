"""kill -9 of any process at any moment: what was accepted is there once, and every count is right.

Senders do what a good client does: they send a body again until it is accepted. So whatever was in flight when a process
died comes once more, and the end must show each of them exactly once.

Meanwhile the state is kept within a budget far too small, so digest is always deleting payloads as well, and backups and
migrations are made and killed. `make kill ROUNDS=500` does it for longer.
"""

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError

import pytest

from serving import MUKIAU, Server, wait_until

SEED = 20_261_124
KILLS = int(os.environ.get("MUKIAU_KILL_ROUNDS", "50"))
ROLES = {"intake": 5, "digest": 5, "maker": 3, "web": 2, "serve": 3, "migrate": 1, "backup": 2}
"""How often one is chosen; a start of everything takes seconds."""
BUDGET_BYTES = 2 * 1024**2
ERRORS = ("ValueError", "KeyError", "TimeoutError", "ConnectionError", "PermissionError", "ZeroDivisionError")


@dataclass(slots=True)
class Sent:
    """What the senders got accepted."""

    event_ids: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    tries: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def envelope(event_id: str, kind: str) -> bytes:
    frame = {"filename": "shop/orders.py", "function": f"raise_{kind}", "lineno": 7, "in_app": True}
    exception = {"type": kind, "value": f"order {event_id}", "stacktrace": {"frames": [frame]}}
    event = json.dumps({"exception": {"values": [exception]}, "environment": "production"}).encode()
    head = json.dumps({"event_id": event_id}).encode()
    return head + b"\n" + json.dumps({"type": "event", "length": len(event)}).encode() + b"\n" + event + b"\n"


def records(token: str) -> bytes:
    """Return one traceback as a container prints it: a log event a line."""
    lines = [
        f"2026-11-24 10:00:00,123 ERROR shop.billing charge failed for {token}",
        "Traceback (most recent call last):",
        '  File "/app/shop/billing.py", line 12, in charge',
        "    gateway.charge(order)",
        "ConnectionError: gateway gone",
        f"2026-11-24 10:00:00,124 INFO shop.billing done with {token}",
    ]
    now = int(time.time() * 1000)
    around = {"log_group": "/ecs/production/billing", "log_stream": f"task/{token}"}
    return b"\n".join(
        json.dumps({**around, "id": f"{token}-{number}", "timestamp": now + number, "message": line}).encode()
        for number, line in enumerate(lines)
    )


def send_until_accepted(server: Server, door: str, body: bytes, sent: Sent, give_up: threading.Event) -> bool:
    while not give_up.is_set():
        sent.tries += 1
        try:
            status = server.post(door, body, timeout=5)
        except (URLError, OSError):
            time.sleep(0.05)
            continue
        assert status in {200, 503}, status
        if status == 200:
            return True
        time.sleep(0.05)
    return False


def send_envelopes(
    server: Server, rng: random.Random, sent: Sent, stop: threading.Event, give_up: threading.Event
) -> None:
    while not stop.is_set():
        event_id = f"{rng.getrandbits(128):032x}"
        body = envelope(event_id, rng.choice(ERRORS))
        if send_until_accepted(server, "envelope", body, sent, give_up):
            with sent.lock:
                sent.event_ids.add(event_id)
        if rng.random() < 0.05:  # and some clients send twice without a reason
            send_until_accepted(server, "envelope", body, sent, give_up)
        time.sleep(0.01)


def send_records(
    server: Server, rng: random.Random, sent: Sent, stop: threading.Event, give_up: threading.Event
) -> None:
    while not stop.is_set():
        token = f"token{rng.getrandbits(40):010x}"
        if send_until_accepted(server, "records", records(token), sent, give_up):
            with sent.lock:
                sent.tokens.add(token)
        time.sleep(0.05)


def kill_some(server: Server, rng: random.Random) -> Counter[str]:
    """Kill random processes at random moments; start the supervisor again when it was the one."""
    killed: Counter[str] = Counter()
    while killed.total() < KILLS:
        time.sleep(rng.uniform(0.1, 1.5))
        # Each once for certain, before chance goes on by what a start takes.
        spared = [role for role in ROLES if role not in killed]
        (role,) = rng.choices(spared or list(ROLES), None if spared else list(ROLES.values()))
        if role == "backup":
            kill_backup(server, rng)
        elif role == "migrate":
            kill_migration(server, rng)
        elif (pid := find_process(server, role, rng)) is None:
            continue  # it is just being started again
        else:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        killed[role] += 1
        if role in {"serve", "migrate"}:
            assert server.process is not None
            server.process.wait()
            server.start()
            wait_until(lambda: server.pid("serve") is not None, 20, "the new supervisor")
    return killed


def find_process(server: Server, role: str, rng: random.Random) -> int | None:
    """Return a process of a role; a maker is one of the processes that digest shares its work with."""
    if role != "maker":
        return server.pid(role)
    digest = server.pid("digest")
    try:
        makers = Path(f"/proc/{digest}/task/{digest}/children").read_text().split()
    except OSError:
        return None
    return int(rng.choice(makers)) if makers else None


def kill_migration(server: Server, rng: random.Random) -> None:
    """Start anew, and kill the migration that every start begins with, or what has just come after it."""
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    server.start()
    time.sleep(rng.uniform(0.2, 2.0))
    if (pid := server.pid("migrate")) is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    server.process.kill()


def kill_backup(server: Server, rng: random.Random) -> None:
    command = [
        *MUKIAU,
        "backup",
        str(server.data.parent / f"copy-{rng.getrandbits(40)}.tar"),
        "--data",
        str(server.data),
    ]
    backup = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(rng.uniform(0.2, 1.0))
    backup.kill()
    backup.wait()


@pytest.mark.slow
def test_nothing_accepted_is_lost_or_counted_twice_whatever_is_killed(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"seed {SEED}")
    monkeypatch.setenv("MUKIAU_MAX_STATE_BYTES", str(BUDGET_BYTES))
    rng = random.Random(SEED)
    sent, stop, give_up = Sent(), threading.Event(), threading.Event()
    server.start_ready()
    senders = [
        threading.Thread(target=send, args=(server, random.Random(rng.getrandbits(64)), sent, stop, give_up))
        for send in (send_envelopes, send_envelopes, send_envelopes, send_envelopes, send_records)
    ]
    for sender in senders:
        sender.start()
    try:
        killed = kill_some(server, rng)
    finally:
        stop.set()
        threading.Timer(60, give_up.set).start()
        for sender in senders:
            sender.join(90)
    print(f"killed {dict(killed)}; {len(sent.event_ids)} events and {len(sent.tokens)} traces in {sent.tries} tries")

    wait_until(server.is_drained, 90, "digest to read everything")

    stored = Counter(row[0] for row in server.rows("SELECT event_id FROM event WHERE service = ''"))
    assert set(stored) == sent.event_ids
    assert max(stored.values()) == 1
    traces = [str(row[0]) for row in server.rows("SELECT message FROM event WHERE service = 'billing'")]
    found = Counter(token for message in traces for token in sent.tokens if token in message)
    assert set(found) == sent.tokens
    assert max(found.values()) == 1
    assert len(traces) == len(sent.tokens)
    check_counts(server)
    assert server.rows("SELECT reason FROM set_aside") == []
    assert server.rows("PRAGMA integrity_check") == [("ok",)]
    lost, doubled = len(sent.event_ids - set(stored)), sum(stored.values()) - len(stored)
    print(f"lost {lost}, doubled {doubled}; deleted {server.rows(DELETED)}")
    assert server.stop() < 10


DELETED = "SELECT reason, count FROM digest_counter WHERE name = 'deleted'"


def check_counts(server: Server) -> None:
    """Hold every count against the events themselves."""
    by_issue = "JOIN fingerprint f ON f.id = fingerprint_id GROUP BY 1"
    for name, query in {
        "issue": "SELECT id, event_count FROM issue",
        "fingerprint": "SELECT issue_id, sum(event_count) FROM fingerprint GROUP BY 1",
        "fingerprint_hour": f"SELECT f.issue_id, sum(count) FROM fingerprint_hour {by_issue}",
        "issue_environment": "SELECT issue_id, sum(count) FROM issue_environment GROUP BY 1",
    }.items():
        counted = sorted(server.rows(query))
        assert counted == sorted(server.rows(f"SELECT f.issue_id, count(*) FROM event {by_issue}")), name
    accepted = server.rows("SELECT sum(count) FROM counter WHERE name = 'accepted'", "spool.sqlite3")
    assert accepted == server.rows("SELECT seq FROM sqlite_sequence WHERE name = 'item'", "spool.sqlite3")
    assert accepted == server.rows("SELECT digested_items FROM digest_state")
