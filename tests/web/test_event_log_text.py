"""The text of a log event, and the way to it in the CloudWatch console."""

import json
from typing import Any

import pytest

from mukiau.web.event.log_text import console_url, log_place_of, log_text_of, region_of
from mukiau.web.event.remarks import Remarks
from mukiau.web.event.sheet import Sheet

ORIGIN = {"account": "123456789012", "log_group": "/ecs/acme-prod/order-api", "log_stream": "app/web/0f[1]"}


def _text(raw: str, **more: bool) -> Any:
    return log_text_of({"origin": {"raw": raw}}, Sheet(Remarks({})), **more)


def test_the_console_opens_the_stream_around_the_moment() -> None:
    url = console_url("ap-northeast-1", ORIGIN["log_group"], ORIGIN["log_stream"], 1_790_000_000_000)

    assert url == (
        "https://ap-northeast-1.console.aws.amazon.com/cloudwatch/home?region=ap-northeast-1#logsV2:log-groups/log-group/"
        "$252Fecs$252Facme-prod$252Forder-api/log-events/app$252Fweb$252F0f$255B1$255D"
        "$3Fstart$3D1789999940000$26end$3D1790000060000"
    )


@pytest.mark.parametrize(
    ("payload", "region"),
    [
        ({"tags": {"aws_region": "eu-west-1"}}, "eu-west-1"),
        ({"contexts": {"cloud_resource": {"cloud.region": "us-east-2"}}}, "us-east-2"),
        ({"contexts": {"otel": {"resource": {"cloud.region": "sa-east-1"}}}}, "sa-east-1"),
        ({"extra": {"task": ["arn:aws:ecs:ap-northeast-1:123456789012:task/a"]}}, "ap-northeast-1"),
        ({"tags": {"region": "Kansai"}, "extra": {"a": "arn:aws-cn:s3:cn-north-1:1:b"}}, "cn-north-1"),
        ({"tags": {"region": "tokyo"}}, ""),
        ({"tags": {"region": "eu-west-1/../../evil"}}, ""),
        ({}, ""),
    ],
)
def test_the_region_is_one_the_event_names_itself(payload: dict[str, Any], region: str) -> None:
    assert region_of(payload) == region


def test_no_link_is_made_up_when_too_little_is_known() -> None:
    without_region = log_place_of({"origin": ORIGIN, "payload": {}}, occurred_ms=0)
    without_group = log_place_of({"origin": {}, "payload": {"tags": {"region": "eu-west-1"}}}, occurred_ms=0)

    assert (without_region.console_url, without_group.console_url) == ("", "")


@pytest.mark.parametrize(
    ("region", "host"), [("cn-north-1", "console.amazonaws.cn"), ("us-gov-west-1", "console.amazonaws-us-gov.com")]
)
def test_partitions_of_their_own_have_consoles_of_their_own(region: str, host: str) -> None:
    assert f"//{region}.{host}/" in console_url(region, "/a", "", 0)


def test_a_long_json_line_is_indented_unless_the_raw_text_is_asked_for() -> None:
    raw = 'app | {"level":"ERROR","message":"no stock for A-1207","trace":{"id":"0af7651916cd43dd8448eb211c80319c"}}'

    pretty, plain = _text(raw), _text(raw, wants_raw=True)

    assert pretty.value.whole.startswith('app | {\n  "level": "ERROR"')
    assert pretty.is_pretty
    assert (plain.value.whole, plain.is_pretty, plain.can_be_pretty) == (raw, False, True)


def test_json_packed_into_a_text_is_unpacked_where_it_is_indented() -> None:
    body = json.dumps({"items": [{"sku": f"A-{number}"} for number in range(9)]})

    pretty = _text(json.dumps({"level": "ERROR", "body": body}))

    assert '"body": {\n    "items": [\n' in pretty.value.whole


@pytest.mark.parametrize("raw", ["Traceback:\n  x", "{short: 1}", '{"a":1}', "{" * 500, '{"a": ' + "[" * 5000 + "}"])
def test_what_is_no_json_worth_indenting_stays_as_it_is(raw: str) -> None:
    assert _text(raw, wants_raw=False).value.whole == raw
    assert not _text(raw).can_be_pretty


def test_many_lines_are_folded_behind_the_first_ones() -> None:
    found = _text("\n".join(f"line {number}" for number in range(300)))

    assert found.value.text.count("\n") == 40
    assert found.value.more.endswith("line 299")
    assert found.line_count == 300
