"""Tags, fingerprint and modules: small lists of short texts."""

import re
from collections.abc import Collection

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.limits import (
    MAX_FINGERPRINT_CHARS,
    MAX_FINGERPRINT_PARTS,
    MAX_MODULES,
    MAX_NAME_CHARS,
    MAX_TAGS,
)
from mukiau.core.normalizing.fields import cut, shape_pairs
from mukiau.core.normalizing.notes import Notes
from mukiau.core.normalizing.sound import scalar_text

RESERVED_TAGS = frozenset({"release", "dist", "user", "filename", "function"})
"""Names of fields that would be confused with them in a search."""

_BAD_KEY_CHARS = re.compile(r"[^a-zA-Z0-9_.:-]")
_LINE_BREAKS = re.compile(r"[\r\n]+")


def clean_tags(value: JSONValue, notes: Notes) -> JSONObject:
    """Return tags as an object of short texts, from an object or a list of pairs; the first of equal keys wins."""
    if value is None:
        return {}
    given = value if isinstance(value, dict) else _pairs(value, notes)
    tags: JSONObject = {}
    for key, entry in given.items():
        name, content = _key(key, notes), _content(key, entry, notes)
        if not name or not content:
            continue
        if name in RESERVED_TAGS:
            notes.add("reserved_tag", f"tags.{name}", content, "A field has this name; the tag was left out.")
        elif len(tags) < MAX_TAGS:
            tags.setdefault(name, content)
        else:
            notes.add("truncated", "tags", given, f"Only {MAX_TAGS} tags are kept.")
            break
    return given if tags == given else tags


def _pairs(value: JSONValue, notes: Notes) -> JSONObject:
    """Pairs may also come as objects with `key` and `value`."""
    if isinstance(value, list):
        value = [[tag.get("key"), tag.get("value")] if isinstance(tag, dict) else tag for tag in value]
    return shape_pairs(value, "tags", notes)


def _key(key: str, notes: Notes) -> str:
    name = key.strip().replace(" ", "-")
    if name.isidentifier() and name.isascii() and len(name) <= MAX_NAME_CHARS:
        return name
    mended = _BAD_KEY_CHARS.sub("_", name)[:MAX_NAME_CHARS]
    if mended != name:
        notes.add("invalid_value", "tags", key, "A tag's key has up to 200 of the characters a-z A-Z 0-9 _ . : -.")
    return mended


def _content(key: str, entry: JSONValue, notes: Notes) -> str:
    if entry is None:
        return ""
    content = entry if type(entry) is str else scalar_text(entry)
    if "\n" in content or "\r" in content:
        content = _LINE_BREAKS.sub(" ", content)
    content = content.strip()
    if len(content) > MAX_NAME_CHARS:
        notes.add("too_long", f"tags.{key}", f"{len(content)} characters", f"Cut to {MAX_NAME_CHARS} characters.")
        content = cut(content, MAX_NAME_CHARS)
    return content


def clean_fingerprint(value: JSONValue, notes: Notes) -> list[str] | None:
    """Return the client's fingerprint as texts; None when there is none."""
    if isinstance(value, dict):
        notes.add("wrong_type", "fingerprint", value, "Should be a list of texts; left out.")
        return None
    given = value if isinstance(value, list) else [value]
    parts = [cut(scalar_text(part), MAX_FINGERPRINT_CHARS) for part in given if part is not None]
    if len(parts) > MAX_FINGERPRINT_PARTS:
        notes.add("truncated", "fingerprint", parts, f"Only {MAX_FINGERPRINT_PARTS} parts are kept.")
    return parts[:MAX_FINGERPRINT_PARTS] or None


def _are_names(values: Collection[JSONValue]) -> bool:
    """Say whether all are texts of a name's length; there are many, so no step is taken for each."""
    return set(map(type, values)) == {str} and max(map(len, values)) <= MAX_NAME_CHARS


def clean_modules(value: JSONValue, notes: Notes) -> JSONObject | None:
    """Return names and versions of packages."""
    given = shape_pairs(value, "modules", notes)
    if not given or (len(given) <= MAX_MODULES and _are_names(given.values())):
        return given or None
    if len(given) > MAX_MODULES:
        notes.add("truncated", "modules", given, f"Only {MAX_MODULES} modules are kept.")
    modules = {
        name: cut(scalar_text(version), MAX_NAME_CHARS)
        for name, version in list(given.items())[:MAX_MODULES]
        if version is not None
    }
    return (given if modules == given else modules) or None
