"""The exceptions of an event as the page shows them, each with its role and its frames.

A plain chain stands root cause first, as on the wire. Where the exception is a group it is a tree, and stands from the
raised one down: the members of a group are told apart by where they hang, and none of them is *the* root cause.
"""

from dataclasses import dataclass
from enum import StrEnum

from mukiau.core.event import JSONObject, JSONValue
from mukiau.web.event.frames import FrameRun, StackPlace, frame_runs
from mukiau.web.event.kinship import is_member, parents_of, sources_of, tree_order
from mukiau.web.event.mechanism import MechanismView, mechanism_of
from mukiau.web.event.shapes import brief, items, mapping, text
from mukiau.web.event.sheet import MESSAGE, Pairs, Sheet, Value
from mukiau.web.event.threads import thread_places

CHAIN_BYTES = 60_000
LINK_BYTES = 900
"""Markup of one exception."""
MAX_DEPTH_SHOWN = 6
_SHOWN = frozenset("type value module mechanism stacktrace raw_stacktrace thread_id".split())
_STACK_SHOWN = frozenset({"frames"})


class Role(StrEnum):
    """What a link is in its chain."""

    ONLY = "only"
    ROOT = "root"
    WRAPPER = "wrapper"
    RAISED = "raised"
    SUPPRESSED = "suppressed"
    MEMBER = "member"
    CAUSE = "cause"
    """Of a group's member; a plain chain has wrappers and a root instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """One exception of the chain."""

    anchor: str
    """`x-2`: its place in the payload."""
    role: Role
    depth: int
    """Levels below the raised exception; 0 in a plain chain."""
    type: str
    message: Value
    repeats_cause: bool
    """The message says nothing its cause has not said."""
    counts: bool
    """It is part of the fingerprint."""
    runs: tuple[FrameRun, ...]
    raw_runs: tuple[FrameRun, ...]
    """The stack as the sender first had it, where it differs (before source maps or symbols)."""
    is_unhandled: bool
    """Nobody caught it; said once, though senders repeat it with every cause."""
    mechanism: MechanismView
    thread: str
    """Name (or id) of the thread it was raised in."""
    thread_anchor: str
    fields: Pairs
    """What else is said of it and its stack: registers, language, …"""
    group: str = ""
    """Of a member whose group is not the exception that was raised: that group, `ExceptionGroup: inner`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """All exceptions of an event, in the order of the page."""

    links: tuple[LinkView, ...] = ()
    is_tree: bool = False
    hidden: int = 0
    """Exceptions the page has no room for."""

    @property
    def count(self) -> int:
        return len(self.links) + self.hidden


def chain_of(payload: JSONObject, tree: JSONObject, sheet: Sheet, *, opened: str = "") -> Chain:
    """Return the exceptions; `tree` is the explanation that says which of them count."""
    values = [mapping(value) for value in items(payload.get("exception"))]
    if not values:
        return Chain()
    writer = _LinkWriter(payload, values, _counted(tree), opened=opened)
    part = sheet.part(CHAIN_BYTES)
    links: list[LinkView] = []
    for index, depth in writer.order:
        if not part.takes(LINK_BYTES):
            break
        share = 2 * part.left / (len(values) - len(links) + 1)  # the first ones may take more than their part
        links.append(writer.link(index, min(depth, MAX_DEPTH_SHOWN), part.part(share)))
    return Chain(links=tuple(links), is_tree=writer.is_tree, hidden=len(values) - len(links))


class _LinkWriter:
    """Writes the exceptions of one event."""

    def __init__(self, payload: JSONObject, values: list[JSONObject], counted: dict[int, bool], *, opened: str) -> None:
        self._values = values
        self._threads = thread_places(payload)
        self._parents = parents_of(values)
        self._sources = sources_of(values)
        self._counted = counted
        self._platform = text(payload.get("platform"))
        self._opened = opened
        self.is_tree = any(map(is_member, self._sources))
        self._roles = _roles(self._parents, self._sources, is_tree=self.is_tree)
        self.order = tree_order(self._parents) if self.is_tree else [(index, 0) for index in range(len(values))]

    def link(self, index: int, depth: int, sheet: Sheet) -> LinkView:
        value, role, parent = self._values[index], self._roles[index], self._parents[index]
        path = f"exception.values.{index}"
        wrapper = None if parent is None else self._values[parent]
        thread_id = brief(value.get("thread_id"), 60)
        thread_anchor, thread = self._threads.get(thread_id, ("", thread_id))
        return LinkView(
            anchor=f"x-{index}",
            role=role,
            depth=depth,
            type=_type(value),
            message=sheet.value(value.get("value") or "", f"{path}.value", fold=MESSAGE),
            repeats_cause=role in {Role.WRAPPER, Role.RAISED} and self._repeats(index),
            counts=self._counted.get(len(self._values) - 1 - index, False),
            runs=self._runs(index, "stacktrace", sheet, wrapped_by=wrapper and wrapper.get("stacktrace")),
            raw_runs=self._raw_runs(index, sheet),
            is_unhandled=_is_unhandled(value) and (parent is None or not _is_unhandled(self._values[-1])),
            mechanism=mechanism_of(value, f"{path}.mechanism", sheet),
            thread=thread,
            thread_anchor=thread_anchor,
            fields=self._fields(value, path, sheet),
            group=self._inner_group(parent) if role is Role.MEMBER else "",
        )

    def _runs(self, index: int, key: str, sheet: Sheet, *, wrapped_by: JSONValue = None) -> tuple[FrameRun, ...]:
        place = StackPlace(
            anchor=f"{'f' if key == 'stacktrace' else 'r'}-{index}",
            path=f"exception.values.{index}.{key}",
            platform=self._platform,
            opened=self._opened,
        )
        return frame_runs(self._values[index].get(key), place=place, sheet=sheet, wrapped_by=wrapped_by)

    def _raw_runs(self, index: int, sheet: Sheet) -> tuple[FrameRun, ...]:
        value = self._values[index]
        raw = mapping(value.get("raw_stacktrace")).get("frames")
        is_same = raw == mapping(value.get("stacktrace")).get("frames")
        return () if is_same else self._runs(index, "raw_stacktrace", sheet)

    def _fields(self, value: JSONObject, path: str, sheet: Sheet) -> Pairs:
        own = {name: entry for name, entry in value.items() if name not in _SHOWN}
        for key in ("stacktrace", "raw_stacktrace"):
            stack = mapping(value.get(key))
            own |= {f"{key}.{name}": entry for name, entry in stack.items() if name not in _STACK_SHOWN}
        if not mapping(value.get("mechanism")) and value.get("mechanism"):
            own["mechanism"] = value["mechanism"]
        return sheet.pairs(own, path, known=_SHOWN)

    def _repeats(self, index: int) -> bool:
        message = text(self._values[index].get("value")).strip()
        causes = [self._values[i] for i, parent in enumerate(self._parents) if parent == index]
        said = {text(cause.get("value")).strip() for cause in causes}
        return message in said | {f"{_type(c)}: {text(c.get('value')).strip()}" for c in causes} if causes else False

    def _inner_group(self, parent: int | None) -> str:
        if parent is None or parent == len(self._values) - 1:
            return ""
        return brief(f"{_type(self._values[parent])}: {text(self._values[parent].get('value'))}".strip(": "))


def _is_unhandled(value: JSONObject) -> bool:
    return mapping(value.get("mechanism")).get("handled") is False


def _roles(parents: list[int | None], sources: list[str], *, is_tree: bool) -> list[Role]:
    if len(parents) == 1:
        return [Role.ONLY]
    suppressed = _below(parents, [source.startswith("suppressed") for source in sources])
    root = None if is_tree else _root(parents, suppressed)
    roles = []
    for index, source in enumerate(sources):
        if suppressed[index]:
            roles.append(Role.SUPPRESSED)
        elif index == len(parents) - 1:
            roles.append(Role.RAISED)
        elif is_tree:
            roles.append(Role.MEMBER if is_member(source) else Role.CAUSE)
        else:
            roles.append(Role.ROOT if index == root else Role.WRAPPER)
    return roles


def _root(parents: list[int | None], skipped: list[bool]) -> int:
    """Walk from the raised exception to the cause under it, and so on to the end."""
    at = len(parents) - 1
    for _ in parents:
        cause = next((i for i in range(at - 1, -1, -1) if parents[i] == at and not skipped[i]), None)
        if cause is None:
            break
        at = cause
    return at


def _below(parents: list[int | None], marked: list[bool]) -> list[bool]:
    """Mark everything that hangs on something marked (a parent stands after its causes)."""
    for index in range(len(parents) - 1, -1, -1):
        parent = parents[index]
        if parent is not None and parent > index and marked[parent]:
            marked[index] = True
    return marked


def _type(value: JSONObject) -> str:
    name, module = brief(value.get("type")), brief(value.get("module"))
    return f"{module}.{name}" if module and module != "builtins" and "." not in name else name


def _counted(tree: JSONObject) -> dict[int, bool]:
    """Return by position in the chain (outermost 0) whether the link is part of the fingerprint."""
    chain = next((part for part in items(tree.get("parts")) if mapping(part).get("name") == "exceptions"), None)
    parts = items(mapping(chain).get("parts"))
    return {position: mapping(part).get("contributes") is True for position, part in enumerate(parts)}
