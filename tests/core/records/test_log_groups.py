"""The table of rules that names service, environment, customer and purpose of a log group."""

import pytest

from mukiau.core.records.log_groups import DEFAULT, Place, compile_table


@pytest.mark.parametrize(
    ("rule", "group", "expected"),
    [
        ("/ecs/{environment}/{service}", "/ecs/acme-prod/orders", ("orders", "acme-prod")),
        ("/ecs/{environment}/{service}", "/aws/lambda/x", ("", "")),
        ("/ecs/{environment}/{service}", "/ecs/a/b/c", ("", "")),
        ("/ecs/*/{service}", "/ecs/any/orders", ("orders", "")),
        ("**/{service}", "/a/b/c/orders", ("orders", "")),
        ("/aws/lambda/{environment}-*-{service}", "/aws/lambda/prod-eu-orders", ("orders", "prod")),
        ("/ecs/x service=shop environment=test", "/ecs/x", ("shop", "test")),
    ],
)
def test_a_log_group_names_service_and_environment(rule: str, group: str, expected: tuple[str, str]) -> None:
    place = compile_table(rule).read(group)

    assert (place.service, place.environment) == expected


def test_customer_and_purpose_name_the_environment_together() -> None:
    place = compile_table("/aws/lambda/{customer}-{purpose}-{service}").read("/aws/lambda/acme-prod-order-api")

    assert place == Place(service="order-api", environment="acme-prod", customer="acme", purpose="prod")


def test_a_named_environment_is_not_made_of_customer_and_purpose() -> None:
    place = compile_table("/ecs/{environment}/{service} customer=acme purpose=production").read("/ecs/blue/cart")

    assert place == Place(service="cart", environment="blue", customer="acme", purpose="production")


def test_an_earlier_rule_wins_and_a_later_one_fills_what_is_open() -> None:
    table = compile_table(
        """
        ** account=111122223333 customer=acme purpose=production
        ** customer=nobody
        /ecs/{service}
        """
    )

    own = table.read("/ecs/cart", account="111122223333")
    other = table.read("/ecs/cart", account="444455556666")

    assert own == Place(service="cart", environment="acme-production", customer="acme", purpose="production")
    assert other == Place(service="cart", customer="nobody")


def test_a_stream_says_whose_lines_a_shared_log_group_holds() -> None:
    table = compile_table("/ecs/shared stream=web/{service}/** environment=prod; /ecs/shared service=rest")

    assert table.read("/ecs/shared", log_stream="web/cart/0f1e2d").service == "cart"
    assert table.read("/ecs/shared", log_stream="job/0f1e2d") == Place(service="rest")


@pytest.mark.parametrize(
    "rule",
    ["/{team}/{service}", "/{service}/{service}", "/{service} service=a", "/x team=a", "/x service", "/x account=",
     "/x stream=a stream=b", "/x stream={purpose} purpose=a"],
)  # fmt: skip
def test_a_rule_with_an_unknown_or_repeated_word_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match="unknown or stands twice"):
        compile_table(f"/ecs/{{environment}}/{{service}}; {rule}")


def test_the_default_table_is_that_of_containers() -> None:
    assert DEFAULT.read("/ecs/stg/cart") == Place(service="cart", environment="stg")


def test_an_empty_table_says_nothing() -> None:
    assert compile_table(" ; \n").read("/ecs/stg/cart") == Place()
