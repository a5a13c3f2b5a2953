"""Notification routes: made, tested, changed and switched by administrators; no secret is shown or kept in the log."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from web_world import World, read

from mukiau import config
from mukiau.stores.audit import AuditFilter, read_lines
from mukiau.stores.notify.own import find_wish
from mukiau.stores.notify.routes import list_routes, reading
from mukiau.stores.notify.wanted import is_notify_wanted
from mukiau.stores.work.teams import add_team

sys.path.insert(0, str(Path(__file__).parents[1] / "notify"))

from listening import Listener, listening

FORM = {
    "name": "Operations",
    "channel": "webhook",
    "kinds": ["new"],
    "purposes": ["production"],
    "services": "orders\n point-service \n\n",
    "language": "ja",
    "time_zone": "Asia/Tokyo",
}


@pytest.fixture
def listener(folder: Path) -> Iterator[Listener]:
    """A program inside that may be told."""
    settings = config.load({}, overrides={"data": folder, "notify_allowed_hosts": "127.0.0.1"})
    with override_settings(MUKIAU=settings), listening() as listener:
        yield listener


def make(alice: Client, url: str, **changes: object) -> str:
    answer = alice.post("/notifications/add/", {**FORM, "to": url, **changes}, follow=True)
    return read(answer)


def test_a_route_is_made_and_tells_from_then_on(alice: Client, world: World, listener: Listener) -> None:
    html = make(alice, listener.url)

    with reading(world.folder) as connection:
        (stored,) = list_routes(connection)
    assert "The route works from now on" in html
    assert (stored.name, stored.route.services) == ("Operations", {"orders", "point-service"})
    assert {kind.value for kind in stored.route.kinds} == {"new"}
    assert is_notify_wanted(world.folder)


def test_the_address_and_the_secret_are_shown_to_nobody_but_the_secret_once(
    alice: Client, world: World, listener: Listener
) -> None:
    first = make(alice, listener.url)
    with reading(world.folder) as connection:
        secret = list_routes(connection)[0].route.address.secret

    pages = [read(alice.get(address)) for address in ("/notifications/", "/notifications/1/", "/audit-log/")]

    assert len(secret) > 40
    assert secret in first
    assert not any(secret in page or "t0p" in page or "/hook" in page for page in pages)
    assert "t0p" not in first
    assert "t0p" not in str(read_lines(AuditFilter()))
    assert "127.0.0.1" in pages[0]


def test_the_test_button_sends_a_message_at_once_in_the_routes_language(
    alice: Client, world: World, listener: Listener
) -> None:
    make(alice, listener.url)

    html = read(alice.post("/notifications/1/test/", follow=True))

    (got,) = listener.got
    assert "The test message was accepted." in html
    assert json.loads(got.body)["subject"] == "mukiau のテスト通知"


def test_the_test_button_says_why_nothing_arrived(alice: Client, world: World, listener: Listener) -> None:
    make(alice, listener.url)
    listener.statuses = [404]

    html = read(alice.post("/notifications/1/test/", follow=True))

    assert "did not arrive. The other side does not take the message. (HTTP 404)" in html


def test_a_host_inside_that_nobody_allowed_is_not_asked(alice: Client, world: World) -> None:
    with listening() as listener:
        make(alice, f"https://localhost:{listener.port}/x")

        html = read(alice.post("/notifications/1/test/", follow=True))

    assert "inside the server" in html
    assert listener.got == []


def test_without_a_mail_server_a_route_by_mail_says_what_is_missing(alice: Client, world: World) -> None:
    html = make(alice, "ops@example.com", channel="email")

    assert "This server has no settings for the channel yet." in html


def test_a_route_by_mail_shows_its_addresses_and_one_by_slack_only_the_host(
    alice: Client, world: World, listener: Listener
) -> None:
    mail = {"smtp_host": "127.0.0.1", "smtp_from": "m@example.com", "notify_allowed_hosts": "127.0.0.1"}
    with override_settings(MUKIAU=config.load({}, overrides={"data": world.folder, **mail})):
        make(alice, "ops@example.com", channel="email")
        make(alice, listener.url, channel="slack", name="Developers")

    html = read(alice.get("/notifications/"))

    assert "E-mail · ops@example.com" in html
    assert "Slack · 127.0.0.1" in html
    assert "t0p" not in html
    assert 'id="once"' not in read(alice.get("/notifications/2/"))  # Slack's messages are not signed


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("to", "http://hooks.example.com/x", "It has to begin with https://"),
        ("to", "", "This field is required."),
        ("time_zone", "Mars/Olympus", "There is no such time zone"),
        ("kinds", [], "This field is required."),
        ("name", "", "This field is required."),
        ("channel", "pigeon", "Select a valid choice."),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_is_made(
    alice: Client, world: World, field: str, value: object, said: str
) -> None:
    html = read(alice.post("/notifications/add/", {**FORM, "to": "https://hooks.example.com/x", field: value}))

    assert said in html
    with reading(world.folder) as connection:
        assert list_routes(connection) == ()


def test_a_route_is_changed_and_keeps_its_address(alice: Client, world: World, listener: Listener) -> None:
    make(alice, listener.url)

    alice.post("/notifications/1/", {**FORM, "name": "Everybody", "to": "", "services": ""})

    with reading(world.folder) as connection:
        (stored,) = list_routes(connection)
    assert (stored.name, stored.route.address.to, stored.route.services) == ("Everybody", listener.url, set())


def test_a_secret_is_shown_on_the_page_of_its_route_alone(alice: Client, world: World, listener: Listener) -> None:
    for name in ("one", "two"):
        make(alice, listener.url, name=name)

    alice.post("/notifications/1/secret/")
    other, own = (read(alice.get(f"/notifications/{route}/")) for route in (2, 1))

    assert '<pre id="once">' not in other
    assert '<pre id="once">' not in own


def test_a_route_is_switched_off_and_on_given_a_new_secret_and_deleted(
    alice: Client, world: World, listener: Listener
) -> None:
    make(alice, listener.url)
    with reading(world.folder) as connection:
        before = list_routes(connection)[0].route.address.secret

    off = read(alice.post("/notifications/1/switch/", {"active": "0"}, follow=True))
    is_wanted = is_notify_wanted(world.folder)
    on = read(alice.post("/notifications/1/switch/", {"active": "1"}, follow=True))
    renewed = read(alice.post("/notifications/1/secret/", follow=True))
    gone = read(alice.post("/notifications/1/delete/", follow=True))

    assert "Switched off" in off
    assert not is_wanted
    assert "The route works again." in on
    assert before not in renewed
    assert re.search(r'<pre id="once">[\w-]{43}</pre>', renewed)
    assert "Nobody is told anything yet." in gone
    said = {line.action for line in read_lines(AuditFilter())}
    assert said >= {"route_made", "route_switched_off", "route_switched_on", "route_secret_renewed", "route_deleted"}


def test_a_route_of_a_team_is_told_of_that_teams_issues_alone(alice: Client, world: World, listener: Listener) -> None:
    team = add_team("Payments", time_zone="Asia/Tokyo", now_ms=1)

    make(alice, listener.url, teams=[str(team)])

    with reading(world.folder) as connection:
        assert list_routes(connection)[0].route.team_ids == {team}
    assert '<span class="chip">Payments</span>' in read(alice.get("/notifications/"))


def test_what_a_route_is_called_is_text(alice: Client, world: World, listener: Listener) -> None:
    html = make(alice, listener.url, name="<script>alert(1)</script>", services="<b>")

    assert "<script>alert(1)" not in html
    assert "<b>" not in read(alice.get("/notifications/"))


def test_only_administrators_see_it_in_the_menu(alice: Client, bob: Client, world: World) -> None:
    assert 'href="/notifications/"' in read(alice.get("/issues/"))
    assert 'href="/notifications/"' not in read(bob.get("/issues/"))


# --- One's own --------------------------------------------------------------------------------------------------------


def test_somebody_says_how_to_be_told(bob: Client, world: World) -> None:
    mail = {"smtp_host": "127.0.0.1", "smtp_from": "m@example.com"}
    with override_settings(MUKIAU=config.load({}, overrides={"data": world.folder, **mail})):
        html = read(bob.post("/account/notifications/", {"by_mail": "1", "slack_id": " U012ABCDEF "}, follow=True))

    assert "Saved." in html
    assert 'value="U012ABCDEF"' in html
    assert re.search(r'name="by_mail" value="1" checked ?>', html)
    with reading(world.folder) as connection:
        (stored,) = list_routes(connection)
    assert (stored.route.person_id, stored.route.channel, stored.route.address.to) == (
        User.objects.get(username="bob").pk,
        "email",
        "",
    )


def test_nobody_sees_or_changes_somebodys_own_route_among_those_of_all(
    alice: Client, bob: Client, world: World
) -> None:
    bob.post("/account/notifications/", {"by_mail": "1"})

    assert 'href="/notifications/1/"' not in read(alice.get("/notifications/"))
    assert alice.get("/notifications/1/").status_code == 404
    assert alice.post("/notifications/1/delete/").status_code == 404


@pytest.mark.parametrize("slack_id", ["bob", "<!channel>", "U0", "u012abcdef", "@bob"])
def test_what_is_no_member_id_is_not_kept(bob: Client, world: World, slack_id: str) -> None:
    html = read(bob.post("/account/notifications/", {"slack_id": slack_id}, follow=True))

    assert "A member ID looks like U012ABCDEF" in html
    with reading(world.folder) as connection:
        assert find_wish(connection, User.objects.get(username="bob").pk).slack_id == ""


def test_without_a_mail_server_the_account_says_so(bob: Client, world: World) -> None:
    assert "This server sends no e-mail yet" in read(bob.get("/account/"))
