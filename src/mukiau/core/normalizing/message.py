"""The log entry: template, parameters and the formatted message.

Afterwards `formatted` is the message, and `message` is there only when the client gave a real template that differs.
"""

import re
from collections.abc import Mapping, Sequence

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.limits import MAX_DATA_CHARS, MAX_MESSAGE_CHARS, MESSAGE_ALLOWANCE_CHARS
from mukiau.core.normalizing.data import limit_field
from mukiau.core.normalizing.fields import Field, clean_fields, cut, text, with_changes
from mukiau.core.normalizing.notes import Notes
from mukiau.core.normalizing.sound import json_text, scalar_text

MESSAGE = text(MAX_MESSAGE_CHARS, MESSAGE_ALLOWANCE_CHARS)

# Widths and precisions of more than three digits are no formatting but an attempt to fill memory.
_PERCENT = re.compile(r"%(?:\((\w{1,100})\))?([-+ #0]{0,5}\d{0,3}(?:\.\d{1,3})?)[hlL]?([diouxXeEfFgGcrsa%])")
_BRACES = re.compile(r"\{\{|\}\}|\{(\w{0,100})(?:![rsa])?(?::[^{}]{0,50})?\}")


def _shape_params(value: JSONValue, path: str, notes: Notes) -> JSONValue:
    if isinstance(value, dict | list):
        return value
    notes.add("wrong_type", path, value, "Should be a list or an object.")
    return [value]


_FIELDS = {"message": MESSAGE, "formatted": MESSAGE, "params": Field(list, 0, _shape_params)}


def clean_logentry(value: JSONValue, message: JSONValue, notes: Notes) -> JSONObject | None:
    """Return the log entry made of the fields `logentry` and `message`; None when there is neither."""
    given = _entry(value) or _entry(message)
    if given is None:
        return None
    entry = limit_field(clean_fields(given, _FIELDS, "logentry", notes), "params", MAX_DATA_CHARS, "logentry", notes)
    template, formatted = entry.get("message"), entry.get("formatted")
    if formatted is None and template is None:
        return entry if entry.get("params") else None
    if formatted is None and isinstance(template, str):
        formatted = cut(format_message(template, entry.get("params")), MAX_MESSAGE_CHARS + MESSAGE_ALLOWANCE_CHARS)
    if template is None:
        return entry
    if formatted == template:
        template = None
    return with_changes(entry, {"formatted": formatted, "message": template})


def _entry(value: JSONValue) -> JSONObject | None:
    if isinstance(value, dict):
        return value or None
    return None if value is None or value == "" else {"formatted": value}


def format_message(template: str, params: JSONValue) -> str:
    """Return the template with its parameters filled in, `%`-style where it has a `%`, else `{}`-style.

    Never raises: a place without a parameter stays as it is.

    >>> format_message("took %.1f ms for %s", [3.14159, "Ann"]), format_message("{0} of {b}", {"b": 2})
    ('took 3.1 ms for Ann', '{0} of 2')
    """
    if not params or not isinstance(params, list | dict):
        return template
    fill = _Filler(params)
    return _PERCENT.sub(fill.percent, template) if "%" in template else _BRACES.sub(fill.braces, template)


class _Filler:
    """Hands out parameters place by place, and stops filling where the message would grow beyond any use."""

    def __init__(self, params: Sequence[JSONValue] | Mapping[str, JSONValue]) -> None:
        self._named = params if isinstance(params, Mapping) else {}
        self._listed = () if isinstance(params, Mapping) else params
        self._next = 0
        self._left = 2 * MAX_MESSAGE_CHARS

    def percent(self, match: re.Match[str]) -> str:
        name, flags, kind = match.groups()
        if kind == "%":
            return "%"
        is_given, value = self._find(name or "")
        if not is_given:
            return match.group()
        return self._spent(_formatted(flags, kind, value))

    def braces(self, match: re.Match[str]) -> str:
        if match.group() in ("{{", "}}"):
            return match.group()[0]
        is_given, value = self._find(match.group(1))
        return self._spent(scalar_text(value)) if is_given else match.group()

    def _find(self, name: str) -> tuple[bool, JSONValue]:
        if name in self._named:
            return True, self._named[name]
        index = int(name) if name.isascii() and name.isdigit() and len(name) < 6 else None
        if not name:
            index, self._next = self._next, self._next + 1
        if index is None or index >= len(self._listed):
            return False, None
        return True, self._listed[index]

    def _spent(self, filled: str) -> str:
        filled = cut(filled, max(len("..."), self._left))
        self._left -= len(filled)
        return filled


def _formatted(flags: str, kind: str, value: JSONValue) -> str:
    if kind in "rsac" or isinstance(value, str) or not isinstance(value, int | float):
        return scalar_text(value) if value is not None else "None"
    try:
        return f"%{flags}{kind}" % value
    except (ValueError, TypeError, OverflowError):
        return json_text(value)
