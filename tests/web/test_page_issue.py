"""The issue page: the chain, the data, and the way through the events."""

import json
import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from web_world import POINTS, World, chain, exception, frame, message, read

from mukiau.core.grouping import v1
from mukiau.core.grouping.policy import Counting, SourceKind
from mukiau.web.event.explanation import _NAMES, _REASONS


def place_of(world: World, number: int = 1) -> str:
    """Return the address of the n-th event that was sent."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT issue_id, event.id FROM event JOIN fingerprint ON fingerprint.id = fingerprint_id "
            "ORDER BY occurred_ms, event.id"
        )
        issue_id, pk = cursor.fetchall()[number - 1]
    return f"/issues/{issue_id}/events/{pk}/"


def test_the_chain_stands_root_cause_first_with_the_wrapper_below(alice: Client, world: World) -> None:
    world.send(POINTS)

    html = read(alice.get(place_of(world)))

    assert html.index("Root cause") < html.index("<h3>UniqueViolation") < html.index("Raised last")
    assert html.index("Raised last") < html.index("<h3>PointGrantError")


def test_the_members_of_a_group_are_named_as_such(alice: Client, world: World) -> None:
    def link(number: int, parent: int | None, **more: object) -> dict[str, object]:
        return {"mechanism": {"type": "chained", "exception_id": number, "parent_id": parent, **more}}

    first = exception("ValueError", "one", **link(1, 0, source="exceptions[0]"))
    second = exception("KeyError", "two", **link(2, 0, source="exceptions[1]"))
    group = exception("ExceptionGroup", "both", mechanism={"type": "x", "exception_id": 0, "is_exception_group": True})
    world.send(chain(second, first, group))

    html = read(alice.get(place_of(world)))

    assert html.count("Member of the group") == 2
    assert "<b>Raised last</b>" in html
    assert "Root cause</b>" not in html


def test_a_member_of_a_group_within_a_group_names_its_own(alice: Client, world: World) -> None:
    def link(number: int, parent: int | None, **more: object) -> dict[str, object]:
        return {"mechanism": {"type": "chained", "exception_id": number, "parent_id": parent, **more}}

    deepest = exception("OSError", "full", **link(2, 1, source="exceptions[0]"))
    inner = exception("ExceptionGroup", "inner", **link(1, 0, source="exceptions[0]", is_exception_group=True))
    outer = exception("ExceptionGroup", "outer", mechanism={"type": "x", "exception_id": 0, "is_exception_group": True})
    world.send(chain(deepest, inner, outer))

    html = read(alice.get(place_of(world)))

    assert html.count('<span class="dim">ExceptionGroup: inner</span>') == 1
    assert "ExceptionGroup: outer</span>" not in html


def test_own_frames_are_open_and_library_frames_folded(alice: Client, world: World) -> None:
    world.send(POINTS)

    html = read(alice.get(place_of(world)))

    assert re.search(r'<details class="frame" id="f-0-1" open><summary><code>shop/orders.py:88', html)
    assert re.search(r'<details class="run"><summary class="fold"><span class="nowrap">1 library frame', html)
    assert re.search(r'<span class="hit"><a id="f-0-1-L88"[^>]*>88</a>session.execute\(insert\(Grant\)\)</span>', html)
    assert "&#x27;ORD-20481&#x27;" in html


def test_all_data_of_the_event_is_on_the_page_and_escaped(alice: Client, world: World) -> None:
    world.send(POINTS, raw="2026-11-24 ERROR <raw & text>")

    html = read(alice.get(place_of(world)))

    for part in ("acme-prod", "2026.47.0", "retry 2", "https://shop.example.com/points", "u-17", "browser"):
        assert part in html
    assert "&lt;raw &amp; text&gt;" in html
    assert "<script>alert" not in html
    assert "Grouping policy 1" in html
    assert "Message template" in html


def test_previous_and_next_walk_the_events_of_the_issue_in_time(alice: Client, world: World) -> None:
    world.send(message("same"), hours_ago=3)
    world.send(message("other"), hours_ago=2.5)
    world.send(message("same"), hours_ago=2)
    world.send(message("same"), hours_ago=1)
    first, third, fourth = (place_of(world, number) for number in (1, 3, 4))

    middle = read(alice.get(third))

    assert "Event 2 of 3" in middle
    assert f'rel="prev" href="{first}#event"' in middle
    assert f'rel="next" href="{fourth}#event"' in middle
    assert 'rel="next"' not in read(alice.get(fourth))
    assert 'rel="prev"' not in read(alice.get(first))


def test_the_issues_own_address_shows_its_latest_event(alice: Client, world: World) -> None:
    world.send(message("same", release="old"), hours_ago=3)
    world.send(message("same", release="new"), hours_ago=1)
    issue = place_of(world).split("events")[0]

    html = read(alice.get(issue))

    assert "Event 2 of 2" in html
    assert '<dd class="mono">new</dd>' in html


def test_environments_are_counted(alice: Client, world: World) -> None:
    world.send(*[message("same", environment="acme-prod")] * 3, message("same", environment="acme-dev"))

    html = read(alice.get(place_of(world)))

    assert re.search(r'<td class="lead"><a [^>]*>acme-prod</a></td>.*?<td class="num strong">3</td>', html, re.DOTALL)
    assert re.search(r'<td class="lead"><a [^>]*>acme-dev</a></td>.*?<td class="num strong">1</td>', html, re.DOTALL)


def test_an_event_without_exceptions_shows_the_stack_its_client_attached(alice: Client, world: World) -> None:
    threads = {"values": [{"current": True, "stacktrace": {"frames": [frame("poll", 7)]}}]}
    world.send(message("queue is full", threads=threads))

    assert "shop/orders.py:7" in read(alice.get(place_of(world)))


def test_problems_found_while_reading_are_told(alice: Client, world: World) -> None:
    world.send({**message("x"), "level": ["no", "level"]})

    html = read(alice.get(place_of(world)))

    assert "Problems found while reading" in html
    assert "<code>level</code>" in html


def test_the_stored_json_has_addresses_of_its_own(alice: Client, world: World) -> None:
    world.send(POINTS)
    place = place_of(world)

    page = read(alice.get(f"{place}raw/"))
    answer = alice.get(f"{place}json/")

    assert "&lt;script&gt;" in page
    assert json.loads(answer.content)["payload"]["release"] == "2026.47.0"


def test_markdown_names_the_chain_and_the_own_frames(alice: Client, world: World) -> None:
    world.send(POINTS)

    text = read(alice.get(f"{place_of(world)}markdown/"))

    assert text.startswith("## PointGrantError: ポイント付与に失敗しました")
    assert text.index("1. **UniqueViolation**") < text.index("shop/orders.py:88") < text.index("2. **PointGrantError**")
    assert "driver" not in text


def test_markdown_says_what_happened_before_and_nothing_of_the_person(alice: Client, world: World) -> None:
    crumbs = [{"type": "http", "data": {"url": "https://pay.example.com/", "method": "POST", "status_code": 503}}]
    request = {"url": "https://shop.example.com/", "method": "PUT", "headers": {"X-Who": "header"}, "data": "body"}
    group = {"mechanism": {"type": "x", "exception_id": 0, "is_exception_group": True}}
    member = {"mechanism": {"type": "chained", "exception_id": 1, "parent_id": 0, "source": "exceptions[0]"}}
    values = chain(exception("ValueError", "one", **member), exception("ExceptionGroup", "both", **group))
    world.send({**values, "breadcrumbs": {"values": crumbs}, "request": request, "user": {"email": "a@example.com"}})

    text = alice.get(f"{place_of(world)}markdown/").content.decode()

    assert "\n**ExceptionGroup** both\n" in text
    assert "\n↳ **ValueError** one\n" in text
    assert "POST https://pay.example.com/ 503" in text
    assert "`PUT https://shop.example.com/`" in text
    assert not any(word in text for word in ("header", "body", "a@example.com"))


def test_the_list_of_events_goes_back_in_pages(alice: Client, world: World) -> None:
    world.send(*[message("same")] * 60)
    events = place_of(world).split("events")[0] + "events/"

    first = read(alice.get(events))
    older = re.search(r'href="(\?before=[^"]+)"', first)
    assert older is not None
    second = read(alice.get(events + older[1].replace("&amp;", "&")))

    assert first.count("data-row") == 50
    assert second.count("data-row") == 10


@pytest.mark.parametrize(
    "address", ["/issues/999/", "/issues/999/events/", "/issues/1/events/999/", "/issues/1/events/999/raw/"]
)
def test_what_does_not_exist_is_a_page_that_says_so(alice: Client, world: World, address: str) -> None:
    world.send(POINTS)

    answer = alice.get(address)

    assert answer.status_code == 404
    assert "This page does not exist" in read(answer)


def test_an_event_is_found_only_under_its_own_issue(alice: Client, world: World) -> None:
    world.send(message("one"), message("two"))
    other_issue, pk = place_of(world, 1).split("/")[2], place_of(world, 2).split("/")[4]

    assert alice.get(f"/issues/{other_issue}/events/{pk}/").status_code == 404


def test_every_part_of_an_explanation_has_a_name_of_its_own_for_people() -> None:
    source = Path(v1.__file__).read_text(encoding="utf-8")
    used = set(re.findall(r'name="(\w+)"', source)) | set(re.findall(r'reason="(\w+)"', source))
    used |= {*SourceKind, Counting().because}

    assert used - {"event"} - _NAMES.keys() - _REASONS.keys() == set()


STRANGE = [
    chain(exception("E", "v"), exception("F", "w", mechanism={"exception_id": "x", "parent_id": [1]})),
    {"exception": {"values": [{"type": "E", "mechanism": {"exception_id": 0, "parent_id": 0}}] * 3}},
    {"exception": {"values": [{"type": 7, "value": {"a": 1}, "stacktrace": {"frames": [{"vars": [1, 2]}, {}]}}]}},
    {"logentry": {"message": "%s failed", "params": [1]}, "breadcrumbs": {"values": [{"timestamp": 1e300}, {}]}},
    {"request": {"headers": [["A", "b"], ["c"]], "query_string": [["q", "1"]], "data": {"deep": [1]}}, "message": "m"},
    {"user": {"id": 7}, "contexts": {"odd": "text", "list": {"values": [1]}}, "extra": {"a": None}, "message": "n"},
]


@pytest.mark.parametrize("payload", STRANGE)
def test_strange_payloads_have_a_page_too(alice: Client, world: World, payload: dict[str, object]) -> None:
    world.send(payload)

    place = place_of(world)

    assert alice.get(place).status_code == 200
    assert alice.get(f"{place}markdown/").status_code == 200


def test_the_page_takes_the_same_number_of_queries_however_many_events(alice: Client, world: World) -> None:
    world.send(POINTS)
    place = place_of(world)
    alice.get(place)  # what is written down once per visit is done
    with CaptureQueriesContext(connection) as few:
        alice.get(place)
    world.send(*[{**POINTS, "environment": f"env-{number}", "tags": {"n": str(number)}} for number in range(30)])

    with CaptureQueriesContext(connection) as many:
        alice.get(place)

    # Three are about the reader, three about the same request, four about what people do about the issue.
    assert len(many) == len(few) <= 20
