"""A program that fails in several ways and tells its tracker; prints the id of each event by the name of the case.

python python_client.py DSN            every case once
python python_client.py DSN COUNT      COUNT events, one after another: `id seconds` a line, when it was sent
"""

import json
import logging
import sys
import time

import sentry_sdk

log = logging.getLogger("order.charge")
ids: list[str] = []


def remember(event, _hint):
    ids.append(event["event_id"])
    return event


def pay(amount: int) -> None:
    raise TimeoutError(f"gateway did not answer in 3.0s for {amount}")


def charge(order: int) -> None:
    try:
        pay(4200)
    except TimeoutError as error:
        raise RuntimeError(f"order {order} was not charged") from error


def chained() -> None:
    log.info("charging order %s", 118)
    sentry_sdk.add_breadcrumb(category="gateway", message="connecting", data={"host": "gw-1"})
    try:
        charge(118)
    except RuntimeError as error:
        sentry_sdk.capture_exception(error)


def context() -> None:
    """An exception while another was handled."""
    try:
        try:
            pay(1)
        except TimeoutError:
            {}["order"]
    except KeyError as error:
        sentry_sdk.capture_exception(error)


def logged_message() -> None:
    log.error("payment of order %s failed with code %s", 118, "E4031")


def logged_exception() -> None:
    try:
        charge(119)
    except RuntimeError:
        log.exception("charge of order %s failed", 119)


def group() -> None:
    try:
        raise ExceptionGroup(
            "2 of 9 jobs failed", [ValueError("no currency"), ExceptionGroup("late", [KeyError("sku")])]
        )
    except ExceptionGroup as error:
        sentry_sdk.capture_exception(error)


def message() -> None:
    sentry_sdk.capture_message("stock is low", level="warning")


CASES = (chained, context, logged_message, logged_exception, group, message)


def send_cases() -> None:
    sent = {}
    for case in CASES:
        case()
        sent[case.__name__] = ids[-1]
    sentry_sdk.flush(10)
    sys.stdout.write(json.dumps(sent))


def send_slowly(count: int) -> None:
    for _ in range(count):
        began = time.time()
        chained()
        sys.stdout.write(f"{ids[-1]} {began}\n")
        sys.stdout.flush()
        time.sleep(0.1)
    sentry_sdk.flush(10)


def main(dsn: str, *rest: str) -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    sentry_sdk.init(dsn, environment="acme-prod", release="order@1.42.0", before_send=remember, send_default_pii=True)
    sentry_sdk.set_tag("service", "order")
    sentry_sdk.set_tag("carrier", "cat-express")
    sentry_sdk.set_user({"id": "7", "username": "hanako"})
    if rest:
        send_slowly(int(rest[0]))
    else:
        send_cases()


main(*sys.argv[1:])
