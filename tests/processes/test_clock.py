"""The machine's clock jumps forth and back while everything runs: nothing is lost, nothing comes twice."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import MUKIAU, Server, wait_until

pytestmark = pytest.mark.slow

WRONG_CLOCK = Path(__file__).with_name("mukiau_by_wrong_clock.py")
HOUR, DAY = 3_600, 86_400
TRACE = (
    "2026-11-24 10:00:00,123 ERROR shop.billing charge failed for {token}",
    "Traceback (most recent call last):",
    '  File "/app/shop/billing.py", line 12, in charge',
    "    gateway.charge(order)",
    "ConnectionError: gateway gone",
)
JUMPS = (400 * DAY, -3_000 * DAY, 2 * HOUR, -2 * HOUR, 20 * DAY, 0)
"""Seconds the clock is wrong by, one after the other."""


class Shifted(Server):
    """Intake and digest, each started by itself, that live by a clock of their own."""

    ROLES = ("intake", "digest")
    roles: tuple[subprocess.Popen[bytes], ...] = ()

    @property
    def offset(self) -> Path:
        return self.data.parent / "clock"

    def jump(self, seconds: int) -> None:
        self.offset.with_suffix(".new").write_text(str(seconds))
        self.offset.with_suffix(".new").replace(self.offset)

    def start(self) -> None:
        subprocess.run([*MUKIAU, "migrate", "--data", str(self.data)], check=True, stdout=subprocess.DEVNULL)
        command = [sys.executable, str(WRONG_CLOCK), str(self.offset), "role"]
        with self.log.open("ab") as log:
            self.roles = tuple(
                subprocess.Popen(
                    [*command, role, "--data", str(self.data)], stdout=log, stderr=log, env=self.full_environment
                )
                for role in self.ROLES
            )

    def end(self) -> None:
        for role in self.roles:
            role.terminate()
        for role in self.roles:
            role.wait(30)


@pytest.fixture
def shifted(tmp_path: Path) -> Iterator[Shifted]:
    server = Shifted(tmp_path / "data")
    server.environment |= {
        "MUKIAU_RETENTION_PAYLOAD_DAYS": "30",
        "MUKIAU_RETENTION_EVENT_DAYS": "60",
        "MUKIAU_RETENTION_NEWEST_EVENTS": "0",
    }
    server.jump(0)
    yield server
    server.end()


def event(number: int) -> bytes:
    return json.dumps({"event_id": f"{number:032x}", "message": "boom", "logger": "shop"}).encode()


def trace(token: str) -> bytes:
    around = {"log_group": "/ecs/production/billing", "log_stream": f"task/{token}", "timestamp": 1_795_514_400_000}
    lines = (line.format(token=token) for line in TRACE)
    return b"\n".join(
        json.dumps({**around, "id": f"{token}-{number}", "message": line}).encode() for number, line in enumerate(lines)
    )


def is_ready(server: Server) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/readyz", timeout=10) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:  # it is just starting
        return False


def test_a_clock_that_jumps_loses_nothing_and_brings_nothing_twice(shifted: Shifted) -> None:
    shifted.start_ready()
    wait_until(lambda: is_ready(shifted), 60, "readiness")
    number = 0
    for jump in JUMPS:
        for _ in range(10):
            number += 1
            assert shifted.post("store", event(number)) == 200
        assert shifted.post("records", trace(f"before{jump}")) == 200  # its entry is open while the clock jumps
        shifted.jump(jump)
        assert shifted.post("store", event(number)) == 200  # known already
        assert shifted.post("records", trace(f"before{jump}")) == 200  # and so is this
        assert shifted.post("records", trace(f"after{jump}")) == 200
        wait_until(shifted.is_drained, 60, f"digest after {jump}, idle log entries included")
        wait_until(lambda: is_ready(shifted), 60, f"a heartbeat by the new clock after {jump}")

    sdk = [row[0] for row in shifted.rows("SELECT event_id FROM event WHERE service = ''")]
    traces = sorted(str(row[0]) for row in shifted.rows("SELECT message FROM event WHERE service = 'billing'"))
    assert sorted(map(str, sdk)) == [f"{n:032x}" for n in range(1, number + 1)]
    assert len(traces) == 2 * len(JUMPS)
    assert all(any(f"{when}{jump}" in said for said in traces) for when in ("before", "after") for jump in JUMPS)
    assert shifted.rows("SELECT sum(event_count) FROM issue") == [(number + 2 * len(JUMPS),)]
    assert shifted.rows("SELECT count(*) FROM event WHERE payload_codec = 0") == [(0,)]  # none of it is old
    assert shifted.rows("SELECT count(*) FROM seen_record") == [(2 * len(JUMPS) * len(TRACE),)]
    assert shifted.rows("SELECT count(*) FROM set_aside") == [(0,)]
