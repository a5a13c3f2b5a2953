"""What stood around the error: request, user, contexts and the breadcrumbs before it."""

from datetime import timedelta
from urllib.parse import urlencode

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.limits import (
    MAX_BREADCRUMBS,
    MAX_CATEGORY_CHARS,
    MAX_CONTEXTS,
    MAX_DATA_CHARS,
    MAX_MESSAGE_CHARS,
    MAX_TEXT_CHARS,
    MAX_USER_CHARS,
)
from mukiau.core.normalizing.data import limit_data, limit_field
from mukiau.core.normalizing.fields import (
    OBJECT,
    PAIRS,
    Field,
    are_in_shape,
    clean_fields,
    map_objects,
    shape_object,
    shape_pairs,
    text,
    values_of,
    with_changes,
    with_values,
)
from mukiau.core.normalizing.level import WIRE_LEVELS, level_of
from mukiau.core.normalizing.notes import Notes
from mukiau.core.normalizing.sound import scalar_text
from mukiau.core.normalizing.times import move_wire_time, parse_time, render_time

# --- Request ------------------------------------------------------------------------------------------------------


_LONG_TEXT = text(MAX_TEXT_CHARS)


def _shape_query(value: JSONValue, path: str, notes: Notes) -> JSONValue:
    if isinstance(value, dict | list):
        pairs = shape_pairs(value, path, notes)
        value = urlencode({key: scalar_text(entry) for key, entry in pairs.items()}, errors="replace")
    return _LONG_TEXT.shape(value, path, notes)


def _shape_cookies(value: JSONValue, path: str, notes: Notes) -> JSONObject:
    if not isinstance(value, str):
        return shape_pairs(value, path, notes)
    pairs = (part.partition("=") for part in value.split(";"))
    return {name.strip(): content.strip() for name, _, content in pairs if name.strip()}


_REQUEST_FIELDS = {
    "url": text(2_048),
    "method": text(32),
    "fragment": text(1_024),
    "inferred_content_type": text(256),
    "api_target": text(64),
    "query_string": Field(str, MAX_TEXT_CHARS, _shape_query),
    "cookies": Field(dict, 0, _shape_cookies),
    "headers": PAIRS,
    "env": OBJECT,
}


def clean_request(value: JSONValue, notes: Notes) -> JSONObject | None:
    """Return the request with headers and cookies as objects and the query as text."""
    request = clean_fields(shape_object(value, "request", notes), _REQUEST_FIELDS, "request", notes)
    headers = request.get("headers")
    if headers and any(type(content) is not str for content in headers.values()):
        request = with_changes(request, {"headers": {name: _header(content) for name, content in headers.items()}})
    for key in ("data", "headers", "cookies", "env"):
        request = limit_field(request, key, MAX_DATA_CHARS, "request", notes)
    return request or None


def _header(content: JSONValue) -> str:
    """A header sent several times may come as a list of its values."""
    if isinstance(content, list):
        return ", ".join(scalar_text(entry) for entry in content)
    return "" if content is None else scalar_text(content)


# --- User ---------------------------------------------------------------------------------------------------------

_USER_TEXT = text(MAX_USER_CHARS)
_USER_FIELDS = {
    "id": _USER_TEXT,
    "email": _USER_TEXT,
    "username": _USER_TEXT,
    "name": _USER_TEXT,
    "ip_address": _USER_TEXT,
    "geo": OBJECT,
    "data": OBJECT,
}


def clean_user(value: JSONValue, notes: Notes) -> JSONObject | None:
    """Return the user; keys nobody knows are kept under `data`."""
    if not isinstance(value, dict):
        value = {"id": value}
    user = clean_fields(value, _USER_FIELDS, "user", notes)
    if user.get("ip_address") == "{{auto}}":  # asks the receiver for the address it saw, which is not kept here
        user = with_changes(user, {"ip_address": None})
    unknown = {key: entry for key, entry in user.items() if key not in _USER_FIELDS}
    if unknown:
        user = {key: entry for key, entry in user.items() if key in _USER_FIELDS}
        user["data"] = {**unknown, **user.get("data", {})}
    return limit_field(user, "data", MAX_DATA_CHARS, "user", notes) or None


# --- Contexts -----------------------------------------------------------------------------------------------------


def clean_contexts(value: JSONValue, notes: Notes) -> JSONObject | None:
    """Return the contexts, each an object."""
    given = shape_object(value, "contexts", notes)
    if len(given) > MAX_CONTEXTS:
        notes.add("truncated", "contexts", given, f"Only {MAX_CONTEXTS} contexts are kept.")
    contexts: JSONObject = {}
    for name, context in list(given.items())[:MAX_CONTEXTS]:
        if context is not None:
            shaped = shape_object(context, f"contexts.{name}", notes)
            contexts[name] = limit_data(shaped, MAX_DATA_CHARS, f"contexts.{name}", notes)
    return contexts or None


# --- Breadcrumbs --------------------------------------------------------------------------------------------------

_CRUMB_FIELDS = {
    "type": text(MAX_CATEGORY_CHARS),
    "category": text(MAX_CATEGORY_CHARS),
    "message": text(MAX_MESSAGE_CHARS),
    "data": OBJECT,
}


def clean_breadcrumbs(value: JSONValue, drift: timedelta, notes: Notes) -> JSONObject | None:
    """Return `{"values": […]}`, oldest first, the newest ones when there are too many; times are moved by `drift`."""
    values = values_of(value, "breadcrumbs", notes)
    if len(values) > MAX_BREADCRUMBS:
        notes.add("truncated", "breadcrumbs", values, f"Only the newest {MAX_BREADCRUMBS} breadcrumbs are kept.")
        values = values[-MAX_BREADCRUMBS:]
    if not _are_in_shape(values, notes):
        values = map_objects(values, lambda entry, index: _crumb(entry, index, notes))
    return with_values(value, map_objects(values, lambda crumb, index: _moved(crumb, index, drift, notes)))


def _are_in_shape(values: list[JSONValue], notes: Notes) -> bool:
    """Look at all crumbs at once, field by field, for which each by itself would take five times as long."""
    if notes.limits_data or set(map(type, values)) - {dict} or not are_in_shape(values, _CRUMB_FIELDS):
        return False
    levels = [crumb["level"] for crumb in values if "level" in crumb]
    return all(type(level) is str for level in levels) and WIRE_LEVELS.issuperset(levels)


def _crumb(entry: JSONValue, index: int, notes: Notes) -> JSONObject:
    path = f"breadcrumbs.values.{index}"
    given = entry if isinstance(entry, dict) else {"message": scalar_text(entry)}
    crumb = clean_fields(given, _CRUMB_FIELDS, path, notes)
    crumb = limit_field(crumb, "data", MAX_DATA_CHARS, path, notes)
    if "level" in crumb and (level := level_of(crumb["level"]) or "info") != crumb["level"]:
        crumb = {**crumb, "level": level}
    return crumb


def _moved(crumb: JSONObject, index: int, drift: timedelta, notes: Notes) -> JSONObject:
    """Return the crumb with its time in the wire's form, moved by `drift`."""
    if "timestamp" not in crumb:
        return crumb
    given = crumb["timestamp"]
    if time := move_wire_time(given, drift):
        return {**crumb, "timestamp": time} if drift else crumb
    return with_changes(crumb, {"timestamp": _moved_time(given, drift, index, notes)})


def _moved_time(given: JSONValue, drift: timedelta, index: int, notes: Notes) -> str | None:
    moment = parse_time(given)
    if moment is None:
        if given is not None:
            path = f"breadcrumbs.values.{index}.timestamp"
            notes.add("invalid_value", path, given, "No time can be read from this; left out.")
        return None
    try:
        return render_time(moment + drift)
    except OverflowError:
        return render_time(moment)
