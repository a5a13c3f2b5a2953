"""Each door for logs, from the request a sender makes to the issue; what is sent again counts once."""

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving import wait_until

pytestmark = pytest.mark.slow

DATA = Path(__file__).resolve().parents[1] / "data"

TRACE = """\
2026-11-20 10:15:40,760 ERROR [main] shop.Orders - order {number} failed
shop.{place}Exception: no stock
\tat shop.Orders.place(Orders.java:12)
Caused by: java.io.IOException: timeout
\tat shop.Store.read(Store.java:9)"""


def issues(tracker: Any, place: str) -> list[tuple[object, ...]]:
    """Return how often the trace of a place was counted, and for which service."""
    query = f"SELECT event_count, service FROM issue WHERE title LIKE '{place}Exception%'"
    return list(tracker.server.rows(query))


def send_twice(tracker: Any, path: str, body: bytes, headers: dict[str, str]) -> list[httpx.Response]:
    """Send a request as a sender does that got no answer, and wait until both are digested."""
    url = f"http://127.0.0.1:{tracker.server.port}/api/1/{path}"
    answers = [httpx.post(url, content=body, headers=headers, timeout=30) for _ in range(2)]
    wait_until(tracker.server.is_drained, 60, "digest")
    return answers


def own_lines(place: str) -> bytes:
    return TRACE.format(number=7, place=place).encode()


def cloudwatch(place: str) -> bytes:
    events = [
        {"id": f"{place}-{n}", "timestamp": 1_795_169_740_760 + n, "message": line}
        for n, line in enumerate(own_lines(place).decode().splitlines())
    ]
    document = {"messageType": "DATA_MESSAGE", "owner": "123456789012", "logGroup": "/ecs/acme-prod/order",
                "logStream": "order/1", "subscriptionFilters": ["all"], "logEvents": events}  # fmt: skip
    return gzip.compress(json.dumps(document).encode())


@pytest.mark.parametrize(("place", "make"), [("Subscribed", cloudwatch), ("Put", own_lines)])
def test_firehose_delivers_an_issue_and_a_retry_counts_nothing(
    tracker: Any, place: str, make: Callable[[str], bytes]
) -> None:
    records = [{"data": base64.b64encode(make(place)).decode()}]
    body = json.dumps({"requestId": f"r-{place}", "timestamp": 1_795_169_745_000, "records": records}).encode()
    headers = {
        "X-Amz-Firehose-Protocol-Version": "1.0",
        "X-Amz-Firehose-Request-Id": f"r-{place}",
        "X-Amz-Firehose-Access-Key": tracker.server.public_key,
        "X-Amz-Firehose-Common-Attributes": '{"commonAttributes":{"log_group":"/ecs/acme-prod/order"}}',
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
    }

    answers = send_twice(tracker, "firehose/", gzip.compress(body), headers)

    assert [(answer.status_code, answer.json()["requestId"]) for answer in answers] == [(200, f"r-{place}")] * 2
    assert issues(tracker, place) == [(1, "order")]


def test_opentelemetry_delivers_an_issue_and_a_retry_counts_nothing(tracker: Any) -> None:
    body = (DATA / "records/otlp/python_sdk.pb").read_bytes()
    headers = {
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "gzip",
        "Authorization": f"Bearer {tracker.server.public_key}",
    }

    answers = send_twice(tracker, "otlp/v1/logs", gzip.compress(body), headers)

    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b"")] * 2
    issue = "SELECT event_count, service, subtitle FROM issue WHERE title = 'RuntimeError: order 7 failed'"
    assert tracker.server.rows(issue) == [(1, "order", "KeyError: 'k'")]


def test_fluent_bit_delivers_an_issue_and_a_retry_counts_nothing(tracker: Any) -> None:
    kubernetes = {"namespace_name": "p", "pod_name": "order-1", "container_name": "app", "labels": {"app": "order"}}
    lines = [
        json.dumps(
            {"date": 1_795_169_740.76 + n / 1000, "log": line + "\n", "stream": "stdout", "kubernetes": kubernetes}
        )
        for n, line in enumerate(own_lines("Collected").decode().splitlines())
    ]
    headers = {"Authorization": f"Bearer {tracker.server.public_key}", "Content-Encoding": "gzip"}

    answers = send_twice(tracker, "fluent/", gzip.compress("\n".join(lines).encode()), headers)

    assert [answer.json() for answer in answers] == [{"accepted": 5, "rejected": []}] * 2
    assert issues(tracker, "Collected") == [(1, "order")]
