"""The exception chain as the page shows it: root cause first, each link with its role and its frames.

The wire keeps the chain the same way round (oldest cause first, the raised exception last), so order is the wire's;
the roles come from the mechanism's ids where they are given, else the chain is a straight line.
"""

from dataclasses import dataclass
from enum import StrEnum

from mukiau.core.event import JSONObject, JSONValue
from mukiau.web.event.frames import FrameRun, frame_runs
from mukiau.web.event.shapes import items, mapping, text, whole_number


class Role(StrEnum):
    """What a link is in its chain."""

    ONLY = "only"
    ROOT = "root"
    WRAPPER = "wrapper"
    RAISED = "raised"
    SUPPRESSED = "suppressed"
    MEMBER = "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """One exception of the chain."""

    role: Role
    type: str
    message: str
    repeats_cause: bool
    """The message says nothing its cause has not said."""
    counts: bool
    """It is part of the fingerprint."""
    runs: tuple[FrameRun, ...]
    handled: bool | None
    group: str = ""
    """Of a member whose group is not the exception that was raised: that group, `ExceptionGroup: inner`."""


def chain_of(payload: JSONObject, tree: JSONObject) -> tuple[LinkView, ...]:
    """Return the links, root cause first; `tree` is the explanation that says which of them count."""
    values = [mapping(value) for value in items(payload.get("exception"))]
    parents = _parents(values)
    counted = _counted(tree)
    return tuple(
        LinkView(
            role=role,
            type=_type(value),
            message=text(value.get("value")),
            repeats_cause=role in {Role.WRAPPER, Role.RAISED} and _repeats(value, values, parents, index),
            counts=counted.get(len(values) - 1 - index, False),
            runs=frame_runs(value.get("stacktrace"), wrapped_by=_stacktrace_of(values, parents[index])),
            handled=mapping(value.get("mechanism")).get("handled"),
            group=_inner_group(values, parents[index]) if role is Role.MEMBER else "",
        )
        for index, (value, role) in enumerate(zip(values, _roles(values, parents), strict=True))
    )


def _parents(values: list[JSONObject]) -> list[int | None]:
    """Return for each link the index of the exception it hangs on; the raised one has none."""
    mechanisms = [mapping(value.get("mechanism")) for value in values]
    by_id = {
        number: index
        for index, m in enumerate(mechanisms)
        if (number := whole_number(m.get("exception_id"))) is not None
    }
    parents: list[int | None] = []
    for index, mechanism in enumerate(mechanisms):
        default = index + 1 if index + 1 < len(values) else None
        given = by_id.get(whole_number(mechanism.get("parent_id")) or 0) if "parent_id" in mechanism else default
        parents.append(None if index == len(values) - 1 else default if given in {None, index} else given)
    return parents


def _roles(values: list[JSONObject], parents: list[int | None]) -> list[Role]:
    if len(values) == 1:
        return [Role.ONLY]
    sources = [text(mapping(value.get("mechanism")).get("source")) for value in values]
    suppressed = _below(parents, [source.startswith("suppressed") for source in sources])
    root = _root(parents, ["[" in source for source in sources])
    roles = []
    for index, source in enumerate(sources):
        if suppressed[index]:
            roles.append(Role.SUPPRESSED)
        elif index == len(values) - 1:
            roles.append(Role.RAISED)
        elif index == root:
            roles.append(Role.ROOT)
        else:
            roles.append(Role.MEMBER if "[" in source else Role.WRAPPER)
    return roles


def _root(parents: list[int | None], skipped: list[bool]) -> int:
    """Walk from the raised exception to the cause under it, and so on to the end; a group's members are no causes."""
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


def _repeats(value: JSONObject, values: list[JSONObject], parents: list[int | None], index: int) -> bool:
    message = text(value.get("value")).strip()
    causes = [values[i] for i, parent in enumerate(parents) if parent == index]
    said = {text(cause.get("value")).strip() for cause in causes}
    return message in said | {f"{_type(c)}: {text(c.get('value')).strip()}" for c in causes} if causes else False


def _inner_group(values: list[JSONObject], parent: int | None) -> str:
    if parent is None or parent == len(values) - 1:
        return ""
    return f"{_type(values[parent])}: {text(values[parent].get('value'))}".strip(": ")


def _stacktrace_of(values: list[JSONObject], index: int | None) -> JSONValue:
    return None if index is None else values[index].get("stacktrace")


def _type(value: JSONObject) -> str:
    name, module = text(value.get("type")), text(value.get("module"))
    return f"{module}.{name}" if module and module != "builtins" and "." not in name else name


def _counted(tree: JSONObject) -> dict[int, bool]:
    """Return by position in the chain (outermost 0) whether the link is part of the fingerprint."""
    chain = next((part for part in items(tree.get("parts")) if mapping(part).get("name") == "exceptions"), None)
    parts = items(mapping(chain).get("parts"))
    return {position: mapping(part).get("contributes") is True for position, part in enumerate(parts)}
