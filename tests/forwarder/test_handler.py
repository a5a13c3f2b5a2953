"""The Lambda function with the target mukiau: what is sent, what is raised, what is said."""

import base64
import gzip
import json
from typing import Any

import pytest
from servers import KEY, Context, Says, Scripted, document, lambda_event, scripted

from mukiau.core.settings import SettingsError
from mukiau.forwarder import handler as entry_point
from mukiau.forwarder.door import Undelivered
from mukiau.forwarder.handler import Forwarder, handler, start
from mukiau.forwarder.subscription import NotASubscription

TOO_LARGE = Says(status=413, body=b"{}")


def forwarder(server: Scripted) -> Forwarder:
    return start({"MUKIAU_DSN": server.dsn().render()})


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def accepts(count: int) -> Says:
    return Says(body=json.dumps({"accepted": count, "rejected": []}).encode())


def test_records_are_sent_as_cloudwatch_packed_them(capsys: pytest.CaptureFixture[str]) -> None:
    given = document("ERROR a", "  at b")

    with scripted(accepts(2)) as server:
        answer = forwarder(server).forward(lambda_event(given), Context())

    ((_, headers, _),) = server.requests
    assert answer == {"accepted": 2}
    assert server.documents == [given]
    assert (headers["authorization"], headers["content-encoding"]) == (f"Bearer {KEY}", "gzip")
    (line,) = said(capsys)
    assert (line["level"], line["records"], line["accepted"], line["requests"]) == ("INFO", 2, 2, 1)


def test_the_own_log_holds_no_text_of_a_record(capsys: pytest.CaptureFixture[str]) -> None:
    with scripted() as server:
        forwarder(server).forward(lambda_event(document("ERROR planted-secret")), Context())

    assert "planted" not in capsys.readouterr().out


def test_a_control_message_is_not_sent() -> None:
    with scripted() as server:
        answer = forwarder(server).forward(
            lambda_event(document("CWL CONTROL MESSAGE", messageType="CONTROL_MESSAGE")), Context()
        )

    assert (answer, server.requests) == ({"accepted": 0}, [])


def test_its_own_log_group_is_refused_and_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    event = lambda_event(document("Forwarded.", log_group=Context().log_group_name))

    with scripted() as server:
        one = forwarder(server)
        answers = [one.forward(event, Context()) for _ in range(3)]

    assert (answers, server.requests) == ([{"accepted": 0}] * 3, [])
    (line,) = said(capsys)
    assert (line["level"], line["log_group"]) == ("ERROR", Context().log_group_name)


def test_a_body_that_is_too_large_goes_in_parts() -> None:
    given = document(*"abcdef")

    with scripted(TOO_LARGE, TOO_LARGE, accepts(1), accepts(2), accepts(3)) as server:
        answer = forwarder(server).forward(lambda_event(given), Context())

    sent = [[event["message"] for event in one["logEvents"]] for one in server.documents]
    assert answer == {"accepted": 6}
    assert sent == [list("abcdef"), list("abc"), ["a"], list("bc"), list("def")]
    assert {one["logStream"] for one in server.documents} == {"web/1"}


def test_a_record_too_large_alone_does_not_keep_the_rest_and_is_raised_at_the_end() -> None:
    with scripted(TOO_LARGE, TOO_LARGE, accepts(1)) as server, pytest.raises(Undelivered) as raised:
        forwarder(server).forward(lambda_event(document("a" * 999, "b")), Context())

    assert raised.value.fields == {"stuck": 1}
    assert server.documents[-1]["logEvents"][0]["message"] == "b"


def test_records_that_the_server_cannot_read_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Says(body=b'{"accepted": 1, "rejected": [{"index": 1, "reason": "no_message"}]}')

    with scripted(answer) as server:
        forwarder(server).forward(lambda_event(document("a", "b")), Context())

    (line,) = said(capsys)
    assert (line["level"], line["rejected"]) == ("WARN", 1)


@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        (Says(status=403), "does not know this key"),
        (Says(status=401), "does not know this key"),
        (Says(status=404), "refuses what is sent"),
        (Says(status=308, headers=(("Location", "https://other.example.com/"),)), "sends elsewhere"),
        (Says(body=b"<html>Please sign in</html>"), "refuses what is sent"),
    ],
)
def test_what_will_not_change_by_waiting_is_raised_at_once(says: Says, sentence: str) -> None:
    with scripted(otherwise=says) as server, pytest.raises(Undelivered, match=sentence):
        forwarder(server).forward(lambda_event(document("a")), Context())

    assert len(server.requests) == 1


def test_with_too_little_time_left_nothing_is_begun() -> None:
    with scripted() as server, pytest.raises(Undelivered, match="in the time there was"):
        forwarder(server).forward(lambda_event(document("a")), Context(seconds=1))

    assert server.requests == []


@pytest.mark.parametrize(
    "event",
    [{}, None, [], "x", {"awslogs": {}}, {"awslogs": {"data": 1}}, {"awslogs": {"data": "not base64!"}},
     {"awslogs": {"data": base64.b64encode(b"no gzip").decode()}},
     {"awslogs": {"data": base64.b64encode(gzip.compress(b"[1]")).decode()}},
     {"awslogs": {"data": base64.b64encode(gzip.compress(b"{}")[:-9]).decode()}}],
)  # fmt: skip
def test_what_is_no_subscription_is_raised(event: Any) -> None:
    with scripted() as server, pytest.raises(NotASubscription):
        forwarder(server).forward(event, Context())

    assert server.requests == []


def test_the_queue_is_sent_again_and_keeps_what_fails() -> None:
    bodies = [
        json.dumps({"requestContext": {}, "requestPayload": lambda_event(document("a"))}),
        json.dumps({"requestPayload": lambda_event(document("b"))}),
        "not JSON",
    ]
    event = {
        "Records": [{"messageId": str(at), "eventSource": "aws:sqs", "body": body} for at, body in enumerate(bodies)]
    }

    with scripted(Says(), Says(status=403)) as server:
        answer = forwarder(server).replay(event, Context())

    assert [one["logEvents"][0]["message"] for one in server.documents] == ["a", "b"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}, {"itemIdentifier": "2"}]}


def test_the_entry_point_is_set_up_once_and_says_what_it_raises(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with scripted(Says(), Says(status=403)) as server:
        monkeypatch.setenv("MUKIAU_DSN", server.dsn().render())
        entry_point._started.cache_clear()
        first = handler(lambda_event(document("a")), Context())
        with pytest.raises(Undelivered):
            handler(lambda_event(document("a")), Context())
        entry_point._started.cache_clear()

    assert (first, server.connections) == ({"accepted": 1}, 1)
    assert [(line["level"], line.get("status")) for line in said(capsys)] == [("INFO", None), ("ERROR", 403)]


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({}, "Exactly one of"),
        ({"MUKIAU_DSN": f"https://{KEY}@example.com/1", "MUKIAU_DSN_SECRET_ARN": "arn:x"}, "Exactly one of"),
        ({"MUKIAU_DSN": "https://example.com"}, "MUKIAU_DSN cannot be used; it must be a DSN"),
        ({"MUKIAU_TARGET": "both"}, "MUKIAU_TARGET is 'both'"),
        ({"MUKIAU_LOG_GROUP_PATTERN": "/{team}"}, "it must be rules such as"),
    ],
)
def test_mistakes_in_the_settings_are_said(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        start(environ)
