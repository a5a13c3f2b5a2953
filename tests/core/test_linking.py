"""One failure logged twice is a pair, another service's error is a cause only where something points to it."""

import random
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mukiau.core.linking import CLOCK_SKEW_MS, Bond, LoggedError, Thrown, link_errors

NPE = Thrown("java.lang.NullPointerException", "")
DEADLOCK = Thrown("org.postgresql.util.PSQLException", "ERROR: deadlock detected", "org.postgresql.Core.receive:2725")


def error(
    pk: int, *chain: Thrown | tuple[str, str], service: str = "order", at: int = 1_000, **more: str
) -> LoggedError:
    links = tuple(Thrown(*link) for link in chain)
    return LoggedError(pk=pk, service=service, occurred_ms=at, chain=links, **more)  # type: ignore[arg-type]


def bond(one: LoggedError, other: LoggedError) -> Bond:
    return link_errors([one, other]).bonds[one.pk, other.pk]


LOGGED_TWICE = {
    "java, wrapped and logged again": (
        error(1, DEADLOCK, logger="shop.OrderDao", message="could not save"),
        error(2, ("shop.OrderException", "order 17 failed"), DEADLOCK, logger="shop.OrderController", message="500"),
    ),
    "java, rethrown as it was": (
        error(1, DEADLOCK, logger="shop.OrderDao", message="could not save"),
        error(2, DEADLOCK, logger="shop.OrderController", message="request failed"),
    ),
    "java, wrapped twice around a silent exception": (
        error(1, ("shop.DaoException", ""), NPE, logger="a"),
        error(2, ("shop.ServiceException", ""), ("shop.DaoException", ""), NPE, logger="b"),
    ),
    "java, the outer log cut before the cause": (
        error(1, ("shop.OrderException", "order 17 failed"), DEADLOCK, logger="a"),
        error(2, ("shop.OrderException", "order 17 failed"), logger="b"),
    ),
    "python, the inner layer logged only the words": (
        error(1, message="saving failed: duplicate key value violates unique constraint"),
        error(
            2, ("SaveError", "x"), ("psycopg.errors.UniqueViolation", "duplicate key value violates unique constraint")
        ),
    ),
    "go, wrapped by %w": (
        error(1, message="reserve stock: context deadline exceeded"),
        error(2, message="place order: reserve stock: context deadline exceeded"),
    ),
    "csharp, a name with and without its namespace": (
        error(1, ("System.InvalidOperationException", "Sequence contains no elements"), logger="a"),
        error(2, ("InvalidOperationException", "Sequence contains no elements"), logger="b"),
    ),
    "javascript, one silent error thrown at one line": (
        error(1, ("Error", "", "src/cart.js.total:17"), logger="a"),
        error(2, ("Error", "", "src/cart.js.total:17"), logger="b"),
    ),
    "php, names with backslashes": (
        error(1, (r"App\Exceptions\StockException", "在庫がありません"), logger="stock"),
        error(2, (r"App\Http\Failed", "E42"), (r"App\Exceptions\StockException", "在庫がありません"), logger="app"),
    ),
}


@pytest.mark.parametrize("name", LOGGED_TWICE)
def test_a_failure_logged_by_two_layers_is_one(name: str) -> None:
    inner, outer = LOGGED_TWICE[name]

    assert bond(inner, outer) is bond(outer, inner) is Bond.SAME_FAILURE


TWO_FAILURES = {
    "two silent exceptions of a common type": (error(1, NPE, logger="a"), error(2, NPE, logger="b")),
    "one type and message thrown at two lines": (
        error(1, ("Error", "failed", "src/cart.js.total:17"), logger="a"),
        error(2, ("Error", "failed", "src/cart.js.items:90"), logger="b"),
    ),
    "one wrapper around different causes": (
        error(1, ("OrderError", "order 17 failed"), ("Timeout", "no answer in 30 s")),
        error(2, ("OrderError", "order 17 failed"), ("KeyError", "'sku'")),
    ),
    "short words that stand in many texts": (error(1, message="timeout"), error(2, message="no timeout is set")),
    "nothing said at all": (error(1), error(2)),
}


@pytest.mark.parametrize("name", TWO_FAILURES)
def test_two_failures_of_one_service_are_merely_in_one_request(name: str) -> None:
    assert bond(*TWO_FAILURES[name]) is Bond.SAME_REQUEST


def test_what_one_log_call_wrote_again_is_a_repetition() -> None:
    first = error(1, DEADLOCK, logger="shop.OrderDao", message="attempt 1 failed")
    second = error(2, DEADLOCK, logger="shop.OrderDao", message="attempt 2 failed", at=4_000)

    assert bond(first, second) is Bond.REPEATED


ROOT = error(1, ("sqlite3.OperationalError", "no such column: sku"), service="stock-api", at=1_000)
CALLER = error(2, ("feign.FeignException$InternalServerError", "[500] during [GET]"), service="order", at=1_040)
EVIDENCE = {
    "a call that failed": CALLER,
    "the words of the error": error(2, message="stock said: no such column: sku", service="order", at=1_040),
    "the name of the service": error(2, message="stock-api is of no use today", service="order", at=1_040),
    "the host of the service": error(
        2, message="GET http://stock.internal:8080/items/7 failed", service="order", at=1_040
    ),
    "the status of a service that is a mere word": error(2, message="stock answered 502", service="order", at=1_040),
    "a span called from its own": replace(
        error(2, message="page not shown", service="order", at=1_040), span_id="b7ad"
    ),
}


@pytest.mark.parametrize("name", EVIDENCE)
def test_another_services_error_is_the_cause_where_something_points_to_it(name: str) -> None:
    called = "stock" if "mere word" in name else "stock-api"

    linking = link_errors([EVIDENCE[name], replace(ROOT, service=called, parent_span_id="b7ad")])

    assert linking.bonds[2, 1] is Bond.CAUSE
    assert linking.bonds[1, 2] is Bond.EFFECT
    assert (linking.root, linking.is_cause) == (1, True)


def test_without_a_pointer_the_first_error_is_only_the_first() -> None:
    other = error(2, message="the basket is empty", service="cart", at=1_040)

    linking = link_errors([other, ROOT])

    assert linking.bonds[1, 2] is Bond.SAME_REQUEST
    assert (linking.root, linking.is_cause) == (1, False)


def test_a_call_to_a_host_of_another_name_does_not_point_to_the_service() -> None:
    carrier = error(2, message="POST https://carrier.example.com/labels status=502", service="shipping", at=1_040)

    assert bond(carrier, ROOT) is Bond.SAME_REQUEST


def test_an_error_that_came_after_the_call_had_failed_is_not_its_cause() -> None:
    late = replace(ROOT, occurred_ms=CALLER.occurred_ms + CLOCK_SKEW_MS + 1)

    assert bond(CALLER, late) is Bond.SAME_REQUEST


def test_a_failure_of_a_dependency_that_two_services_met_is_nobodys_fault() -> None:
    text = "connection refused: db.internal:5432"

    assert bond(error(1, message=text), error(2, message=text, service="cart", at=1_500)) is Bond.SAME_REQUEST


def _three_services() -> list[LoggedError]:
    """`web` calls `order`, which logs its failure twice; `order` calls `stock-api`, which fails."""
    failed = ("requests.HTTPError", "500 Server Error for url: http://stock-api/items")
    return [
        ROOT,
        error(3, failed, logger="order.client", at=1_020),
        error(4, ("OrderError", "not placed"), failed, logger="order.views", at=1_030),
        error(5, ("AxiosError", "Request failed with status code 500"), service="web", at=1_050),
    ]


def test_the_root_of_a_row_of_services_is_the_innermost() -> None:
    linking = link_errors(_three_services())

    assert (linking.root, linking.is_cause) == (1, True)
    assert linking.bonds[3, 4] is Bond.SAME_FAILURE


def test_the_order_in_which_events_are_given_does_not_matter() -> None:
    expected = link_errors(_three_services())

    assert all(link_errors(given) == expected for given in permutations(_three_services()))


def test_a_warning_before_the_error_is_not_the_root() -> None:
    warning = replace(error(1, message="the cache is cold", service="cart"), is_warning=True)

    assert link_errors([warning, error(2, message="the basket is empty", at=1_200)]).root == 2


def test_a_single_event_has_nothing_to_be_the_root_of() -> None:
    assert link_errors([ROOT]).root is None


_TEXTS = st.sampled_from(["", "timeout", "http://stock/x status=500", "no such column: sku", "x: no such column: sku"])
_ERRORS = st.builds(
    LoggedError,
    pk=st.just(0),
    service=st.sampled_from(["order", "stock", "web-shop", ""]),
    occurred_ms=st.integers(0, 6_000),
    logger=st.sampled_from(["", "a", "b"]),
    message=_TEXTS,
    chain=st.lists(st.builds(Thrown, st.sampled_from(["E", "a.E", "HttpError"]), _TEXTS), max_size=3).map(tuple),
)


@settings(max_examples=50)
@given(st.lists(_ERRORS, max_size=6), st.randoms(use_true_random=False))
def test_any_events_are_linked_both_ways_and_alike_in_any_order(errors: list[LoggedError], rng: random.Random) -> None:
    errors = [replace(one, pk=pk) for pk, one in enumerate(errors)]
    shuffled = rng.sample(errors, len(errors))

    linking = link_errors(errors)

    assert link_errors(shuffled) == linking
    mirrored = {Bond.CAUSE: Bond.EFFECT, Bond.EFFECT: Bond.CAUSE}
    assert all(linking.bonds[b, a] is mirrored.get(found, found) for (a, b), found in linking.bonds.items())
    assert (linking.root is None) == (len(errors) < 2)
