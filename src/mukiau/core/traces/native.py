"""Traces of native code, on a best effort: gdb, the sanitizers, glog, `terminate called`, Swift.

There is no one format and there are no chains. A header names what happened (signal, kind of a sanitizer's report, type
of an exception), the frames are numbered and have an address.
"""

import re
from collections.abc import Sequence

from mukiau.core.event import Frame
from mukiau.core.traces.chain import Link, close_chain
from mukiau.core.traces.header import is_log_line
from mukiau.core.traces.libraries import NATIVE_LIBRARY_PATHS
from mukiau.core.traces.text import MAX_LINE_CHARS
from mukiau.core.traces.trace import LineKind, Trace

LANGUAGE = "native"
OPENINGS: tuple[str, ...] = ("#", "==", "Program received signal ", "Thread ", "terminate called ", "what():", "@ ", "Fatal error: ", "*** ", *"0123456789")  # fmt: skip

MAX_HEADER_LINES = 20
"""Lines between a header and its first frame: a sanitizer says in them what was read."""

_HEADERS = (
    re.compile(r"(?:Program|Thread \d{1,6}.{0,120}) received signal (?P<type>SIG[A-Z]{2,6}), (?P<message>.{0,400})$"),
    re.compile(r"==\d{1,10}==\s?ERROR: \w{1,40}Sanitizer: (?P<type>[\w-]{1,80}):? ?(?P<message>.{0,4000})$"),
    re.compile(r"terminate called after throwing an instance of '(?P<type>[^'\n]{1,400})'(?P<message>)$"),
    re.compile(r"terminate called (?P<type>without) (?P<message>an active exception)$"),
    re.compile(r"\*{3} (?P<type>SIG[A-Z]{2,6}) (?P<message>.{0,400})$"),
    re.compile(
        r"(?:(?P<file>[\w./ -]{1,400}\.swift):(?P<line>\d{1,9}): )?(?P<type>(?:Fatal|Precondition failed|Assertion failed) ?(?:error)?): (?P<message>.{1,4000})$"
    ),
    re.compile(
        r"\S{1,200}: (?P<file>[\w./-]{1,400}\.\w{1,4}):(?P<line>\d{1,9}): .{1,400}: (?P<type>Assertion) `(?P<message>.{1,4000})' failed\.$"
    ),
)
_WHAT = re.compile(r"what\(\): {1,4}(.{0,16000})$")
_FRAMES = (
    # gdb and the sanitizers, with or without a place in a source file.
    re.compile(
        r"#\d{1,5} {1,4}(?:0x[0-9a-f]{1,16} )?(?:in )?(?P<function>[^\s(][^\n]{0,1000}?) ?"
        r"(?:\((?:\+?0x[0-9a-f]{1,16}|[^()\n]{0,1000})\) )?(?:at )?(?P<file>/?[\w./+~-]{1,400}\.\w{1,5}):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?$"
    ),
    re.compile(
        r"#\d{1,5} {1,4}0x[0-9a-f]{1,16} (?:in )?(?P<function>[^\s(][^\n]{0,1000}?)? ?(?:\(\))? ?(?:from |\()(?P<object>/[^()\s+]{1,400})[^\n]{0,80}$"
    ),
    # Swift: `0 [ra] [inlined] 0x… main in kite at /src/main.swift:3:1`.
    re.compile(
        r"\d{1,4} (?:\[\w{1,10}\] ){0,3}0x[0-9a-f]{8,16} (?:\[\w{1,10}\] ){0,3}(?P<function>\S[^\n]{0,1000}?) in (?P<object>\S{1,200})"
        r"(?: at (?P<file>[^\s:]{1,400}):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?)?$"
    ),
    # glog: `@     0x7f3a1c2b1c30 mint::weigh()`.
    re.compile(r"@ {1,20}0x[0-9a-f]{1,16} (?P<function>\S[^\n]{0,1000})$"),
)


def kind_of(line: str) -> LineKind:
    """Classify one line; a numbered line without `#` only under an indent."""
    text = line.strip()
    if text[:1] in "#@" or (text[:1].isdigit() and line[:1].isspace()):
        return LineKind.BODY if _match_frame(text) is not None else LineKind.NONE
    if text.startswith("what(): "):
        return LineKind.BODY
    return LineKind.START if _match_header(text) is not None else LineKind.NONE


def parse_trace(lines: Sequence[str]) -> Trace | None:
    """Return the first header with the frames under it, else frames alone."""
    for index, line in enumerate(lines):
        text = line.strip()[:MAX_LINE_CHARS]
        header = _match_header(text)
        if header is not None:
            return _parse_block(lines, index, header)
        if text[:1] in "#@" and _match_frame(text) is not None:
            link = Link()
            end = _read_frames(lines, index, link)
            return _trace(link, index, end, is_headless=True)
    return None


def is_in_app(path: str) -> bool:
    """Tell whether a place is the team's own: a source file outside the system's folders."""
    return bool(path) and not any(part in path for part in NATIVE_LIBRARY_PATHS)


def _match_header(text: str) -> re.Match[str] | None:
    if ": " not in text and "signal" not in text and "called" not in text and "***" not in text:
        return None
    return next((match for pattern in _HEADERS if (match := pattern.match(text)) is not None), None)


def _match_frame(text: str) -> re.Match[str] | None:
    if text[:1] not in "#@" and not text[:1].isdigit():
        return None
    text = text[:MAX_LINE_CHARS]
    return next((match for pattern in _FRAMES if (match := pattern.match(text)) is not None), None)


def _parse_block(lines: Sequence[str], begin: int, header: re.Match[str]) -> Trace:
    place = header.groupdict()
    link = Link(type=header["type"].strip(), message=header["message"].strip())
    end = begin + 1
    first = next((i for i in range(end, min(len(lines), begin + MAX_HEADER_LINES)) if _is_near_frame(lines[i])), None)
    for index in range(end, first or min(len(lines), end + 3)):
        what = _WHAT.match(lines[index].strip())
        if what is not None:
            link.message, end = what[1], index + 1
        elif is_log_line(lines[index]):
            first = None
            break
    if first is not None:
        end = _read_frames(lines, first, link)
    elif place.get("file"):
        link.add_frame(_frame_of({"function": "", **place}))
    return _trace(link, begin, end)


def _is_near_frame(line: str) -> bool:
    return _match_frame(line.strip()) is not None


def _read_frames(lines: Sequence[str], index: int, link: Link) -> int:
    while index < len(lines) and (match := _match_frame(lines[index].strip())) is not None:
        link.add_frame(_frame_of(match.groupdict()))
        index += 1
    return index


def _frame_of(found: dict[str, str | None]) -> Frame:
    path, line, column = found.get("file") or "", found.get("line"), found.get("column")
    function = (found.get("function") or "").strip()
    return Frame(
        function=function.partition("(")[0].strip() or function,
        module=(found.get("object") or "").rpartition("/")[2],
        filename=path,
        abs_path=path,
        lineno=int(line) if line else None,
        colno=int(column) if column else None,
        in_app=is_in_app(path),
    )


def _trace(link: Link, begin: int, end: int, *, is_headless: bool = False) -> Trace:
    return Trace(
        language=LANGUAGE, exceptions=close_chain([link]), first_line=begin, end_line=end, is_headless=is_headless
    )
