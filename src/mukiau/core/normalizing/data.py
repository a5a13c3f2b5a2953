"""Free-form data (`extra`, `vars`, contexts, …): kept whole in an ordinary event, held to limits in a huge one."""

from collections.abc import Iterator

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.limits import MAX_DATA_DEPTH, MAX_TEXT_CHARS
from mukiau.core.normalizing.fields import cut
from mukiau.core.normalizing.notes import Notes
from mukiau.core.normalizing.sound import json_text

_SCALAR_CHARS = 4
"""What a number, true, false or null counts."""


def limit_data(value: JSONValue, max_chars: int, path: str, notes: Notes) -> JSONValue:
    """Return the data, cut to `max_chars` and the depth limit where the event is one that has to be held to them."""
    if not notes.limits_data or _fits(value, max_chars):
        return value
    notes.add("truncated", path, value, f"Cut to {max_chars} characters and {MAX_DATA_DEPTH} levels.")
    return _Cutter(max_chars).cut(value, 1)


def limit_field(source: JSONObject, key: str, max_chars: int, path: str, notes: Notes) -> JSONObject:
    """Return the object with one field held to the limits."""
    if not notes.limits_data or key not in source:
        return source
    limited = limit_data(source[key], max_chars, f"{path}.{key}" if path else key, notes)
    return source if limited is source[key] else {**source, key: limited}


def _fits(value: JSONValue, max_chars: int) -> bool:
    return all(
        depth <= MAX_DATA_DEPTH and total <= max_chars and longest <= MAX_TEXT_CHARS
        for depth, total, longest in _running_sizes(value)
    )


def _running_sizes(value: JSONValue) -> Iterator[tuple[int, int, int]]:
    """Yield depth, characters so far and the entry's own, value by value."""
    total = 0
    stack: list[tuple[JSONValue, int]] = [(value, 1)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, dict):
            total += sum(map(len, node))
            stack.extend((entry, depth + 1) for entry in node.values())
        elif isinstance(node, list):
            stack.extend((entry, depth + 1) for entry in node)
        own = len(node) if isinstance(node, str) else _SCALAR_CHARS
        total += own
        is_container = isinstance(node, dict | list)
        yield (depth if is_container else 1), total, (0 if is_container else own)


class _Cutter:
    """Copies data until its budget is used up; what comes after is left out."""

    def __init__(self, budget: int) -> None:
        self._left = budget

    def cut(self, value: JSONValue, depth: int) -> JSONValue:
        if isinstance(value, dict | list) and depth > MAX_DATA_DEPTH:
            value = json_text(value)
        if isinstance(value, str):
            value = cut(value, max(3, min(self._left, MAX_TEXT_CHARS)))
            self._left -= len(value)
            return value
        self._left -= _SCALAR_CHARS
        if isinstance(value, dict):
            return self._cut_object(value, depth)
        return self._cut_list(value, depth) if isinstance(value, list) else value

    def _cut_object(self, value: JSONObject, depth: int) -> JSONObject:
        result: JSONObject = {}
        for key, entry in value.items():
            if self._left < len(key) + 2 * _SCALAR_CHARS:
                break
            self._left -= len(key)
            result[key] = self.cut(entry, depth + 1)
        return result

    def _cut_list(self, value: list[JSONValue], depth: int) -> list[JSONValue]:
        result: list[JSONValue] = []
        for entry in value:
            if self._left < 2 * _SCALAR_CHARS:
                break
            result.append(self.cut(entry, depth + 1))
        return result
