"""Normalise: whatever a client sent becomes one shape, and what had to be mended is noted.

What every later station may rely on: `timestamp` is a text with `Z`; `level` one of the five; `exception`, `threads`
and `breadcrumbs` are `{"values": [objects]}`; frames have `filename`, `abs_path` and `in_app`, and no more than 250
stand in a stack; `tags` is an object of texts; `logentry.formatted` is the message, `logentry.message` a real template;
every text can be stored, every number is one that JSON has. Absent means absent: there is no null in a known field.

The input is not changed; parts that are in shape already are shared with the result. Normalising a result again changes
nothing and notes nothing. Limits and rules are those of the Sentry protocol's event payload where it has any.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mukiau.core.envelope import parse_event_id
from mukiau.core.event import EventProblem, JSONObject, JSONValue
from mukiau.core.limits import (
    DATA_LIMITS_FROM_CHARS,
    MAX_CHECKSUM_CHARS,
    MAX_DATA_DEPTH,
    MAX_DIST_CHARS,
    MAX_ENVIRONMENT_CHARS,
    MAX_EXTRA_CHARS,
    MAX_NAME_CHARS,
    MAX_UNKNOWN_KEYS,
)
from mukiau.core.normalizing.around import clean_breadcrumbs, clean_contexts, clean_request, clean_user
from mukiau.core.normalizing.data import limit_data
from mukiau.core.normalizing.fields import OBJECT, clean_fields, text
from mukiau.core.normalizing.level import level_of
from mukiau.core.normalizing.message import clean_logentry
from mukiau.core.normalizing.notes import Notes
from mukiau.core.normalizing.sound import ORDINARY_CHARS, ORDINARY_LEVELS, Measure, measure, mend
from mukiau.core.normalizing.stacks import clean_exceptions, clean_stacktrace, clean_threads
from mukiau.core.normalizing.tags import clean_fingerprint, clean_modules, clean_tags
from mukiau.core.normalizing.times import parse_time, render_time

MAX_FUTURE = timedelta(seconds=60)
"""How far ahead of ours a client's clock may be (Relay)."""
MAX_DRIFT = timedelta(seconds=60)
"""A client whose `sent_at` is farther from our clock has a wrong clock; its times are moved."""

KNOWN_PLATFORMS = frozenset(
    """as3 c cfml clojure cocoa csharp dart dotnet elixir erlang go groovy haskell java javascript kotlin lua native
    node objc other perl php powershell python r ruby rust scala swift""".split()
)

_ALIASES = {
    "sentry.interfaces.Exception": "exception",
    "sentry.interfaces.Http": "request",
    "sentry.interfaces.User": "user",
    "sentry.interfaces.Stacktrace": "stacktrace",
    "sentry.interfaces.Breadcrumbs": "breadcrumbs",
    "sentry.interfaces.Contexts": "contexts",
    "sentry.interfaces.Template": "template",
    "sentry.interfaces.Message": "logentry",
    "sentry.interfaces.Csp": "csp",
}
_NAME = text(MAX_NAME_CHARS)
_TOP_FIELDS = {
    "culprit": _NAME,
    "transaction": _NAME,
    "release": _NAME,
    "logger": _NAME,
    "platform": _NAME,
    "server_name": text(256, 20),
    "site": _NAME,
    "environment": text(MAX_ENVIRONMENT_CHARS),
    "dist": _NAME,
    "checksum": text(MAX_CHECKSUM_CHARS),
    "extra": OBJECT,
    "sdk": OBJECT,
    "debug_meta": OBJECT,
    "_unknown": OBJECT,
}
_DROPPED = frozenset({"type", "version", "received"})
"""Said by the receiver, not by the client."""
_KNOWN = (
    frozenset(_TOP_FIELDS)
    | frozenset(_ALIASES.values())
    | frozenset(
        """event_id level timestamp start_timestamp message threads tags fingerprint modules errors _meta _metrics
        _clock_drift_seconds user request spans measurements transaction_info hpkp expectct expectstaple project
        key_id grouping_config ingest_path""".split()
    )
)
_LINE_BREAK = re.compile(r"[\r\n]+")
_DIST = re.compile(rf"[a-zA-Z0-9_.-]{{1,{MAX_DIST_CHARS}}}")
_BAD_RELEASES = frozenset({"", ".", ".."})


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalized:
    """A payload in the one shape every later station relies on, and what had to be mended for it."""

    payload: JSONObject
    problems: tuple[EventProblem, ...] = ()


def normalize_payload(
    raw: object, *, received_at: datetime, sent_at: datetime | None = None, is_ordinary: bool = False
) -> Normalized:
    """Return the normalised payload of any decoded JSON value; never raises, never gives an event up.

    `received_at` stands in for a missing time; `sent_at` (the client's clock when it sent) tells a wrong clock. `is_ordinary`:
    the decoder has found that every value can be kept as it is, and that the whole is neither long nor deep (`ORDINARY_CHARS`,
    `ORDINARY_LEVELS`); what is so is not looked for once more.
    """
    notes = Notes()
    payload = _normalize(raw, received_at, sent_at, notes, is_ordinary=is_ordinary)
    if notes.may_exceed and not notes.limits_data and _is_huge(measure([payload])):
        # It has grown beyond the mark by being mended: held to the limits from the start, or a second time would differ.
        notes = Notes(limits_data=True)
        payload = _normalize(raw, received_at, sent_at, notes, is_ordinary=False)
    return Normalized(payload=payload, problems=notes.problems())


def _normalize(
    raw: object, received_at: datetime, sent_at: datetime | None, notes: Notes, *, is_ordinary: bool
) -> JSONObject:
    payload = _known_keys(_as_object(raw if is_ordinary else _sound(raw, notes), notes), notes)
    payload = clean_fields(payload, _TOP_FIELDS, "", notes)
    _clean_identity(payload, notes)
    drift = _clean_time(payload, received_at, sent_at, notes)
    _clean_sections(payload, drift, notes)
    _move_stacktrace(payload)
    _clean_names(payload, notes)
    return payload


def _is_huge(found: Measure) -> bool:
    return found.chars > DATA_LIMITS_FROM_CHARS or found.depth > MAX_DATA_DEPTH + 2


def _sound(raw: object, notes: Notes) -> JSONValue:
    """Return the value with every one inside of it such that it can be kept; note how large it is."""
    found = measure([raw])
    value: JSONValue = raw
    if not found.is_sound:
        value = mend(raw, "", notes)
        found = measure([value])
    notes.limits_data = notes.limits_data or _is_huge(found)
    notes.may_exceed = found.chars > ORDINARY_CHARS or found.depth > ORDINARY_LEVELS + 1
    return value


def _as_object(value: JSONValue, notes: Notes) -> JSONObject:
    if isinstance(value, dict):
        return value
    notes.add("wrong_type", "", value, "The event should be an object; kept as its message.")
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        return value[0]
    return {} if value is None else {"logentry": {"formatted": value}}


def _known_keys(source: JSONObject, notes: Notes) -> JSONObject:
    """Return a fresh object without nulls, with aliases resolved and the keys nobody knows under `_unknown`."""
    payload: JSONObject = {}
    unknown: JSONObject = {}
    for key, value in source.items():
        if value is None or key in _DROPPED:
            continue
        if key in _KNOWN:
            payload[key] = value
        elif key not in _ALIASES:
            unknown[key] = value
    for alias, name in _ALIASES.items():
        if source.get(alias) is not None:
            payload.setdefault(name, source[alias])
    if unknown:
        _keep_unknown(payload, unknown, notes)
    return payload


def _keep_unknown(payload: JSONObject, unknown: JSONObject, notes: Notes) -> None:
    given = payload.get("_unknown")
    for key in unknown:
        notes.add("unknown_field", key, unknown[key], "Nobody here knows this field; kept under `_unknown`.")
    kept = {**unknown, **(given if isinstance(given, dict) else {})}
    payload["_unknown"] = dict(list(kept.items())[:MAX_UNKNOWN_KEYS])


def _clean_identity(payload: JSONObject, notes: Notes) -> None:
    """Id, level and platform."""
    if "event_id" in payload:
        event_id = parse_event_id(payload["event_id"])
        if not event_id:
            notes.add("invalid_value", "event_id", payload["event_id"], "An event id has 32 hex digits; left out.")
        _set(payload, "event_id", event_id or None)
    level = level_of(payload.get("level", "error"))
    if level is None:
        notes.add("invalid_value", "level", payload["level"], "Not a level; taken for error.")
    payload["level"] = level or "error"
    platform = payload.get("platform", "other").strip().lower()
    if platform not in KNOWN_PLATFORMS:
        notes.add("invalid_value", "platform", platform, "Not a platform; taken for other.")
        platform = "other"
    payload["platform"] = platform


def _clean_time(payload: JSONObject, received_at: datetime, sent_at: datetime | None, notes: Notes) -> timedelta:
    """Settle `timestamp`; return by how much the client's times are moved."""
    given = payload.get("timestamp")
    moment = parse_time(given)
    drift = _drift(payload, received_at, sent_at, notes)
    if moment is None:
        if given is not None:
            notes.add(
                "invalid_value", "timestamp", given, "No time can be read from this; the time of arrival stands in."
            )
        moment = received_at
    elif drift:
        moment = _moved(moment, drift)
    if moment - received_at > MAX_FUTURE:
        notes.add("clock", "timestamp", given, "In the future; the time of arrival stands in.")
        moment = received_at
    payload["timestamp"] = render_time(moment)
    return drift


def _drift(payload: JSONObject, received_at: datetime, sent_at: datetime | None, notes: Notes) -> timedelta:
    """Return how far the client's clock is behind ours, in whole seconds; nothing when its times were moved before."""
    if "_clock_drift_seconds" in payload or sent_at is None or abs(received_at - sent_at) <= MAX_DRIFT:
        return timedelta()
    seconds = round((received_at - sent_at).total_seconds())
    payload["_clock_drift_seconds"] = seconds
    notes.add("clock", "timestamp", render_time(sent_at), "The client's clock is wrong; its times were moved.")
    return timedelta(seconds=seconds)


def _moved(moment: datetime, drift: timedelta) -> datetime:
    try:
        return moment + drift
    except OverflowError:
        return moment


def _clean_sections(payload: JSONObject, drift: timedelta, notes: Notes) -> None:
    platform = payload["platform"]
    _set(payload, "logentry", clean_logentry(payload.get("logentry"), payload.pop("message", None), notes))
    sections: dict[str, Callable[[JSONValue], JSONValue]] = {
        "exception": lambda value: clean_exceptions(value, platform, notes),
        "stacktrace": lambda value: clean_stacktrace(value, platform, "stacktrace", notes),
        "threads": lambda value: clean_threads(value, platform, notes),
        "breadcrumbs": lambda value: clean_breadcrumbs(value, drift, notes),
        "request": lambda value: clean_request(value, notes),
        "user": lambda value: clean_user(value, notes),
        "contexts": lambda value: clean_contexts(value, notes),
        "fingerprint": lambda value: clean_fingerprint(value, notes),
        "modules": lambda value: clean_modules(value, notes),
        "extra": lambda value: limit_data(value, MAX_EXTRA_CHARS, "extra", notes),
        "_unknown": lambda value: limit_data(value, MAX_EXTRA_CHARS, "_unknown", notes),
    }
    for name, clean in sections.items():
        if name in payload:
            _set(payload, name, clean(payload[name]))


def _move_stacktrace(payload: JSONObject) -> None:
    """A stack trace beside exactly one exception without one belongs to it."""
    values = payload.get("exception", {}).get("values", ())
    if "stacktrace" in payload and len(values) == 1 and "stacktrace" not in values[0]:
        link = {**values[0], "stacktrace": payload.pop("stacktrace")}
        payload["exception"] = {**payload["exception"], "values": [link]}


def _clean_names(payload: JSONObject, notes: Notes) -> None:
    """Tags, and the fields that are tags or come from one."""
    tags = clean_tags(payload.pop("tags", None), notes)
    moved = {name: payload.pop(name) for name in ("server_name", "site") if name in payload}
    if moved:
        tags = {**clean_tags(moved, notes), **tags}
    if "environment" in tags:
        tags = dict(tags)
        found = {"environment": tags.pop("environment")}
        if "environment" not in payload:
            payload.update(clean_fields(found, _TOP_FIELDS, "tags", notes))
    if tags:
        payload["tags"] = tags
    for name in ("environment", "release", "logger", "transaction", "culprit"):
        if name in payload:
            _set(payload, name, _LINE_BREAK.sub(" ", payload[name]).strip() or None)
    _check(payload, "release", lambda release: release not in _BAD_RELEASES, notes)
    _check(payload, "dist", lambda dist: _DIST.fullmatch(dist) is not None, notes)


def _check(payload: JSONObject, name: str, is_valid: Callable[[str], bool], notes: Notes) -> None:
    if name in payload and not is_valid(payload[name]):
        notes.add("invalid_value", name, payload.pop(name), "Not allowed by the protocol; left out.")


def _set(payload: JSONObject, name: str, value: JSONValue) -> None:
    """Set a field; None takes it away."""
    if value is None:
        payload.pop(name, None)
    else:
        payload[name] = value
