"""Deploys: told by the page, the API and the command line, listed, removed."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner
from django.contrib.auth.models import User
from django.test import Client
from web_world import World, message, read

from mukiau import clock
from mukiau.cli.deploy import deploy as command
from mukiau.stores.people import set_role
from mukiau.stores.queries.registry import read_environments
from mukiau.stores.queries.rows import own_connection
from mukiau.stores.tokens import make_token
from mukiau.stores.work.deploys import DeployFilter, list_deploys
from mukiau.web.api.door import Scope

DAY_MS = 86_400_000


@pytest.fixture
def otto(bob: Client, world: World) -> Client:
    """Bob as an operator."""
    set_role(User.objects.get(username="bob").pk, "operator")
    return bob


def _releases(world: World) -> list[tuple[str, str, str]]:
    found = list_deploys(own_connection(), DeployFilter(project_id=world.project.id))
    return [(deploy.service, deploy.environment, deploy.release) for deploy in found]


def _ask(name: str, method: str, path: str, body: Any = None, *, scope: Scope = Scope.WORK_WRITE) -> tuple[int, Any]:
    now = clock.unix_ms()
    pk = User.objects.get(username=name).pk
    token = make_token(pk, name="robot", scopes=(Scope.READ, scope), now_ms=now, expires_ms=now + DAY_MS)[0]
    client = Client(headers={"authorization": f"Bearer {token}"})
    text = "" if body is None else json.dumps(body)
    answer = client.generic(method, path, text, content_type="application/json")
    return answer.status_code, answer.json()


def test_a_deploy_is_told_by_the_form_and_listed(otto: Client, world: World) -> None:
    html = read(
        otto.post(
            "/deploys/add/",
            {"service": "order-api", "environment": "acme-prod", "release": "2026.47.0", "at": "2026-11-20T10:30"},
            follow=True,
        )
    )

    assert "The deploy is recorded." in html
    assert "2026-11-20 10:30:00" in html
    assert _releases(world) == [("order-api", "acme-prod", "2026.47.0")]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"environment": ""}, "This field is required."),
        ({"at": "2199-01-01T00:00"}, "This is in the future"),
        ({"at": "yesterday"}, "Enter a valid date/time."),
        ({"release": "x" * 201}, "at most 200 characters"),
    ],
)
def test_a_mistake_is_said_at_its_field(otto: Client, world: World, more: dict[str, str], says: str) -> None:
    html = read(otto.post("/deploys/add/", {"environment": "acme-prod", "release": "1.0", **more}))

    assert says in html
    assert _releases(world) == []


def test_a_deploy_makes_the_environment_known_and_the_matrix_show_its_release(otto: Client, world: World) -> None:
    otto.post("/deploys/add/", {"service": "order-api", "environment": "acme-prod", "release": "2026.47.0"})

    html = read(otto.get("/matrix/"))

    assert 'title="order-api · acme-prod: no errors · 2026.47.0"' in html
    assert [entry.customer for entry in read_environments(world.project.id)] == ["acme"]


def test_what_was_deployed_goes_before_what_events_say(otto: Client, world: World) -> None:
    world.send(message("failed", environment="acme-prod", release="1.0", tags={"service": "order-api"}))
    otto.post("/deploys/add/", {"service": "", "environment": "acme-prod", "release": "1.1"})

    assert "1 event · 1.1" in read(otto.get("/matrix/"))


def test_a_deploy_is_removed_again(alice: Client, world: World) -> None:
    alice.post("/deploys/add/", {"environment": "acme-prod", "release": "1.0"})
    pk = list_deploys(own_connection(), DeployFilter(project_id=world.project.id))[0].id

    html = read(alice.post(f"/deploys/{pk}/remove/", follow=True))

    assert "The deploy is removed." in html
    assert "No deploy was recorded yet" in html
    log = read(alice.get("/audit-log/"))
    assert "Deploy recorded" in log
    assert "Deploy removed" in log


def test_the_api_tells_and_lists(otto: Client, world: World) -> None:
    body = {"service": "order-api", "environment": "acme-prod", "release": "1.0", "at": "2026-11-24T09:10:32+09:00"}

    first, again = (_ask("bob", "POST", "/api/v1/deploys", body) for _ in range(2))
    _, listed = _ask("bob", "GET", "/api/v1/deploys?environment=acme-prod")

    assert (first[0], first[1]["is_new"], first[1]["at"]) == (201, True, "2026-11-24T00:10:32.000Z")
    assert (again[1]["is_new"], again[1]["id"]) == (False, first[1]["id"])
    assert [item["release"] for item in listed["items"]] == ["1.0"]
    assert _ask("bob", "GET", "/api/v1/deploys?release=2.0")[1]["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"release": "1.0"},
        {"environment": "acme-prod"},
        {"environment": ["acme-prod"], "release": "1.0"},
        {"environment": "acme-prod", "release": "1.0", "at": "2026-11-24T09:10:32"},
        {"environment": "acme-prod", "release": "1.0", "at": 5},
        {"environment": "acme-prod", "release": "1.0", "at": "2199-01-01T00:00:00Z"},
        {"environment": "acme-prod", "release": "1.0", "project": 999},
        {"environment": "acme-prod", "release": "1.0", "project": True},
    ],
)
def test_the_api_says_what_is_wrong(otto: Client, world: World, body: dict[str, Any]) -> None:
    status, answer = _ask("bob", "POST", "/api/v1/deploys", body)

    assert (status, answer["error"]["code"]) == (400, "bad_body")
    assert _releases(world) == []


def test_a_viewer_tells_no_deploy(bob: Client, world: World) -> None:
    status, answer = _ask("bob", "POST", "/api/v1/deploys", {"environment": "acme-prod", "release": "1.0"})

    assert (status, answer["error"]["code"]) == (403, "not_allowed")
    assert "Record a deploy" not in read(bob.get("/deploys/"))


def test_the_command_line_tells_one(world: World) -> None:
    data = ["--data", str(world.folder)]
    at = datetime.fromtimestamp(world.now_ms / 1000, UTC).isoformat()

    said = [CliRunner().invoke(command, ["order-api", "acme-prod", "1.0", "--at", at, *data]).output for _ in range(2)]
    wrong = CliRunner().invoke(command, ["order-api", "acme-prod", "1.0", "--at", "2026-11-24T09:10", *data])

    assert said == ["order-api 1.0 in acme-prod: kept.\n", "order-api 1.0 in acme-prod: was told before.\n"]
    assert wrong.exit_code == 2
    assert _releases(world) == [("order-api", "acme-prod", "1.0")]


def test_environments_services_and_customers_are_read_by_the_api(bob: Client, world: World) -> None:
    world.send(message("failed", environment="acme-prod", tags={"service": "order-api"}))

    _, environments = _ask("bob", "GET", "/api/v1/environments", scope=Scope.READ)
    _, services = _ask("bob", "GET", "/api/v1/services", scope=Scope.READ)
    _, customers = _ask("bob", "GET", "/api/v1/customers", scope=Scope.READ)

    found = environments["items"][0]
    assert (found["name"], found["customer"], found["purpose"], found["is_customer_said"], found["event_count"]) == (
        "acme-prod",
        "acme",
        "production",
        False,
        1,
    )
    assert [(item["name"], item["issue_count"]) for item in services["items"]] == [("order-api", 1)]
    assert customers["items"] == [{"name": "acme", "environments": ["acme-prod"]}]
