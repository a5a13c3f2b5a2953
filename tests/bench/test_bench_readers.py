"""The readers of pages, and a load on a timetable."""

import http.server
import threading
import time
from collections.abc import Iterator

import pytest
from bench.load import Timetable
from bench.readers import read_rounds, reading


class Pages(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        is_known = self.headers["Cookie"] == "session=1" and self.path != "/missing/"
        self.send_response(200 if is_known else 404)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_one_reader_opens_every_page_in_every_round(port: int) -> None:
    seen = read_rounds(port, "session=1", ["/a/", "/b/"], rounds=3)

    assert {path: len(values) for path, values in seen.milliseconds.items()} == {"/a/": 3, "/b/": 3}
    assert seen.failures == 0


def test_what_is_not_answered_with_200_is_a_failure_and_no_measurement(port: int) -> None:
    seen = read_rounds(port, "session=1", ["/a/", "/missing/"], rounds=2)

    assert list(seen.milliseconds) == ["/a/"]
    assert seen.failures == 2


def test_readers_read_as_long_as_the_block_runs(port: int) -> None:
    with reading(port, "session=1", ["/a/"], readers=2) as seen:
        time.sleep(1.0)

    assert len(seen.milliseconds["/a/"]) > 1


def test_a_request_waits_for_its_time() -> None:
    started_at = time.monotonic()

    Timetable(started_at, rate=20).wait_for(4)

    assert time.monotonic() - started_at >= 4 / 20
