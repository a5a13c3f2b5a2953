"""How the exceptions of an event hang together: who caused whom, who is a member of which group.

The wire lists them oldest cause first, the raised one last. Where the sender numbers them (`exception_id`, `parent_id`)
they are a tree; else the chain is a straight line. One widely used SDK gives every `__cause__` and `__context__` inside
a group the parent 0, the group itself; but it numbers them right after the exception they belong to, so that is known
again here.
"""

from mukiau.core.event import JSONObject
from mukiau.web.event.shapes import mapping, text, whole_number

_ATTRIBUTES = ("__cause__", "__context__")


def parents_of(values: list[JSONObject]) -> list[int | None]:
    """Return for each exception the index of the one it hangs on; the raised one has none."""
    mechanisms = [mapping(value.get("mechanism")) for value in values]
    ids = [whole_number(mechanism.get("exception_id")) for mechanism in mechanisms]
    by_id = {number: index for index, number in enumerate(ids) if number is not None}
    parents: list[int | None] = []
    for index, mechanism in enumerate(mechanisms):
        default = index + 1 if index + 1 < len(values) else None
        given = by_id.get(_parent_id(mechanism, ids[index])) if "parent_id" in mechanism else default
        parents.append(None if index == len(values) - 1 else default if given in {None, index} else given)
    return parents


def _parent_id(mechanism: JSONObject, own: int | None) -> int:
    parent = whole_number(mechanism.get("parent_id")) or 0
    if parent == 0 and own is not None and own > 1 and mechanism.get("source") in _ATTRIBUTES:
        return own - 1
    return parent


def sources_of(values: list[JSONObject]) -> list[str]:
    """Return by which attribute its parent leads to each exception: `__cause__`, `exceptions[2]`; "" when unsaid."""
    return [text(mapping(value.get("mechanism")).get("source")) for value in values]


def is_member(source: str) -> bool:
    """Tell whether a source is a place in a group's list."""
    return "[" in source and not source.startswith("suppressed")


def tree_order(parents: list[int | None]) -> list[tuple[int, int]]:
    """Return (index, depth) from the raised exception down, each parent before its children, first members first.

    What hangs on nothing that leads to the raised one (ids in a circle) follows at the end.
    """
    children: dict[int | None, list[int]] = {}
    for index, parent in enumerate(parents):
        children.setdefault(parent, []).append(index)
    order: list[tuple[int, int]] = []
    seen: set[int] = set()
    stack = [(index, 0) for index in children.get(None, [])]
    while stack:
        index, depth = stack.pop()
        order.append((index, depth))
        seen.add(index)
        # Later members stand earlier on the wire, so the last child is the first to be shown: pop() takes it.
        stack.extend((child, depth + 1) for child in children.get(index, []))
    return order + [(index, 1) for index in reversed(range(len(parents))) if index not in seen]
