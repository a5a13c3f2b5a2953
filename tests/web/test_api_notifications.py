"""Routes of notifications by the API: made, tried, switched and deleted by administrators' tokens; no address is told."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from web_world import World

from mukiau import clock, config
from mukiau.stores.audit import AuditFilter, read_lines
from mukiau.stores.people import set_role
from mukiau.stores.tokens import make_token
from mukiau.web.api.door import Scope

sys.path.insert(0, str(Path(__file__).parents[1] / "notify"))

from listening import Listener, listening

ROUTES = "/api/v1/routes"


@pytest.fixture(autouse=True)
def listener(alice: Client, bob: Client, world: World) -> Iterator[Listener]:
    """A server that is told; Bob is an operator."""
    set_role(User.objects.get(username="bob").pk, "operator")
    near = config.load({}, overrides={"data": world.folder, "notify_allowed_hosts": "127.0.0.1"})
    with listening() as listener, override_settings(MUKIAU=near):
        yield listener


def ask(method: str, path: str, body: Any = None, *, name: str = "alice") -> tuple[int, Any]:
    now = clock.unix_ms()
    user_id = User.objects.get(username=name).pk
    scopes = (Scope.READ, Scope.WORK_WRITE)
    token, _ = make_token(user_id, name="bot", scopes=scopes, now_ms=now, expires_ms=now + 60_000)
    client = Client(headers={"authorization": f"Bearer {token}", "accept-language": "en"})
    answer = client.generic(method, path, "" if body is None else json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


def route(listener: Listener, **more: Any) -> dict[str, Any]:
    return {"name": "Operations", "channel": "webhook", "to": listener.url, "kinds": ["new"], **more}


def test_a_route_is_made_tried_switched_read_and_deleted(listener: Listener) -> None:
    status, made = ask("POST", ROUTES, route(listener, services=["orders", "points"]))
    tried = ask("POST", f"{ROUTES}/{made['id']}/test")
    off = ask("PATCH", f"{ROUTES}/{made['id']}", {"active": False})
    read = ask("GET", f"{ROUTES}/{made['id']}")
    deleted = ask("DELETE", f"{ROUTES}/{made['id']}")

    assert (status, made["place"], made["services"], made["purposes"]) == (
        201,
        "127.0.0.1",
        ["orders", "points"],
        ["production"],
    )
    assert len(made["secret"]) > 40
    assert (tried[1]["outcome"], len(listener.got)) == ("sent", 1)
    assert (off[0], off[1]["active"], read[1]["active"]) == (200, False, False)
    assert deleted == (200, {"id": made["id"], "deleted": True})
    assert ask("GET", ROUTES) == (200, {"items": [], "next": None})
    assert "t0p" not in json.dumps([made, off, read]) + str(read_lines(AuditFilter()))
    assert made["secret"] not in json.dumps([off, read])


@pytest.mark.parametrize(
    "wrong",
    [{"to": "ftp://example.com/"}, {"kinds": ["nonsense"]}, {"channel": "pigeon"}, {"time_zone": "Mars"}, {"name": {}}],
)
def test_what_is_wrong_with_a_route_is_said_and_nothing_is_made(listener: Listener, wrong: dict[str, Any]) -> None:
    status, said = ask("POST", ROUTES, route(listener) | wrong)

    assert (status, said["error"]["code"]) == (400, "bad_body")
    assert next(iter(wrong)) in said["error"]["message"]
    assert ask("GET", ROUTES)[1]["items"] == []


def test_nobody_but_administrators_has_anything_to_do_with_routes(listener: Listener) -> None:
    made = ask("POST", ROUTES, route(listener))[1]
    address = f"{ROUTES}/{made['id']}"

    for method, path, body in (
        ("GET", ROUTES, None),
        ("POST", ROUTES, route(listener)),
        ("GET", address, None),
        ("PATCH", address, {"active": False}),
        ("DELETE", address, None),
        ("POST", f"{address}/test", None),
    ):
        assert ask(method, path, body, name="bob")[0] == 403
    assert (listener.got, len(ask("GET", ROUTES)[1]["items"])) == ([], 1)


def test_what_is_not_there_is_404(listener: Listener) -> None:
    assert [ask("GET", f"{ROUTES}/7")[0], ask("DELETE", f"{ROUTES}/7")[0]] == [404, 404]
