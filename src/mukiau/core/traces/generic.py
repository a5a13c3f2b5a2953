"""Runtimes without a module of their own, on a best effort: Perl's stacks and the faults of shell scripts.

Chains are not followed.
"""

import re
from collections.abc import Sequence

from mukiau.core.event import Frame
from mukiau.core.traces.chain import Link, close_chain
from mukiau.core.traces.header import is_log_line
from mukiau.core.traces.libraries import OTHER_LIBRARY_PATHS
from mukiau.core.traces.text import MAX_LINE_CHARS
from mukiau.core.traces.trace import LineKind, Trace

LANGUAGE = "other"
OPENINGS: tuple[str, ...] = ()
"""Nothing is sure to stand first; `MARKS` tells instead."""
MARKS = (" called at ", ".sh: line ")
"""What every line of these runtimes contains."""

MAX_MESSAGE_LINES = 20
"""Lines between a message's first line and its first frame."""

# Perl: `message at a.pl line 3.`, then `main::run("x") called at a.pl line 9`.
_PERL_HEADER = re.compile(r"(.{1,4000}) at (\S{1,400}\.p[lm]) line (\d{1,9})\.$")
_PERL_FRAME = re.compile(r"([\w:]{1,300})\(.{0,2000}\) called at (\S{1,400}) line (\d{1,9})$")
_SHELL_FAULT = re.compile(r"([\w./\-]{1,400}\.sh): line (\d{1,9}): (\S.{0,4000})$")


def kind_of(line: str) -> LineKind:
    """Classify one line: frames only when indented, so that no ordinary line is taken for one."""
    if line[:1].isspace():
        return LineKind.BODY if _PERL_FRAME.match(line.strip()) else LineKind.NONE
    return LineKind.START if _SHELL_FAULT.match(line) else LineKind.NONE


def parse_trace(lines: Sequence[str]) -> Trace | None:
    """Return the first block of frames with the message above it, or the first fault of a script."""
    for index, line in enumerate(lines):
        if not any(mark in line for mark in MARKS):
            continue
        text = line.strip()[:MAX_LINE_CHARS]
        if _PERL_FRAME.match(text):
            return _parse_perl(lines, index)
        fault = _SHELL_FAULT.search(text)
        if fault is not None:
            link = Link(message=fault[3], frames=[_frame_of("", fault[1], fault[2])])
            return Trace(language=LANGUAGE, exceptions=close_chain([link]), first_line=index, end_line=index + 1)
    return None


def is_message_of_perl(line: str) -> bool:
    """Tell whether a line is the message that Perl's frames stand under."""
    return " line " in line and _PERL_HEADER.match(line.strip()[:MAX_LINE_CHARS]) is not None


def _parse_perl(lines: Sequence[str], begin: int) -> Trace:
    first, link = _header_above(lines, begin)
    end = begin
    while end < len(lines) and (match := _PERL_FRAME.match(lines[end].strip()[:MAX_LINE_CHARS])) is not None:
        link.add_frame(_frame_of(*match.groups()))
        end += 1
    return Trace(
        language=LANGUAGE, exceptions=close_chain([link]), first_line=first, end_line=end, is_headless=first == begin
    )


def _header_above(lines: Sequence[str], begin: int) -> tuple[int, Link]:
    for index in range(begin - 1, max(-1, begin - MAX_MESSAGE_LINES), -1):
        match = _PERL_HEADER.match(lines[index].strip()[:MAX_LINE_CHARS])
        if match is not None:
            return index, Link(message=match[1], frames=[_frame_of("", match[2], match[3])])
        if is_log_line(lines[index]):
            break
    return begin, Link()


def _frame_of(function: str, path: str, line: str) -> Frame:
    in_app = not any(part in path for part in OTHER_LIBRARY_PATHS)
    return Frame(function=function, filename=path, abs_path=path, lineno=int(line), in_app=in_app)
