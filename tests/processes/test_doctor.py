"""`mukiau doctor` on a whole server: nothing to say of one that is well, and the proxy that nobody named."""

import json
import subprocess
from typing import Any

import httpx
import pytest

from mukiau.stores.arrivals import find_arrivals
from serving import MUKIAU, Server, wait_until

pytestmark = pytest.mark.slow


def examine(server: Server) -> tuple[int, dict[str, dict[str, Any]]]:
    command = [*MUKIAU, "doctor", "--json", "--thorough", "--data", str(server.data)]
    ran = subprocess.run(command, env=server.full_environment, capture_output=True, text=True, timeout=60, check=False)
    assert ran.stderr == ""
    return ran.returncode, {finding["check"]: finding for finding in map(json.loads, ran.stdout.splitlines())}


def test_a_server_that_is_well_has_nothing_wrong_until_a_proxy_comes_that_nobody_named(server: Server) -> None:
    server.environment = {"MUKIAU_TRUSTED_PROXIES": "10.0.16.0/20", "MUKIAU_BASE_URL": "https://localhost/mukiau"}
    server.start_ready()
    add = [*MUKIAU, "createadmin", "dora", "--password", "a long enough word", "--data", str(server.data)]
    subprocess.run(add, check=True, capture_output=True)
    assert server.post("store", b'{"message": "boom"}') == 200
    wait_until(lambda: server.pid("web") and server.is_drained(), 20, "all of it")

    code, findings = examine(server)

    assert [finding for finding in findings.values() if finding["level"] == "wrong"] == []
    assert code == 0
    assert findings["open files"]["level"] == "fine"

    url = f"http://127.0.0.1:{server.port}/mukiau/sign-in/"
    for _ in range(6):
        httpx.get(url, headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}, timeout=30)
    # They are noted every few seconds: the first note may have been before the last of them.
    wait_until(
        lambda: (noted := find_arrivals(server.data)) and noted.unheeded.total() == 6, 20, "the note of all arrivals"
    )

    code, findings = examine(server)

    assert code == 1
    assert "127.0.0.1, which is not trusted" in findings["proxies"]["found"]
    assert [name for name, finding in findings.items() if finding["level"] == "wrong"] == ["proxies"]
