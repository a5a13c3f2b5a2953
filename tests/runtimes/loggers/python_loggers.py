"""What Python's JSON loggers print of one scenario: `python python_loggers.py DIR` writes DIR/<logger>.log each.

Every logger says the same five things: an INFO line, an error with a chain, an error without an exception, an INFO line
with the word ERROR in it, and a warning with a chain. A logger that is not installed is named and left out.
"""
# ruff: noqa: PLC0415 - any of the loggers may be missing

import io
import logging
import sys
from collections.abc import Callable
from pathlib import Path

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
REQUEST_ID = "req-7f3a"


class OrderError(Exception):
    pass


def charge(prices: dict[str, int]) -> None:
    try:
        prices["sku"]
    except KeyError as error:
        raise OrderError("order 42 failed") from error


def say_all(log: logging.Logger, **more: object) -> None:
    """The scenario through anything that has `info`, `exception`, `error` and `warning` of the standard logger."""
    log.info("started", **more)
    try:
        charge({})
    except OrderError:
        log.exception("charge failed", **more)
    log.error("no price for sku 7", **more)
    log.info("retrying after ERROR 503", **more)
    try:
        charge({})
    except OrderError:
        log.warning("charge is late", exc_info=True, **more)


def standard(formatter: logging.Formatter) -> tuple[logging.Logger, io.StringIO]:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    log = logging.Logger("shop.order")
    log.addHandler(handler)
    return log, out


def python_json_logger() -> str:
    from pythonjsonlogger.json import JsonFormatter

    layout = "%(asctime)s %(levelname)s %(name)s %(threadName)s %(message)s"
    log, out = standard(JsonFormatter(layout, static_fields={"service": "order"}))
    say_all(log, extra={"request_id": REQUEST_ID, "trace_id": TRACE_ID})
    return out.getvalue()


def ecs_logging() -> str:
    from ecs_logging import StdlibFormatter

    log, out = standard(StdlibFormatter(extra={"service.name": "order"}))
    say_all(log, extra={"trace.id": TRACE_ID, "http.request.id": REQUEST_ID})
    return out.getvalue()


def structlog_lines(*, as_dicts: bool) -> str:
    import structlog

    out = io.StringIO()
    error = structlog.processors.dict_tracebacks if as_dicts else structlog.processors.format_exc_info
    processors = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        error,
        structlog.processors.JSONRenderer(),
    ]
    log = structlog.wrap_logger(structlog.PrintLogger(out), processors=processors)
    say_all(log.bind(logger="shop.order", service="order", request_id=REQUEST_ID, trace_id=TRACE_ID))
    return out.getvalue()


def structlog_strings() -> str:
    return structlog_lines(as_dicts=False)


def structlog_dicts() -> str:
    return structlog_lines(as_dicts=True)


def loguru_serialize() -> str:
    from loguru import logger

    out = io.StringIO()
    logger.remove()
    logger.add(out, serialize=True)
    log = logger.bind(service="order", request_id=REQUEST_ID, trace_id=TRACE_ID)
    log.info("started")
    try:
        charge({})
    except OrderError:
        log.exception("charge failed")
    log.error("no price for sku 7")
    log.info("retrying after ERROR 503")
    try:
        charge({})
    except OrderError:
        log.opt(exception=True).warning("charge is late")
    return out.getvalue()


def powertools() -> str:
    from aws_lambda_powertools import Logger

    out = io.StringIO()
    log = Logger(service="order", stream=out, utc=True)
    log.append_keys(function_request_id=REQUEST_ID, xray_trace_id=TRACE_ID)
    say_all(log)
    return out.getvalue()


LOGGERS: tuple[Callable[[], str], ...] = (
    python_json_logger,
    ecs_logging,
    structlog_strings,
    structlog_dicts,
    loguru_serialize,
    powertools,
)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for logger in LOGGERS:
        try:
            text = logger()
        except ImportError as error:
            print(f"{logger.__name__}: left out, {error}", file=sys.stderr)
            continue
        name = f"python_{logger.__name__.removeprefix('python_')}"
        (folder / f"{name}.log").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
