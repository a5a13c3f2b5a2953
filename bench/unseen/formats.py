"""A log entry as each logger writes it: message, fields and the text of the trace."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from bench.unseen.platform import Link
from bench.unseen.traces import Build


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One log call with its values filled in."""

    at: datetime
    logger: str
    message: str
    fields: dict[str, str]
    chain: Sequence[Link]
    trace: str
    """Empty without an exception."""
    build: Build
    rng: Random


def _millis(at: datetime, separator: str = ".") -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}{separator}{at.microsecond // 1000:03d}"


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _text(head: str, said: Said) -> str:
    return f"{head}\n{said.trace}" if said.trace else head


def _json(entry: dict[str, object]) -> str:
    return json.dumps({key: value for key, value in entry.items() if value != ""}, ensure_ascii=False)


def _log4j2(said: Said) -> str:
    thread = f"http-nio-8080-exec-{said.rng.randint(1, 30)}"
    return _text(f"{_millis(said.at, ',')} ERROR [{thread}] {said.logger} - {said.message}", said)


def _ecs(said: Said) -> str:
    link = said.chain[0] if said.chain else None
    return _json(
        {
            "@timestamp": _iso(said.at),
            "log.level": "ERROR",
            "message": said.message,
            "ecs.version": "1.2.0",
            "process.thread.name": f"pool-{said.rng.randint(1, 5)}-thread-{said.rng.randint(1, 30)}",
            "log.logger": said.logger,
            "error.type": link.type if link else "",
            "error.message": link.message if link else "",
            "error.stack_trace": said.trace,
        }
    )


def _slog(said: Said) -> str:
    if said.trace:
        peer = f"10.0.{said.rng.randint(0, 255)}.{said.rng.randint(1, 254)}:{said.rng.randint(30_000, 60_000)}"
        return f"{said.at:%Y/%m/%d %H:%M:%S} http: panic serving {peer}: {said.trace}"
    line = 20 + len(said.message) + said.build.deploy
    source = {
        "function": f"example.org/telemetry/{said.logger}.run",
        "file": f"/src/{said.logger}/run.go",
        "line": line,
    }
    return _json({"time": _iso(said.at), "level": "ERROR", "source": source, "msg": said.message, **said.fields})


def _django(said: Said) -> str:
    line = 20 + len(said.message) % 90 + 5 * said.build.deploy
    return _text(f"[{_millis(said.at, ',')}] ERROR [{said.logger}:{line}] {said.message}", said)


def _pyjson(said: Said) -> str:
    return _json(
        {
            "asctime": _millis(said.at, ","),
            "levelname": "ERROR",
            "name": said.logger,
            "lineno": 30 + said.build.deploy,
            "message": said.message,
            "exc_info": said.trace,
        }
    )


def _winston(said: Said) -> str:
    """Winston joins the error's message to the log call's."""
    entry: dict[str, object] = {
        "level": "error",
        "message": f"{said.message} {said.chain[0].message}" if said.chain else said.message,
        "timestamp": _iso(said.at),
        "label": said.logger,
        **said.fields,
        "stack": said.trace,
    }
    if len(said.chain) > 1:
        entry["cause"] = {"name": said.chain[1].type, "message": said.chain[1].message}
    return _json(entry)


def _serilog(said: Said) -> str:
    return _json(
        {
            "@t": _iso(said.at),
            "@m": said.message,
            "@l": "Error",
            "@x": said.trace,
            "SourceContext": said.logger,
            "MachineName": f"dispatch-{said.rng.getrandbits(20):05x}",
        }
    )


def _tracing(said: Said) -> str:
    if said.trace:
        return said.trace
    fields = {"message": said.message, **said.fields}
    return _json({"timestamp": _iso(said.at), "level": "ERROR", "fields": fields, "target": said.logger})


def _laravel(said: Said) -> str:
    head = f"[{said.at:%Y-%m-%d %H:%M:%S}] production.ERROR: {said.message}"
    user = said.rng.randint(1, 9_999)
    return f'{head} {{"userId":{user},"exception":"{said.trace}\n"}} ' if said.trace else f"{head} {{}} []"


def _rails(said: Said) -> str:
    stamp = f"[{said.at:%Y-%m-%dT%H:%M:%S}.{said.at.microsecond:06d} #{said.rng.randint(1, 60)}]"
    if not said.trace:
        return f"E, {stamp} ERROR -- {said.logger}: {said.message}"
    request = f"[{UUID(int=said.rng.getrandbits(128))}]"
    lines = "\n".join(f"{request} {line}" for line in said.trace.split("\n"))
    return f"F, {stamp} FATAL -- : {request}   \n{lines}"


def _elixir(said: Said) -> str:
    return _text(f"{_millis(said.at)} [error] {said.message}", said)


def _plain(said: Said) -> str:
    return _text(f"{said.at:%Y/%m/%d} {_millis(said.at)[11:]} [ERROR] [{said.logger}] {said.message}", said)


FORMATS: dict[str, Callable[[Said], str]] = {
    "log4j2-text": _log4j2,
    "ecs-json": _ecs,
    "slog-json": _slog,
    "django-text": _django,
    "pyjson": _pyjson,
    "winston-json": _winston,
    "serilog-json": _serilog,
    "tracing-json": _tracing,
    "laravel-text": _laravel,
    "rails-text": _rails,
    "elixir-text": _elixir,
    "plain-text": _plain,
}
QUIET: dict[str, str] = {
    "log4j2-text": "{} INFO  [main] f.b.health - ok, 0 errors",
    "django-text": "[{},000] INFO [clinic.access:12] GET /health/ 200",
    "laravel-text": "[{}] production.INFO: heartbeat {{}} []",
    "rails-text": "I, [{}.000000 #1] INFO -- : Completed 200 OK in 12ms",
    "elixir-text": "{}.000 [info] Sent 200 in 3ms",
    "plain-text": "{}.000 [INFO] [main] 処理を開始します",
}
"""A line of no error between entries; one JSON line a format would say nothing more."""
