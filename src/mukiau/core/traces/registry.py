"""The runtimes mukiau reads traces of, and the three questions the rest of core asks them.

A new runtime is one module with `LANGUAGE`, `OPENINGS` (what its own lines begin with, after the indent),
`kind_of` and `parse_trace`, and one line in `RUNTIMES`. Order matters only where two runtimes print the same line.
"""

from collections.abc import Callable, Sequence

from mukiau.core.traces import (
    dart,
    dotnet,
    elixir,
    erlang,
    generic,
    go,
    javascript,
    jvm,
    native,
    php,
    php_console,
    python,
    ruby,
    rust,
)
from mukiau.core.traces.header import is_header
from mukiau.core.traces.text import MAX_TRACE_LINES, split_lines, unfold, without_indent
from mukiau.core.traces.trace import LineKind, Runtime, Trace

RUNTIMES: tuple[Runtime, ...] = (
    jvm,
    python,
    javascript,
    dotnet,
    go,
    ruby,
    php,
    php_console,
    rust,
    elixir,
    erlang,
    dart,
    native,
    generic,
)

MAX_CLASSIFIED_CHARS = 2048
"""Of a longer line only its beginning is classified."""

_Classifier = Callable[[str], LineKind]


def _by_first_character() -> dict[str, tuple[tuple[str, ...], tuple[_Classifier, ...]]]:
    """First character of a line -> the openings with it and the runtimes to ask when one of them matches."""
    table: dict[str, tuple[tuple[str, ...], tuple[_Classifier, ...]]] = {}
    for runtime in RUNTIMES:
        for first in sorted({opening[0] for opening in runtime.OPENINGS}):
            openings, classifiers = table.get(first, ((), ()))
            own = tuple(opening for opening in runtime.OPENINGS if opening[0] == first)
            table[first] = (tuple(dict.fromkeys(openings + own)), (*classifiers, runtime.kind_of))
    return table


_CLASSIFIERS = _by_first_character()
_BY_MARK: tuple[tuple[str, _Classifier], ...] = (
    (".rb:", ruby.kind_of),
    ("@", javascript.kind_of),
    ("://", javascript.kind_of),
    (".swift:", native.kind_of),
    (".ex", elixir.kind_of),
    (".erl:", elixir.kind_of),
    *((mark, generic.kind_of) for mark in generic.MARKS),
)
"""Lines that begin with a file's or a function's name, so that nothing is sure to stand first."""


def classify_line(line: str) -> LineKind:
    """Tell what one line is to a trace, without its neighbours.

    Most lines of a log are answered by their first character. Source lines inside a Python trace and further lines of a
    message are NONE: only their neighbours tell.
    """
    if len(line) > MAX_CLASSIFIED_CHARS:
        line = line[:MAX_CLASSIFIED_CHARS]
    first = line[:1]
    text = line
    if first.isdigit():
        # Lines of a trace begin with a number only under an indent; a log's lines begin with their time.
        return LineKind.NONE
    if first in " \t":
        text = line.lstrip()
        first = text[:1]
    if first in _CLASSIFIERS:
        openings, classifiers = _CLASSIFIERS[first]
        if text.startswith(openings):
            for kind_of in classifiers:
                kind = kind_of(line)
                if kind:
                    return kind
    if first.isalpha() and is_header(text):
        return LineKind.START
    return _kind_by_mark(line)


def _kind_by_mark(line: str) -> LineKind:
    for mark, kind_of in _BY_MARK:
        if mark in line and (kind := kind_of(line)):
            return kind
    return LineKind.NONE


def find_trace(lines: Sequence[str]) -> Trace | None:
    """Find the best trace in lines (no newlines in them): one with header and frames, then the first."""
    lines = [line.rstrip("\r\n") for line in lines[:MAX_TRACE_LINES]]
    lines = without_indent(unfold(lines[0]) if len(lines) == 1 else lines)
    best: Trace | None = None
    for runtime in RUNTIMES:
        trace = runtime.parse_trace(lines)
        if trace is not None and (best is None or _rank(trace) < _rank(best)):
            best = trace
    return best


def find_trace_in_text(text: str) -> Trace | None:
    """Find the best trace in a text with any line ends, escaped newlines or terminal colours."""
    return find_trace(split_lines(text))


def _rank(trace: Trace) -> tuple[bool, bool, int]:
    return trace.is_headless, not trace.exceptions[0].frames, trace.first_line
