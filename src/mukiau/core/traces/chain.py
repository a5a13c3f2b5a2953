"""The exception chain while it is being read: links that know their parent, put in order at the end.

Runtimes print chains in different orders (cause first, cause last, members in between). A parser only says which link
hangs on which; `close_chain` gives the one order of `core`: the main chain (raised exception, its cause, the cause's
cause, …) and after it everything that hangs beside it (suppressed exceptions, members of a group and their causes).
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from mukiau.core.event import ExceptionInfo, Frame, Relation

MAX_CHAIN_LINKS = 128
"""Links kept of one trace: real chains have under ten, a group of a fan-out may have a hundred members."""
MAX_LINK_FRAMES = 2048
"""Frames kept of one exception: the JVM prints 1,024 of a stack overflow, other runtimes fewer."""
MAX_MESSAGE_CHARS = 32_768
"""Characters kept of one message; a longer one is cut at the end."""

_MAIN = (Relation.CAUSE, Relation.CONTEXT)


@dataclass(slots=True, eq=False)
class Link:
    """One exception under construction."""

    type: str = ""
    message: str = ""
    relation: Relation = Relation.TOP
    parent: "Link | None" = None
    frames: list[Frame] = field(default_factory=list)
    """Crash first, as most runtimes print them; `close_chain` reverses."""

    def add_frame(self, frame: Frame) -> None:
        """Append a frame further away from the crash; past `MAX_LINK_FRAMES` it is left out."""
        if len(self.frames) < MAX_LINK_FRAMES:
            self.frames.append(frame)

    def hang_on(self, parent: "Link", relation: Relation) -> None:
        self.parent = parent
        self.relation = relation


def close_chain(links: Iterable[Link]) -> tuple[ExceptionInfo, ...]:
    """Return the chain, main chain first, with `parent` as index into the result.

    A link whose parent was left out (past `MAX_CHAIN_LINKS`) is left out too.
    """
    kept: list[Link] = []
    index: dict[int, int] = {}
    for link in _in_order(list(links)):
        if len(kept) == MAX_CHAIN_LINKS or (link.parent is not None and id(link.parent) not in index):
            continue
        index[id(link)] = len(kept)
        kept.append(link)
    return tuple(_closed(link, None if link.parent is None else index[id(link.parent)]) for link in kept)


def _in_order(links: list[Link]) -> list[Link]:
    """Walk the tree from its top: causes at once, the rest in the order it was printed."""
    children: dict[int, list[Link]] = {}
    for link in links:
        children.setdefault(id(link.parent), []).append(link)
    ordered: list[Link] = []
    waiting = deque([link for link in links if link.parent is None][:1])
    while waiting:
        link = waiting.pop()
        ordered.append(link)
        below = children.get(id(link), [])
        # What is on the right comes out next: the cause at once, what hangs beside it after all that waits.
        waiting.extendleft([child for child in below if child.relation not in _MAIN])
        waiting.extend(reversed([child for child in below if child.relation in _MAIN]))
    return ordered


def _closed(link: Link, parent: int | None) -> ExceptionInfo:
    return ExceptionInfo(
        type=link.type,
        message=link.message[:MAX_MESSAGE_CHARS],
        relation=link.relation,
        parent=parent,
        frames=tuple(reversed(link.frames)),
    )
