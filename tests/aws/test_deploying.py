"""The template deployed on emulated CloudFormation: what it makes hangs together.

moto knows no subscription filter, retries or alarm there; those are checked by cfn-lint alone.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("moto", reason="NOT TESTED: the deploy template on emulated CloudFormation; `make aws` does.")

import emulated_cloud
from emulated_cloud import Cloud

from mukiau.cli.forwarder.package import HANDLER, build_zip
from mukiau.cli.forwarder.template import render_account
from mukiau.forwarder.settings import load

DSN = f"https://{'a' * 32}@mukiau.example.com/1"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:dsn"
GROUP = "/ecs/acme-prod/order"


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with emulated_cloud.running() as running:
        running.client("s3").create_bucket(Bucket="code")
        running.client("s3").put_object(Bucket="code", Key="forwarder.zip", Body=build_zip())
        running.client("logs").create_log_group(logGroupName=GROUP)
        yield running


def deploy(cloud: Cloud, template: str, **parameters: str) -> dict[str, Any]:
    """Return the function's configuration."""
    given = {"CodeBucket": "code", "CodeKey": "forwarder.zip", "Dsn": DSN, **parameters}
    formation = cloud.client("cloudformation")
    formation.create_stack(
        StackName="mukiau-forwarder",
        TemplateBody=template,
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
    )
    (stack,) = formation.describe_stacks(StackName="mukiau-forwarder")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    configuration: dict[str, Any] = cloud.client("lambda").get_function(FunctionName="mukiau-forwarder")[
        "Configuration"
    ]
    return configuration


@pytest.mark.parametrize("target", ["mukiau", "sentry"])
def test_the_function_is_set_up_and_cloudwatch_logs_may_call_it(target: str, cloud: Cloud) -> None:
    function = deploy(cloud, render_account(target, [GROUP]))

    policy = json.loads(cloud.client("lambda").get_policy(FunctionName="mukiau-forwarder")["Policy"])
    variables = function["Environment"]["Variables"]
    assert function["Handler"] == HANDLER
    assert (variables["MUKIAU_TARGET"], variables["MUKIAU_DSN"]) == (target, DSN)
    assert load(variables).target == target
    assert [one["Principal"] for one in policy["Statement"]] == [{"Service": "logs.amazonaws.com"}]


def test_what_could_not_be_delivered_is_sent_again_only_when_that_is_switched_on(cloud: Cloud) -> None:
    deploy(cloud, render_account("mukiau", [GROUP]))

    (queue,) = cloud.client("sqs").list_queues()["QueueUrls"]
    (mapping,) = cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    kept = cloud.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert mapping["EventSourceArn"] == kept["QueueArn"]
    assert mapping["State"] == "Disabled"
    assert int(kept["MessageRetentionPeriod"]) == 14 * 24 * 3600


@pytest.mark.parametrize(
    ("given", "policies"),
    [
        ({}, ["own-log", "undelivered"]),
        ({"RepairTraces": "true"}, ["own-log", "repair", "undelivered"]),
        ({"Dsn": "", "DsnSecretArn": SECRET}, ["dsn", "own-log", "undelivered"]),
    ],
)
def test_the_role_may_do_what_the_parameters_need_and_nothing_else(
    given: dict[str, str], policies: list[str], cloud: Cloud
) -> None:
    function = deploy(cloud, render_account("sentry", [GROUP]), **given)

    iam = cloud.client("iam")
    role = function["Role"].rsplit("/", 1)[1]
    own_log = str(iam.get_role_policy(RoleName=role, PolicyName="own-log")["PolicyDocument"])
    assert sorted(iam.list_role_policies(RoleName=role)["PolicyNames"]) == policies
    assert re.findall(r":log-group:[^'\"]+", own_log) == [":log-group:/aws/lambda/mukiau-forwarder:*"]
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
