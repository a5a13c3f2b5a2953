"""A message goes to the public internet or to hosts that were named, and nowhere else; no answer keeps us for long."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from listening import listening
from own_certificate import make_certificate, server_context

from mukiau.notify import outside as module
from mukiau.notify.answers import Answer, Outcome, Reason, retry
from mukiau.notify.outside import Outside

NEAR = Outside(allowed_hosts=frozenset({"127.0.0.1"}))


def post(outside: Outside, url: str) -> Answer:
    return outside.post(url, b"{}", {"Content-Type": "application/json"})


def resolving(*addresses: str) -> Outside:
    return Outside(resolve=lambda host, port: list(addresses))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "192.88.99.1",
        "168.63.129.16",
        "fec0::1",
        "::ffff:168.63.129.16",
        "no address",
    ],
)
def test_what_resolves_to_an_address_inside_is_not_connected_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.socket, "create_connection", _never)

    answer = post(resolving(address), "https://hooks.example.com/x")

    assert (answer.outcome, answer.reason) == (Outcome.FAILED, Reason.INSIDE)


def test_one_address_inside_among_several_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.socket, "create_connection", _never)

    assert post(resolving("1.1.1.1", "10.0.0.1"), "https://hooks.example.com/x").reason is Reason.INSIDE


def _never(*_: object, **__: object) -> None:
    raise AssertionError("connected")


def test_the_address_that_was_looked_at_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that resolves to something else the second time gains nothing."""
    asked: list[object] = []

    def refuse(address: object, timeout: float) -> None:
        asked.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(module.socket, "create_connection", refuse)

    answer = post(resolving("1.1.1.1", "8.8.8.8"), "https://hooks.example.com/x")

    assert asked == [("1.1.1.1", 443), ("8.8.8.8", 443)]
    assert answer == retry(Reason.UNREACHABLE, "Connection refused")


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",
        "ftp://hooks.example.com/x",
        "https://user:pass@hooks.example.com/x",
        "https:///x",
        "https://hooks.example.com:port/x",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\r\nHost: x",
        "https://[::1/x",
        "javascript:alert(1)",
        "",
    ],
)
def test_what_is_no_address_to_send_to_is_refused(url: str) -> None:
    assert post(resolving("1.1.1.1"), url).reason is Reason.ADDRESS


def test_a_host_inside_that_was_named_is_reached() -> None:
    with listening() as listener:
        answer = post(NEAR, listener.url)

    assert answer.outcome is Outcome.SENT
    (got,) = listener.got
    assert (got.path, got.body, got.headers["Host"]) == ("/hook?token=t0p", b"{}", f"127.0.0.1:{listener.port}")


def test_a_redirect_is_not_followed() -> None:
    with listening() as listener:
        listener.statuses, listener.headers = [302], {"Location": listener.url}

        answer = post(NEAR, listener.url)

    assert (answer.outcome, answer.reason, len(listener.got)) == (Outcome.FAILED, Reason.MOVED, 1)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.SENT),
        (204, Outcome.SENT),
        (400, Outcome.FAILED),
        (404, Outcome.FAILED),
        (410, Outcome.FAILED),
        (408, Outcome.RETRY),
        (429, Outcome.RETRY),
        (500, Outcome.RETRY),
        (503, Outcome.RETRY),
    ],
)
def test_the_status_says_whether_trying_again_helps(status: int, outcome: Outcome) -> None:
    with listening() as listener:
        listener.statuses, listener.headers = [status], {"Retry-After": "90"}

        answer = post(NEAR, listener.url)

    assert answer.outcome is outcome
    assert answer.retry_after_seconds == (90.0 if outcome is Outcome.RETRY else 0.0)


@contextmanager
def saying(*pieces: bytes, pause: float = 0.0, for_ever: bool = False) -> Iterator[int]:
    """A server that says something, whatever it is asked."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def answer() -> None:
            peer, _ = server.accept()
            with closing(peer):
                try:
                    for piece in pieces:
                        peer.sendall(piece)
                    while for_ever:
                        time.sleep(pause)
                        peer.sendall(b"x")
                except OSError:
                    pass

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(10)


def test_an_answer_that_never_ends_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOTAL_SECONDS", 0.4)
    began = time.monotonic()

    with saying(b"HTTP/1.1 ", pause=0.05, for_ever=True) as port:
        answer = post(NEAR, f"http://127.0.0.1:{port}/")

    assert answer.reason is Reason.SILENT
    assert time.monotonic() - began < 5


def test_many_silent_addresses_together_have_the_time_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOTAL_SECONDS", 0.3)
    tried: list[float] = []

    def silent(address: tuple[str, int], timeout: float) -> socket.socket:
        tried.append(timeout)
        time.sleep(min(timeout, 0.1))
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", silent)
    answer = post(replace(NEAR, resolve=lambda *_: ["127.0.0.1"] * 50), "http://127.0.0.1:9/")

    assert answer.reason is Reason.UNREACHABLE
    assert 1 <= len(tried) <= 4
    assert max(tried) <= 0.3


def test_hands_that_are_never_shaken_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOTAL_SECONDS", 0.4)

    with saying(b"", pause=0.05, for_ever=True) as port:
        answer = post(NEAR, f"https://127.0.0.1:{port}/")

    assert answer.reason in {Reason.SILENT, Reason.TLS}


def test_an_endless_body_is_read_to_some_kilobytes() -> None:
    with saying(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000, pause=0.01, for_ever=True) as port:
        assert post(NEAR, f"http://127.0.0.1:{port}/").outcome is Outcome.SENT


@pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH_9.6\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x00" * 100_000])
def test_what_is_no_answer_is_tried_again(said: bytes) -> None:
    with saying(said) as port:
        answer = post(NEAR, f"http://127.0.0.1:{port}/")

    assert answer.outcome is Outcome.RETRY


def test_nobody_there_is_tried_again() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]

    assert post(NEAR, f"http://127.0.0.1:{port}/").reason is Reason.UNREACHABLE


def test_a_name_that_does_not_resolve_is_tried_again() -> None:
    def fail(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    assert post(Outside(resolve=fail), "https://nowhere.example/").reason is Reason.UNKNOWN_HOST


def test_the_certificate_must_be_the_hosts_own() -> None:
    context = ssl.create_default_context()
    assert context.check_hostname  # what `_encrypted` relies on

    with saying(b"\x15\x03\x01\x00\x02\x02\x28") as port:
        answer = post(NEAR, f"https://127.0.0.1:{port}/")

    assert (answer.outcome, answer.reason) == (Outcome.RETRY, Reason.TLS)


def test_an_encrypted_message_arrives_at_the_host_the_certificate_names_and_at_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path)
    outside = Outside(allowed_hosts=frozenset({"localhost", "other.example"}), resolve=lambda *_: ["127.0.0.1"])
    with listening(server_context(certificate)) as listener:
        unknown = post(outside, f"https://localhost:{listener.port}/hook")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        known = post(outside, f"https://localhost:{listener.port}/hook")
        other = post(outside, f"https://other.example:{listener.port}/hook")

    assert (unknown.outcome, unknown.reason) == (Outcome.RETRY, Reason.TLS)
    assert known.outcome is Outcome.SENT
    assert (other.outcome, other.reason) == (Outcome.RETRY, Reason.TLS)
    assert [got.path for got in listener.got] == ["/hook"]


def test_no_answer_tells_the_address(capsys: pytest.CaptureFixture[str]) -> None:
    with listening() as listener:
        listener.statuses = [500]
        answer = post(NEAR, listener.url)

    assert "t0p" not in repr(answer)
    assert capsys.readouterr() == ("", "")
