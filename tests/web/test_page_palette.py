"""What the palette offers for what was typed."""

import re

import pytest
from django.test import Client
from web_world import World, message, read


def offered(client: Client, typed: str, *, language: str = "en", **more: object) -> list[tuple[str, str]]:
    """Return the label and the address (or the button) of each option."""
    html = read(client.get("/palette/", {"q": typed, **more}, headers={"accept-language": language}))
    options = re.findall(
        r'role="option".*?(?:href|data-press|data-(?=copy|show))="?([^"> ]+).*?class="label cut">(.*?)</span>(?=<|$)',
        html,
    )
    return [(re.sub("<[^>]+>", "", label), address) for address, label in options]


def test_before_anything_is_typed_it_offers_places_latest_issues_and_actions(alice: Client, world: World) -> None:
    world.send(message("the queue is full"))

    found = offered(alice, "")

    assert found[0] == ("Inbox", "/inbox/")
    assert ("the queue is full", "/issues/1/") in found
    assert ("Dark theme", "[name=theme][value=dark]") in found


@pytest.mark.parametrize("typed", ["source", "取込"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_places_are_found_by_their_name_in_either_language(
    alice: Client, world: World, typed: str, language: str
) -> None:
    found = offered(alice, typed, language=language)

    assert [address for _, address in found] == ["/sources/"]


def test_issues_are_found_by_their_words_and_fields(alice: Client, world: World) -> None:
    world.send(
        message("決済代行が応答しません", tags={"service": "payment"}),
        message("在庫がありません", tags={"service": "stock"}),
    )

    assert ("決済代行が応答しません", "/issues/1/") in offered(alice, "決済")
    assert ("在庫がありません", "/issues/2/") in offered(alice, "service:stock")
    assert ("決済代行が応答しません", "/issues/1/") not in offered(alice, "service:stock")


def test_beyond_the_first_issues_it_leads_to_the_list(alice: Client, world: World) -> None:
    world.send(*[message(f"failure of kind {a}{b}ar") for a in "bcd" for b in "fgh"])

    found = offered(alice, "failure")

    assert found[-1] == ("All issues that match", "/issues/?project=1&amp;q=failure")
    assert len(found) == 7


@pytest.mark.parametrize("typed", ["#2", "2"])
def test_an_issue_is_found_by_its_number(alice: Client, world: World, typed: str) -> None:
    world.send(message("first"), message("second"))

    assert offered(alice, typed)[0] == ("#2 second", "/issues/2/")


@pytest.mark.parametrize("typed", ["a0" * 16, "A0A0A0A0-a0a0-a0a0-a0a0-a0a0a0a0a0a0"])
def test_an_event_is_found_by_its_id(alice: Client, world: World, typed: str) -> None:
    world.send(message("first", event_id="a0" * 16))

    assert offered(alice, typed)[0] == ("The event with this ID", "/issues/1/events/1/")


def test_services_and_environments_are_offered_as_filters(alice: Client, world: World) -> None:
    world.send(message("first", tags={"service": "acme-api"}, environment="acme-prod"))

    found = offered(alice, "acme")

    assert ("acme-api", "/issues/?project=1&amp;service=acme-api") in found
    assert ("acme-prod", "/issues/?project=1&amp;environment=acme-prod") in found


def test_it_looks_into_the_project_the_page_is_about(alice: Client, world: World) -> None:
    other = world.another_project("Backoffice")
    world.send(message("of the office"), project=other)

    assert offered(alice, "office") == []
    assert ("of the office", "/issues/1/") in offered(alice, "office", project=other.id)


@pytest.mark.parametrize("typed", ["<script>alert(1)</script>", "9" * 40, "#", "\x00", "(", "*", "service:"])
def test_whatever_is_typed_is_text(alice: Client, world: World, typed: str) -> None:
    world.send(message("<img src=x>"))

    answer = alice.get("/palette/", {"q": typed})

    assert answer.status_code == 200
    assert "<script" not in answer.content.decode()
    assert "<img" not in answer.content.decode()
