"""The runtimes mukiau reads traces of, and the three questions the rest of core asks them.

A new runtime is one module with `LANGUAGE`, `OPENINGS` (the characters its own lines begin with, after the indent),
`kind_of` and `parse_trace`, and one line in `RUNTIMES`. Order matters only where two runtimes print the same line.
"""

from collections.abc import Callable, Sequence

from mukiau.core.traces import jvm, python
from mukiau.core.traces.header import is_header
from mukiau.core.traces.text import MAX_TRACE_LINES, split_lines
from mukiau.core.traces.trace import LineKind, Runtime, Trace

RUNTIMES: tuple[Runtime, ...] = (
    jvm,
    python,
)

MAX_CLASSIFIED_CHARS = 2048
"""Of a longer line only its beginning is classified."""

_Classifier = Callable[[str], LineKind]


def _by_opening() -> dict[str, tuple[_Classifier, ...]]:
    openings = sorted({opening for runtime in RUNTIMES for opening in runtime.OPENINGS})
    return {opening: tuple(r.kind_of for r in RUNTIMES if opening in r.OPENINGS) for opening in openings}


_CLASSIFIERS = _by_opening()


def classify_line(line: str) -> LineKind:
    """Tell what one line is to a trace, without its neighbours.

    Most lines of a log are answered by their first character. Source lines inside a Python trace and further lines of a
    message are NONE: only their neighbours tell.
    """
    if len(line) > MAX_CLASSIFIED_CHARS:
        line = line[:MAX_CLASSIFIED_CHARS]
    opening = line[:1]
    if opening in " \t":
        opening = line.lstrip()[:1]
    for kind_of in _CLASSIFIERS.get(opening, ()):
        kind = kind_of(line)
        if kind:
            return kind
    return LineKind.START if opening.isalpha() and is_header(line.lstrip()) else LineKind.NONE


def find_trace(lines: Sequence[str]) -> Trace | None:
    """Find the best trace in lines (no newlines in them): one with its header before a headless one, then the first."""
    lines = [line.rstrip("\r\n") for line in lines[:MAX_TRACE_LINES]]
    best: Trace | None = None
    for runtime in RUNTIMES:
        trace = runtime.parse_trace(lines)
        if trace is not None and (best is None or _rank(trace) < _rank(best)):
            best = trace
    return best


def find_trace_in_text(text: str) -> Trace | None:
    """Find the best trace in a text with any line ends, escaped newlines or terminal colours."""
    return find_trace(split_lines(text))


def _rank(trace: Trace) -> tuple[bool, int]:
    return trace.is_headless, trace.first_line
