"""The table of hostile requests, and what no app ever sees of them, at the sockets of a running mukiau."""

import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from cases import CASES, Case
from siege import KEY

from mukiau.stores.schema import STATE_FILE
from serving import Server, wait_until

pytestmark = pytest.mark.slow

MAX_HEAD_BYTES = 60_000
NO_ANSWER = 0
OWN_LENGTH = "content-length"

GOOD = b'{"event_id":"%032x"}\n{"type":"event"}\n{"message":"good"}\n'
HEAD = f"POST /api/1/envelope/ HTTP/1.1\r\nHost: a\r\nX-Sentry-Auth: Sentry sentry_key={KEY}\r\n".encode()
PAGE = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
REFUSED = frozenset({NO_ANSWER, 400})


def _post(body: bytes, *lines: bytes) -> bytes:
    return HEAD + b"".join(line + b"\r\n" for line in (*lines, b"Content-Length: %d" % len(body))) + b"\r\n" + body


NOT_HTTP: dict[str, tuple[bytes | Callable[[], bytes], frozenset[int]]] = {
    "nothing": (b"", frozenset({NO_ANSWER})),
    "a TLS greeting": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)), REFUSED),
    "an HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(64), REFUSED),
    "NULs": (bytes(10_000), REFUSED),
    "an SSH greeting": (b"SSH-2.0-x\r\n", REFUSED),
    "HTTP/0.9": (b"GET /\r\n\r\n", frozenset({NO_ANSWER, 302, 400})),
    "a header without a colon": (HEAD + b"nothing\r\n\r\n", REFUSED),
    "a header of a NUL": (HEAD + b"X-A: \x00\r\n\r\n", REFUSED),
    "a name with a blank": (HEAD + b"X A : b\r\n\r\n", REFUSED),
    "a header over two lines": (HEAD + b"X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n", REFUSED),
    "two hosts": (HEAD + b"Host: b\r\nContent-Length: 0\r\n\r\n", REFUSED),
    "a header of 64 KB and a byte": (HEAD + b"X-A: " + b"x" * 65_537 + b"\r\n\r\n", frozenset({NO_ANSWER, 400, 431})),
    "100,000 headers": (HEAD + b"X-A: b\r\n" * 100_000 + b"\r\n", frozenset({NO_ANSWER, 400, 431})),
    "a head of 100 MB": (lambda: HEAD + b"X-A: " + b"x" * 100 * 1024**2, frozenset({NO_ANSWER, 400, 431})),
    "an address of 10 MB": (lambda: b"GET /" + b"a" * 10 * 1024**2 + b" HTTP/1.1\r\n\r\n", frozenset({NO_ANSWER, 400, 431})),
    "a negative length": (HEAD + b"Content-Length: -1\r\n\r\nx", REFUSED),
    "a length of 5,000 digits": (HEAD + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\nx", frozenset({400, 413})),
    "two lengths": (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", REFUSED),
    "a length and chunks": (
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", frozenset({NO_ANSWER, 400})),
    "chunks of no number": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nx\r\n0\r\n\r\n", frozenset({NO_ANSWER, 400})),
    "a chunk of 2^68 bytes": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", frozenset({NO_ANSWER, 400})),
    "200 MB in chunks": (
        lambda: HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + (b"100000\r\n" + b"x" * 2**20 + b"\r\n") * 200, frozenset({413})),
    "200 MB by their length": (lambda: HEAD + b"Content-Length: 209715200\r\n\r\n" + b"x" * 2**20 * 200, frozenset({413})),
    "garbage behind a request": (_post(GOOD % 1) + b"\x00garbage" * 999, frozenset({200, 400})),
    "half a request": (_post(GOOD % 2)[:-9], frozenset({NO_ANSWER})),
    "an answer split in two": (
        b"GET /a%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", frozenset({302, 404})),
    "an address of 9 KB": (b"GET /issues/?q=" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", frozenset({414})),
    "an upgrade": (_post(GOOD % 3, b"Connection: Upgrade", b"Upgrade: websocket"), frozenset({200, NO_ANSWER, 400})),
}  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, migrated_state: Path) -> Iterator[Server]:
    """A running mukiau; when everything was sent it is still well, and has digested what it took."""
    data = tmp_path_factory.mktemp("sockets") / "data"
    data.mkdir()
    shutil.copy(migrated_state, data / STATE_FILE)
    running = Server(data, public_key=KEY)
    running.start()
    wait_until(lambda: running.pid("intake") and _status(running, _post(GOOD % 99)) == 200, 60, "intake to answer")
    wait_until(lambda: _status(running, PAGE) in {200, 302}, 60, "the pages to answer")
    yield running
    wait_until(running.is_drained, 300, "digest to have read all")
    alive = _status(running, _post(GOOD % 98))
    running.stop()
    assert alive == 200
    assert running.rows("SELECT count(*) FROM set_aside") == [(0,)]
    assert "Traceback" not in running.log.read_text()


def _status(server: Server, request: bytes) -> int:
    """Send a request and the end of all sending; return the status of the answer."""
    with socket.create_connection(("127.0.0.1", server.port), 60) as client:
        try:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass  # it was refused before it was whole; the answer may be here all the same
        try:
            answer = client.recv(16)
        except ConnectionError:
            return NO_ANSWER
    return int(answer[9:12]) if answer[9:12].isdigit() else NO_ANSWER


def _request(case: Case) -> tuple[bytes, bytes]:
    """Return head and body."""
    body, headers = case.make_request()
    path = quote(case.path or f"/api/1/{case.door}/", safe="/%", encoding="latin-1", errors="replace")
    query = f"?{quote(case.query, safe='=&%', encoding='latin-1')}" if case.query else ""
    lines = {"host": "a", "connection": "close", **headers, "content-length": str(len(body))}
    head = [f"{case.method} {path}{query} HTTP/1.1", *(f"{name}: {value}" for name, value in lines.items()), "", ""]
    return "\r\n".join(head).encode("latin-1"), body


def _may_be_sent(case: Case) -> bool:
    """Leave out what HTTP itself says otherwise: a length of its own, a path that is another one when it is sent."""
    return OWN_LENGTH not in case.headers and case.path.isascii() and not {"%", "."} & set(case.path)


@pytest.mark.parametrize("case", [case for case in CASES if _may_be_sent(case)], ids=lambda case: case.name)
def test_a_running_server_answers_a_hostile_request_as_the_table_says(server: Server, case: Case) -> None:
    head, body = _request(case)
    is_no_head = len(head) > MAX_HEAD_BYTES or b"\x00" in head

    status = _status(server, head + body)

    assert status in ({NO_ANSWER, 400, 431} if is_no_head else {case.status})


@pytest.mark.parametrize(("sent", "expected"), NOT_HTTP.values(), ids=NOT_HTTP)
def test_what_is_hardly_a_request_is_refused(
    server: Server, sent: bytes | Callable[[], bytes], expected: frozenset[int]
) -> None:
    assert _status(server, sent() if callable(sent) else sent) in expected


def test_one_event_that_is_sent_a_thousand_times_at_once_is_stored_once(server: Server) -> None:
    body = GOOD % 77
    clients = [socket.create_connection(("127.0.0.1", server.port), 60) for _ in range(1_000)]

    for client in clients:
        client.sendall(_post(body))
    answers = [client.recv(12) for client in clients]
    for client in clients:
        client.close()
    wait_until(server.is_drained, 120, "digest to have read all")

    assert set(answers) == {b"HTTP/1.1 200"}
    assert server.rows(f"SELECT count(*) FROM event WHERE event_id = '{77:032x}'") == [(1,)]


def test_of_one_id_with_different_contents_the_first_is_kept(server: Server) -> None:
    for number in range(20):
        assert _status(server, _post(GOOD.replace(b"good", b"good %d" % number) % 78)) == 200
    wait_until(server.is_drained, 120, "digest to have read all")

    assert server.rows(f"SELECT message FROM event WHERE event_id = '{78:032x}'") == [("good 0",)]
