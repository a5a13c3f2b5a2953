"""A running mukiau under all attacks at once: bounded in memory, and honest clients are answered meanwhile.

    python -m pytest tests/hostile/test_hostile_siege.py -s

prints the figures of each round.
"""

import gzip
import http.client
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from bench.numbers import percentile
from bench.processes import read_usage
from tests.hostile.attacks import ATTACKS

from serving import Server, wait_until

pytestmark = pytest.mark.slow

ROUNDS = 3
ROUND_SECONDS = 15
MAX_PSS_MIB = 400
MAX_GROWTH_MIB = 60
"""Of what is used a while after a round, from the first round to the last."""
GIVEN_BACK_SECONDS = 20
"""For connections that were slow to be cut off, and memory to be given back."""
HONEST_CLIENTS = 4
ROLES = ("intake", "digest", "web")
ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Honest:
    """Clients who send an ordinary event now and then, each on its own connection."""

    port: int
    key: str
    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    _end: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Honest":
        self._threads += [threading.Thread(target=self._send) for _ in range(HONEST_CLIENTS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        event = json.dumps({"message": "honest", "extra": {"text": "y" * 3_000}}).encode()
        body = gzip.compress(b'{}\n{"type":"event","length":%d}\n%s\n' % (len(event), event))
        headers = {"X-Sentry-Auth": f"Sentry sentry_key={self.key}", "Content-Encoding": "gzip"}
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self._end.wait(0.05):
            began = time.perf_counter()
            client.request("POST", "/api/1/envelope/", body, headers)
            answer = client.getresponse()
            answer.read()
            self.seconds.append(time.perf_counter() - began)
            self.statuses[answer.status] += 1
        client.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    besieged = Server(tmp_path / "data")
    besieged.start_ready()
    yield besieged
    besieged.stop()


def _pss_mib(server: Server) -> float:
    assert server.process is not None
    return read_usage(server.process.pid).pss_mib


def _attackers(server: Server, *, slow: bool) -> subprocess.Popen[bytes]:
    """Start those who only wait, or those who work: in processes of their own, so that one does not slow the other."""
    names = [name for name, attack in ATTACKS.items() if (attack.once is not None) == slow]
    command = [sys.executable, "-m", "tests.hostile.attacks", str(server.port), server.public_key, str(ROUND_SECONDS)]
    return subprocess.Popen([*command, *names], cwd=ROOT, stdout=subprocess.PIPE)


def _besiege(server: Server) -> float:
    """Run one round; return the most memory that was used."""
    most = 0.0
    with _attackers(server, slow=True) as slow, _attackers(server, slow=False) as busy:
        while slow.poll() is None or busy.poll() is None:
            usage = _pss_mib(server)
            if usage > most:
                most = usage
                print({role: round(_read_pss(server, role)) for role in ROLES}, round(most))
            time.sleep(0.25)
        for attackers in (slow, busy):
            assert attackers.stdout is not None
            print(attackers.stdout.read().decode())
    assert slow.returncode == busy.returncode == 0
    return most


def _read_pss(server: Server, role: str) -> float:
    pid = server.pid(role)
    return read_usage(pid).pss_mib if pid else 0.0


def test_memory_is_bounded_and_honest_clients_are_answered_under_siege(server: Server) -> None:
    roles = {role: server.pid(role) for role in ROLES}
    most: list[float] = []

    with Honest(server.port, server.public_key) as honest:
        for number in range(ROUNDS):
            most.append(_besiege(server))
            wait_until(server.is_drained, 300, "digest to have read all")
            if not number:
                time.sleep(GIVEN_BACK_SECONDS)
                bound = _pss_mib(server) + MAX_GROWTH_MIB
                print(f"at the end at most {bound:.0f} MiB")
            print(f"most {most[-1]:.0f} MiB, after {_pss_mib(server):.0f} MiB")
        wait_until(lambda: _pss_mib(server) <= bound, GIVEN_BACK_SECONDS, f"memory to be at most {bound:.0f} MiB again")
    milliseconds = [seconds * 1000 for seconds in honest.seconds]
    print(
        f"honest: {len(milliseconds)} requests, p50 {percentile(milliseconds, 50):.1f} ms, "
        f"p99 {percentile(milliseconds, 99):.1f} ms, most {max(milliseconds):.0f} ms, {dict(honest.statuses)}"
    )

    assert set(honest.statuses) == {200}
    assert max(most) <= MAX_PSS_MIB
    assert {role: server.pid(role) for role in roles} == roles
    assert "Traceback" not in server.log.read_text()
    assert server.rows("SELECT count(*) FROM set_aside") == [(0,)]
