"""Each person's language and time zone: chosen in the account, kept for every browser, before what a browser says."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from web_world import POINTS, World

from mukiau.stores.audit import AuditFilter, read_lines
from mukiau.stores.people import set_role
from mukiau.stores.profiles import Profile, load_profile
from mukiau.stores.queries.rows import own_connection


def _another_browser(name: str, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(User.objects.get(username=name), backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def _profile(name: str) -> Profile:
    return load_profile(own_connection(), User.objects.get(username=name).pk)


def test_the_chosen_language_and_zone_count_in_every_browser(bob: Client, world: World) -> None:
    world.send(POINTS)

    bob.post("/account/reading/", {"language": "ja", "time_zone": "America/New_York"})
    other = _another_browser("bob", "en")
    other.cookies["mukiau_zone"] = "Europe/Berlin"
    answer = other.get("/issues/1/")

    html = answer.content.decode()
    assert '<html lang="ja"' in html
    assert answer["Content-Language"] == "ja"
    assert " EST" in html or " EDT" in html


def test_who_chose_nothing_reads_as_the_browser_says(bob: Client, world: World) -> None:
    bob.post("/account/reading/", {"language": "ja", "time_zone": "Asia/Tokyo"})
    bob.post("/account/reading/", {"language": "", "time_zone": ""})

    assert '<html lang="en"' in bob.get("/account/").content.decode()
    assert '<html lang="ja"' in _another_browser("bob", "ja").get("/account/").content.decode()
    assert _profile("bob") == Profile()


def test_one_persons_language_is_nobody_elses(alice: Client, bob: Client, charlie: Client, world: World) -> None:
    bob.post("/account/reading/", {"language": "ja", "time_zone": "Asia/Tokyo"})

    bob.get("/account/")

    assert '<html lang="en"' in alice.get("/account/").content.decode()
    assert '<html lang="en"' in charlie.get("/sign-in/", headers={"accept-language": "en"}).content.decode()


def test_the_switch_in_the_menu_changes_the_persons_language_and_leaves_the_zone(bob: Client, world: World) -> None:
    bob.post("/account/reading/", {"language": "en", "time_zone": "Asia/Tokyo"})

    bob.post("/preferences/language/", {"language": "ja", "next": "/account/"})

    assert (_profile("bob").language, _profile("bob").time_zone) == ("ja", "Asia/Tokyo")
    assert '<html lang="ja"' in bob.get("/account/").content.decode()


@pytest.mark.parametrize("fields", [{"language": "tlh", "time_zone": ""}, {"language": "ja", "time_zone": "No/Where"}])
def test_no_other_language_or_zone_is_kept(bob: Client, world: World, fields: dict[str, str]) -> None:
    bob.post("/account/reading/", fields)
    bob.post("/preferences/language/", {"language": "tlh"})

    assert _profile("bob") == Profile()


def test_a_role_and_the_way_to_read_do_not_touch_each_other(bob: Client, world: World) -> None:
    user_id = User.objects.get(username="bob").pk

    set_role(user_id, "operator")
    bob.post("/account/reading/", {"language": "ja", "time_zone": "Asia/Tokyo"})
    set_role(user_id, "developer")

    assert _profile("bob") == Profile(role="developer", language="ja", time_zone="Asia/Tokyo")


def test_the_change_is_on_record_once(bob: Client, world: World) -> None:
    for _ in range(2):
        bob.post("/account/reading/", {"language": "ja", "time_zone": ""})

    lines = [line for line in read_lines(AuditFilter()) if line.action == "reading_changed"]
    assert [(line.target, line.after) for line in lines] == [("bob", {"language": "ja", "time_zone": ""})]
