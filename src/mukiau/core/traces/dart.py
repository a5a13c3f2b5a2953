"""Traces of Dart and Flutter: numbered frames under `Unhandled exception:`, with `<asynchronous suspension>` between them.

Most exceptions print their type before the message; the core library's errors print words instead, which are turned
back into the type.
"""

import re
from collections.abc import Sequence

from mukiau.core.event import Frame
from mukiau.core.traces.chain import Link, close_chain
from mukiau.core.traces.header import MAX_MESSAGE_LINES, is_log_line, split_header
from mukiau.core.traces.libraries import DART_LIBRARIES
from mukiau.core.traces.text import MAX_LINE_CHARS, dedent
from mukiau.core.traces.trace import LineKind, Trace

LANGUAGE = "dart"
OPENINGS: tuple[str, ...] = (
    "#",
    "Unhandled exception:",
    "<asynchronous suspension>",
    "[ERROR:flutter",
    "package:",
    "dart:",
)

_UNHANDLED = re.compile(r"(?:\[ERROR:[^\]\n]{1,120}\] )?Unhandled [Ee]xception:\s{0,4}")
_SUSPENSION = "<asynchronous suspension>"
_FRAME = re.compile(
    r"#\d{1,5} {1,8}(?P<function>\S.{0,400}?) \((?P<file>(?:dart|package|file|https?):[^()\s]{1,1024}?)"
    r"(?::(?P<line>\d{1,9}))?(?::(?P<column>\d{1,9}))?\)$"
)
_TERSE = re.compile(
    r"(?P<file>(?:package|dart):[^\s:]{1,400})(?: (?P<line>\d{1,9}):(?P<column>\d{1,9}))? {2,80}(?P<function>\S.{0,400})$"
)
"""The layout of the package stack_trace."""
_WORDS = (
    ("Bad state: ", "StateError"),
    ("Invalid argument", "ArgumentError"),
    ("RangeError (", "RangeError"),
    ("Unsupported operation: ", "UnsupportedError"),
    ("UnimplementedError", "UnimplementedError"),
    ("Concurrent modification during iteration", "ConcurrentModificationError"),
    ("Null check operator used on a null value", "TypeError"),
    ("type '", "TypeError"),
    ("'package:", "AssertionError"),
)
"""What `toString` of the core library's errors begins with."""


def kind_of(line: str) -> LineKind:
    """Classify one line."""
    text = line.strip()
    if text.startswith(("Unhandled exception:", "[ERROR:flutter")):
        return LineKind.START if _UNHANDLED.match(text) else LineKind.NONE
    return LineKind.BODY if text == _SUSPENSION or _match_frame(text) is not None else LineKind.NONE


def parse_trace(lines: Sequence[str]) -> Trace | None:
    """Return the first trace."""
    begin = next((i for i, line in enumerate(lines) if _match_frame(line.strip()) is not None), None)
    if begin is None:
        return None
    first, link = _header_above(lines, begin)
    end = begin
    for index in range(begin, len(lines)):
        text = lines[index].strip()
        match = _match_frame(text)
        if match is not None:
            link.add_frame(_frame_of(match))
        elif text != _SUSPENSION and not text.startswith("====="):
            break
        end = index + 1
    is_headless = not link.type and not link.message
    return Trace(
        language=LANGUAGE, exceptions=close_chain([link]), first_line=first, end_line=end, is_headless=is_headless
    )


def is_in_app(path: str) -> bool:
    """Tell whether a file is the team's own: not of the SDK and of no well-known package."""
    return not path.startswith(DART_LIBRARIES)


def _match_frame(text: str) -> re.Match[str] | None:
    if text[:1] not in "#pd" or len(text) > MAX_LINE_CHARS:
        return None
    return (_FRAME if text[:1] == "#" else _TERSE).match(text)


def _header_above(lines: Sequence[str], begin: int) -> tuple[int, Link]:
    """First line and exception of the frames: under `Unhandled exception:`, behind it, or the last line above."""
    for index in range(begin - 1, max(-1, begin - MAX_MESSAGE_LINES), -1):
        unhandled = _UNHANDLED.search(lines[index][:MAX_LINE_CHARS])
        if unhandled is not None:
            rest = lines[index][unhandled.end() :]
            text = "\n".join((*((rest,) if rest else ()), *dedent(lines[index + 1 : begin], lines[index])))
            return index, _link_of(text)
        if is_log_line(lines[index]):
            break
    if begin and lines[begin - 1].strip() and (found := split_header(lines[begin - 1].strip()[:MAX_LINE_CHARS])):
        return begin - 1, Link(type=found[0], message=found[1])
    return begin, Link()


def _link_of(text: str) -> Link:
    name = next((name for start, name in _WORDS if text.startswith(start)), "")
    if name:
        return Link(type=name, message=text)
    first, newline, more = text.partition("\n")
    found = split_header(first)
    return Link(type=found[0], message=found[1] + newline + more) if found else Link(message=text)


def _frame_of(match: re.Match[str]) -> Frame:
    path, line, column = match["file"], match["line"], match["column"]
    return Frame(
        function=match["function"],
        filename=path,
        abs_path=path,
        lineno=int(line) if line else None,
        colno=int(column) if column else None,
        in_app=is_in_app(path),
    )
