"""Fields of an object: what type each has to be, and how a value of another type is brought into shape.

`clean_fields` returns the object it was given when all is well, so a clean event costs no copy.
"""

from collections.abc import Callable, Mapping
from functools import partial
from operator import is_
from typing import NamedTuple

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.limits import MAX_TEXT_CHARS
from mukiau.core.normalizing.notes import Notes
from mukiau.core.normalizing.sound import scalar_text

ELLIPSIS = "..."

Shape = Callable[[JSONValue, str, Notes], JSONValue]
"""Returns the value brought into shape, None when nothing of it is usable; notes what it did."""


class Field(NamedTuple):
    """One field's rule: a value of `type` no longer than `max_length` (0: any) is fine, others are shaped."""

    type: type
    max_length: int
    shape: Shape


def clean_fields(source: JSONObject, fields: Mapping[str, Field], path: str, notes: Notes) -> JSONObject:
    """Return the object with every known field in shape; unknown ones stay, null means absent."""
    changes: JSONObject | None = None
    for key, value in source.items():
        field = fields.get(key)
        if field is None:
            continue
        wanted, max_length, shape = field
        kind = type(value)
        if kind is wanted and (max_length == 0 or len(value) <= max_length):
            continue
        if changes is None:
            changes = {}
        changes[key] = None if value is None else shape(value, f"{path}.{key}" if path else key, notes)
    return source if changes is None else with_changes(source, changes)


def are_in_shape(sources: list[JSONObject], fields: Mapping[str, Field]) -> bool:
    """Say whether `clean_fields` would return every one of the objects as it is."""
    for key, (wanted, max_length, _) in fields.items():
        values = [source[key] for source in sources if key in source]
        if set(map(type, values)) - {wanted} or (max_length and max(map(len, values), default=0) > max_length):
            return False
    return True


def with_changes(source: JSONObject, changes: Mapping[str, JSONValue]) -> JSONObject:
    """Return a copy with the changes; None removes a key."""
    result = {**source, **changes}
    for key, value in changes.items():
        if value is None:
            del result[key]
    return result


def text(max_chars: int, allowance: int = 0) -> Field:
    """A text; a longer one than limit + allowance is cut to the limit, other values become JSON text."""
    return Field(str, max_chars + allowance, partial(_shape_text, max_chars=max_chars, allowance=allowance))


def _shape_text(value: JSONValue, path: str, notes: Notes, *, max_chars: int, allowance: int) -> str:
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, int | float):
            notes.add("wrong_type", path, value, "Should be a text.")
        value = scalar_text(value)
    content = str(value)
    if len(content) <= max_chars + allowance:
        return content
    notes.add("too_long", path, f"{len(content)} characters", f"Cut to {max_chars} characters.")
    return cut(content, max_chars)


def cut(value: str, max_chars: int) -> str:
    """Return a text of at most `max_chars`, with `...` at its end when something is missing.

    >>> cut("abcdefgh", 6)
    'abc...'
    """
    return value if len(value) <= max_chars else value[: max_chars - len(ELLIPSIS)] + ELLIPSIS


def shape_integer(value: JSONValue, path: str, notes: Notes) -> int | None:
    """A whole number; texts of digits and whole floats are taken for one."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, str) and len(value) <= 18 and value.isascii() and value.lstrip("-").isdigit():
        return int(value) if value.count("-") <= 1 else None
    if type(value) is int:
        return value
    notes.add("wrong_type", path, value, "Should be a whole number; left out.")
    return None


def shape_boolean(value: JSONValue, path: str, notes: Notes) -> bool | None:
    """True or false; their words and 0 and 1 are taken for them."""
    known = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
    if isinstance(value, str | int) and (found := known.get(str(value)[:8].strip().lower())) is not None:
        return found
    notes.add("wrong_type", path, value, "Should be true or false; left out.")
    return None


def shape_object(value: JSONValue, path: str, notes: Notes) -> JSONObject:
    """An object; any other value is kept in one under `value`."""
    if isinstance(value, dict):
        return value
    notes.add("wrong_type", path, value, "Should be an object; kept under `value`.")
    return {"value": value}


def shape_pairs(value: JSONValue, path: str, notes: Notes) -> JSONObject:
    """An object; a list of pairs is turned into one, the first of equal keys winning."""
    if not isinstance(value, list):
        return shape_object(value, path, notes)
    pairs: JSONObject = {}
    for entry in value:
        if isinstance(entry, list) and len(entry) == 2:
            pairs.setdefault(scalar_text(entry[0]), entry[1])
        elif entry is not None:
            notes.add("wrong_type", path, entry, "Should be a pair of key and value; left out.")
    return pairs


INTEGER = Field(int, 0, shape_integer)
BOOLEAN = Field(bool, 0, shape_boolean)
OBJECT = Field(dict, 0, shape_object)
PAIRS = Field(dict, 0, shape_pairs)
ANY_TEXT = text(MAX_TEXT_CHARS)


def values_of(value: JSONValue, path: str, notes: Notes) -> list[JSONValue]:
    """Return the entries of `{"values": […]}`, a bare list or a single object, without nulls."""
    if isinstance(value, dict) and "values" in value:
        value = value["values"]
    if isinstance(value, list):
        return value if None not in value else [entry for entry in value if entry is not None]
    if value is None:
        return []
    if not isinstance(value, dict):
        notes.add("wrong_type", path, value, "Should be a list of objects.")
    return [value]


def with_values(source: JSONValue, values: list[JSONValue]) -> JSONObject | None:
    """Return `{"values": values}` (the given object, when it is that already), None when there are none."""
    if not values:
        return None
    if isinstance(source, dict) and source.get("values") is values:
        return source
    extra = source if isinstance(source, dict) and "values" in source else {}
    return {**extra, "values": values}


def map_objects(entries: list[JSONValue], clean: Callable[[JSONValue, int], JSONObject | None]) -> list[JSONValue]:
    """Return the entries cleaned, without those that come back as None; the given list when nothing changed."""
    cleaned = [clean(entry, index) for index, entry in enumerate(entries)]
    if all(map(is_, cleaned, entries)):
        return entries
    return [entry for entry in cleaned if entry is not None]
