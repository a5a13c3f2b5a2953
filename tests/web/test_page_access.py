"""Who may open what: everything needs signing in, keys need an administrator, and the first account a one-time link."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory, override_settings
from web_world import POINTS, World, read

from mukiau.web.accounts.first_start import first_start_link
from mukiau.web.accounts.people import create_admin
from mukiau.web.address import limited_address


@pytest.mark.parametrize(
    "address", ["/sources/projects/", "/sources/1/keys/", "/sources/keys/1/", "/set-aside/replay/"]
)
def test_keys_are_not_changed_by_who_is_no_administrator(bob: Client, world: World, address: str) -> None:
    answer = bob.post(address, {"name": "X", "label": "x", "active": "0"})

    assert answer.status_code == 403
    assert "This needs an administrator" in read(answer)


def test_who_may_read_sees_sources_without_the_forms(bob: Client, world: World) -> None:
    html = read(bob.get("/sources/"))

    assert world.key.public_key in html
    assert "Create the project" not in html
    assert "Switch off" not in html


def test_forms_need_their_token(world: World) -> None:
    create_admin("dora", "a long enough word")
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/sign-in/", {"login": "dora", "password": "a long enough word"})

    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["dora@example.com", "DORA@example.com"])
def test_signing_in_leads_to_the_page_that_was_asked_for(charlie: Client, world: World, name: str) -> None:
    create_admin("dora@example.com", "a long enough word")

    form = charlie.get("/sign-in/?next=/status/")
    answer = charlie.post("/sign-in/", {"login": name, "password": "a long enough word", "next": "/status/"})

    assert 'value="/status/"' in form.content.decode()
    assert answer["Location"] == "/status/"
    assert charlie.get("/status/").status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_away(charlie: Client, world: World, target: str) -> None:
    create_admin("dora", "a long enough word")

    answer = charlie.post("/sign-in/", {"login": "dora", "password": "a long enough word", "next": target})

    assert answer["Location"] == "/issues/"


def test_a_wrong_password_says_so_without_telling_whether_the_name_exists(charlie: Client, world: World) -> None:
    create_admin("dora", "a long enough word")

    wrong = read(charlie.post("/sign-in/", {"login": "dora", "password": "nope"}))
    unknown = read(charlie.post("/sign-in/", {"login": "nobody", "password": "nope"}))

    assert 'role="alert"' in wrong
    assert _alert(wrong) == _alert(unknown)


def _alert(html: str) -> str:
    found = re.search(r'role="alert">(.*?)</p>', html)
    assert found is not None
    return found[1]


def test_after_too_many_attempts_even_the_right_password_waits(charlie: Client, world: World) -> None:
    create_admin("dora", "a long enough word")
    for _ in range(8):
        charlie.post("/sign-in/", {"login": "dora", "password": "nope"})

    answer = charlie.post("/sign-in/", {"login": "Dora", "password": "a long enough word"})

    assert "Too many attempts" in read(answer)
    assert charlie.get("/issues/").status_code == 302


def test_one_address_may_not_try_one_name_after_the_other(charlie: Client, world: World) -> None:
    create_admin("dora", "a long enough word")
    for number in range(40):
        charlie.post("/sign-in/", {"login": f"name{number}", "password": "nope"})

    here = charlie.post("/sign-in/", {"login": "dora", "password": "a long enough word"})
    elsewhere = Client().post("/sign-in/", {"login": "dora", "password": "a long enough word"}, REMOTE_ADDR="192.0.2.7")

    assert "Too many attempts" in read(here)
    assert elsewhere["Location"] == "/issues/"


def test_attempts_are_counted_for_all_processes_together(charlie: Client, world: World) -> None:
    charlie.post("/sign-in/", {"login": "dora", "password": "nope"})

    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM shared_cache WHERE cache_key LIKE '%login_failed%'")
        assert cursor.fetchone()[0] == 2


def test_of_many_who_add_the_same_entry_one_succeeds(folder: Path) -> None:
    def add() -> bool:
        try:
            return bool(cache.add("once", 1, 60))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        added = [done.result() for done in [pool.submit(add) for _ in range(16)]]

    assert added.count(True) == 1


def test_signing_out_closes_the_pages(alice: Client, world: World) -> None:
    alice.post("/sign-out/")

    assert alice.get("/issues/").status_code == 302


def test_the_first_start_link_makes_one_administrator_and_is_then_used_up(charlie: Client, world: World) -> None:
    link = first_start_link()
    assert link is not None
    address = "/" + link.split("/", 3)[3]

    assert "Welcome to mukiau" in read(charlie.get(address))
    answer = charlie.post(address, {"name": "dora", "password": "a long enough word", "again": "a long enough word"})

    assert answer["Location"] == "/issues/"
    assert charlie.get("/sources/").status_code == 200
    assert User.objects.get().is_superuser
    assert Client().get(address).status_code == 410
    assert first_start_link() is None


def test_the_first_start_leads_to_the_sources_while_there_is_no_project(charlie: Client, folder: Path) -> None:
    link = first_start_link()
    assert link is not None

    fields = {"name": "dora", "password": "a long enough word", "again": "a long enough word"}
    answer = charlie.post("/" + link.split("/", 3)[3], fields)

    assert answer["Location"] == "/sources/"


def test_a_newer_first_start_link_replaces_the_older(charlie: Client, world: World) -> None:
    older, newer = first_start_link(), first_start_link()
    assert older is not None
    assert newer is not None

    assert charlie.get("/" + older.split("/", 3)[3]).status_code == 410
    assert charlie.get("/" + newer.split("/", 3)[3]).status_code == 200


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("short", "short", "too short"),
        ("a long enough word", "another", "differ"),
        ("password1234", "password1234", "common"),
    ],
)
def test_a_bad_first_password_is_told_at_its_field(
    charlie: Client, world: World, password: str, again: str, said: str
) -> None:
    link = first_start_link()
    assert link is not None

    answer = charlie.post("/" + link.split("/", 3)[3], {"name": "dora", "password": password, "again": again})

    assert answer.status_code == 200
    assert said in read(answer)
    assert not User.objects.exists()


def test_a_guessed_token_opens_nothing(charlie: Client, world: World) -> None:
    first_start_link()

    assert charlie.get("/first-start/guess/").status_code == 410


def test_answers_carry_the_headers_that_protect(alice: Client, world: World) -> None:
    answer = alice.get("/issues/")

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_no_page_has_inline_scripts_or_styles(alice: Client, world: World) -> None:
    world.send(POINTS)

    for address in ("/issues/", "/issues/1/", "/sources/", "/status/", "/set-aside/", "/help/"):
        html = read(alice.get(address))
        assert not re.search(r"<script(?![^>]*\bsrc=)", html), address
        assert not re.search(r"<[^>]+\s(?:style|on\w+)=", html), address


def test_a_part_asked_for_after_the_session_ended_takes_the_whole_page_to_the_form(
    charlie: Client, world: World
) -> None:
    answer = charlie.get("/issues/news/", headers={"HX-Request": "true"})

    assert answer["HX-Refresh"] == "true"
    assert answer.content == b""


@override_settings(ALLOWED_HOSTS=["tools.example.com"], BASE_URL="https://tools.example.com/mukiau")
def test_who_comes_by_a_wrong_address_is_told_the_right_one(charlie: Client, world: World) -> None:
    answer = charlie.get("/sign-in/", headers={"host": "10.0.0.7", "accept-language": "en"})

    assert answer.status_code == 421
    assert 'href="https://tools.example.com/mukiau"' in answer.content.decode()
    assert "10.0.0.7" not in answer.content.decode()


@override_settings(COOKIE_PATH="/mukiau/", COOKIES_ARE_SECURE=True)
def test_every_cookie_stays_below_our_path_and_off_plain_http(world: World) -> None:
    create_admin("dora", "a long enough word")
    client = Client()

    answers = [
        client.post("/preferences/language/", {"language": "ja"}),
        client.post("/preferences/theme/", {"theme": "dark"}),
        client.get("/sign-in/"),
        client.post("/sign-in/", {"login": "dora", "password": "a long enough word"}),
        client.post("/sources/projects/", {"name": ""}),  # answered with a message, which is a cookie as well
    ]

    cookies = {name: cookie for answer in answers for name, cookie in answer.cookies.items()}
    assert {"mukiau_language", "mukiau_theme", "mukiau_csrf", "mukiau_session", "messages"} <= set(cookies)
    assert {(cookie["path"], cookie["secure"]) for cookie in cookies.values()} == {("/mukiau/", True)}


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:aaaa::9", "2001:db8:1:2::"),
        ("2001:db8:1:2:bbbb::1", "2001:db8:1:2::"),
        ("", "unknown"),
    ],
)
def test_attempts_are_counted_by_what_one_client_has_of_addresses(address: str, counted: str) -> None:
    assert limited_address(RequestFactory(REMOTE_ADDR=address).get("/")) == counted


@pytest.mark.parametrize(("language", "words"), [("en", "This is not a page"), ("ja", "このアドレスは直接開けません")])
def test_an_address_of_a_form_that_is_opened_like_a_page_says_so(
    alice: Client, world: World, language: str, words: str
) -> None:
    answer = alice.get("/sources/projects/", headers={"accept-language": language})

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert words in read(answer)
