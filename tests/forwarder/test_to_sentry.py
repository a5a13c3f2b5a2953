"""The Lambda function with the target sentry: events made here, in the protocol's envelopes."""

import json
from pathlib import Path
from typing import Any

import pytest
from servers import KEY, Context, Says, Scripted, document, lambda_event, scripted

from mukiau import __version__, config
from mukiau.core.envelope import Envelope, parse_envelope
from mukiau.core.records.log_groups import DEFAULT, compile_table
from mukiau.core.records.payloads import parse_records
from mukiau.core.records.record import Record
from mukiau.forwarder.door import Undelivered
from mukiau.forwarder.events import EventMaker
from mukiau.forwarder.handler import Forwarder, start
from mukiau.wiring import digest_records

CORPUS = Path(__file__).resolve().parents[1] / "data/corpus/subscription"
TRACE = (
    "2026-11-24 10:00:00,000 INFO  [w1] order.api - POST /orders",
    "2026-11-24 10:00:00,001 ERROR [w1] order.api - order 118 failed",
    "java.lang.IllegalStateException: no stock for A-1",
    "\tat com.acme.Stock.take(Stock.java:41)",
    "Caused by: java.net.SocketTimeoutException: read timed out",
    "\tat com.acme.Client.get(Client.java:9)",
)
OK = Says(body=b'{"id": "x"}')


def forwarder(server: Scripted, **environ: str) -> Forwarder:
    return start({"MUKIAU_TARGET": "sentry", "MUKIAU_DSN": server.dsn().render(), **environ})


def events(server: Scripted) -> list[dict[str, Any]]:
    found = []
    for body in server.bodies:
        envelope = parse_envelope(body)
        assert isinstance(envelope, Envelope)
        assert envelope.event_item is not None
        event = json.loads(envelope.event_item.payload)
        assert event["event_id"] == envelope.event_id
        found.append(event)
    return found


def test_an_error_arrives_as_an_event_with_its_chain_its_place_and_our_fingerprint() -> None:
    with scripted(otherwise=OK) as server:
        answer = forwarder(server).forward(lambda_event(document(*TRACE)), Context())

    (event,) = events(server)
    ((path, headers, _),) = server.requests
    assert answer == {"accepted": 1}
    assert path == "/api/7/envelope/"
    assert f"sentry_key={KEY}" in headers["x-sentry-auth"]
    assert f"sentry_client=mukiau.forwarder/{__version__}" in headers["x-sentry-auth"]
    assert [value["type"] for value in event["exception"]["values"]] == [
        "java.net.SocketTimeoutException",
        "java.lang.IllegalStateException",
    ]
    assert event["logentry"]["formatted"] == "order 118 failed"
    assert event["environment"] == "acme-prod"
    assert event["tags"]["service"] == "order"
    assert (event["tags"]["account"], event["tags"]["log_group"]) == ("111122223333", "/ecs/acme-prod/order")
    assert event["contexts"]["log"]["log_stream"] == "web/1"
    assert [crumb["message"] for crumb in event["breadcrumbs"]["values"]] == ["POST /orders"]
    assert len(event["fingerprint"]) == 1


def test_what_is_no_error_is_not_sent() -> None:
    with scripted(otherwise=OK) as server:
        answer = forwarder(server).forward(lambda_event(document("INFO all is well", '{"level":"info"}')), Context())

    assert (answer, server.requests) == ({"accepted": 0}, [])


def test_a_repeated_call_sends_the_same_bytes() -> None:
    event = lambda_event(document(*TRACE))

    with scripted(otherwise=OK) as server:
        for _ in range(2):
            forwarder(server).forward(event, Context())

    assert server.bodies[0] == server.bodies[1]


def test_ids_and_fingerprints_are_those_of_the_server() -> None:
    records = [record for name in sorted(CORPUS.glob("*.json"))[:60] for record in _records_of(name)]
    whole = {
        found.event.event_id: found.fingerprint.hash for found in digest_records(records, settings=config.load({}))
    }

    made = list(EventMaker(project_id=1, table=DEFAULT).make(records))

    assert len(made) > 20
    assert {event["event_id"]: event["fingerprint"][0] for event in made} == whole


def _records_of(file: Path) -> tuple[Record, ...]:
    return parse_records(file.read_bytes(), item="").records


def test_secrets_do_not_leave_the_account() -> None:
    messages = ("ERROR sign-in failed password=planted-secret", "ERROR card 4111 1111 1111 1111 refused")

    with scripted(otherwise=OK) as server:
        forwarder(server).forward(lambda_event(document(*messages)), Context())

    assert len(server.bodies) == 2
    assert not any(b"planted" in body or b"4111 1111" in body for body in server.bodies)


def test_the_table_names_customer_and_purpose() -> None:
    rules = "/ecs/{environment}/{service}; ** account=1111* customer=acme purpose=production"

    with scripted(otherwise=OK) as server:
        forwarder(server, MUKIAU_LOG_GROUP_PATTERN=rules).forward(lambda_event(document("ERROR a")), Context())

    (event,) = events(server)
    assert {"service": "order", "customer": "acme", "purpose": "production"}.items() <= event["tags"].items()


@pytest.mark.parametrize("status", [400, 413])
def test_an_event_that_is_refused_alone_does_not_keep_the_others(status: int) -> None:
    given = document("ERROR [a] x - one", "ERROR [a] y - two", "ERROR [a] z - three")

    with scripted(OK, Says(status=status), otherwise=OK) as server, pytest.raises(Undelivered) as raised:
        forwarder(server).forward(lambda_event(given), Context())

    assert raised.value.fields == {"stuck": 1}
    assert [event["logentry"]["formatted"] for event in events(server)] == ["one", "two", "three"]


def test_what_was_sent_before_a_failure_is_the_same_event_when_lambda_calls_again() -> None:
    event = lambda_event(document("ERROR [a] x - one", "ERROR [a] y - two"))

    with scripted(OK, Says(status=403), otherwise=OK) as server:
        with pytest.raises(Undelivered):
            forwarder(server).forward(event, Context())
        forwarder(server).forward(event, Context())

    ids = [event["event_id"] for event in events(server)]
    assert ids[:2] == ids[2:]
    assert len(set(ids)) == 2


def test_records_that_only_complete_others_make_no_event() -> None:
    def record(number: int, line: str) -> Record:
        return Record(
            record_id=str(number), message=line, timestamp_ms=1_795_514_400_000, log_group="/ecs/a/b", log_stream="s"
        )

    records = [record(number, line) for number, line in enumerate(TRACE)]
    maker = EventMaker(project_id=1, table=compile_table(""))

    first = list(maker.make(records[:4], after=records[4:]))
    second = list(maker.make(records[4:], before=records[:4]))

    assert [len(event["exception"]["values"]) for event in first] == [2]
    assert second == []
