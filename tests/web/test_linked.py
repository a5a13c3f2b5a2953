"""Events of one request are shown together, issues that share requests are linked, and neither reads without bound."""

import re
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from test_page_issue import place_of
from web_world import World, chain, exception, message, read

from mukiau.core.event import JSONObject
from mukiau.core.linking import Bond
from mukiau.stores.queries.linked import (
    MAX_TRACE_EVENTS,
    RECENT_EVENTS,
    SAMPLED_TRACES,
    SHOWN_EVENTS,
    SHOWN_ISSUES,
    read_linked_issues,
    read_trace,
)
from mukiau.stores.queries.rows import read_rows

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
WORDS = "no such column: sku"


def traced(payload: JSONObject, service: str, trace: str = TRACE) -> JSONObject:
    return {**payload, "tags": {"service": service}, "contexts": {"trace": {"trace_id": trace}}}


def root(trace: str = TRACE) -> JSONObject:
    return traced(chain(exception("OperationalError", WORDS)), "stock-api", trace)


def caller(trace: str = TRACE) -> JSONObject:
    return traced(message("GET http://stock-api/items status=500"), "shop-web", trace)


def issue_of(service: str) -> int:
    return int(read_rows("SELECT id FROM issue WHERE service = %s", (service,))[0][0])


def card(html: str, name: str) -> str:
    """Return a section of a page; "" when it is not there."""
    found = re.search(rf'<section class="card" id="{name}".*?</section>', html)
    return found[0] if found else ""


def test_an_event_shows_the_others_of_its_request_with_what_they_are_to_it(alice: Client, world: World) -> None:
    world.send(root(), caller())

    at_caller = card(read(alice.get(place_of(world, 2))), "same-request")
    at_root = card(read(alice.get(place_of(world, 1))), "same-request")

    assert f'href="{place_of(world, 1)}"' in at_caller
    assert "stock-api" in at_caller
    assert "−1 ms" in at_caller
    assert "probably the cause of this one" in at_caller
    assert at_caller.index("Likely root") < at_caller.index("probably the cause") < at_caller.index("This event")
    assert "probably a consequence of this one" in at_root


def test_one_failure_logged_by_two_layers_is_shown_as_a_pair(alice: Client, world: World) -> None:
    inner = traced(chain(exception("OperationalError", WORDS), logger="dao"), "stock-api")
    outer = traced(
        chain(exception("OperationalError", WORDS), exception("StockError", "not found"), logger="web"), "stock-api"
    )
    world.send(inner, outer)

    html = card(read(alice.get(place_of(world, 2))), "same-request")

    assert "the same failure, logged at another place" in html
    assert "First error" in html


def test_an_event_alone_in_its_request_has_no_such_section(alice: Client, world: World) -> None:
    world.send(root(), caller(trace=uuid4().hex), message("no trace at all"))

    pages = [read(alice.get(place_of(world, number))) for number in (1, 2, 3)]

    assert [card(page, "same-request") for page in pages] == ["", "", ""]
    assert "No other issue occurred in the requests" in card(pages[0], "linked")
    assert card(pages[2], "linked") == ""


def test_an_issue_names_those_it_shares_requests_with_and_the_likely_root_first(alice: Client, world: World) -> None:
    traces = [uuid4().hex for _ in range(3)]
    for trace in traces:
        world.send(root(trace), caller(trace), traced(message("the basket is empty"), "cart", trace))
    world.send(caller(uuid4().hex), traced(message("the basket is empty"), "cart", traces[0]))

    linked = read_linked_issues(issue_of("shop-web"))
    html = card(read(alice.get(f"/issues/{issue_of('shop-web')}/")), "linked")

    assert [(other.service, other.shared, other.bond, other.is_root) for other in linked.issues] == [
        ("stock-api", 3, Bond.CAUSE, True),
        ("cart", 3, Bond.SAME_REQUEST, False),
    ]
    assert linked.looked_at == 4
    assert "3/4" in html
    assert html.index("Likely root") < html.index("stock-api") < html.index("cart")
    assert read_linked_issues(issue_of("stock-api")).is_root


def test_events_of_other_projects_and_other_days_are_not_of_the_request(world: World) -> None:
    world.send(root())
    world.send(caller(), hours_ago=4)
    world.send(caller(), project=world.another_project("Another"))

    assert [read_trace(pk).events for (pk,) in read_rows("SELECT id FROM event")] == [(), (), ()]


def test_an_id_that_too_many_events_name_links_nothing_and_the_page_says_so(alice: Client, world: World) -> None:
    world.send(*[caller() for _ in range(MAX_TRACE_EVENTS)], root())

    html = card(read(alice.get(place_of(world, 1))), "same-request")

    assert "That is no id of one request" in html
    assert read_linked_issues(issue_of("shop-web")).issues == ()


def test_a_long_request_shows_the_nearest_events_and_counts_the_others(alice: Client, world: World) -> None:
    world.send(*[traced(message(f"step {word} failed"), "batch") for word in "abcdefghijklmnopqrstuvwxyz"])

    html = card(read(alice.get(place_of(world, 1))), "same-request")

    assert html.count("<li") == SHOWN_EVENTS
    assert f"{26 - SHOWN_EVENTS} more events of this request" in html


def test_an_event_whose_payload_was_deleted_is_still_linked_by_its_words(alice: Client, world: World) -> None:
    world.send(root(), caller())
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE event SET payload_codec = 0, payload = CAST('{"deleted":{"at_ms":1,"by":"age"}}' AS BLOB)"""
        )

    html = card(read(alice.get(place_of(world, 2))), "same-request")

    assert "probably the cause of this one" in html


def test_an_event_that_retention_deleted_is_no_longer_linked(alice: Client, world: World) -> None:
    world.send(root(), caller())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM event WHERE service = 'stock-api'")

    html = read(alice.get(place_of(world)))

    assert card(html, "same-request") == ""
    assert read_linked_issues(issue_of("shop-web")).issues == ()


def _steps(asked: CaptureQueriesContext) -> list[str]:
    """Return the steps of SQLite's plans for all queries that were asked."""
    queries = [entry["sql"].replace("%", "%%") for entry in asked]
    return [step for query in queries for *_, step in read_rows(f"EXPLAIN QUERY PLAN {query}")]


def test_what_is_read_does_not_grow_with_the_events_and_is_found_by_an_index(world: World) -> None:
    world.send(root(), caller())
    issue, pk = issue_of("shop-web"), read_rows("SELECT id FROM event WHERE service = 'shop-web'")[0][0]
    with CaptureQueriesContext(connection) as few:
        found = read_trace(pk), read_linked_issues(issue)
    for trace in [uuid4().hex for _ in range(RECENT_EVENTS + 5)]:
        world.send(root(trace), caller(trace))

    with CaptureQueriesContext(connection) as many:
        later = read_trace(pk), read_linked_issues(issue)

    steps = _steps(many)
    assert (found[1].looked_at, later[1].looked_at) == (1, RECENT_EVENTS)
    assert len(many) == len(few) + SAMPLED_TRACES - 1 <= 10
    assert [step for step in steps if "SCAN" in step and "SCAN (subquery" not in step] == []
    assert any("USING INDEX event_trace" in step for step in steps)


def test_of_many_linked_issues_those_that_share_most_are_shown(alice: Client, world: World) -> None:
    words = "one two three four five six seven eight nine ten eleven twelve".split()
    world.send(*[traced(message(f"{word} failed"), f"batch-{word}") for word in words])

    html = card(read(alice.get(f"/issues/{issue_of('batch-one')}/")), "linked")

    assert html.count("<li") == SHOWN_ISSUES
    assert f"{len(words) - 1 - SHOWN_ISSUES} more issue shares requests" in html
