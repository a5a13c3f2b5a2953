"""The issue list as a reader uses it."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from web_world import POINTS, World, chain, exception, frame, message, read

from mukiau.stores.queries.rows import read_rows
from mukiau.web.templatetags.show import short_place


def titles(html: str) -> list[str]:
    found = re.findall(r"<h2><a [^>]+>(.*?)</a></h2>", html)
    return [re.sub(r"<[^>]+>", "", title) for title in found]


def test_an_empty_store_says_what_to_do_next(alice: Client) -> None:
    html = read(alice.get("/issues/"))

    assert "No errors have arrived yet" in html
    assert 'href="/sources/"' in html


def test_a_row_shows_title_cause_service_and_environment(alice: Client, world: World) -> None:
    world.send(POINTS)

    html = read(alice.get("/issues/"))

    assert titles(html) == ["PointGrantError: ポイント付与に失敗しました（注文 num）"]
    assert "UniqueViolation: duplicate key value" in html
    assert "point-service" in html
    assert "acme-prod" in html
    assert "Events in the last 14 days: 1, today" in html


def test_a_row_says_where_it_failed_so_that_equal_titles_can_be_told_apart(alice: Client, world: World) -> None:
    world.send(chain(exception("TimeoutError", "no answer", frame("charge"))))
    world.send(chain(exception("TimeoutError", "no answer", frame("reserve"))))

    html = read(alice.get("/issues/"))

    assert titles(html) == ["TimeoutError: no answer"] * 2
    assert "orders charge</span>" in html
    assert "orders reserve</span>" in html


@pytest.mark.parametrize(
    ("culprit", "shown"),
    [
        ("jp.co.shop.OrderService confirm", "OrderService confirm"),
        ("github.com/shop/carrier (*Zone).Charge", "carrier (*Zone).Charge"),
        ("Shop\\Notification\\Mailer send", "Mailer send"),
        ("storefront checkout", "storefront checkout"),
        ("shipping/main.go", "main.go"),
        ("/orders/{id}", "/orders/{id}"),
        ("GET /orders/{id}", "GET /orders/{id}"),
        ("", ""),
    ],
)
def test_a_place_is_shown_by_its_last_part(culprit: str, shown: str) -> None:
    assert short_place(culprit) == shown


def test_a_log_message_is_shown_with_placeholders_for_what_differs(alice: Client, world: World) -> None:
    world.send(message("order 48213 could not be saved"))

    html = read(alice.get("/issues/"))

    assert re.search(r'order <span class="ph">\w+</span> could not be saved', html)


@pytest.mark.parametrize("query", ["決済", "代行", "済代", "決済 代行"])
def test_two_character_japanese_words_are_found(alice: Client, world: World, query: str) -> None:
    world.send(message("決済代行が応答しません"), message("在庫がありません"))

    html = read(alice.get("/issues/", {"q": query}))

    assert titles(html) == ["決済代行が応答しません"]


@pytest.mark.parametrize("query", ["%", "\"'", "()", "NOT", "a" * 500, "*"])
def test_a_search_for_signs_finds_nothing_and_breaks_nothing(alice: Client, world: World, query: str) -> None:
    world.send(message("在庫がありません"))

    answer = alice.get("/issues/", {"q": query})

    assert answer.status_code == 200
    assert titles(read(answer)) == []


def test_filters_narrow_the_list_and_are_kept_in_the_form(alice: Client, world: World) -> None:
    world.send(
        message("first", tags={"service": "cart"}, environment="acme-prod", level="warning"),
        message("second", tags={"service": "cart"}, environment="minato-prod"),
        message("third", tags={"service": "mail"}, environment="acme-prod"),
    )

    def seen(**query: str) -> list[str]:
        return sorted(titles(read(alice.get("/issues/", query))))

    assert seen(service="cart") == ["first", "second"]
    assert seen(environment="acme-prod") == ["first", "third"]
    assert seen(level="warning") == ["first"]
    assert seen(service="cart", environment="minato-prod") == ["second"]
    assert seen(service="nobody") == []
    assert "<option selected>cart</option>" in read(alice.get("/issues/", {"service": "cart"}))


def test_with_an_environment_chosen_counts_are_those_of_the_environment(alice: Client, world: World) -> None:
    world.send(*[message("same", environment="acme-prod")] * 3, message("same", environment="acme-dev"))

    html = read(alice.get("/issues/", {"environment": "acme-dev"}))

    assert "<b>1</b>" in html
    assert "<b>4</b>" in read(alice.get("/issues/"))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("service:cart", ["first", "second"]),
        ("SERVICE:cart env:minato-prod", ["second"]),
        ("environment：acme-prod", ["first", "third"]),
        ('level:"warning"', ["first"]),
        ("service:cart sec", ["second"]),
        ("service:", ["first", "second", "third"]),
        ("unservice:cart", []),
    ],
)
def test_fields_can_be_typed_into_the_search_box(alice: Client, world: World, typed: str, expected: list[str]) -> None:
    world.send(
        message("first", tags={"service": "cart"}, environment="acme-prod", level="warning"),
        message("second", tags={"service": "cart"}, environment="minato-prod"),
        message("third", tags={"service": "mail"}, environment="acme-prod"),
    )

    html = read(alice.get("/issues/", {"q": typed}))

    assert sorted(titles(html)) == expected


def test_a_typed_field_goes_before_the_menu(alice: Client, world: World) -> None:
    world.send(message("first", tags={"service": "cart"}), message("second", tags={"service": "mail"}))

    html = read(alice.get("/issues/", {"q": "service:mail", "service": "cart"}))

    assert titles(html) == ["second"]


def test_with_a_period_chosen_the_list_holds_and_counts_what_was_seen_in_it(alice: Client, world: World) -> None:
    world.send(message("long gone", environment="acme-prod"), hours_ago=40 * 24)
    world.send(*[message("lasting", environment="acme-dev")] * 3, hours_ago=10 * 24)
    world.send(message("lasting", environment="acme-prod"), hours_ago=3)

    def seen(period: str, **more: str) -> list[tuple[str, str]]:
        html = read(alice.get("/issues/", {"period": period, **more}))
        return list(zip(titles(html), re.findall(r"<b>(\d+)</b><span class=\"only-narrow\">event", html), strict=True))

    assert seen("24h") == seen("7d") == [("lasting", "1")]
    assert seen("14d") == seen("30d") == [("lasting", "4")]
    assert seen("14d", environment="acme-dev") == [("lasting", "3")]
    assert seen("7d", environment="acme-dev") == []
    assert seen("") == seen("nonsense") == [("lasting", "4"), ("long gone", "1")]


@pytest.mark.parametrize("environment", ["", "acme-prod"])
def test_most_events_within_a_period_are_those_of_the_period(alice: Client, world: World, environment: str) -> None:
    world.send(*[message("often long ago", environment="acme-prod")] * 5, hours_ago=20 * 24)
    world.send(message("often long ago", environment="acme-prod"))
    world.send(*[message("often now", environment="acme-prod")] * 2)

    html = read(alice.get("/issues/", {"period": "7d", "sort": "count", "environment": environment}))

    assert titles(html) == ["often now", "often long ago"]


def test_a_row_says_in_how_many_of_the_environments(alice: Client, world: World) -> None:
    world.send(message("here and there", environment="acme-prod"), message("here and there", environment="acme-dev"))
    world.send(message("elsewhere", environment="minato-prod"))

    html = read(alice.get("/issues/"))

    assert '<b>2</b><span class="of">/3</span><span class="sr">: acme-dev, acme-prod</span>' in html
    assert '<span class="cut">minato-prod</span>' in html


def test_who_comes_back_gets_as_many_rows_as_were_open(alice: Client, world: World) -> None:
    world.send(*[message(f"failure of kind {letters}") for letters in _words(120)])

    assert len(titles(read(alice.get("/issues/", {"rows": "100"})))) == 100
    assert len(titles(read(alice.get("/issues/", {"rows": "1"})))) == 50
    assert len(titles(read(alice.get("/issues/", {"rows": "9" * 30})))) == 50


def test_rows_are_as_dense_as_was_chosen(alice: Client, world: World) -> None:
    alice.post("/preferences/density/", {"density": "compact", "next": "/issues/"})

    assert 'data-density="compact"' in read(alice.get("/issues/"))


def test_orders_are_by_last_seen_first_seen_count_and_name(alice: Client, world: World) -> None:
    world.send(message("b often"), message("b often"), hours_ago=30)
    world.send(message("c old"), hours_ago=50)
    world.send(message("c old"), hours_ago=1)
    world.send(message("a fresh"), hours_ago=2)

    def seen(sort: str) -> list[str]:
        return titles(read(alice.get("/issues/", {"sort": sort})))

    assert seen("last") == ["c old", "a fresh", "b often"]
    assert seen("first") == ["a fresh", "b often", "c old"]
    assert seen("name") == ["a fresh", "b often", "c old"]
    assert seen("count")[-1] == "a fresh"
    assert seen("nonsense") == seen("last")


@pytest.mark.parametrize("period", ["", "7d"])
@pytest.mark.parametrize("sort", ["last", "first", "count", "name"])
@pytest.mark.parametrize("environment", ["", "acme-prod"])
def test_pages_follow_each_other_without_gap_or_repetition(
    alice: Client, world: World, sort: str, environment: str, period: str
) -> None:
    world.send(*[message(f"failure of kind {letters}", environment="acme-prod") for letters in _words(120)])
    seen: list[str] = []
    url: str | None = f"/issues/?sort={sort}&environment={environment}&period={period}"

    while url:
        html = read(alice.get(url))
        seen += titles(html)
        found = re.search(r'class="btn" href="(\?[^"]+after[^"]+)"', html)
        url = "/issues/" + found[1].replace("&amp;", "&") if found else None

    assert len(seen) == 120
    assert len(set(seen)) == 120


def _words(count: int) -> list[str]:
    letters = "bcdfghjklmnp"
    return [f"{a}{b}ar" for a in letters for b in letters][:count]


def test_a_project_shows_only_its_own_issues(alice: Client, world: World) -> None:
    other = world.another_project("Backoffice")
    world.send(message("of the shop"))
    world.send(message("of the office"), project=other)

    assert titles(read(alice.get("/issues/"))) == ["of the shop"]
    assert titles(read(alice.get("/issues/", {"project": other.id}))) == ["of the office"]


def test_news_counts_what_came_since_the_list_was_shown(alice: Client, world: World) -> None:
    world.send(message("known"))
    html = read(alice.get("/issues/"))
    address = re.search(r'hx-get="(/issues/news/[^"]+)"', html)
    assert address is not None
    url = address[1].replace("&amp;", "&")

    before = read(alice.get(url))
    world.send(message("known"), message("unknown so far"))
    after = read(alice.get(url))

    assert "Show" not in before
    assert "1 new" in after
    assert "1 with new events" in after


def test_htmx_gets_only_the_part_that_changes(alice: Client, world: World) -> None:
    world.send(message("known"))

    html = read(alice.get("/issues/", headers={"HX-Request": "true", "HX-Target": "issues"}))

    assert titles(html) == ["known"]
    assert "<html" not in html


def test_text_of_events_is_escaped(alice: Client, world: World) -> None:
    world.send(
        chain(exception("<b>Bad</b>", "<img src=x onerror=alert(1)>", frame("f"))), message("<script>x</script>")
    )

    html = read(alice.get("/issues/"))

    assert "<img" not in html
    assert "<script>x" not in html
    assert "<b>Bad" not in html


def test_the_list_takes_the_same_number_of_queries_however_many_issues(alice: Client, world: World) -> None:
    world.send(message("one"))
    alice.get("/issues/")  # the first of a visit is noted
    with CaptureQueriesContext(connection) as few:
        alice.get("/issues/")
    world.send(*[message(f"failure of kind {letters}", environment="acme-prod") for letters in _words(60)])

    with CaptureQueriesContext(connection) as many:
        alice.get("/issues/")

    assert len(many) == len(few) <= 12


def _steps(asked: CaptureQueriesContext) -> list[str]:
    """Return the steps of SQLite's plan for every query that was asked, as SQLite tells them."""
    queries = [entry["sql"].replace("%", "%%") for entry in asked if entry["sql"].startswith("SELECT")]
    return [step for query in queries for *_, step in read_rows(f"EXPLAIN QUERY PLAN {query}")]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "sort=first",
        "sort=count",
        "sort=name",
        "after=9999999999999&after_id=1",
        "environment=acme-prod",
        "environment=acme-prod&sort=count&period=7d",
        "service=order-api&level=error",
        "period=24h&sort=count",
        "q=失敗",
        "q=service:order-api failure",
    ],
)
def test_no_query_of_the_list_reads_more_than_the_issues_it_is_about(alice: Client, world: World, query: str) -> None:
    """What the list costs grows with the issues on it: the table of all events and the roll-up are entered by index."""
    world.send(*[message(f"失敗 failure of kind {word}", environment="acme-prod") for word in _words(60)])

    with CaptureQueriesContext(connection) as asked:
        answer = alice.get(f"/issues/?{query}")

    steps = _steps(asked)
    assert len(titles(read(answer))) == 50
    assert any(re.match(r"(SEARCH|SCAN) i\b", step) for step in steps)
    assert [
        step for step in steps if re.match(r"SCAN (event|fingerprint_hour|h|e|f|fingerprint|issue_environment)\b", step)
    ] == []


def test_the_check_of_plans_finds_a_query_that_reads_all_events(world: World) -> None:
    world.send(message("one"))

    with CaptureQueriesContext(connection) as asked:
        read_rows("SELECT COUNT(*) FROM event WHERE level = 'error'")

    assert _steps(asked) == ["SCAN event"]
