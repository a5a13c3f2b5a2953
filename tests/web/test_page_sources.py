"""Sources, test errors, status and what was set aside."""

from collections.abc import Callable

import httpx
import pytest
from django.test import Client
from web_world import World, message, read

from mukiau.intake.ports import Key
from mukiau.stores.keys import StoredKeys
from mukiau.stores.schema import STATE_FILE
from mukiau.web.views import test_error as test_error_view


def active_keys(world: World) -> list[Key]:
    return list(StoredKeys(world.folder / STATE_FILE).load_keys())


def test_the_set_up_carries_the_dsn_of_the_chosen_key(alice: Client, world: World) -> None:
    html = read(alice.get("/sources/", headers={"host": "errors.example.com"}))

    dsn = f"http://{world.key.public_key}@errors.example.com/{world.project.id}"
    assert html.count(dsn) >= 4
    for name in ("Python", "Node.js", "Java", "CloudWatch", "Firehose", "OpenTelemetry", "Fluent Bit", "curl"):
        assert name in html


@pytest.mark.parametrize("door", ["records/", "firehose/", "otlp/v1/logs", "fluent/"])
def test_every_door_for_log_records_is_in_the_set_up(alice: Client, world: World, door: str) -> None:
    html = read(alice.get("/sources/"))

    assert f"/api/{world.project.id}/{door}" in html


@pytest.mark.parametrize(
    ("host", "is_secure", "expected"),
    [
        ("errors.example.com", True, ("Host errors.example.com Port 443", "tls On")),
        (
            "errors.example.com:8000",
            False,
            ("Host errors.example.com Port 8000", "tls Off"),
        ),
    ],
)
def test_fluent_bit_gets_the_address_in_pieces(
    alice: Client, world: World, host: str, is_secure: bool, expected: tuple[str, ...]
) -> None:
    html = read(alice.get("/sources/", headers={"host": host}, secure=is_secure))

    assert world.key.public_key in html
    assert [piece for piece in expected if piece not in html] == []


def test_without_a_project_the_page_says_how_to_make_one(alice: Client) -> None:
    html = read(alice.get("/sources/"))

    assert "There is no project yet" in html
    assert "Create the project" in html


def test_a_new_project_comes_with_a_key_that_opens_the_door(alice: Client, world: World) -> None:
    answer = alice.post("/sources/projects/", {"name": "受発注"})

    html = read(alice.get(answer["Location"]))
    assert "受発注" in html
    assert len(active_keys(world)) == 2


def test_a_new_key_is_made_and_shown(alice: Client, world: World) -> None:
    answer = alice.post(f"/sources/{world.project.id}/keys/", {"label": "AWS 1285", "environment": "acme-prod"})

    assert "AWS 1285" in read(alice.get(answer["Location"]))
    assert len(active_keys(world)) == 2


def test_a_key_is_switched_off_and_on_again(alice: Client, world: World) -> None:
    alice.post(f"/sources/keys/{world.key.id}/", {"active": "0"})
    off = active_keys(world)
    alice.post(f"/sources/keys/{world.key.id}/", {"active": "1"})

    assert off == []
    assert len(active_keys(world)) == 1


def answering(status: int) -> Callable[..., httpx.Response]:
    def post(url: str, **_: object) -> httpx.Response:
        return httpx.Response(status, request=httpx.Request("POST", url), text="over quota")

    return post


def test_a_test_error_leads_to_its_issue_once_it_has_arrived(
    alice: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_error_view.httpx, "post", answering(200))

    address = alice.post(f"/sources/keys/{world.key.id}/test/")["Location"]
    before = read(alice.get(address))
    event_id = address.rstrip("/").rpartition("/")[2]
    world.send({**message("a test"), "event_id": event_id})
    after = read(alice.get(address, headers={"HX-Target": "arrival"}))

    assert "Waiting for it" in before
    assert "has arrived" in after
    assert 'href="/issues/1/events/1/"' in after
    assert "<html" not in after


def test_a_refused_test_error_says_what_the_door_said(
    alice: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_error_view.httpx, "post", answering(429))

    html = read(alice.post(f"/sources/keys/{world.key.id}/test/", follow=True))

    assert "429 over quota" in html


def test_status_says_how_many_are_there_and_that_digest_is_silent(alice: Client, world: World) -> None:
    world.send(message("one"), message("one"))
    world.set_aside("not an envelope")

    html = read(alice.get("/status/"))

    assert "<dt>Events</dt><dd>2</dd>" in html
    assert 'href="/set-aside/"' in html


def test_what_was_set_aside_is_shown_with_its_reason(alice: Client, world: World) -> None:
    world.set_aside("invalid envelope header", b"<b>broken</b> \xff")

    html = read(alice.get("/set-aside/"))

    assert "invalid envelope header" in html
    assert "&lt;b&gt;broken" in html


def test_an_item_set_aside_is_tried_again_on_request(alice: Client, world: World) -> None:
    world.set_aside("a fault that is mended now")

    html = read(alice.post("/set-aside/replay/", {"item": "1"}, follow=True))

    assert "Will be tried again" in html


def test_help_and_an_empty_set_aside_page_open(bob: Client, world: World) -> None:
    assert "Nothing is set aside" in read(bob.get("/set-aside/"))
    assert "<kbd>J</kbd>" in read(bob.get("/help/"))
