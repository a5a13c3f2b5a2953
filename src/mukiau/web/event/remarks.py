"""What the sender itself cut, removed or scrubbed before it sent the event: the wire's `_meta`, value by value.

`_meta` mirrors the payload; at the key "" stands what was done to the value at that place: `{"": {"len": 12000,
"rem": [["!limit", "x", 509, 512]], "err": ["invalid_data"]}}`. A rule that begins with `!` is the protocol's own, one
with `@` a scrubbing rule of the sender's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mukiau.core.event import JSONObject, JSONValue
from mukiau.web.event.shapes import items, mapping, text, whole_number

MAX_REMARKS = 300
MAX_DEPTH = 30
MAX_RULE_CHARS = 60

_RULES: dict[str, str | Promise] = {
    "!limit": _("over the sender's size limit"),
    "!config": _("left out by the sender's settings"),
    "!raw": _("a body the sender could not read"),
}
_KINDS: dict[str, str | Promise] = {
    "x": _("removed"),
    "s": _("replaced"),
    "m": _("masked"),
    "p": _("replaced by a pseudonym"),
    "e": _("encrypted"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What was done to one value."""

    path: str
    """Dotted path in the payload: `request.data.card`."""
    words: str


class Remarks:
    """All remarks of an event, found by path."""

    def __init__(self, payload: JSONObject) -> None:
        found = _walk(mapping(payload.get("_meta")), "", 0)
        self._by_path = {remark.path: remark for remark, _ in zip(found, range(MAX_REMARKS), strict=False)}
        self._below: dict[str, list[str]] = {}
        for path in self._by_path:
            parent, _, name = path.rpartition(".")
            self._below.setdefault(parent, []).append(name)

    def at(self, path: str) -> str:
        """Return the words for the value at a path; "" when the sender says nothing of it."""
        remark = self._by_path.get(path)
        return remark.words if remark else ""

    def names_below(self, path: str) -> list[str]:
        """Return the names directly below a path that have a remark, also of values that are gone."""
        return self._below.get(path, [])

    def all(self) -> tuple[Remark, ...]:
        return tuple(self._by_path.values())


def _walk(node: Mapping[str, JSONValue], path: str, depth: int) -> Iterator[Remark]:
    for name, value in node.items():
        if name == "":
            yield Remark(path=path, words=_words(value))
        elif isinstance(value, dict) and depth < MAX_DEPTH:
            yield from _walk(value, f"{path}.{name}" if path else name, depth + 1)


def _words(given: JSONValue) -> str:
    """Put one remark into a sentence: what was done, why, and how long the value was."""
    about = mapping(given)
    said = [_done(rule) for rule in items(about.get("rem"))]
    said += [_failed(error) for error in items(about.get("err"))]
    length = whole_number(about.get("len"))
    if length is not None:
        said.append(gettext("originally of length %(n)s") % {"n": f"{length:,}"})
    chunks = [text(mapping(chunk).get("remark")) for chunk in items(about.get("chunks"))]
    said += [str(_KINDS[kind]) for kind in dict.fromkeys(chunks) if kind in _KINDS]
    return ", ".join(dict.fromkeys(str(part) for part in said if part)) or gettext("changed by the sender")


def _done(rule: JSONValue) -> str:
    name, kind = ([text(part) for part in rule[:2]] + ["", ""])[:2] if isinstance(rule, list) else (text(rule), "")
    what = str(_KINDS.get(kind, ""))
    why = str(_RULES.get(name, name[:MAX_RULE_CHARS]))
    return f"{what} ({why})" if what and why else what or why


def _failed(error: JSONValue) -> str:
    kind = text(error[0]) if isinstance(error, list) and error else text(error)
    return gettext("the sender could not read it (%(kind)s)") % {"kind": kind[:MAX_RULE_CHARS]}
