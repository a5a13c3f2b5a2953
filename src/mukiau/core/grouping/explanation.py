"""The explanation: a tree whose contributing leaves make the fingerprint, so that what the page shows is what counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One node: a leaf has a value, a branch has parts."""

    name: str
    """What it is: `service`, `type`, `function`, `template`, `code`, …"""
    value: str = ""
    contributes: bool = True
    """A branch that does not contribute switches off everything below it."""
    reason: str = ""
    """Why it does not contribute, or by which rule it was changed; one of a fixed set of words."""
    parts: tuple["Part", ...] = ()


def leaves_of(part: Part) -> Iterator[Part]:
    """Yield the contributing leaves in order."""
    if not part.contributes:
        return
    if not part.parts:
        yield part
    for child in part.parts:
        yield from leaves_of(child)


def hash_of(part: Part) -> str:
    """Return 32 hex digits over the contributing leaves; each piece carries its length, so no two lists collide."""
    pieces = [text.encode("utf-8", "replace") for leaf in leaves_of(part) for text in (leaf.name, leaf.value)]
    return sha256(b"".join([b"%d:%b" % (len(piece), piece) for piece in pieces])).hexdigest()[:32]


def explanation_to_json(part: Part) -> dict[str, Any]:
    """Return the tree as JSON: name, value, contributes, reason, parts (empty fields left out)."""
    tree: dict[str, Any] = {"name": part.name, "contributes": part.contributes}
    if part.value:
        tree["value"] = part.value
    if part.reason:
        tree["reason"] = part.reason
    if part.parts:
        tree["parts"] = [explanation_to_json(child) for child in part.parts]
    return tree


def explanation_from_json(tree: Any) -> Part:
    """Return the tree of what `explanation_to_json` made; whatever else stands there is left out."""
    if not isinstance(tree, dict):
        return Part(name="")
    texts = {key: value for key in ("name", "value", "reason") if isinstance(value := tree.get(key, ""), str)}
    parts = tree.get("parts")
    return Part(
        **{"name": "", **texts},
        contributes=tree.get("contributes") is True,
        parts=tuple(map(explanation_from_json, parts)) if isinstance(parts, list) else (),
    )
