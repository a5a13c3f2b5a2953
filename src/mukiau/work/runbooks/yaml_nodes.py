"""YAML read into nodes that know their lines, and nothing else.

Nothing is constructed: every scalar stays the text it was written as, so that no date, number or tag means more than it
says. Aliases are refused (one line of them can stand for gigabytes), and so is what nests deeper than a person writes.
"""

from collections.abc import Iterator

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

MAX_DEPTH = 8
_OTHER_BREAKS = dict.fromkeys(map(ord, "\x85\u2028\u2029"), " ")
"""Ends of lines to YAML, and to nobody who counts lines."""

__all__ = ["MappingNode", "Node", "ScalarNode", "SequenceNode", "Unreadable", "compose", "line_of", "pairs_of"]


class Unreadable(Exception):  # noqa: N818 - the text is at fault; it is told with its line
    """The text is no YAML of the plain kind."""

    def __init__(self, line: int, note: str) -> None:
        super().__init__(note)
        self.line = line
        """From 1."""


def compose(text: str) -> Node | None:
    """Return the root node, None for an empty text; raises Unreadable."""
    text = text.translate(_OTHER_BREAKS)
    try:
        _check(text)
        root: Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(mark.line + 1 if mark else 1, error.problem or "no YAML") from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Unreadable(line, "characters that YAML does not allow") from error
    return root


def line_of(node: Node) -> int:
    """Return the line a node begins on, from 1."""
    return int(node.start_mark.line) + 1


def pairs_of(node: MappingNode) -> Iterator[tuple[str, int, Node]]:
    """Yield key, line and value of a mapping; of keys that are no text the text they were written as is empty."""
    for key, value in node.value:
        yield (key.value if isinstance(key, ScalarNode) else ""), line_of(key), value


def _check(text: str) -> None:
    depth, loader = 0, yaml.SafeLoader(text)
    for event in _events(loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable(line, "an alias")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise Unreadable(line, "too many levels")


def _events(loader: yaml.SafeLoader) -> Iterator[yaml.Event]:
    """Yield what a loader reads; the library lets through what Python says of a number or a character that is none."""
    try:
        while loader.check_event():
            yield loader.get_event()  # type: ignore[no-untyped-call]
    except (ValueError, OverflowError) as error:
        raise Unreadable(loader.line + 1, "a number or a character that there is not") from error
