"""What the events of an issue have in common, in plain words: the contributing leaves of the explanation."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mukiau.core.grouping.explanation import Part, leaves_of
from mukiau.web.event.explanation import part_name

_OF_ROOT: dict[str, Promise] = {"type": _("Root cause"), "function": _("Fails in"), "template": _("Message")}
_OF_WRAPPER: dict[str, Promise] = {
    "type": _("Wrapped in the exception"),
    "function": _("Wrapped in the function"),
    "template": _("Message of the wrapper"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that all events have."""

    label: str | Promise
    value: str


def facts_of(explanation: Part) -> tuple[Fact, ...]:
    """Return what counted, the root cause before what wraps it."""
    return tuple(_facts(explanation))


def _facts(part: Part) -> Iterator[Fact]:
    if not part.contributes:
        return
    if part.name == "exceptions":
        chain = [child for child in reversed(part.parts) if child.contributes and child.name == "exception"]
        for place, link in enumerate(chain):
            yield from _link(link, _OF_WRAPPER if place else _OF_ROOT)
        for child in part.parts:
            if child.name != "exception":
                yield from _facts(child)
    elif part.parts:
        for child in part.parts:
            yield from _facts(child)
    elif part.value:
        yield Fact(label=part_name(part.name), value=part.value)


def _link(link: Part, labels: dict[str, Promise]) -> Iterator[Fact]:
    for leaf in leaves_of(link):
        if leaf.value:
            yield Fact(label=labels.get(leaf.name, part_name(leaf.name)), value=leaf.value)
