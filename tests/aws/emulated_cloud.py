"""CloudWatch Logs, SQS and IAM by moto's server: everything goes over HTTP, as to AWS."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import httpx
import moto.awslambda.models
import pytest
from emulated_lambda import FUNCTION, Lambda
from moto.server import ThreadedMotoServer

REGION = "us-east-1"


@dataclass(slots=True)
class Cloud:
    """An account with one function, subscribed to log groups."""

    url: str
    functions: list[Lambda] = field(default_factory=list)
    """Who is called when a subscription delivers."""
    delivered: list[Any] = field(default_factory=list)
    _clients: dict[str, Any] = field(default_factory=dict)
    _last_ms: int = 0

    @property
    def environ(self) -> dict[str, str]:
        """What a function needs to reach it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                region_name=REGION,
                endpoint_url=self.url,
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
            )
        return self._clients[service]

    def make_function(self, zipped: bytes) -> str:
        """Return the ARN."""
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        role = self.client("iam").create_role(RoleName="forwarder", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        made = self.client("lambda").create_function(
            FunctionName=FUNCTION, Runtime="python3.12", Role=role, Handler="x.y", Code={"ZipFile": zipped}
        )
        return str(made["FunctionArn"])

    def subscribe(self, log_group: str, arn: str) -> None:
        logs = self.client("logs")
        logs.create_log_group(logGroupName=log_group)
        logs.put_subscription_filter(logGroupName=log_group, filterName="mukiau", filterPattern="", destinationArn=arn)

    def write(self, log_group: str, log_stream: str, lines: list[str]) -> None:
        """Put lines as one batch of a container's log driver; a later line has a later time."""
        now = max(int(time.time() * 1000), self._last_ms + 1)
        self._last_ms = now + len(lines)
        events = [{"timestamp": now + at, "message": line} for at, line in enumerate(lines)]
        answer = self.client("logs").put_log_events(logGroupName=log_group, logStreamName=log_stream, logEvents=events)
        assert "rejectedLogEventsInfo" not in answer

    def _deliver(self, event: Any) -> None:
        self.delivered.append(event)
        for function in self.functions:
            function.invoke(event)


@contextmanager
def running() -> Iterator[Cloud]:
    """Run it. What a subscription delivers goes to the functions of the test instead of into a container."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    cloud = Cloud(f"http://{host}:{port}")
    httpx.post(f"{cloud.url}/moto-api/reset").raise_for_status()  # its state is this process's

    def invoke(_: object, body: str, *__: object, **___: object) -> tuple[str, dict[str, str]]:
        cloud._deliver(json.loads(body))
        return "", {}

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(moto.awslambda.models.LambdaFunction, "invoke", invoke)
        try:
            yield cloud
        finally:
            server.stop()
