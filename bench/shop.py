"""A small WSGI shop that fails in 40 different ways: the source of the benchmark's events.

Plain code on purpose: what ends up in an event (frames, locals, chained causes, breadcrumbs, request data) is whatever
the real SDK records. Each failure is one function, so it has its own frame and mostly its own type and message; 40
functions are 40 units of handling.
"""

import datetime as dt
import decimal
import json
import logging
import random
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

log = logging.getLogger("shop")

Failure = Callable[["Cart"], Any]


class PaymentDeclined(Exception):  # noqa: N818 - shops name their exceptions as they like
    """The provider said no."""


class StockError(Exception):
    """Not enough of an article."""


class UpstreamError(RuntimeError):
    """A service the shop needs failed."""


class Cart:
    """What a customer is about to buy; it makes the events' locals as large as real ones."""

    def __init__(self, rng: random.Random, size: int) -> None:
        self.rng = rng
        self.user: Any = {
            "id": rng.randrange(10**6),
            "email": f"user{rng.randrange(10**6)}@example.com",
            "roles": ["customer"],
            "prefs": {f"pref_{i}": rng.random() for i in range(6)},
        }
        self.items = [self._item(i) for i in range(size)]
        self.order: Any = rng.randrange(10**8)
        self.request_uuid = uuid.UUID(int=rng.getrandbits(128))

    def _item(self, index: int) -> dict[str, Any]:
        return {
            "sku": f"SKU-{self.rng.randrange(10**5):05d}",
            "qty": self.rng.randrange(1, 5),
            "price": round(self.rng.uniform(1, 900), 2),
            "note": "gift wrap, deliver after 18:00" * (index % 2),
        }

    def __repr__(self) -> str:
        return f"Cart(order={self.order}, user={self.user}, items={self.items[:3]})"


FAILURES: list[Failure] = []


def failure(function: Failure) -> Failure:
    """Register a way to fail; the function itself stays as it is, so its frame is the only one."""
    FAILURES.append(function)
    return function


def deeper(levels: int, fail: Failure, cart: Cart) -> Any:
    """Nest like middleware, so that stacks have real depth."""
    level, context = levels, {"level": levels, "order": cart.order, "trace": str(cart.request_uuid)}
    if level == 0:
        return fail(cart)
    return deeper(level - 1, fail, cart) or context


# --- Mistakes of the program --------------------------------------------------------------------------------------


@failure
def missing_key(cart: Cart) -> Any:
    return {"id": cart.order}[f"discount_{cart.order}"]


@failure
def missing_attribute(cart: Cart) -> Any:
    return cart.user.email


@failure
def none_plus_number(cart: Cart) -> Any:
    nothing: Any = None
    return nothing + cart.order


@failure
def division_by_zero(cart: Cart) -> Any:
    return cart.order / (len(cart.items) - len(cart.items))


@failure
def index_out_of_range(cart: Cart) -> Any:
    return cart.items[len(cart.items) + cart.rng.randrange(9)]


@failure
def no_integer(cart: Cart) -> Any:
    return int(f"order-{cart.order}")


@failure
def no_float(cart: Cart) -> Any:
    return float(f"{cart.rng.random():.3f} EUR")


@failure
def broken_json(cart: Cart) -> Any:
    return json.loads(f'{{"order": {cart.order}, "items": [')


@failure
def no_date(cart: Cart) -> Any:
    return dt.datetime.strptime(f"2026-13-{cart.rng.randrange(10, 28)}", "%Y-%m-%d")  # noqa: DTZ007


@failure
def no_decimal(cart: Cart) -> Any:
    return decimal.Decimal(f"12,{cart.rng.randrange(99)}")


@failure
def too_few_to_unpack(cart: Cart) -> Any:
    first, second = cart.items[:1]
    return first, second


@failure
def broken_utf8(cart: Cart) -> Any:
    return bytes([0xC3, 0x28, cart.rng.randrange(128, 190)]).decode()


@failure
def no_ascii(cart: Cart) -> Any:
    return f"Zürich {cart.order}".encode("ascii")


@failure
def missing_module(_cart: Cart) -> Any:
    import shop_plugins_missing  # type: ignore[import-not-found] # noqa: PLC0415

    return shop_plugins_missing


@failure
def wrong_arguments(cart: Cart) -> Any:
    make: Any = Cart
    return make(cart.rng)


@failure
def failed_assertion(cart: Cart) -> None:
    assert cart.order < 0, f"order {cart.order} must be negative here"


@failure
def empty_iterator(_cart: Cart) -> Any:
    nothing: list[int] = []
    return next(iter(nothing))


@failure
def not_implemented(_cart: Cart) -> NoReturn:
    raise NotImplementedError("refund for gift cards")


# --- The world outside --------------------------------------------------------------------------------------------


@failure
def missing_table(cart: Cart) -> Any:
    return sqlite3.connect(":memory:").execute("select * from orders where id = ?", (cart.order,))


@failure
def wrong_parameter(_cart: Cart) -> Any:
    parameter: Any = object()
    return sqlite3.connect(":memory:").execute("select ?", (parameter,))


@failure
def missing_file(cart: Cart) -> Any:
    return open(f"/var/lib/shop/invoices/{cart.order}.pdf")  # noqa: PTH123


@failure
def no_permission(cart: Cart) -> NoReturn:
    raise PermissionError(13, "Permission denied", f"/srv/uploads/{cart.request_uuid}")


@failure
def disk_full(cart: Cart) -> NoReturn:
    raise OSError(28, "No space left on device", f"/tmp/export-{cart.order}.csv")


@failure
def upstream_timeout(cart: Cart) -> NoReturn:
    host, elapsed = cart.rng.randrange(9), cart.rng.randrange(3000, 9000)
    raise TimeoutError(f"upstream pay-{host}.internal timed out after {elapsed} ms")


@failure
def connection_refused(cart: Cart) -> NoReturn:
    host = f"10.0.{cart.rng.randrange(255)}.{cart.rng.randrange(255)}"
    raise ConnectionRefusedError(111, f"connect to {host}:5432 refused")


@failure
def connection_reset(_cart: Cart) -> NoReturn:
    raise ConnectionResetError(104, "Connection reset by peer")


@failure
def deep_stack(cart: Cart) -> Any:
    return deeper(30, no_permission, cart)


# --- The shop's own words -----------------------------------------------------------------------------------------


@failure
def out_of_stock(cart: Cart) -> NoReturn:
    raise StockError(f"only {cart.rng.randrange(3)} left of {cart.items[0]['sku']} (order {cart.order})")


@failure
def declined(cart: Cart) -> NoReturn:
    card, code = cart.rng.randrange(1000, 9999), cart.rng.choice([5, 14, 51, 54])
    raise PaymentDeclined(f"card ending {card} declined: code {code}")


@failure
def unknown_user(cart: Cart) -> NoReturn:
    raise ValueError(f"unknown user {cart.user['email']}")


@failure
def expired_session(cart: Cart) -> NoReturn:
    raise ValueError(f"session {cart.request_uuid} expired")


@failure
def lost_lock(cart: Cart) -> NoReturn:
    raise RuntimeError(f"worker {cart.rng.randrange(32)} lost its lock on order:{cart.order}")


@failure
def long_message(cart: Cart) -> NoReturn:
    raise RuntimeError("unexpected reply: " + json.dumps(cart.items)[:900])


@failure
def unknown_region(cart: Cart) -> NoReturn:
    raise LookupError(f"no tax rate for region {cart.rng.choice(['CH-ZH', 'DE-BY', 'FR-75', 'US-CA'])}")


# --- Chains and groups --------------------------------------------------------------------------------------------


@failure
def reservation_by_key(cart: Cart) -> Any:
    try:
        return missing_key(cart)
    except KeyError as error:
        raise StockError(f"cannot reserve order {cart.order}") from error


@failure
def payment_by_timeout(cart: Cart) -> Any:
    try:
        return upstream_timeout(cart)
    except TimeoutError as error:
        raise UpstreamError(f"payment provider unavailable for order {cart.order}") from error


@failure
def error_in_handler(cart: Cart) -> Any:
    try:
        return broken_json(cart)
    except ValueError:
        handler: Any = cart
        return handler.missing_fallback


@failure
def three_links(cart: Cart) -> Any:
    try:
        return payment_by_timeout(cart)
    except UpstreamError as error:
        raise PaymentDeclined(f"order {cart.order} not charged") from error


@failure
def shard_by_table(cart: Cart) -> Any:
    try:
        return missing_table(cart)
    except sqlite3.OperationalError as error:
        raise UpstreamError(f"orders shard {cart.rng.randrange(16)} failed") from error


@failure
def group_of_two(cart: Cart) -> NoReturn:
    errors = list(_errors_of((no_integer, out_of_stock), cart))
    raise ExceptionGroup(f"{len(errors)} of 2 steps failed", errors)


def _errors_of(steps: Iterable[Failure], cart: Cart) -> Iterator[Exception]:
    for step in steps:
        try:
            step(cart)
        except (ValueError, StockError) as error:
            yield error


def app(environ: dict[str, Any], _start_response: Any) -> Any:
    """Log some lines (breadcrumbs) and fail as `bench.fail` says; the same failure is always equally deep."""
    rng, fail = environ["bench.rng"], environ["bench.fail"]
    cart = Cart(rng, rng.randrange(2, 12))
    for step in range(rng.randrange(3, 40)):
        extra = {"sku": rng.choice(cart.items)["sku"], "step": step}
        log.info("cart %s: step %d took %.1f ms", cart.order, step, rng.random() * 50, extra=extra)
    return deeper(2 + FAILURES.index(fail) % 12, fail, cart)
