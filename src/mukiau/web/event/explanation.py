"""The explanation tree in the reader's words: what counted, what did not, and why."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mukiau.core.event import JSONObject
from mukiau.web.event.shapes import items, mapping, text

MAX_DEPTH = 8

_NAMES: dict[str, str | Promise] = {
    "service": _("Service"),
    "exceptions": _("Exception chain"),
    "exception": _("Exception"),
    "type": _("Type"),
    "function": _("In-app function"),
    "way_in": _("Way in"),
    "template": _("Message template"),
    "code": _("Code in the message"),
    "log_call": _("Log call"),
    "logger": _("Logger"),
    "call_site": _("Place of the log call"),
    "nothing": _("Level and platform"),
    "client_fingerprint": _("Fingerprint set by the sender"),
    "given": _("Given value"),
    "default": _("Default grouping"),
    "rule_fingerprint": _("Fingerprint set by a rule"),
    "also": _("Counts besides"),
    "tag": _("Tag"),
    "value": _("Value in the message"),
    "root_type": _("Type of the root cause"),
    "types": _("Types of the chain"),
    "message": _("Message"),
    "root_message": _("Message of the root cause"),
    "entry": _("Outermost in-app function"),
    "frames": _("In-app functions"),
    "codes": _("Codes in the messages"),
    "level": _("Level"),
    "platform": _("Platform"),
    "transaction": _("Transaction"),
}
_REASONS: dict[str, str | Promise] = {
    "unknown_service": _("no service is known"),
    "suppressed": _("not used: suppressed exceptions are side effects"),
    "wrapper_seen_through": _("not used: a wrapper that says nothing of its own"),
    "no_frame_in_app": _("not used: no frame is the team's own code"),
    "no_frames": _("not used: there is no stack"),
    "wrapper_with_frames": _("not used: the function says more than the words of a wrapper"),
    "none": _("there is none"),
    "logger_counts": _("not used: the logger counts"),
    "no_message": _("the message is empty"),
    "policy": _("as the grouping policy says"),
}
_RULE = _("by the rule “%(rule)s”")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One line of the tree."""

    label: str | Promise
    value: str
    contributes: bool
    reason: str | Promise
    parts: tuple["Node", ...]


def explanation_nodes(tree: JSONObject) -> tuple[Node, ...]:
    """Return the lines below the root; the exceptions come root cause first, as the chain does."""
    return _nodes(tree, contributes=True, depth=0)


def part_name(name: str) -> str | Promise:
    """Return what a part of an explanation is called."""
    return _NAMES.get(name, name)


def _nodes(branch: JSONObject, *, contributes: bool, depth: int) -> tuple[Node, ...]:
    if depth >= MAX_DEPTH:
        return ()
    parts = [mapping(part) for part in items(branch.get("parts"))]
    if branch.get("name") == "exceptions":
        parts.reverse()
    return tuple(_node(part, contributes=contributes, depth=depth) for part in parts)


def _node(part: JSONObject, *, contributes: bool, depth: int) -> Node:
    counts = contributes and part.get("contributes") is True
    name, reason = text(part.get("name")), text(part.get("reason"))
    return Node(
        label=part_name(name),
        value=text(part.get("value")),
        contributes=counts,
        reason=reason_words(reason),
        parts=_nodes(part, contributes=counts, depth=depth + 1),
    )


def reason_words(reason: str) -> str | Promise:
    """Return why a part does not count, or by which rule it was changed."""
    if reason.startswith("rule:"):
        return _RULE % {"rule": reason.removeprefix("rule:")}
    return _REASONS.get(reason, reason)
