"""YAML read into nodes that know their lines, and nothing else.

Nothing is constructed: every scalar stays the text it was written as, so that no date, number or tag means more than it
says. Aliases are refused (one line of them can stand for gigabytes), and so is what nests deeper than a person writes.
"""

from collections.abc import Iterator

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

MAX_DEPTH = 8

__all__ = ["MappingNode", "Node", "ScalarNode", "SequenceNode", "Unreadable", "compose", "line_of", "pairs_of"]


class Unreadable(Exception):  # noqa: N818 - the text is at fault; it is told with its line
    """The text is no YAML of the plain kind."""

    def __init__(self, line: int, note: str) -> None:
        super().__init__(note)
        self.line = line
        """From 1."""


def compose(text: str) -> Node | None:
    """Return the root node, None for an empty text; raises Unreadable."""
    try:
        _check(text)
        root: Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(mark.line + 1 if mark else 1, error.problem or "no YAML") from error
    except yaml.YAMLError as error:
        raise Unreadable(1, "characters that YAML does not allow") from error
    return root


def line_of(node: Node) -> int:
    """Return the line a node begins on, from 1."""
    return int(node.start_mark.line) + 1


def pairs_of(node: MappingNode) -> Iterator[tuple[str, int, Node]]:
    """Yield key, line and value of a mapping; of keys that are no text the text they were written as is empty."""
    for key, value in node.value:
        yield (key.value if isinstance(key, ScalarNode) else ""), line_of(key), value


def _check(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable(line, "an alias")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise Unreadable(line, "too many levels")
