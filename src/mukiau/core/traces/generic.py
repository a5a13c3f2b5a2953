"""Runtimes without a module of their own: their blocks stay whole, with type, message and frames as far as they show.

One row of `_LAYOUTS` per runtime: how its header and its frames look. Chains are not followed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mukiau.core.event import Frame
from mukiau.core.traces.chain import Link, close_chain
from mukiau.core.traces.header import is_log_line
from mukiau.core.traces.libraries import OTHER_LIBRARY_PATHS
from mukiau.core.traces.text import MAX_LINE_CHARS
from mukiau.core.traces.trace import LineKind, Trace

LANGUAGE = "other"
OPENINGS: tuple[str, ...] = ("** (", "(", "#")

MAX_MESSAGE_LINES = 20
"""Lines between a header and its first frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """How one runtime prints; patterns have the groups `type`, `message`, `function`, `file` and `line`."""

    hint: str
    """What every frame of it contains: looked for before any pattern is tried."""
    header: re.Pattern[str]
    frame: re.Pattern[str]


_LAYOUTS = (
    # Elixir: `** (ArithmeticError) bad argument`, then `(app 1.0) lib/a.ex:2: Acme.low/1`.
    _Layout(
        hint=": ",
        header=re.compile(r"\*\* \((?P<type>[\w.:]{1,200})\) ?(?P<message>.*)$"),
        frame=re.compile(
            r"(?:\([\w.]{1,100}(?: [\w.\-+]{1,40})?\) )?"
            r"(?P<file>[\w./\-]{1,400}\.(?:exs?|erl|eex|heex)):(?P<line>\d{1,9}): (?P<function>\S.{0,300})$"
        ),
    ),
    # Perl: `message at a.pl line 3.`, then `main::run("x") called at a.pl line 9`.
    _Layout(
        hint=" line ",
        header=re.compile(r"(?P<type>)(?P<message>.{1,4000}) at \S{1,400}\.p[lm] line \d{1,9}\.$"),
        frame=re.compile(
            r"(?P<function>[\w:]{1,300})\(.{0,2000}\) called at (?P<file>\S{1,400}) line (?P<line>\d{1,9})$"
        ),
    ),
    # Native code: `#0  0x00007f in main () at a.c:12`.
    _Layout(
        hint=" at ",
        header=re.compile(r"(?P<type>SIG[A-Z]{3,5}|terminate called)(?P<message>.*)$"),
        frame=re.compile(
            r"#\d{1,5} +(?:0x[0-9a-f]{1,16} in )?(?P<function>[^\s(]{1,300}) ?\(.{0,1000}\) at (?P<file>[^\s:]{1,400}):(?P<line>\d{1,9})$"
        ),
    ),
)


def kind_of(line: str) -> LineKind:
    """Classify one line: frames only when indented or numbered, so that no ordinary line is taken for one."""
    text = line.strip()
    if text.startswith("** ("):
        return LineKind.START if _LAYOUTS[0].header.match(text) else LineKind.NONE
    if line[:1].isspace() or text.startswith("#"):
        return LineKind.BODY if _match_frame(text) is not None else LineKind.NONE
    return LineKind.NONE


def parse_trace(lines: Sequence[str]) -> Trace | None:
    """Return the first block of frames with the header above it."""
    for index, line in enumerate(lines):
        found = _match_frame(line.strip())
        if found is not None:
            return _parse_block(lines, index, found[0])
    return _parse_lone_header(lines)


def _match_frame(text: str) -> tuple[_Layout, re.Match[str]] | None:
    for layout in _LAYOUTS:
        match = layout.frame.match(text) if layout.hint in text and len(text) < MAX_LINE_CHARS else None
        if match is not None:
            return layout, match
    return None


def _parse_block(lines: Sequence[str], begin: int, layout: _Layout) -> Trace:
    first, link = _header_above(lines, begin, layout)
    end = begin
    while end < len(lines) and (match := layout.frame.match(lines[end].strip()[:MAX_LINE_CHARS])) is not None:
        link.add_frame(_frame_of(match))
        end += 1
    is_headless = not link.type and not link.message
    return Trace(
        language=LANGUAGE, exceptions=close_chain([link]), first_line=first, end_line=end, is_headless=is_headless
    )


def _header_above(lines: Sequence[str], begin: int, layout: _Layout) -> tuple[int, Link]:
    for index in range(begin - 1, max(-1, begin - MAX_MESSAGE_LINES), -1):
        match = layout.header.match(lines[index].strip()[:MAX_LINE_CHARS])
        if match is not None:
            message = "\n".join((match["message"], *lines[index + 1 : begin])).strip()
            return index, Link(type=match["type"], message=message)
        if is_log_line(lines[index]):
            break
    return begin, Link()


def _parse_lone_header(lines: Sequence[str]) -> Trace | None:
    """An Elixir header with no frames still names its exception."""
    for index, line in enumerate(lines):
        match = _LAYOUTS[0].header.match(line.strip()[:MAX_LINE_CHARS])
        if match is not None:
            link = Link(type=match["type"], message=match["message"])
            return Trace(language=LANGUAGE, exceptions=close_chain([link]), first_line=index, end_line=index + 1)
    return None


def _frame_of(match: re.Match[str]) -> Frame:
    path = match["file"]
    is_foreign = match[0].startswith("(") or any(part in path for part in OTHER_LIBRARY_PATHS)
    return Frame(
        function=match["function"], filename=path, abs_path=path, lineno=int(match["line"]), in_app=not is_foreign
    )
