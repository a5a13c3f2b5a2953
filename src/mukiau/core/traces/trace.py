"""The contract of every runtime in this room, and the values they return."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from mukiau.core.event import ExceptionInfo


class LineKind(IntEnum):
    """What one line is to a trace."""

    NONE = 0
    """Says nothing about a trace (an ordinary log line)."""
    START = 1
    """Begins a trace by itself (`Traceback (most recent call last):`, `panic: …`, `java.io.IOException: …`)."""
    BODY = 2
    """Continues a trace and never begins one (frames, `Caused by:`, `... 12 more`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A trace found in a text."""

    language: str
    """`java`, `python`, `javascript`, `csharp`, `go`, `ruby`, `php`, `rust`,
    `elixir`, `erlang`, `dart`, `native`,
    `other`."""
    exceptions: tuple[ExceptionInfo, ...]
    """Outermost first."""
    first_line: int
    """Index of the first line of the trace among the lines given."""
    end_line: int
    """Index after its last line."""
    is_headless: bool = False
    """The beginning is missing (cut log): frames without their exception."""


class Runtime(Protocol):
    """What each module of this room offers; one registry line in `registry.py` adds it."""

    LANGUAGE: str
    OPENINGS: tuple[str, ...]
    """What the runtime's own lines can begin with, after their indent: other lines are not even shown to `kind_of`."""

    def kind_of(self, line: str) -> LineKind:
        """Classify one line without looking at its neighbours; cheap, called for every line."""

    def parse_trace(self, lines: Sequence[str]) -> Trace | None:
        """Return the best trace in the lines, None when there is none; never raises, linear in the text's length."""
