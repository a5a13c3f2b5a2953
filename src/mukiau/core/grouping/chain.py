"""An exception chain as grouping reads it: the raised exception, the root cause, the team's own frames."""

from collections.abc import Iterator

from mukiau.core.event import ExceptionInfo, Frame, Relation
from mukiau.core.grouping.names import function_name, is_generated, place_name

_FOLLOWED = frozenset({Relation.CAUSE, Relation.CONTEXT, Relation.GROUP_MEMBER, Relation.AGGREGATE_MEMBER})


def root_cause(chain: tuple[ExceptionInfo, ...]) -> ExceptionInfo | None:
    """Return the innermost cause on the main line of the chain; None without exceptions."""
    if not chain:
        return None
    index = 0
    for position, link in enumerate(chain[1:], 1):
        if link.parent == index and link.relation in _FOLLOWED:
            index = position
    return chain[index]


def suppressed(links: tuple[ExceptionInfo, ...]) -> frozenset[int]:
    """Return the indexes of suppressed exceptions and of everything that hangs on them."""
    found: set[int] = set()
    for index, link in enumerate(links):
        if link.relation is Relation.SUPPRESSED or link.parent in found:
            found.add(index)
    return frozenset(found)


def own_frames(frames: tuple[Frame, ...]) -> Iterator[Frame]:
    """Yield the in-app frames from the crash outwards, generated ones passed over."""
    return (frame for frame in reversed(frames) if frame.in_app and not is_generated(frame))


def crash_frame(frames: tuple[Frame, ...]) -> Frame | None:
    """Return the in-app frame nearest the crash; None when there is none."""
    return next(own_frames(frames), None)


def crashed_link(chain: tuple[ExceptionInfo, ...]) -> ExceptionInfo | None:
    """Return the innermost exception that came from an in-app frame; what is suppressed, and what hangs on it, is passed
    over."""
    aside = suppressed(chain)
    return next(
        (
            chain[index]
            for index in reversed(range(len(chain)))
            if index not in aside and crash_frame(chain[index].frames) is not None
        ),
        None,
    )


def place_of(frame: Frame) -> str:
    """Return class, package or file of a frame."""
    return place_name(frame.module, frame.filename)


def name_of(frame: Frame) -> str:
    """Return place and function of a frame, as they are compared."""
    return f"{place_of(frame)} {function_name(frame.function)}".strip()


def short_name(name: str) -> str:
    """Return the last part of a dotted name: `java.io.IOException` → `IOException`."""
    return name.rsplit(".", 1)[-1].rsplit("::", 1)[-1].rsplit("\\", 1)[-1]
