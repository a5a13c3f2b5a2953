"""Headers of plain-text log lines in the layouts loggers are given."""

import pytest

from mukiau.core.event import Level
from mukiau.core.records.headers import read_header, sniff
from mukiau.core.records.moments import read_time

LAYOUTS = [
    ("2026-10-05 14:15:01.769 ERROR 1 --- [nio-8080-exec-5] c.e.web.Advice   : Unhandled", Level.ERROR, "c.e.web.Advice", "nio-8080-exec-5", "Unhandled"),
    ("2026-10-05T14:15:01.769+09:00  WARN 7 --- [main] c.e.App : slow", Level.WARNING, "c.e.App", "main", "slow"),
    ("14:15:01.769 [main] ERROR com.example.Foo - broke", Level.ERROR, "com.example.Foo", "main", "broke"),
    ("2026-01-01 12:00:00,123 - shop.orders - ERROR - broke", Level.ERROR, "shop.orders", "", "broke"),
    ("2026-01-01 12:00:00.123 | ERROR    | shop.orders:run:12 - broke", Level.ERROR, "shop.orders", "", "broke"),
    ("ERROR:shop.orders:broke", Level.ERROR, "shop.orders", "", "broke"),
    ("[2026-10-14T19:13:29.009+09:00] billing.CRITICAL: broke", Level.FATAL, "billing", "", "broke"),
    ("E, [2026-10-11T13:55:20.979+09:00 #1] ERROR -- Worker: broke", Level.ERROR, "Worker", "", "broke"),
    ("2026-10-08T22:51:52.954Z ERROR ingest::queue: broke", Level.ERROR, "ingest::queue", "", "broke"),
    ("[2026-10-05T12:00:00Z WARN  my_crate] slow", Level.WARNING, "my_crate", "", "slow"),
    ("2026/10/07 13:01:05 [error] 12#12: *1 upstream timed out", Level.ERROR, "", "", "*1 upstream timed out"),
    ("[12:00:00 ERR] broke", Level.ERROR, "", "", "broke"),
    ("2026-10-05 12:00:00.000 UTC [12] FATAL:  role does not exist", Level.FATAL, "", "", "role does not exist"),
    ("[2026-10-05 12:00:00 +0000] [12] [ERROR] Worker timeout", Level.ERROR, "", "", "Worker timeout"),
    ("SEVERE: broke", Level.ERROR, "", "", "broke"),
    ("2026-10-05 12:00:00 error: broke", Level.ERROR, "", "", "broke"),
    ("[ERROR] 2026-10-05 12:00:00.361 broke", Level.ERROR, "", "", "broke"),
    ("2026-10-05 14:15:01 INFO  x : ERROR_RATE=0 FATAL=0", Level.INFO, "x", "", "ERROR_RATE=0 FATAL=0"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "level", "logger", "thread", "message"), LAYOUTS, ids=lambda value: str(value)[:40])
def test_a_layout_is_taken_apart(line: str, level: Level, logger: str, thread: str, message: str) -> None:
    header = read_header(line)

    assert (header.level, header.logger, header.thread, header.message) == (level, logger, thread, message)


@pytest.mark.parametrize(
    "line",
    [
        "    at run (a.js:1:2)",
        "Traceback (most recent call last):",
        "Error: something is wrong",
        "an ordinary line that talks of an ERROR",
        "",
        "java.io.IOException: no",
    ],
)
def test_lines_without_time_and_level_are_no_headers(line: str) -> None:
    assert sniff(line) is None


def test_a_level_far_inside_the_message_is_not_the_lines_level() -> None:
    head = sniff("2026-10-05 12:00:00 request ended with ERROR code 5")

    assert head is not None
    assert head.level is None


def test_the_category_of_a_two_line_layout_is_its_logger() -> None:
    assert read_header("fail: Shop.Orders.Export[0]").logger == "Shop.Orders.Export"


def test_glog_gives_file_and_letter() -> None:
    head = sniff("E1005 12:00:00.123456   1 server.go:12] broke")

    assert head is not None
    assert head.level is Level.ERROR


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-05T12:00:00.5+09:00 x", 1791169200500),
        ("2026/10/05 03:00:00 x", 1791169200000),
        ("2026-13-05T12:00:00Z", None),
        ("12:00:00", None),
    ],
)
def test_a_full_time_becomes_unix_milliseconds(text: str, expected: int | None) -> None:
    assert read_time(text) == expected


def test_a_long_line_of_anything_is_read_quickly() -> None:
    for filler in ("[", "a ", "2026-10-05 ", "x:", "- ", "\t"):
        sniff("2026-10-05 12:00:00 " + filler * 100_000)
        read_header(("2026-10-05 12:00:00 ERROR " + filler * 20_000)[:40_000])
