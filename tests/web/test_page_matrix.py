"""The matrix: errors, no errors, silent and never seen are four different things."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from web_world import HOUR_MS, World, message, read

from mukiau.digest.batch import Arrived, Batch
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.state_writer import StateWriter
from mukiau.web import matrix


def _send(world: World, service: str, environment: str, *, hours_ago: float = 0.5, times: int = 1, **more: str) -> None:
    payload = message("failed", environment=environment, tags={"service": service}, **more)
    world.send(*([payload] * times), hours_ago=hours_ago)


def _arrive(world: World, service: str, environment: str, *hours_ago: float) -> None:
    writer = StateWriter(world.folder / STATE_FILE)
    for hours in sorted(hours_ago, reverse=True):
        position = writer.position()
        received_ms = int(world.now_ms - hours * HOUR_MS)
        one = Arrived(project_id=world.project.id, service=service, environment=environment, received_ms=received_ms)
        writer.write(Batch(after=position, position=position, digested_ms=world.now_ms, arrived=(one,)))
    writer.close()


def _cell(html: str, name: str) -> tuple[str, str]:
    """Return state and text of the cell of `service · environment`."""
    found = re.search(rf'<a class="cell (\w+)" href="[^"]*" title="{name}: ([^"]*)"', html)
    assert found is not None, name
    return found[1], found[2]


def test_cells_count_the_errors_of_the_period(bob: Client, world: World) -> None:
    _send(world, "order-api", "acme-prod", times=3)
    _send(world, "order-api", "acme-prod", hours_ago=50)
    _send(world, "order-api", "acme-stg", hours_ago=50)

    day, week = read(bob.get("/matrix/")), read(bob.get("/matrix/?period=7d"))

    assert _cell(day, "order-api · acme-prod") == ("some", "3 events")
    assert _cell(day, "order-api · acme-stg") == ("zero", "no errors")
    assert _cell(week, "order-api · acme-prod") == ("some", "4 events")
    assert _cell(week, "order-api · acme-stg") == ("some", "1 event")


def test_what_was_never_seen_is_no_zero(bob: Client, world: World) -> None:
    _send(world, "order-api", "acme-prod")
    _send(world, "batch", "zeta-prod")

    html = read(bob.get("/matrix/"))

    assert html.count('<span class="cell none"><span class="sr">never seen here') == 2
    assert "batch · acme-prod" not in html


def test_a_place_that_only_sends_log_lines_has_no_errors(bob: Client, world: World) -> None:
    _send(world, "order-api", "acme-prod")
    _send(world, "batch", "zeta-prod")
    _arrive(world, "batch", "acme-prod", 0)

    assert _cell(read(bob.get("/matrix/")), "batch · acme-prod") == ("zero", "no errors")


def test_a_place_from_which_lines_came_every_hour_and_come_no_more_is_silent(bob: Client, world: World) -> None:
    _send(world, "order-api", "acme-prod")
    _send(world, "batch", "acme-prod", hours_ago=30)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE place SET first_arrived_ms = 0, arrived_ms = 0, arrived_hours = 0 WHERE service = 'batch'"
        )
    _arrive(world, "batch", "acme-prod", *range(5, 15))

    html = read(bob.get("/matrix/"))

    assert _cell(html, "batch · acme-prod") == ("silent", "silent for 5 hours, nothing arrives any more; 0 events")
    assert "Nothing arrives any more from 1 place" in html


def test_the_release_is_that_of_the_latest_event(bob: Client, world: World) -> None:
    _send(world, "order-api", "acme-prod", release="1.2.0")
    _send(world, "order-api", "acme-prod", hours_ago=3, release="1.1.0")

    html = read(bob.get("/matrix/"))

    assert _cell(html, "order-api · acme-prod") == ("some", "2 events · 1.2.0")
    assert '<td role="cell" class="edge">1.2.0</td>' in html


def test_each_cell_leads_to_its_issues(bob: Client, world: World) -> None:
    _send(world, "order & api", "acme-prod")

    html = read(bob.get("/matrix/"))

    address = f"/issues/?project={world.project.id}&amp;service=order+%26+api&amp;environment=acme-prod&amp;period=24h"
    assert f'href="{address}"' in html
    assert "1 issue" in read(bob.get(address.replace("&amp;", "&")))


def test_customer_purpose_and_area_narrow_it(bob: Client, world: World) -> None:
    for environment in ("acme-prod", "acme-stg", "zeta-prod", "main"):
        _send(world, "order-api", environment)

    html = read(bob.get("/matrix/?customer=acme&purpose=production"))

    assert _cell(html, "order-api · acme-prod") == ("some", "1 event")
    assert "order-api · acme-stg" not in html
    assert "order-api · zeta-prod" not in html
    assert "Purpose not known" in read(bob.get("/matrix/"))


def test_what_does_not_fit_is_told(bob: Client, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "MAX_COLUMNS", 1)
    for environment in ("acme-prod", "beta-prod", "zeta-prod"):
        _send(world, "order-api", environment)

    assert "2 services or environments are not shown" in read(bob.get("/matrix/"))


def test_with_nothing_seen_it_says_what_to_do(bob: Client, world: World) -> None:
    assert "No event has named one yet" in read(bob.get("/matrix/"))


def test_it_asks_the_store_a_bounded_number_of_times(bob: Client, world: World) -> None:
    for number in range(6):
        _send(world, f"service-{number}", f"customer{number}-prod")
    bob.get("/matrix/")

    with CaptureQueriesContext(connection) as asked:
        bob.get("/matrix/")

    assert len(asked) <= 9
