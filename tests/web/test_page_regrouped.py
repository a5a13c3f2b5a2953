"""Pages of issues that were merged or split: addresses lead on, lists and figures are those of all their fingerprints."""

import random
import re
import string

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from web_world import World, message, read

from mukiau.stores.grouping_changes import By
from mukiau.stores.queries import event_order
from mukiau.stores.queries.event import find_event, find_latest_event, read_event_rows, read_neighbours
from mukiau.stores.queries.grouping_history import (
    find_change,
    find_current_issue,
    read_changes_of_issue,
    read_changes_of_project,
    read_moves,
)
from mukiau.stores.queries.issue import read_fingerprints, read_hours, read_tags
from mukiau.stores.queries.issue_list import Chart, IssueFilter, Sort, read_issue_page
from mukiau.stores.queries.rows import read_rows
from mukiau.stores.queries.tagged_events import find_tagged_events
from mukiau.stores.regrouping import Changed, merge, split_off, undo

BY = By(actor="alice", at_ms=7_000, reason="one cause")


def words(count: int) -> list[str]:
    """Words that make messages of different templates."""
    rng = random.Random(20_261_124)
    return ["".join(rng.choices(string.ascii_lowercase, k=9)) for _ in range(count)]


@pytest.fixture
def pair(world: World) -> World:
    """Issue 1 (alpha, event 1) and issue 2 (beta, events 2 and 3)."""
    world.send(message("alpha went wrong"))
    world.send(message("beta went wrong", environment="acme-stg"), message("beta went wrong"), hours_ago=0.2)
    return world


def merged(world: World) -> Changed:
    return merge(world.folder, [2], into=1, by=BY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/issues/2/", "/issues/1/"),
        ("/issues/2/events/?tag=level&value=error", "/issues/1/events/?tag=level&value=error"),
        ("/issues/2/events/3/", "/issues/1/events/3/"),
        ("/issues/2/events/3/raw/?from=2", "/issues/1/events/3/raw/?from=2"),
        ("/issues/2/events/3/json/", "/issues/1/events/3/json/"),
        ("/issues/2/events/3/markdown/", "/issues/1/events/3/markdown/"),
    ],
)
def test_addresses_of_a_merged_issue_lead_to_where_it_went(alice: Client, pair: World, old: str, new: str) -> None:
    merged(pair)

    answer = alice.get(old)

    assert (answer.status_code, answer.headers["Location"]) == (302, new)
    assert alice.get(new).status_code == 200


def test_an_event_that_was_split_off_is_found_under_its_old_address(alice: Client, pair: World) -> None:
    merged(pair)
    new = split_off(pair.folder, 1, [2], by=BY).issue_id

    assert alice.get("/issues/1/events/3/").headers["Location"] == f"/issues/{new}/events/3/"
    assert alice.get("/issues/1/events/1/").status_code == 200


def test_what_a_change_is_undone_from_stands_under_its_own_address_again(alice: Client, pair: World) -> None:
    undo(pair.folder, merged(pair).change_id, by=BY)

    assert alice.get("/issues/2/events/3/").status_code == 200
    assert alice.get("/issues/1/events/3/").headers["Location"] == "/issues/2/events/3/"
    assert alice.get("/issues/2/events/1/").status_code == 404


def test_a_merged_issue_is_in_the_list_once_and_found_by_the_words_of_either(alice: Client, pair: World) -> None:
    merged(pair)

    for query in ("", "q=alpha", "q=beta", "environment=acme-stg"):
        page = read(alice.get(f"/issues/?{query}"))
        assert re.findall(r'href="/issues/(\d+)/', page)[:1] == ["1"], query
        assert 'href="/issues/2/' not in page


def test_a_service_finds_an_issue_of_which_it_has_a_part(pair: World) -> None:
    pair.send({**message("gamma went wrong"), "server_name": "x", "tags": {"service": "billing"}}, hours_ago=0.1)
    services = [row[0] for row in read_rows("SELECT DISTINCT service FROM fingerprint ORDER BY 1")]
    merge(pair.folder, [2, 3], into=1, by=BY)

    chart = Chart(start_hour=0, bar_hours=24, bars=1)
    for service in services:
        wanted = IssueFilter(project_id=pair.project.id, service=service)
        assert [row.id for row in read_issue_page(wanted, sort=Sort.LAST_SEEN, chart=chart).rows] == [1]


def test_the_page_of_a_merged_issue_counts_the_events_of_both(pair: World) -> None:
    merged(pair)

    assert sum(hour.count for hour in read_hours(1, from_hour=0)) == 3
    levels = next(tag for tag in read_tags(1) if tag.key == "level")
    assert [(value.value, value.count) for value in levels.values] == [("error", 3)]
    assert [(one.id, one.event_count) for one in read_fingerprints(1)] == [(2, 2), (1, 1)]


def test_values_of_several_fingerprints_beyond_the_hundredth_count_together(pair: World) -> None:
    for word in ("alpha", "beta"):
        pair.send(*(message(f"{word} went wrong", tags={"order": f"{word}-{number}"}) for number in range(70)))
    merged(pair)

    orders = next(tag for tag in read_tags(1) if tag.key == "order")
    assert (len(orders.values), orders.values[-1].value, orders.values[-1].count) == (101, "", 40)
    assert orders.total == 140
    assert find_tagged_events(1, "order", "beta-7").total == 1


# --- History ------------------------------------------------------------------------------------------------------


def test_the_history_tells_what_was_changed_and_what_can_be_undone(pair: World) -> None:
    pair.send(message("gamma went wrong"))
    first = merged(pair).change_id
    second = merge(pair.folder, [1], into=3, by=BY).change_id

    latest, earlier = read_changes_of_issue(1)
    assert (latest.id, latest.can_be_undone, latest.into, latest.issues) == (second, True, 3, (1,))
    assert (earlier.id, earlier.can_be_undone, earlier.built_on_by) == (first, False, second)
    assert (earlier.kind, earlier.actor, earlier.reason, earlier.fingerprint_count) == (
        "merge",
        "alice",
        "one cause",
        1,
    )
    assert earlier.titles == {1: "alpha went wrong", 2: "beta went wrong"}

    undo(pair.folder, second, by=By(actor="bob", at_ms=9_000))
    undone = find_change(second)
    assert undone is not None
    assert (undone.undone_by, undone.undone_ms, undone.can_be_undone) == ("bob", 9_000, False)
    assert read_changes_of_issue(1)[1].can_be_undone
    assert [(one.fingerprint_id, one.title) for one in read_moves(first)] == [(2, "beta went wrong")]


def test_the_history_of_a_project_comes_in_pages(pair: World) -> None:
    for _ in range(3):
        undo(pair.folder, merged(pair).change_id, by=BY)

    page = read_changes_of_project(pair.project.id, limit=2)
    rest = read_changes_of_project(pair.project.id, before_id=page[-1].id, limit=2)

    assert [change.id for change in (*page, *rest)] == [3, 2, 1]
    assert read_changes_of_project(pair.project.id + 1) == ()


def test_where_an_issue_leads_is_known_of_those_that_exist(pair: World) -> None:
    merged(pair)

    assert [find_current_issue(issue) for issue in (1, 2, 3)] == [1, 1, None]


# --- Many fingerprints --------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(world: World) -> World:
    """One issue of 200 fingerprints with two events each."""
    kinds = words(200)
    world.send(*(message(f"{kind} went wrong") for kind in kinds))
    world.send(*(message(f"{kind} went wrong") for kind in reversed(kinds)), hours_ago=0.3)
    ids = [row[0] for row in read_rows("SELECT id FROM issue ORDER BY id")]
    assert len(ids) == 200
    for start in range(1, 200, 99):
        merge(world.folder, ids[start : start + 99], into=ids[0], by=BY)
    return world


@pytest.mark.parametrize("merged_at_once", [30, event_order.MERGED_AT_ONCE])
def test_the_events_of_many_fingerprints_are_walked_in_one_order(
    crowd: World, merged_at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_order, "MERGED_AT_ONCE", merged_at_once)
    in_order = [row[0] for row in read_rows("SELECT id FROM event ORDER BY occurred_ms DESC, id DESC")]
    issue = read_rows("SELECT id FROM issue WHERE event_count > 0")[0][0]

    walked, before = [], None
    while page := read_event_rows(issue, before=before):
        walked += [row.pk for row in page]
        before = (page[-1].occurred_ms, page[-1].pk)

    assert walked == in_order
    assert find_latest_event(issue) == in_order[0]
    for place in (0, 1, 199, 200, 399):
        event = find_event(issue, in_order[place])
        assert event is not None
        found = read_neighbours(event)
        assert found.previous == (in_order[place + 1] if place < 399 else None)
        assert found.next == (in_order[place - 1] if place else None)
        assert found.number == 400 - place


def test_a_page_of_events_reads_them_by_index_and_sorts_none_but_the_fingerprints(crowd: World) -> None:
    issue = read_rows("SELECT id FROM issue WHERE event_count > 0")[0][0]

    with CaptureQueriesContext(connection) as asked:
        read_event_rows(issue)

    steps = [step for *_, step in read_rows(f"EXPLAIN QUERY PLAN {asked[-1]['sql'].replace('%', '%%')}")]
    assert len(asked) == 2
    assert not [step for step in steps if "TEMP B-TREE" in step or step.startswith("SCAN event")]
