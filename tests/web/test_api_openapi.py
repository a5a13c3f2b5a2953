"""The OpenAPI document says what the API does: every address, every method, what each takes, and nothing that is not there."""

import json
import re
from typing import Any

import pytest
from django.urls import get_resolver

from mukiau.web.api.described import BODIES, PARAMETERS
from mukiau.web.api.openapi import document, iter_addresses

METHODS = {"get", "post", "patch", "put", "delete"}


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(document("https://mukiau.example.com")))
    return found


def _operations(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["operationId"]: one for path in told["paths"].values() for one in path.values()}


def test_every_address_of_the_api_is_described(told: dict[str, Any]) -> None:
    names = [str(one.name) for one in get_resolver("mukiau.web.api.urls").url_patterns]

    described = {re.sub("^(get|post|patch|put|delete)-", "api-", name) for name in _operations(told)}

    assert described == set(names) - {"api-nothing"}
    assert len(told["paths"]) == len(names) - 1


def test_every_operation_says_in_words_what_it_does_and_what_it_needs(told: dict[str, Any]) -> None:
    for name, one in _operations(told).items():
        assert re.match(r"[A-Z].+\.$", one["summary"]), name
        assert one["description"].startswith("Scope `"), name
        assert {"400", "401", "403", "404"} < set(one["responses"]), name


def test_every_part_of_an_address_is_a_parameter(told: dict[str, Any]) -> None:
    for path, operations in told["paths"].items():
        assert set(operations) <= METHODS
        for one in operations.values():
            in_path = [parameter["name"] for parameter in one["parameters"] if parameter["in"] == "path"]
            assert in_path == re.findall(r"\{(\w+)\}", path)


def test_nothing_is_described_that_is_not_there() -> None:
    addresses = {name: set(answers) for _, name, answers in iter_addresses()}

    assert [name for name in PARAMETERS if "get" not in addresses.get(name, ())] == []
    assert [(name, method) for name, method in BODIES if method not in addresses.get(name, ())] == []


def test_a_right_that_is_asked_beside_the_scope_is_told(told: dict[str, Any]) -> None:
    operations = _operations(told)

    assert operations["post-request-act"]["description"] == "Scope `work:write`, right `inquire` of the token's owner."
    assert operations["get-issues"]["description"] == "Scope `read`."


def test_references_lead_somewhere(told: dict[str, Any]) -> None:
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(told)))

    assert references == set(told["components"]["schemas"])


def test_the_words_of_a_choice_are_those_of_the_code(told: dict[str, Any]) -> None:
    body = _operations(told)["post-requests"]["requestBody"]["content"]["application/json"]["schema"]

    assert body["required"] == ["kind"]
    assert body["properties"]["kind"]["enum"][0] == "write_runbook"
