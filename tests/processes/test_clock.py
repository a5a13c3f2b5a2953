"""The machine's clock jumps forth and back while everything runs: nothing is lost, nothing comes twice.

The real processes run under libfaketime (Debian: `faketime`), which reads the offset from a file; the monotonic clock is
left alone, as it is when somebody sets a real clock. libfaketime lets a sleep fail now and then, more so under load, and
the processes end; so this is no part of the suite: `make clock` runs it.
"""

import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import MUKIAU, Server, wait_until

pytestmark = pytest.mark.slow

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
TRACE = (
    "2026-11-24 10:00:00,123 ERROR shop.billing charge failed for {token}",
    "Traceback (most recent call last):",
    '  File "/app/shop/billing.py", line 12, in charge',
    "    gateway.charge(order)",
    "ConnectionError: gateway gone",
)
JUMPS = ("+400d", "-3000d", "+2h", "-2h", "+20d", "+0")


class Shifted(Server):
    """Intake and digest, each started by itself, that live by a clock of their own.

    Without the supervisor and its children's waits: under load libfaketime lets a sleep fail whose end has just passed.
    """

    roles: tuple[subprocess.Popen[bytes], ...] = ()

    @property
    def offset(self) -> Path:
        return self.data.parent / "clock"

    def jump(self, offset: str) -> None:
        self.offset.with_suffix(".new").write_text(offset + "\n")
        self.offset.with_suffix(".new").replace(self.offset)

    def start(self) -> None:
        subprocess.run([*MUKIAU, "migrate", "--data", str(self.data)], check=True, stdout=subprocess.DEVNULL)
        environment = self.full_environment | {
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self.offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        with self.log.open("ab") as log:
            self.roles = tuple(
                subprocess.Popen(
                    [*MUKIAU, "role", role, "--data", str(self.data)], stdout=log, stderr=log, env=environment
                )
                for role in ("intake", "digest")
            )

    def end(self) -> None:
        for role in self.roles:
            role.terminate()
        for role in self.roles:
            role.wait(30)


@pytest.fixture
def shifted(tmp_path: Path) -> Iterator[Shifted]:
    if not os.environ.get("MUKIAU_TEST_CLOCK"):
        pytest.skip("NOT TESTED: a clock that jumps; `make clock` does.")
    if not LIBRARIES:
        pytest.skip("NOT TESTED: libfaketime is missing (Debian: apt-get install faketime)")
    server = Shifted(tmp_path / "data")
    server.environment |= {
        "MUKIAU_RETENTION_PAYLOAD_DAYS": "30",
        "MUKIAU_RETENTION_EVENT_DAYS": "60",
        "MUKIAU_RETENTION_NEWEST_EVENTS": "0",
    }
    server.jump("+0")
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
