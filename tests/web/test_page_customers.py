"""Customers: what happens at each, and occurrences found by any id they name."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from web_world import World, message, read

from mukiau.stores.queries import customers as queries


def _send(world: World, text: str, environment: str, *, hours_ago: float = 0.5, **tags: str) -> None:
    world.send(message(text, environment=environment, tags={"service": "order-api", **tags}), hours_ago=hours_ago)


def test_customers_are_listed_with_their_environments(bob: Client, world: World) -> None:
    for environment in ("acme-prod", "acme-stg", "みなと-本番", "main"):
        _send(world, "failed", environment)

    html = read(bob.get("/customers/"))

    assert "acme-prod, acme-stg" in html
    assert ">みなと</a>" in html
    assert "1 environment belongs to no known customer" in html


def test_a_customer_shows_only_its_own(bob: Client, world: World) -> None:
    _send(world, "printer on fire", "acme-prod")
    _send(world, "queue is full", "zeta-prod")

    html = read(bob.get("/customers/acme/"))

    assert "printer on fire" in html
    assert "queue is full" not in html
    assert "Nothing is open for this customer." in html


@pytest.mark.parametrize("name", ["a/b", "a&b=c", "青葉 商事", "50%", '"><script>'])
def test_any_name_of_a_customer_has_its_page(bob: Client, world: World, name: str) -> None:
    _send(world, "failed", f"{name}-prod")

    listed = bob.get("/customers/")
    place = next(link for link in _links(read(listed)) if link.startswith("/customers/") and len(link) > 12)

    assert bob.get(place.replace("&amp;", "&")).status_code == 200
    assert "<script>alert" not in read(listed)


def _links(html: str) -> list[str]:
    return [part.split('"', 1)[0] for part in html.split('href="')[1:] if "?project=" in part.split('"', 1)[0]]


def test_a_customer_nobody_knows_has_no_page(bob: Client, world: World) -> None:
    assert bob.get("/customers/nobody/").status_code == 404


def test_an_id_is_found_in_texts_and_in_tags(bob: Client, world: World) -> None:
    _send(world, "order ORD-20481 could not be saved", "acme-prod")
    _send(world, "points were not granted", "acme-prod", order_id="ORD-20481")
    _send(world, "order ORD-1 could not be saved", "acme-prod")
    _send(world, "order ORD-20481 is lost", "zeta-prod")

    here, everywhere = read(bob.get("/customers/acme/?q=ORD-20481")), read(bob.get("/customers/?q=ORD-20481"))

    found = here.split('id="h-found"')[1].split("cardfoot")[0]
    assert "order ORD-20481 could not be saved" in found
    assert "points were not granted" in found
    assert "ORD-1 could" not in found
    assert "is lost" not in found
    assert "is lost" in everywhere.split('id="h-found"')[1]


def test_the_answer_says_how_far_it_has_looked_and_goes_on(
    bob: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "STRETCH_EVENTS", 2)
    for number in range(5):
        _send(world, f"order ORD-{number} failed", "acme-prod")

    first = read(bob.get("/customers/?q=ORD-0"))
    second = read(bob.get(f"/customers/?project={world.project.id}&q=ORD-0&before=4"))
    third = read(bob.get(f"/customers/?project={world.project.id}&q=ORD-0&before=2"))

    assert "No occurrence names it in what was searched." in first
    assert "the text of 2 events" in first
    assert "before=4" in first
    assert "No occurrence names it" in second
    assert "order ORD-0 failed" in third
    assert "Nothing older is kept." in third


def test_wildcards_are_plain_characters(bob: Client, world: World) -> None:
    _send(world, "order ORD-1 failed", "acme-prod")

    assert "No occurrence names it" in read(bob.get("/customers/?q=ORD%25"))


def test_one_character_is_no_id(bob: Client, world: World) -> None:
    _send(world, "failed", "acme-prod")

    html = read(bob.get("/customers/?q=f"))

    assert "Type at least two characters." in html
    assert "h-found" not in html


def test_without_customers_the_page_says_where_they_come_from(bob: Client, world: World) -> None:
    assert "No customer is known yet" in read(bob.get("/customers/"))


def test_hostile_texts_stay_text(bob: Client, world: World) -> None:
    _send(world, "<img src=x onerror=alert(1)> ORD-20481", "acme-prod")

    html = read(bob.get("/customers/acme/?q=%3Cimg"))

    assert "<img" not in html
    assert "&lt;img" in html


def test_the_search_walks_the_events_of_its_stretch_and_no_others(bob: Client, world: World) -> None:
    _send(world, "order ORD-1 failed", "acme-prod")

    with CaptureQueriesContext(connection) as asked:
        bob.get("/customers/?q=ORD-1")

    walks = [query["sql"] for query in asked if "+e.project_id" in query["sql"]]
    with connection.cursor() as cursor:
        plans = [cursor.execute(f"EXPLAIN QUERY PLAN {sql}").fetchone()[-1] for sql in walks]
    assert len(plans) == 2
    assert all(plan.startswith("SEARCH e USING INTEGER PRIMARY KEY") for plan in plans)
