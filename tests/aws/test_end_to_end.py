"""Log group → subscription → the function under AWS's runtime client → a real mukiau → an issue on the page. Counted."""

import io
import json
import random
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("moto", reason="NOT TESTED: the forwarder on emulated AWS; `make aws` does.")
pytest.importorskip("awslambdaric", reason="NOT TESTED: the forwarder under AWS's runtime client; `make aws` does.")

import emulated_cloud
import emulated_lambda
from emulated_cloud import Cloud
from troubled_way import TROUBLES, troubled_way

from mukiau.cli.forwarder.package import build_zip
from serving import MUKIAU, Server, wait_until

GROUPS = ("/ecs/acme-prod/order", "/ecs/acme-prod/mail", "/ecs/beta-stg/order")
ERRORS = 36
KINDS = 3
"""Of errors; in each service they are other issues."""


@pytest.fixture(scope="module")
def zipped() -> bytes:
    return build_zip()


@pytest.fixture
def task_folder(zipped: bytes, tmp_path: Path) -> Path:
    zipfile.ZipFile(io.BytesIO(zipped)).extractall(tmp_path / "task")
    return tmp_path / "task"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    one = Server(tmp_path / "data")
    try:
        one.start_ready()
        yield one
    finally:
        one.stop()


@pytest.fixture
def cloud(zipped: bytes) -> Iterator[Cloud]:
    with emulated_cloud.running() as running:
        arn = running.make_function(zipped)
        for group in GROUPS:
            running.subscribe(group, arn)
            running.client("logs").create_log_stream(logGroupName=group, logStreamName="web/1")
        running.delivered.clear()
        yield running


def error(number: int) -> list[str]:
    """Return the lines of one failure; a trace, with its cause, of one of KINDS."""
    kind = "ABC"[number % KINDS]
    return [
        f"2026-11-24 10:00:00,000 INFO  [w1] shop.api - POST /orders/{number}",
        f"2026-11-24 10:00:00,001 ERROR [w1] shop.{kind} - order {number} failed",
        f"java.lang.IllegalStateException: step {kind} cannot be done",
        f"\tat com.acme.{kind}.take({kind}.java:41)",
        "\tat com.acme.Api.post(Api.java:12)",
        f"Caused by: com.acme.{kind}Failed: read timed out",
        f"\tat com.acme.{kind}Client.get(Client.java:9)",
        f"2026-11-24 10:00:00,009 INFO  [w1] shop.api - 500 for {number}",
    ]


def write_all(cloud: Cloud, chance: random.Random) -> None:
    """Write the errors to the log groups, in batches that end anywhere."""
    for group in GROUPS:
        lines = [line for number in range(ERRORS // len(GROUPS)) for line in error(number)]
        at = 0
        while at < len(lines):
            size = chance.randint(1, 13)
            cloud.write(group, "web/1", lines[at : at + size])
            at += size


def environ(target: str, server: Server, cloud: Cloud, port: int | None = None) -> dict[str, str]:
    dsn = f"http://{server.public_key}@127.0.0.1:{port or server.port}/1"
    return {"MUKIAU_TARGET": target, "MUKIAU_DSN": dsn, "MUKIAU_REPAIR_TRACES": "true", **cloud.environ}


def counted(server: Server) -> tuple[object, object, object]:
    """Return events, issues and the sum of the issues' counts."""
    wait_until(server.is_drained, 60, "digest")
    ((events,),) = server.rows("SELECT count(*) FROM event")
    ((issues, total),) = server.rows("SELECT count(*), sum(event_count) FROM issue")
    return events, issues, total


def chains(server: Server) -> set[tuple[object, ...]]:
    return set(server.rows("SELECT service, title, subtitle FROM issue"))


@pytest.mark.parametrize("target", ["mukiau", "sentry"])
def test_nothing_is_lost_and_nothing_doubled_on_a_troubled_way(
    target: str, server: Server, cloud: Cloud, task_folder: Path
) -> None:
    chance = random.Random(7)

    with (
        troubled_way(server.port) as way,
        emulated_lambda.running(task_folder, environ(target, server, cloud, way.port)) as function,
    ):
        cloud.functions.append(function)
        write_all(cloud, chance)
        for event in chance.sample(cloud.delivered, 15):
            function.invoke(event)  # delivered a second time, as may be
        wait_until(lambda: function.is_done, 240, "the function")

    assert function.given_up == []
    assert set(way.happened) == set(TROUBLES)
    # Three environments, two of them with the same service: an issue spans environments.
    assert counted(server) == (ERRORS, 2 * KINDS, ERRORS)
    assert {service for service, _, _ in chains(server)} == {"order", "mail"}
    assert all(f"{kind}Failed: read timed out" in {sub for _, _, sub in chains(server)} for kind in "ABC")


def test_what_a_dead_server_did_not_take_waits_in_the_queue_and_is_sent_from_there(
    server: Server, cloud: Cloud, task_folder: Path
) -> None:
    sqs = cloud.client("sqs")
    queue_url = sqs.create_queue(QueueName="undelivered")["QueueUrl"]
    server.stop()

    with emulated_lambda.running(task_folder, environ("mukiau", server, cloud), timeout_seconds=4) as function:
        cloud.functions.append(function)
        for number in range(3):
            cloud.write(GROUPS[0], "web/1", error(number))
        wait_until(lambda: function.is_done, 120, "the function to give up")
    for event in function.given_up:
        sqs.send_message(QueueUrl=queue_url, MessageBody=json.dumps({"requestPayload": event}))
    server.start()
    wait_until(lambda: server.pid("intake") is not None, 90, "intake")
    with emulated_lambda.running(task_folder, environ("mukiau", server, cloud), timeout_seconds=60) as replaying:
        for message in _received(sqs, queue_url):
            replaying.invoke(message)
        wait_until(lambda: replaying.is_done, 120, "the function to send it again")

    assert len(function.errors) == 3 * emulated_lambda.MAX_ATTEMPTS
    assert {one["errorType"] for one in function.errors} == {"Undelivered"}
    assert function.answers == []
    assert replaying.answers == [{"batchItemFailures": []}] * 3
    assert counted(server) == (3, 3, 3)


def _received(sqs: Any, queue_url: str) -> Iterator[dict[str, Any]]:
    """Yield what the event source mapping calls the function with."""
    while messages := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=1).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            yield {"Records": [{"messageId": message["MessageId"], "eventSource": "aws:sqs", "body": message["Body"]}]}


def test_the_issue_is_on_the_page(server: Server, cloud: Cloud, task_folder: Path) -> None:
    with emulated_lambda.running(task_folder, environ("mukiau", server, cloud)) as function:
        cloud.functions.append(function)
        cloud.write(GROUPS[0], "web/1", error(1)[:4])
        cloud.write(GROUPS[0], "web/1", error(1)[4:])
        wait_until(lambda: function.is_done, 60, "the function")
    counted(server)

    page = _signed_in(server).get("/").text

    assert len(cloud.delivered) == 2
    assert "BFailed: read timed out" in page
    assert "order" in page


def _signed_in(server: Server) -> httpx.Client:
    command = [*MUKIAU, "createadmin", "--data", str(server.data), "--password", "long-enough-7", "dora"]
    subprocess.run(command, check=True, capture_output=True)
    visitor = httpx.Client(base_url=f"http://127.0.0.1:{server.port}", follow_redirects=True, timeout=60)
    wait_until(lambda: visitor.get("/sign-in/").status_code == 200, 60, "the pages")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', visitor.get("/sign-in/").text)
    assert token is not None
    form = {"login": "dora", "password": "long-enough-7", "csrfmiddlewaretoken": token[1]}
    assert visitor.post("/sign-in/", data=form, headers={"Referer": str(visitor.base_url)}).status_code == 200
    return visitor


def test_its_own_log_group_goes_round_in_no_circle(server: Server, cloud: Cloud, task_folder: Path) -> None:
    own = f"/aws/lambda/{emulated_lambda.FUNCTION}"
    arn = cloud.client("lambda").get_function(FunctionName=emulated_lambda.FUNCTION)["Configuration"]["FunctionArn"]
    cloud.subscribe(own, arn)
    cloud.client("logs").create_log_stream(logGroupName=own, logStreamName="1")

    with emulated_lambda.running(task_folder, environ("mukiau", server, cloud)) as function:
        cloud.functions.append(function)
        cloud.write(own, "1", ['{"level":"ERROR","message":"x"}'])
        wait_until(lambda: function.is_done, 60, "the function")

    assert function.answers == [{"accepted": 0}]
    assert server.rows("SELECT seq FROM sqlite_sequence WHERE name = 'item'", "spool.sqlite3") == []


def test_a_dsn_may_be_kept_as_a_secret(server: Server, cloud: Cloud, task_folder: Path) -> None:
    given = environ("mukiau", server, cloud)
    secret = cloud.client("secretsmanager").create_secret(Name="dsn", SecretString=given.pop("MUKIAU_DSN"))

    with emulated_lambda.running(task_folder, given | {"MUKIAU_DSN_SECRET_ARN": secret["ARN"]}) as function:
        cloud.functions.append(function)
        cloud.write(GROUPS[0], "web/1", error(1))
        wait_until(lambda: function.is_done, 60, "the function")

    assert function.answers == [{"accepted": 8}]
