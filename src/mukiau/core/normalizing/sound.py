"""Make any value safe to keep: no NUL, no lone surrogate, no number a store would round, no bottomless nesting.

One cheap walk over the whole payload tells whether anything has to be done; nearly always nothing has, and the
stations after this one need not look at single characters any more.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.limits import DATA_LIMITS_FROM_CHARS, MAX_DATA_DEPTH, MAX_DEPTH, MAX_INTEGER_DIGITS, MAX_TEXT_CHARS
from mukiau.core.normalizing.notes import Notes

ORDINARY_LEVELS = MAX_DATA_DEPTH - 3
"""Lists and objects inside of each other in an event that cannot become too deep, however it is mended."""
ORDINARY_CHARS = DATA_LIMITS_FROM_CHARS // 2
"""Length of one that cannot become too large."""

_MAX_INTEGER = 2**63 - 1
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class Measure:
    """What the walk found."""

    is_sound: bool
    chars: int
    """Characters of all texts and keys."""
    depth: int
    """Levels of nesting; 1 for a flat object."""


def measure(root: JSONValue) -> Measure:
    """Walk a value level by level and tell whether it can be kept as it is."""
    texts: list[str] = []
    level = [root]
    depth = 0
    is_sound = True
    while level and depth <= MAX_DEPTH:
        level, is_level_sound = _look_at(level, texts)
        is_sound = is_sound and is_level_sound
        depth += 1
    try:
        text = "".join(texts)
    except TypeError:
        return Measure(is_sound=False, chars=0, depth=depth)
    return Measure(is_sound=is_sound and not level and is_sound_text(text), chars=len(text), depth=depth)


def _look_at(level: list[JSONValue], texts: list[str]) -> tuple[list[JSONValue], bool]:
    """Collect the texts of one level and return the containers below it, and whether its scalars are sound."""
    below: list[JSONValue] = []
    is_sound = True
    for node in level:
        if type(node) is dict:
            texts.extend(node)
            values = node.values()
        else:
            values = node
        for value in values:
            kind = type(value)
            if kind is str:
                texts.append(value)
            elif kind is dict or kind is list:
                below.append(value)
            elif value is not None and kind is not bool and not _is_sound_number(value):
                is_sound = False
    return below, is_sound


def _is_sound_number(value: JSONValue) -> bool:
    if type(value) is int:
        return -_MAX_INTEGER <= value <= _MAX_INTEGER
    return type(value) is float and math.isfinite(value)


def is_sound_text(text: str) -> bool:
    """Tell whether a text can be stored: no NUL, no half of a surrogate pair."""
    if "\x00" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def sound_text(text: str) -> str:
    """Return the text with U+FFFD for what cannot be stored."""
    return (
        text.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace").replace("\x00", _REPLACEMENT)
    )


def mend(value: JSONValue, path: str, notes: Notes, depth: int = 1) -> JSONValue:
    """Return a sound copy of a value and note what was changed; keeps unchanged parts equal."""
    match value:
        case None | bool():
            return value
        case str():
            return _mend_text(value, path, notes)
        case int() | float():
            return _mend_number(value, path, notes)
        case dict() | list() | tuple() if depth > MAX_DEPTH:
            notes.add("too_deep", path, type(value).__name__, "Nested too deeply; kept as text.")
            return json_text(value)
        case dict():
            return _mend_object(value, path, notes, depth)
        case list() | tuple():
            return [mend(entry, f"{path}.{index}", notes, depth + 1) for index, entry in enumerate(value)]
        case bytes() | bytearray():
            return _mend_text(bytes(value).decode("utf-8", errors="replace"), path, notes)
    notes.add("wrong_type", path, type(value).__name__, "Not a JSON value; replaced by its type's name.")
    return f"<{type(value).__name__}>"


def _mend_text(text: str, path: str, notes: Notes) -> str:
    if is_sound_text(text):
        return text
    mended = sound_text(text)
    notes.add("invalid_text", path, mended, "Characters that cannot be stored were replaced.")
    return mended


def _mend_number(value: float, path: str, notes: Notes) -> JSONValue:
    if _is_sound_number(value):
        return value
    text = number_text(value)
    notes.add("invalid_number", path, text, "A number that cannot be stored exactly is kept as text.")
    return text


def number_text(value: float) -> str:
    """Return a number as text of bounded length."""
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value.bit_length() <= MAX_INTEGER_DIGITS * 14:  # str() refuses numbers of more than 4,300 digits
        return str(value)
    return f"{'-' if value < 0 else ''}<integer of {value.bit_length()} bits>"


def _mend_object(value: JSONObject, path: str, notes: Notes, depth: int) -> JSONObject:
    mended: JSONObject = {}
    for key, entry in value.items():
        name = _mend_text(key, path, notes) if isinstance(key, str) else scalar_text(key)
        mended[name] = mend(entry, f"{path}.{name}" if path else name, notes, depth + 1)
    return mended


def scalar_text(value: JSONValue) -> str:
    """Return any value as one text: JSON, but a text without quotes."""
    if isinstance(value, str):
        return sound_text(value) if not is_sound_text(value) else value
    if isinstance(value, int | float) and not isinstance(value, bool) and not _is_sound_number(value):
        return number_text(value)
    return json_text(value)


def json_text(value: JSONValue, *, dumps: Callable[..., str] = json.dumps) -> str:
    """Return any value as JSON text of bounded length, or as its type's name where it is too deep for that."""
    try:
        text = dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    except (ValueError, TypeError, RecursionError):
        return f"<{type(value).__name__}>"
    text = text[:MAX_TEXT_CHARS]
    return text if is_sound_text(text) else sound_text(text)
