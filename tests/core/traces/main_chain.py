"""The main chain of a trace, as labels name it."""

from collections.abc import Sequence

from mukiau.core.event import ExceptionInfo, Relation


def main_chain(exceptions: Sequence[ExceptionInfo]) -> list[ExceptionInfo]:
    """From the raised exception to its root; empty for none."""
    links, at = list(exceptions[:1]), 0
    for index, exception in enumerate(exceptions):
        if exception.parent == at and exception.relation in {Relation.CAUSE, Relation.CONTEXT}:
            links.append(exception)
            at = index
    return links
