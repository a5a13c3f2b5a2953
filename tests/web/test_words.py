"""What the pages say: both languages complete, the viewer's choice kept, times in the viewer's zone."""

import re

import catalogue
import pytest
from django.test import Client
from web_world import POINTS, World


def test_every_text_has_a_japanese_translation() -> None:
    known = {message.id: message for message in catalogue.read_catalogue("ja") if message.id}

    wanted = [message for message in catalogue.extract_catalogue() if message.id]

    assert [m.id for m in wanted if m.id not in known] == []
    assert catalogue.missing(catalogue.read_catalogue("ja")) == []


def test_the_catalogue_holds_no_text_that_is_gone() -> None:
    wanted = {message.id for message in catalogue.extract_catalogue()}

    assert [m.id for m in catalogue.read_catalogue("ja") if m.id and m.id not in wanted] == []


def test_translations_keep_the_named_values() -> None:
    for message in catalogue.read_catalogue("ja"):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id:
            assert _names(ids[-1]) == _names(texts[0]), message.id


def _names(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


@pytest.mark.parametrize("address", ["/issues/", "/sources/", "/status/", "/set-aside/", "/help/", "/issues/1/events/"])
def test_no_english_sentence_is_left_on_a_japanese_page(alice: Client, world: World, address: str) -> None:
    world.send(POINTS)
    english = [m.id for m in catalogue.read_catalogue("ja") if isinstance(m.id, str) and len(m.id.split()) > 3]

    html = alice.get(address, headers={"accept-language": "ja"}).content.decode()

    assert '<html lang="ja"' in html
    assert [text for text in english if text in html] == []


def test_the_language_follows_the_browser_until_one_is_chosen(charlie: Client, world: World) -> None:
    def said(language: str) -> str:
        return charlie.get("/sign-in/", headers={"accept-language": language}).content.decode()

    assert "サインイン" in said("ja,en;q=0.8")
    assert "Sign in" in said("en")
    assert "Sign in" in said("fr")
    charlie.post("/preferences/language/", {"language": "ja", "next": "/sign-in/"})
    assert "サインイン" in said("en")


def test_the_theme_is_kept_and_only_a_known_one(charlie: Client, world: World) -> None:
    charlie.post("/preferences/theme/", {"theme": "dark", "next": "/sign-in/"})
    assert 'data-theme="dark"' in charlie.get("/sign-in/").content.decode()

    charlie.post("/preferences/theme/", {"theme": '"><script>', "next": "/sign-in/"})
    assert 'data-theme="dark"' in charlie.get("/sign-in/").content.decode()


def test_a_choice_never_leads_away(charlie: Client, world: World) -> None:
    answer = charlie.post("/preferences/theme/", {"theme": "dark", "next": "https://evil.example/"})

    assert answer["Location"] == "/issues/"


@pytest.mark.parametrize(
    ("cookie", "language", "zone"),
    [
        ("", "ja", "JST"),
        ("", "en", "UTC"),
        ("Europe/Berlin", "ja", "CE"),
        ("No/Where", "en", "UTC"),
        ("../../etc", "en", "UTC"),
    ],
)
def test_times_are_in_the_viewers_zone(alice: Client, world: World, cookie: str, language: str, zone: str) -> None:
    world.send(POINTS)
    if cookie:
        alice.cookies["mukiau_zone"] = cookie

    html = alice.get("/issues/1/", headers={"accept-language": language}).content.decode()

    assert re.search(rf"\d\d:\d\d:\d\d\.\d{{3}} {zone}", html)


def test_placeholders_of_the_catalogue_are_well_formed() -> None:
    for message in catalogue.read_catalogue("ja"):
        for text in message.string if isinstance(message.string, tuple) else (message.string,):
            assert "%s" not in text
            assert not re.search(r"%\(\w+\)(?!s)", text), text
