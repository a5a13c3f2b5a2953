"""mukiau's own log: one line each, no secrets, and read by mukiau itself as any other log."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from mukiau import logs
from mukiau.cli.main import main

FORMATTERS = {"json": logs.JSONFormatter("digest"), "text": logs.TextFormatter("digest")}
KEY = "0123456789abcdef" * 2


@pytest.fixture
def logger(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[logging.Logger]:
    """A logger that writes to `own.log` in the format that the test's parameter names."""
    logger = logging.Logger("mukiau.digest.worker")
    handler = logging.FileHandler(tmp_path / "own.log", encoding="utf-8")
    handler.setFormatter(FORMATTERS[request.param])
    logger.addHandler(handler)
    yield logger
    handler.close()


def read_order(number: int) -> None:
    raise LookupError(f"order {number} is not there")


def fail(logger: logging.Logger, number: int) -> None:
    """Log what a boundary of ours logs: an error, its cause and where each was raised."""
    try:
        try:
            read_order(number)
        except LookupError as missing:
            raise RuntimeError(f"item {number} was refused") from missing
    except RuntimeError:
        logger.exception("digest failed; it starts again from the last position kept")


def mukiau(*arguments: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("logger", FORMATTERS, indirect=True)
def test_mukiau_groups_its_own_log(logger: logging.Logger, tmp_path: Path) -> None:
    for number in (20481, 20482, 7):
        logger.info("mukiau starts")
        fail(logger, number)
    logger.error("item %d cannot be digested", 17)
    logger.error("item %d cannot be digested", 18)
    path = str(tmp_path / "own.log")

    events = mukiau("parse", path, "--json")
    groups = [row["group"] for row in mukiau("group", path, "--json")]

    assert len(events) == 5
    chain = events[0]["exceptions"]
    assert isinstance(chain, list)
    assert [link["type"] for link in chain] == ["RuntimeError", "LookupError"]
    assert [link["frames"][-1]["function"] for link in chain] == ["fail", "read_order"]
    assert [groups.count(group) for group in dict.fromkeys(groups)] == [3, 2]


def _record(message: str, *args: object, level: int = logging.WARNING) -> logging.LogRecord:
    return logging.LogRecord("mukiau.intake.app", level, __file__, 1, message, args, None)


def _formatted_json(record: logging.LogRecord) -> dict[str, object]:
    line = FORMATTERS["json"].format(record)
    assert "\n" not in line
    fields = json.loads(line)
    assert isinstance(fields, dict)
    return fields


def test_a_json_line_says_when_how_bad_who_and_for_which_request() -> None:
    token = logs.request_id.set("4bf92f3577b34da6")
    record = _record("%s cannot be read", "spool.sqlite3")
    record.created, record.fields = 1_790_000_000.123, {"status": 503}
    try:
        fields = _formatted_json(record)
    finally:
        logs.request_id.reset(token)

    assert fields == {
        "timestamp": "2026-09-21T14:13:20.123Z",
        "level": "WARNING",
        "service": "mukiau",
        "process": "digest",
        "logger": "mukiau.intake.app",
        "message": "spool.sqlite3 cannot be read",
        "request_id": "4bf92f3577b34da6",
        "status": 503,
    }


def test_nobody_writes_a_line_of_our_log_by_a_line_end_in_a_name() -> None:
    text = FORMATTERS["text"].format(_record("%s is not there", "a\n2026-11-24T08:21:46.123Z ERROR digest x: owned\r"))

    assert text.count("\n") == 0
    assert r"a\n2026" in text


@pytest.mark.parametrize("format_name", FORMATTERS)
@pytest.mark.parametrize(
    ("said", "secret"),
    [
        (f"POST /api/1/store/?sentry_key={KEY}", KEY),
        (f"no answer from https://{KEY}@tools.example.com/1", KEY),
        ("Cookie: mukiau_session=abcdefgh12345678", "abcdefgh12345678"),
        ("Authorization: Bearer abcdefgh12345678", "abcdefgh12345678"),
        (f"X-Sentry-Auth: Sentry sentry_key={KEY}, sentry_version=7", KEY),
        ("csrfmiddlewaretoken=abcdefgh12345678&password=hunter22", "hunter22"),
        ("Gone: /mukiau/first-start/abcdefgh12345678/", "abcdefgh12345678"),
        ("postgres://mukiau:hunter22@db/mukiau", "hunter22"),
    ],
)
def test_what_somebody_says_all_the_same_is_scrubbed(format_name: str, said: str, secret: str) -> None:
    record = _record("A request failed: %s", said)
    record.fields = {"path": said}
    try:
        raise ValueError(said)
    except ValueError:
        record.exc_info = sys.exc_info()

    line = FORMATTERS[format_name].format(record)

    assert secret not in line
    assert "[scrubbed]" in line


def test_what_cannot_be_written_as_text_is_written_all_the_same() -> None:
    assert _formatted_json(_record("%s", "a\udcffb"))["message"] == "a?b"


PROGRAM = """
import logging, os, sys, threading, warnings
from mukiau import config, logs
logs.set_up(config.load(os.environ), "intake")
logging.getLogger("httpcore.http11").debug("send_request_headers cookie=1")
logging.getLogger("httpx").info("HTTP Request: GET http://x/?sentry_key=1")
logging.getLogger("mukiau.intake").debug("a detail")
warnings.warn("soon gone", DeprecationWarning, stacklevel=1)
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
raise OSError("the disk has gone")
"""


def _run(**settings: str) -> list[str]:
    environment = {"MUKIAU_LOG_FORMAT": "json", "PYTHONWARNINGS": "default", **settings}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    return ended.stderr.splitlines()


def test_whatever_ends_a_process_is_one_line_of_its_log() -> None:
    lines = [json.loads(line) for line in _run()]

    assert [(line["level"], line["logger"]) for line in lines] == [
        ("WARNING", "py.warnings"),
        ("CRITICAL", "mukiau"),
        ("CRITICAL", "mukiau"),
    ]
    assert "ZeroDivisionError" in lines[1]["exception"]
    assert lines[2]["exception"].endswith("OSError: the disk has gone")


@pytest.mark.parametrize(("level", "expected"), [("debug", 4), ("info", 3), ("error", 2)])
def test_the_level_is_ours_and_never_lets_libraries_tell_what_they_send(level: str, expected: int) -> None:
    lines = _run(MUKIAU_LOG_LEVEL=level)

    assert len(lines) == expected
    assert not any("sentry_key" in line or "cookie" in line for line in lines)
