"""The way to the server: kept connections, sending again, and the end of time."""

from http.client import HTTPConnection
from ssl import SSLCertVerificationError

import pytest
from servers import KEY, Says, Scripted, scripted

from mukiau.core.dsn import Dsn
from mukiau.forwarder.door import FIRST_PAUSE_SECONDS, Door, Undelivered
from serving import free_port

HEADERS = {"Content-Encoding": "gzip"}
BODY = bytes.fromhex("1f8b08000000000000ff0300000000000000000000")[:20]
"""An empty gzip."""


class Watch:
    """A clock that only sleeping moves."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.left -= seconds

    def time_left(self) -> float:
        return self.left


def post(server: Scripted, watch: Watch, door: Door | None = None) -> int:
    door = door or Door(server.dsn(), "records", sleep=watch.sleep)
    return door.post(BODY, HEADERS, time_left=watch.time_left).status


def test_requests_go_over_one_connection_to_the_door_of_the_project() -> None:
    watch = Watch(60)

    with scripted() as server:
        door = Door(server.dsn(), "records", sleep=watch.sleep)
        statuses = [post(server, watch, door) for _ in range(5)]
        door.close()

    assert statuses == [200] * 5
    assert server.connections == 1
    assert {path for path, _, _ in server.requests} == {"/api/7/records/"}
    assert watch.slept == []


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_to_wait_is_asked_again_when_it_said(status: int) -> None:
    watch = Watch(60)

    with scripted(Says(status=status, headers=(("Retry-After", "7"),)), Says(status=status)) as server:
        answered = post(server, watch)

    assert answered == 200
    assert watch.slept[0] == 7
    assert FIRST_PAUSE_SECONDS <= watch.slept[1] <= 2 * FIRST_PAUSE_SECONDS


def test_a_limit_in_the_words_of_the_protocol_is_kept_to() -> None:
    watch = Watch(60)

    with scripted(
        Says(status=429, headers=(("X-Sentry-Rate-Limits", "9:error;default:key, 60:session:key"),))
    ) as server:
        answered = post(server, watch)

    assert (answered, watch.slept) == (200, [9])


def test_pauses_double_while_a_server_fails() -> None:
    watch = Watch(300)

    with scripted(*[Says(status=status) for status in (500, 502, 504, 500, 502)]) as server:
        answered = post(server, watch)

    assert answered == 200
    assert all(one * 0.99 <= other for one, other in zip(watch.slept, watch.slept[2:], strict=False))
    assert len(watch.slept) == 5


def test_a_server_that_is_down_is_tried_until_the_time_is_up() -> None:
    watch = Watch(20)
    door = Door(
        Dsn(scheme="http", public_key=KEY, host=f"127.0.0.1:{free_port()}", project_id=1), "records", sleep=watch.sleep
    )

    with pytest.raises(Undelivered) as raised:
        door.post(BODY, HEADERS, time_left=watch.time_left)

    assert raised.value.fields["attempts"] > 4
    assert "Refused" in str(raised.value.fields["reason"])
    assert watch.left > 0


def test_a_wait_that_does_not_fit_is_not_begun() -> None:
    watch = Watch(20)

    with (
        scripted(Says(status=429, headers=(("Retry-After", "30"),))) as server,
        pytest.raises(Undelivered) as raised,
    ):
        post(server, watch)

    assert watch.slept == []
    assert (raised.value.fields["reason"], raised.value.fields["attempts"]) == ("HTTP 429", 1)


def test_a_connection_cut_in_the_middle_is_another_try() -> None:
    watch = Watch(60)

    with scripted(Says(cuts=True), Says(cuts=True)) as server:
        answered = post(server, watch)

    assert answered == 200
    assert (len(server.requests), server.connections, len(watch.slept)) == (3, 3, 2)


def test_a_kept_connection_that_was_closed_meanwhile_costs_no_pause() -> None:
    watch = Watch(60)

    with scripted(Says(hangs_up=True)) as server:
        door = Door(server.dsn(), "records", sleep=watch.sleep)
        statuses = [post(server, watch, door) for _ in range(2)]
        door.close()

    assert (statuses, server.connections, watch.slept) == ([200, 200], 2, [])


def test_a_certificate_that_is_not_trusted_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(60)
    error = SSLCertVerificationError()
    error.verify_message = "self-signed certificate"

    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(HTTPConnection, "connect", refuse)
    door = Door(Dsn(scheme="https", public_key=KEY, host="mukiau.example.com", project_id=1), "records")

    with pytest.raises(Undelivered, match="not trusted") as raised:
        door.post(BODY, HEADERS, time_left=watch.time_left)

    assert raised.value.fields["reason"] == "self-signed certificate"


def test_a_server_that_is_too_slow_is_given_up_in_time() -> None:
    watch = Watch(0.3)

    with scripted(otherwise=Says(delay_seconds=1.5)) as server, pytest.raises(Undelivered) as raised:
        post(server, watch)

    assert "timed out" in str(raised.value.fields["reason"])


@pytest.mark.parametrize("status", [200, 308, 400, 401, 403, 404, 413])
def test_an_answer_that_will_not_change_is_not_asked_for_again(status: int) -> None:
    watch = Watch(60)

    with scripted(otherwise=Says(status=status)) as server:
        answered = post(server, watch)

    assert (answered, len(server.requests)) == (status, 1)
