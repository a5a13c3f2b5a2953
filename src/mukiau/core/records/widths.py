"""Whether a stream's lines are cut at a terminal's width."""

from mukiau.core.event import JSONValue

_WIDTHS = frozenset((80, 100, 120, 132, 160, 200))
"""Columns at which terminals and `fold` cut lines. Any width would do, but then two alike long lines made one."""


class Widths:
    """The length of the longest lines of a stream."""

    def __init__(self) -> None:
        self.longest = 0
        self._count = 0

    def measure(self, length: int) -> None:
        """Note a line's length in characters."""
        if length > self.longest:
            self.longest, self._count = length, 0
        self._count += length == self.longest

    def is_cut(self, line: str) -> bool:
        """Whether a line was cut: no line is longer, several are as long, and it is a terminal's width; no box's side."""
        length = len(line)
        if line[-1:] in ("│", "╮", "╯"):
            return False
        return length == self.longest and self._count > 1 and length in _WIDTHS

    def to_json(self) -> JSONValue:
        """What a restart needs."""
        return [self.longest, self._count]

    def restore(self, saved: JSONValue) -> None:
        """Take back what `to_json` gave."""
        self.longest, self._count = saved
