"""JSON objects that a log shipper puts around one line: docker, FireLens, Fluent Bit, Filebeat, journald, Cloud Logging.

The line inside is the log's own; the shipper adds where it was read, when, and sometimes how grave it is. An object with
a level of its own is no wrapper but a log line.
"""

import json
from typing import NamedTuple

from mukiau.core.event import JSONObject, JSONValue, Level
from mukiau.core.records.decoding import Loads, find_value
from mukiau.core.records.levels import level_of, level_of_syslog

_MARKS = ('"stream":', '"container_', '"kubernetes":', '"__REALTIME_TIMESTAMP"', '"agent":', '"ecs_', '"textPayload":')
"""One of them is in every wrapper; looked for before anything is decoded."""
_SHIPPERS = frozenset(
    ("stream", "container_id", "container_name", "kubernetes", "agent", "ecs_task_arn", "ecs_cluster", "docker",
     "__REALTIME_TIMESTAMP", "textPayload")
)  # fmt: skip
_TEXT_KEYS = ("log", "MESSAGE", "textPayload", "message")
_TIME_KEYS = ("time", "@timestamp", "timestamp", "__REALTIME_TIMESTAMP", "date")
OWN_KEYS = frozenset(("level", "log.level", "levelname", "lvl", "msg", "error", "stack_trace"))
"""Of a log line whose fields a shipper merged with its own."""
_DOCKER = frozenset(("log", "stream", "time", "attrs"))
_SEVERE = (Level.ERROR, Level.FATAL)


class Unwrapped(NamedTuple):
    """The line inside, and what its shipper knows of it."""

    text: str
    time: JSONValue = None
    """When it was read, in the shipper's writing."""
    level: Level | None = None
    """ERROR or FATAL where the shipper says so; what it calls less says nothing of what was printed."""
    is_partial: bool = False


def find_line(message: str, *, loads: Loads = json.loads) -> Unwrapped | None:
    r"""Find the line in a shipper's object; None for an object that is a log line itself.

    >>> find_line('{"log":"boom\\n","stream":"stderr","time":"2026-10-05T12:00:00Z"}').text
    'boom\n'
    """
    if not any(mark in message for mark in _MARKS):
        return None
    value = find_value(message, loads)
    if not isinstance(value, dict) or value.keys().isdisjoint(_SHIPPERS) or not value.keys().isdisjoint(OWN_KEYS):
        return None
    text = next((value[key] for key in _TEXT_KEYS if isinstance(value.get(key), str)), None)
    if text is None:
        return None
    time = next((value[key] for key in _TIME_KEYS if key in value), None)
    return Unwrapped(text, time, _level(value), _is_partial(value, text))


def severe(level: Level | None) -> Level | None:
    """The level when it is ERROR or FATAL."""
    return level if level in _SEVERE else None


def _level(value: JSONObject) -> Level | None:
    return severe(level_of_syslog(value.get("PRIORITY")) or level_of(value.get("severity")))


def _is_partial(value: JSONObject, text: str) -> bool:
    if value.keys() <= _DOCKER:
        return not text.endswith("\n")
    if value.get("partial_message") == "true":
        return value.get("partial_last") != "true"
    return "P" in (value.get("logtag"), value.get("_p"))
