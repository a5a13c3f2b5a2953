"""Pages of events that retention has taken something from say so, and everything else goes on."""

import json
from contextlib import closing

import pytest
from django.test import Client
from web_world import World

from mukiau.stores.queries.event import find_event, read_neighbours
from mukiau.stores.queries.rows import read_rows
from mukiau.stores.retention import Retention, RetentionPolicy

DAY_MS = 86_400_000


@pytest.fixture
def old(world: World) -> World:
    """Five events of one issue; those between the first and the last have lost their payload."""
    for number in range(5):
        world.send({"message": f"no stock for order {number}", "logger": "shop"}, hours_ago=5 - number)
    keep(world, payload_days=30)
    return world


def keep(world: World, *, days: int = 40, **policy: int) -> None:
    with closing(Retention(world.folder / "state.sqlite3", RetentionPolicy(**policy))) as retention:
        for _ in range(50):
            retention.step(world.now_ms + days * DAY_MS)


@pytest.mark.parametrize("view", ["", "raw/", "json/", "markdown/"])
def test_every_view_of_an_event_without_payload_says_that_it_was_deleted(bob: Client, old: World, view: str) -> None:
    page = bob.get(f"/issues/1/events/3/{view}")

    assert page.status_code == 200
    assert "deleted" in page.content.decode()


def test_the_page_keeps_what_the_row_knows(bob: Client, old: World) -> None:
    page = bob.get("/issues/1/events/3/").content.decode()

    assert "they had reached the age limit" in page
    assert "no stock for order 2" in page
    assert "Event 3 of 5" in page


def test_a_budget_is_named_as_the_reason(bob: Client, world: World) -> None:
    for number in range(5):
        world.send({"message": f"no stock for order {number}", "logger": "shop"}, hours_ago=5 - number)
    keep(world, max_state_bytes=1)

    assert "had reached its size limit" in bob.get("/issues/1/events/3/").content.decode()


def test_json_is_the_note_itself(bob: Client, old: World) -> None:
    note = json.loads(bob.get("/issues/1/events/3/json/").content)

    assert note == {"deleted": {"at_ms": old.now_ms + 40 * DAY_MS, "by": "age"}}


def test_the_issue_and_its_list_of_events_show_as_before(bob: Client, old: World) -> None:
    assert bob.get("/issues/1/").status_code == 200
    events = bob.get("/issues/1/events/").content.decode()

    assert all(f"no stock for order {number}" in events for number in range(5))


def test_where_rows_are_gone_no_event_gets_a_wrong_number(bob: Client, old: World) -> None:
    keep(old, days=100, payload_days=30, event_days=60)

    assert [row[0] for row in read_rows("SELECT id FROM event ORDER BY id")] == [1, 5]
    first = find_event(1, 1)
    assert first is not None
    assert (read_neighbours(first).next, read_neighbours(first).number) == (5, None)
    assert bob.get("/issues/1/events/3/").status_code == 404
    assert bob.get("/issues/1/events/1/").status_code == 200
