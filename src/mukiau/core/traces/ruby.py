"""Traces of Ruby: the interpreter's in both directions, and Logger's `message (Type)` with a bare backtrace.

`a.rb:4:in 'top': message (Type)` names the crash frame and the exception at once; the type stands at the end of the
message's *first* line. Causes follow the exception they caused; Ruby 2.5 to 2.7 print everything the other way round
(numbered `from` lines above their header, root first).
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from mukiau.core.event import Frame, Relation
from mukiau.core.traces.chain import Link, close_chain
from mukiau.core.traces.header import MAX_MESSAGE_LINES, is_log_line
from mukiau.core.traces.libraries import RUBY_LIBRARIES
from mukiau.core.traces.text import MAX_LINE_CHARS
from mukiau.core.traces.trace import LineKind, Trace

LANGUAGE = "ruby"
OPENINGS: tuple[str, ...] = (
    "from ", "/", "... ", "(irb):", "#<Thread:", "app/", "lib/", "config/", "vendor/", "bin/", "engines/", *"0123456789",
)  # fmt: skip

_FRAME = re.compile(
    r"(?:\d{1,6}: )?(?:from )?(<internal:[^>\s]{1,100}>|[^\s:][^:\s]{0,1024}):(\d{1,9}):in [`']([^'\n]{0,512})'$"
)
_HEADER = re.compile(r"([^\s:'\"][^\s:]{0,1024}):(\d{1,9}):in [`']([^'\n]{1,512})': (.*)$")
_TYPE_AT_END = re.compile(r"\(([A-Z]\w{0,120}(?:::[A-Z]\w{0,120}){0,12})\)$")
_TYPE_FIRST = re.compile(r"([A-Z]\w{0,120}(?:::[A-Z]\w{0,120}){0,12}) \((.*)\):$")
"""Rails: `Type (message):`."""
_TYPE_BEFORE = re.compile(r"(?:^|\s)([A-Z]\w{0,120}(?:::[A-Z]\w{0,120}){0,12}): (?!:)")
_LEVELS = re.compile(r" ?\.\.\. \d{1,9} levels\.\.\.$")


def kind_of(line: str) -> LineKind:
    """Classify one line; unindented frames count only with a path, as every log line may hold a colon and a number."""
    text = line.strip()
    if text[:1].isdigit() and line[:1] not in " \t":
        return LineKind.NONE
    if text.startswith("#<Thread:"):
        return LineKind.START
    if ":in " not in text:
        return LineKind.BODY if _LEVELS.match(text) else LineKind.NONE
    if _FRAME.match(text):
        return LineKind.BODY
    match = _HEADER.match(text)
    return LineKind.START if match is not None and _TYPE_AT_END.search(match[4]) else LineKind.NONE


def parse_trace(lines: Sequence[str]) -> Trace | None:
    """Return the first trace."""
    begin = next((i for i, line in enumerate(lines) if ":in " in line and _is_marked(line)), None)
    if begin is None:
        return None
    header = _find_typed_header(lines[begin])
    if header is None and _FRAME.match(lines[begin].strip()):
        if "from " in lines[begin]:
            return _parse_reversed(lines, begin)
        return _parse_logged(lines, begin)
    return _parse_printed(lines, begin)


def parse_frame(text: str) -> Frame | None:
    """Parse `[n: ][from ]path:12:in 'method'`."""
    match = _FRAME.match(text.strip()) if len(text) < MAX_LINE_CHARS else None
    return _frame_of(*match.groups()) if match is not None else None


def is_in_app(filename: str) -> bool:
    """Tell whether a file is the team's own: not of Ruby's library and not of a gem."""
    return not any(part in filename for part in RUBY_LIBRARIES)


def _frame_of(path: str, number: str, method: str) -> Frame:
    return Frame(function=method, filename=path, abs_path=path, lineno=int(number), in_app=is_in_app(path))


def _is_marked(line: str) -> bool:
    return _FRAME.match(line.strip()) is not None or _find_typed_header(line) is not None


def _find_typed_header(line: str) -> re.Match[str] | None:
    """The place and message of a header, also behind a log message."""
    at = line.find(":in ", 0, MAX_LINE_CHARS)
    if at < 0:
        return None
    match = _HEADER.match(line[line.rfind(" ", 0, at) + 1 :].strip()[:MAX_LINE_CHARS])
    return match if match is not None and "': " in line else None


def _open_link(match: re.Match[str]) -> Link:
    message = match[4]
    ending = _TYPE_AT_END.search(message)
    frame = _frame_of(match[1], match[2], match[3])
    if ending is None:
        return Link(message=message, frames=[frame])
    return Link(type=ending[1], message=message[: ending.start()].rstrip(), frames=[frame])


def _parse_printed(lines: Sequence[str], begin: int) -> Trace:
    """Header, more lines of its message, frames; then the same of its cause."""
    links: list[Link] = []
    end = begin
    seen: set[tuple[str, str]] = set()
    for index in range(begin, len(lines)):
        text = lines[index].strip()
        header = _find_typed_header(lines[index])
        frame = parse_frame(text) if header is None else None
        if header is not None:
            link = _open_link(header)
            if (link.type, link.message) in seen:
                break
            seen.add((link.type, link.message))
            links.append(link)
        elif frame is not None:
            links[-1].add_frame(frame)
        elif _LEVELS.match(text) is None and not _take_message(links[-1], lines[index]):
            break
        end = index + 1 if text else end
    return _trace(links, begin, end)


def _take_message(link: Link, line: str) -> bool:
    """More lines of a message stand between header and frames (the source excerpt of newer versions among them)."""
    if len(link.frames) > 1 or is_log_line(line):
        return not line.strip()
    if line.strip():
        link.message += f"\n{line.rstrip()}"
    return True


def _parse_reversed(lines: Sequence[str], begin: int) -> Trace:
    """Numbered frames, outermost first, above their header; the root of the chain first."""
    links: list[Link] = []
    frames: list[Frame] = []
    end = begin
    for index in range(begin, len(lines)):
        text = lines[index].strip()
        header = _find_typed_header(lines[index])
        frame = parse_frame(text) if header is None else None
        if header is not None:
            links.append(_open_link(header))
            links[-1].frames.extend(reversed(frames))
            frames = []
        elif frame is not None:
            frames.append(frame)
        elif not links or not text or is_log_line(text):
            if text:
                break
        else:
            links[-1].message += f"\n{lines[index].rstrip()}"
        end = index + 1 if text else end
    return _trace(links[::-1] or [Link(frames=frames[::-1])], begin, end, is_headless=not links)


def _parse_logged(lines: Sequence[str], begin: int) -> Trace:
    """A bare backtrace under `message (Type)` or `Type: message`."""
    first, name, message = _logged_header(lines, begin)
    link = Link(type=name, message=message)
    end = begin
    while end < len(lines) and (frame := parse_frame(lines[end])) is not None:
        link.add_frame(frame)
        end += 1
    return _trace([link], first, end, is_headless=not name)


def _logged_header(lines: Sequence[str], begin: int) -> tuple[int, str, str]:
    """First line, type and message of what stands above a bare backtrace."""
    for index in range(begin - 1, max(-1, begin - MAX_MESSAGE_LINES), -1):
        text = lines[index].rstrip()[:MAX_LINE_CHARS]
        rails = _TYPE_FIRST.match(text.strip())
        if rails is not None:
            return index, rails[1], rails[2]
        ending = _TYPE_AT_END.search(text)
        if ending is not None:
            first = next((i for i in range(index, -1, -1) if is_log_line(lines[i]) or " -- " in lines[i]), index)
            message = "\n".join((*lines[first:index], text[: ending.start()].rstrip()))
            return first, ending[1], message.partition(" -- ")[2].partition(": ")[2] or message
        before = _TYPE_BEFORE.search(text)
        if before is not None:
            return index, before[1], "\n".join((text[before.end() :], *lines[index + 1 : begin])).rstrip()
        if is_log_line(text):
            break
    return begin, "", ""


def _trace(links: list[Link], begin: int, end: int, *, is_headless: bool = False) -> Trace:
    for outer, inner in pairwise(links):
        inner.hang_on(outer, Relation.CAUSE)
    return Trace(
        language=LANGUAGE, exceptions=close_chain(links), first_line=begin, end_line=end, is_headless=is_headless
    )
