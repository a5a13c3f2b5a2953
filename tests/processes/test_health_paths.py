"""The health paths of a whole server: ready when it is, and honest about a digest that stands still."""

import json
import os
import signal
import urllib.error
import urllib.request

import pytest

from serving import Server, wait_until

pytestmark = pytest.mark.slow


def ask(server: Server, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=10) as answer:
            return int(answer.status), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_server_becomes_ready_counts_and_says_when_digest_stands_still(server: Server) -> None:
    server.start_ready()
    wait_until(lambda: ask(server, "/readyz")[0] == 200, 20, "readiness")

    assert ask(server, "/healthz") == (200, "ok\n")
    assert server.post("store", b'{"message": "boom"}') == 200
    wait_until(lambda: "mukiau_events 1\n" in ask(server, "/metrics")[1], 10, "the event in the figures")
    figures = ask(server, "/metrics")[1]
    assert "mukiau_accepted_total 1\n" in figures
    assert server.public_key not in figures
    assert 'mukiau_http_requests_total{door="store",status="200"} 1\n' in figures
    for role in ("serve", "intake", "digest", "web"):
        assert f'mukiau_process_resident_bytes{{process="{role}"}} ' in figures

    digest = server.pid("digest")
    assert digest is not None
    os.kill(digest, signal.SIGSTOP)
    try:
        wait_until(lambda: ask(server, "/readyz")[0] == 503, 20, "the missing heartbeat")
        assert json.loads(ask(server, "/readyz")[1])["missing"] == ["digest"]
        assert ask(server, "/healthz")[0] == 200
        assert server.post("store", b'{"message": "still kept"}') == 200
    finally:
        os.kill(digest, signal.SIGCONT)
    wait_until(lambda: ask(server, "/readyz")[0] == 200, 20, "readiness again")
