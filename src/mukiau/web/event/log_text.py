"""The text of an event that came from logs: as it stood there, or its JSON made readable; and where it stood.

The link into the CloudWatch console is made only when account, log group and region are known; the region comes from a
tag or an ARN of the event, because a record does not carry it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from mukiau.core.event import JSONObject, JSONValue
from mukiau.web.event.shapes import brief, entries_of, items, mapping, text
from mukiau.web.event.sheet import LOG, Sheet, Value

LOG_BYTES = 20_000
MAX_PRETTY_CHARS = 200_000
MAX_RECORD_IDS = 20
MAX_ARN_TEXTS = 500
MINUTE_MS = 60_000
MIN_PACKED_CHARS = 80
MAX_PACKED_DEPTH = 5
_REGION_KEYS = ("aws_region", "aws.region", "cloud.region", "region", "AWS_REGION")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d")
_ARN = re.compile(r"arn:aws[a-z-]{0,12}:[a-z0-9-]{1,40}:([a-z]{2}(?:-[a-z]{2,12}){1,3}-\d):")
_CONSOLES = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlace:
    """Where the records of an event stood."""

    account: str
    log_group: str
    log_stream: str
    call_site: str
    record_ids: tuple[str, ...]
    record_count: int
    console_url: str
    """The stream around that time in the CloudWatch console; "" when too little is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogText:
    """The text of an event's records."""

    value: Value
    line_count: int
    is_pretty: bool
    can_be_pretty: bool


def log_place_of(document: JSONObject, *, occurred_ms: int) -> LogPlace:
    """Return where the event's records stood; empty for an SDK's event."""
    origin = mapping(document.get("origin"))
    ids = [brief(record, 120) for record in items(origin.get("record_ids"))]
    group, stream = text(origin.get("log_group")), text(origin.get("log_stream"))
    return LogPlace(
        account=brief(origin.get("account")),
        log_group=brief(group, 600),
        log_stream=brief(stream, 600),
        call_site=brief(origin.get("call_site")),
        record_ids=tuple(ids[:MAX_RECORD_IDS]),
        record_count=len(ids),
        console_url=console_url(region_of(mapping(document.get("payload"))), group, stream, occurred_ms)
        if group
        else "",
    )


def console_url(region: str, group: str, stream: str, at_ms: int) -> str:
    """Return the console's address of a stream from a minute before to a minute after a moment.

    >>> console_url("eu-west-1", "/ecs/a", "", 0)
    'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Fecs$252Fa'
    """
    if not region:
        return ""
    host = next((host for start, host in _CONSOLES.items() if region.startswith(start)), "console.aws.amazon.com")
    address = f"https://{region}.{host}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{_twice(group)}"
    if stream:
        around = f"?start={at_ms - MINUTE_MS}&end={at_ms + MINUTE_MS}"
        address += f"/log-events/{_twice(stream)}{_once(around)}"
    return address


def _once(part: str) -> str:
    return quote(part, safe="").replace("%", "$")


def _twice(part: str) -> str:
    """The console's own encoding: twice, with `$` for `%`."""
    return _once(quote(part, safe=""))


def region_of(payload: JSONObject) -> str:
    """Return the AWS region an event names: a tag or resource attribute, else that of the first ARN in it."""
    contexts = mapping(payload.get("contexts"))
    places = [
        payload.get("tags"),
        payload.get("extra"),
        *contexts.values(),
        mapping(contexts.get("otel")).get("resource"),
    ]
    for place in places:
        named = mapping(place)
        found = next((named[key] for key in _REGION_KEYS if isinstance(named.get(key), str)), "")
        if _REGION.fullmatch(found):
            return str(found)
    texts = zip(_texts(places), range(MAX_ARN_TEXTS), strict=False)
    return next((found[1] for given, _ in texts if (found := _ARN.search(given[:2_000]))), "")


def _texts(value: JSONValue, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and depth < 5:
        entries = value if isinstance(value, list) else [entry for _, entry in entries_of(value)]
        for entry in entries:
            yield from _texts(entry, depth + 1)


def log_text_of(document: JSONObject, sheet: Sheet, *, wants_raw: bool = False) -> LogText | None:
    """Return the text of the event's records, JSON indented unless the raw text is asked for; None for an SDK's."""
    raw = text(mapping(document.get("origin")).get("raw"))
    if not raw:
        return None
    pretty = _pretty(raw)
    shown = raw if wants_raw or not pretty else pretty
    value = sheet.part(LOG_BYTES).value(shown, fold=LOG)
    return LogText(
        value=value, line_count=shown.count("\n") + 1, is_pretty=shown is not raw, can_be_pretty=bool(pretty)
    )


def _pretty(raw: str) -> str:
    """Return the text with its JSON lines indented; "" when no line is JSON worth it."""
    if len(raw) > MAX_PRETTY_CHARS or "{" not in raw:
        return ""
    lines = [_indented(line) for line in raw.splitlines()]
    return "\n".join(lines) if lines != raw.splitlines() else ""


def _indented(line: str) -> str:
    start = line.find("{")
    if start < 0 or not line.rstrip().endswith("}"):
        return line
    try:
        found = json.loads(line[start:])
    except (ValueError, RecursionError):
        return line
    return line[:start] + json.dumps(_unpacked(found), ensure_ascii=False, indent=2) if len(line) > 80 else line


def _unpacked(value: JSONValue, depth: int = 0) -> JSONValue:
    """Return the value with JSON that was packed into its texts unpacked: a body in a log line, say."""
    if isinstance(value, dict) and depth < MAX_PACKED_DEPTH:
        return {name: _unpacked(entry, depth + 1) for name, entry in value.items()}
    if isinstance(value, str) and len(value) > MIN_PACKED_CHARS and value[0] in "{[" and value[-1] in "}]":
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value
