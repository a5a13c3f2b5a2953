"""Addresses: an event by its own id, its frames, threads and breadcrumbs, and the events that have a value in a tag."""

import re

import pytest
from django.test import Client
from test_page_issue import place_of
from web_world import POINTS, World, chain, exception, frame, message, read

from mukiau.stores.queries import tagged_events

EVENT_ID = "9ec79c33ec9942ab8353589fcb2e04dc"
DASHED = "9EC79C33-EC99-42AB-8353-589FCB2E04DC"


@pytest.mark.parametrize("given", [EVENT_ID, DASHED])
def test_an_events_own_id_leads_to_it(alice: Client, world: World, given: str) -> None:
    world.send({**POINTS, "event_id": EVENT_ID})

    answer = alice.get(f"/events/{given}/")

    assert answer["Location"] == place_of(world)


@pytest.mark.parametrize("given", ["0" * 32, "no-id", "%27", "0" * 400])
def test_an_id_of_no_event_is_a_page_that_says_so(alice: Client, world: World, given: str) -> None:
    world.send(POINTS)

    assert alice.get(f"/events/{given}/").status_code == 404


@pytest.mark.parametrize("given", [EVENT_ID, f"  {DASHED} "])
def test_an_events_id_in_the_search_box_leads_to_it(alice: Client, world: World, given: str) -> None:
    world.send({**POINTS, "event_id": EVENT_ID})

    whole = alice.get("/issues/", {"q": given})
    part = alice.get("/issues/", {"q": given}, headers={"HX-Request": "true"})

    assert whole["Location"] == place_of(world)
    assert part["HX-Redirect"] == place_of(world)


def test_an_id_nobody_knows_is_searched_for_like_any_word(alice: Client, world: World) -> None:
    world.send(POINTS)

    assert alice.get("/issues/", {"q": "0" * 32}).status_code == 200


def test_a_link_to_a_folded_frame_opens_it_without_script(alice: Client, world: World) -> None:
    library = frame("execute", 90, in_app=False, context_line="cursor.execute(sql)")
    world.send(chain(exception("E", "v", frame("main", 1), library)))
    place = place_of(world)

    folded, opened = read(alice.get(place)), read(alice.get(f"{place}?at=f-0-1"))

    assert '<details class="run">' in folded
    assert '<details class="frame" id="f-0-1">' in folded
    assert '<details class="run" open>' in opened
    assert '<details class="frame" id="f-0-1" open>' in opened
    assert 'href="?at=f-0-1#f-0-1"' in folded


def test_a_thread_that_is_asked_for_stands_first_and_open(alice: Client, world: World) -> None:
    def thread(number: int) -> dict[str, object]:
        return {"id": number, "name": f"pool-{number}", "stacktrace": {"frames": [frame(f"work_{number}")]}}

    world.send({**chain(exception("E", "v")), "threads": {"values": [thread(number) for number in range(200)]}})
    place = place_of(world)

    usual, asked = read(alice.get(place)), read(alice.get(f"{place}?at=t-150"))

    assert "work_150" not in usual
    assert '<details class="thread" id="t-150" open>' in asked
    assert "work_150" in asked


def test_an_older_breadcrumb_that_is_asked_for_is_shown(alice: Client, world: World) -> None:
    crumbs = [{"message": f"step {number}", "timestamp": 1_790_000_000} for number in range(100)]
    world.send({**message("x"), "breadcrumbs": {"values": crumbs}})
    place = place_of(world)

    usual, asked = read(alice.get(place)), read(alice.get(f"{place}?at=b-10"))

    assert "Show 85 older lines" in usual
    assert 'id="b-10"' not in usual
    assert 'id="b-10"' in asked
    assert 'id="b-9"' not in asked


@pytest.mark.parametrize(
    "given", ["?at=f-0-1'><x", "?crumb=nothing&level=odd", "?from=-1", "?all=2&log=x", "?at=" + "9" * 99]
)
def test_an_address_that_asks_for_nothing_known_shows_the_event(alice: Client, world: World, given: str) -> None:
    world.send(POINTS)

    assert alice.get(place_of(world) + given).status_code == 200


def _events_page(world: World) -> str:
    return place_of(world).split("events")[0] + "events/"


def _rows(page: str) -> int:
    return page.count("data-row")


@pytest.mark.parametrize(
    ("tag", "value", "count"),
    [
        ("colour", "red", 1),
        ("colour", "blue", 4),
        ("environment", "acme-dev", 2),
        ("release", "2", 1),
        ("level", "error", 5),
    ],
)
def test_the_events_with_a_value_in_a_tag_are_found(
    alice: Client, world: World, tag: str, value: str, count: int
) -> None:
    world.send(message("same", tags={"colour": "red"}, environment="acme-dev"))
    world.send(*[message("same", tags={"colour": "blue"}, environment="acme-prod")] * 2)
    world.send(message("same", tags={"colour": "blue"}, environment="acme-dev", release="2"))
    world.send(message("same", tags={"colour": "blue"}))

    page = read(alice.get(_events_page(world), {"tag": tag, "value": value}))

    assert _rows(page) == count
    assert f"{count} / 5" in page


def test_a_value_in_the_tags_of_the_page_leads_to_its_events(alice: Client, world: World) -> None:
    world.send(message("same", tags={"colour": "red & <b>"}), message("same", tags={"colour": "blue"}))

    page = read(alice.get(place_of(world)))
    link = re.search(r'class="v cut" href="([^"]*red[^"]*)"', page)

    assert link is not None
    assert _rows(read(alice.get(link[1].replace("&amp;", "&")))) == 1


def test_a_long_search_goes_back_a_stretch_at_a_time_and_says_how_far(
    alice: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tagged_events, "MAX_UNPACKED", 4)
    world.send(message("same", tags={"colour": "red"}), hours_ago=5)
    world.send(*[message("same", tags={"colour": "blue"})] * 6, hours_ago=1)
    address = _events_page(world)

    first = read(alice.get(address, {"tag": "colour", "value": "red"}))
    older = re.search(r'href="(\?tag=[^"]+)"', first)
    assert older is not None
    second = read(alice.get(address + older[1].replace("&amp;", "&")))

    assert (_rows(first), _rows(second)) == (0, 1)
    assert "4 events looked through on this page" in first
    assert "1 / 7" in first
    assert "Older events" not in second


def test_no_event_is_skipped_between_the_pages_of_a_search(alice: Client, world: World) -> None:
    world.send(*[message("same", tags={"colour": "red"})] * 60)
    address = _events_page(world)

    first = read(alice.get(address, {"tag": "colour", "value": "red"}))
    older = re.search(r'href="(\?tag=[^"]+)"', first)
    assert older is not None
    second = read(alice.get(address + older[1].replace("&amp;", "&")))

    assert (_rows(first), _rows(second)) == (50, 10)
