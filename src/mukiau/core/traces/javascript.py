"""Traces of JavaScript and TypeScript: V8's stacks and what Node prints around them.

`util.inspect` (console, uncaught errors) nests causes and members by indent: `[cause]: Type: message`, `[errors]: [`.
Frames an error shares with its cause are left out there (`... 5 lines matching cause stack trace ...`) and completed
here. Loggers join the stacks of a chain with `caused by: `. What was thrown without a stack (a string, an object) is
known from the source excerpt Node prints above it.
"""

import re
from collections.abc import Sequence

from mukiau.core.event import Frame, Relation
from mukiau.core.traces.chain import Link, close_chain
from mukiau.core.traces.header import (
    MAX_MESSAGE_LINES,
    Header,
    find_header,
    is_exception_name,
    is_header,
    is_log_line,
    split_header,
)
from mukiau.core.traces.libraries import JAVASCRIPT_LIBRARIES
from mukiau.core.traces.text import MAX_LINE_CHARS, dedent
from mukiau.core.traces.trace import LineKind, Trace

LANGUAGE = "javascript"
OPENINGS: tuple[str, ...] = (
    "at ", "... ", "[... ", "[cause]: ", "[errors]: [", "(node:", "caused by: ", "Caused by: ", "Uncaught ", "Unhandled rejection ",
    "Emitted 'error'", "Node.js v", "(Use `node", "node:", "file:", "/", "}", "]",
    *(f"[{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
)  # fmt: skip

_REJECTION = "UnhandledPromiseRejectionWarning"
_CAUSE = "[cause]: "
_ERRORS = "[errors]: ["
_JOINS = ("caused by: ", "Caused by: ")
_EMITTED = "Emitted 'error' event"
_CLOSERS = frozenset(("}", "},", "]", "],"))
_AFTERWORDS = ("Node.js v", "(Use `node --trace-", _EMITTED)

_AT_FRAME = re.compile(
    r"((?:[a-z]{1,9} )?[^@\s]{0,400})@((?:https?|file|webpack|app|capacitor|moz-extension|safari-extension):[^\s]{1,4096}|\[native code\]|/[^\s]{1,4096})$"
)
"""SpiderMonkey's and JavaScriptCore's `function@place`."""
_BARE_PLACE = re.compile(r"https?://[^\s@]{1,4096}:\d{1,9}:\d{1,9}$")
_POSITION = re.compile(r"(.{1,4096}):(\d{1,9}):(\d{1,9})$")
_NO_FILE = re.compile(r"<anonymous>|native|index \d{1,9}|\[native code\]")
_MATCHING = re.compile(r"\.\.\. (\d{1,6}) lines matching cause stack trace \.\.\.")
_SOURCE_PLACE = re.compile(r"((?:node:|file://|/|[A-Za-z]:\\|[\w<.])[^\s:]{0,1024}):(\d{1,9})$")
_EXCERPT_PLACE = re.compile(r"(?:node:|file://|/)[^\s:]{1,1024}:\d{1,9}$")


def kind_of(line: str) -> LineKind:
    """Classify one line by V8's and Node's own marks; plain `Type: message` lines are told by `header`."""
    text = line.strip()
    if text.startswith(("at ", "http")) or "@" in text:
        return LineKind.BODY if parse_frame(text) is not None else LineKind.NONE
    if text.startswith((_CAUSE, _ERRORS, *_AFTERWORDS)) or text in _CLOSERS:
        return LineKind.BODY
    if text.startswith(("... ", "[... ")):
        return LineKind.BODY if "stack trace ..." in text else LineKind.NONE
    if text.startswith(_JOINS):
        return LineKind.BODY
    is_indented_place = text[:1] == "/" and line[:1].isspace()  # Go's places; Node prints its own flush left
    return LineKind.START if not is_indented_place and _begins_block(text) else LineKind.NONE


def parse_trace(lines: Sequence[str]) -> Trace | None:
    """Return the first trace, or what was thrown without one."""
    begin = _find_body(lines)
    if begin is None:
        return _parse_thrown(lines)
    header = _top_header(lines, begin)
    reader = _Reader(lines)
    reader.open_top(header, begin)
    end = reader.read(begin)
    return Trace(
        language=LANGUAGE,
        exceptions=close_chain(reader.finish()),
        first_line=begin if header is None else header.line,
        end_line=end,
        is_headless=header is None,
    )


def parse_frame(text: str) -> Frame | None:
    """Parse `at [async ][function (]place[)]` or `function@place`; an `eval` frame gets the place of its `eval` call."""
    text = text.strip()
    if len(text) > MAX_LINE_CHARS:
        return None
    if not text.startswith("at "):
        return _parse_at_frame(text)
    text = text[3:].removesuffix(" {").rstrip(",").removeprefix("async ")
    function, opening, place = text.partition(" (")
    if not opening:
        function, place = "", text
    elif not place.endswith(")"):
        return None
    else:
        place = place[:-1]
    return _frame_of(function.partition(" [as ")[0], place)


def is_in_app(filename: str) -> bool:
    """Tell whether a file is the team's own: not Node's and not of an installed package."""
    return bool(filename) and not any(part in filename for part in JAVASCRIPT_LIBRARIES)


def _parse_at_frame(text: str) -> Frame | None:
    match = _AT_FRAME.match(text) if "@" in text else None
    if match is not None:
        return _frame_of(match[1], match[2])
    return _frame_of("", text) if text.startswith("http") and _BARE_PLACE.match(text) else None


def _frame_of(function: str, place: str) -> Frame | None:
    if place.startswith("eval at "):
        place = place[place.find("(") + 1 :].partition(")")[0]
    match = _POSITION.match(place)
    if match is not None and not match[1].endswith(".rs"):
        path = match[1].removeprefix("file://")
        return Frame(
            function=function,
            filename=path,
            abs_path=path,
            lineno=int(match[2]),
            colno=int(match[3]),
            in_app=is_in_app(path),
        )
    return Frame(function=function) if _NO_FILE.fullmatch(place) else None


def _begins_block(text: str) -> bool:
    if text.startswith("(node:"):
        return _REJECTION in text
    if text.startswith("["):
        return text.endswith(("]", "] {")) and is_header(text[1:])
    if text.startswith(("Uncaught ", "Unhandled rejection ")):
        rest = text.removeprefix("Uncaught ").removeprefix("Unhandled rejection ")
        return is_header(rest.removeprefix("(in promise) "))
    return text.startswith(("/", "node:", "file:")) and _EXCERPT_PLACE.match(text) is not None


def _find_body(lines: Sequence[str]) -> int | None:
    for index, line in enumerate(lines):
        text = line.strip()
        if text.startswith((_CAUSE, _ERRORS)) or parse_frame(text) is not None:
            return index
    return None


def _top_header(lines: Sequence[str], begin: int) -> Header | None:
    header = find_header(lines, begin)
    if header is None:
        return None
    name, message = header.type, header.message
    if name == _REJECTION:
        name, message = split_header(message) or ("", message)
    elif lines[header.line].lstrip().startswith("["):
        message = message.removesuffix(" {").removesuffix("]")
    return Header(line=header.line, type=name, message=message.removesuffix(" {"))


def _parse_thrown(lines: Sequence[str]) -> Trace | None:
    """What was thrown without a stack: place, source line, caret, then the value."""
    caret = next((i for i, line in enumerate(lines) if line.strip() and not line.strip().strip("^")), None)
    if caret is None or caret < 2:
        return None
    place = _SOURCE_PLACE.match(lines[caret - 2].strip())
    begin = next((i for i in range(caret + 1, min(len(lines), caret + 3)) if lines[i].strip()), None)
    if place is None or begin is None:
        return None
    end = begin
    while end < len(lines) and lines[end].strip() and not _ends_value(lines[end].strip()):
        end += 1
    text = "\n".join(lines[begin:end])
    split = split_header(text.partition("\n")[0])
    is_error = split is not None and is_exception_name(split[0])
    path = place[1].removeprefix("file://")
    frame = Frame(filename=path, abs_path=path, lineno=int(place[2]), in_app=is_in_app(path))
    link = Link(
        type=split[0] if split and is_error else "",
        message=text.partition(": ")[2] if is_error else text,
        frames=[frame],
    )
    return Trace(language=LANGUAGE, exceptions=close_chain([link]), first_line=caret - 2, end_line=end)


def _ends_value(text: str) -> bool:
    return text.startswith(_AFTERWORDS) or is_log_line(text)


class _Reader:
    """Reads the body: frames of the open error, nested causes and members by their indent."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._links: list[Link] = []
        self._open: list[tuple[int, Link]] = []
        self._lists: list[tuple[int, Link]] = []
        self._left_out: dict[int, tuple[int, int]] = {}
        self._header_line = 0
        self._in_message = False
        self._in_properties = False
        self._is_emitted = False

    def open_top(self, header: Header | None, begin: int) -> None:
        link = Link()
        self._header_line = begin
        if header is not None:
            more = dedent(self._lines[header.line + 1 : begin], self._lines[header.line])
            link = Link(type=header.type, message="\n".join((header.message, *more)).rstrip())
            self._header_line = header.line
        self._links.append(link)
        self._open.append((_indent(self._lines[self._header_line]), link))

    def read(self, begin: int) -> int:
        """Read until the trace ends; return the index after its last line."""
        end = begin
        for index in range(begin, len(self._lines)):
            if self._take(index):
                end = index + 1
            elif self._lines[index].strip():
                break
        return end

    def finish(self) -> list[Link]:
        """Complete the frames an error shares with its cause and return the links."""
        causes = {id(link.parent): link for link in self._links if link.relation is Relation.CAUSE}
        for link in reversed(self._links):
            cause = causes.get(id(link))
            position, count = self._left_out.get(id(link), (0, 0))
            if cause is None or not 0 < position <= len(link.frames) or link.frames[position - 1] not in cause.frames:
                continue
            after = cause.frames.index(link.frames[position - 1]) + 1
            link.frames[position:position] = cause.frames[after : after + count]
        return self._links

    def _take(self, index: int) -> bool:
        line = self._lines[index]
        text = line.strip()
        frame = parse_frame(text)
        if frame is not None:
            self._take_frame(frame, text)
            return True
        if text.startswith((_CAUSE, _ERRORS, *_JOINS)):
            self._take_join(index, text)
            return True
        if text.startswith(("... ", "[... ")) and "stack trace ..." in text:
            self._leave_out(text)
            return True
        return self._take_text(index, line, text)

    def _take_frame(self, frame: Frame, text: str) -> None:
        self._in_message = False
        self._in_properties = text.endswith(" {") or (self._in_properties and not self._lists)
        if not self._is_emitted:
            self._links[-1].add_frame(frame)

    def _take_join(self, index: int, text: str) -> None:
        depth = _indent(self._lines[index])
        if text.startswith(_ERRORS):
            self._in_properties = True
            self._lists.append((depth, self._owner(depth)))
            return
        if text.startswith(_JOINS):
            self._open_link(index, text.partition(": ")[2], self._links[-1], Relation.CAUSE)
            return
        if split_header(text[len(_CAUSE) :].lstrip("[")) is not None:
            self._open_link(index, text[len(_CAUSE) :], self._owner(depth), Relation.CAUSE)

    def _owner(self, depth: int) -> Link:
        """The innermost error that began further left."""
        while len(self._open) > 1 and self._open[-1][0] >= depth:
            self._open.pop()
        return self._open[-1][1]

    def _open_link(self, index: int, text: str, owner: Link, relation: Relation) -> None:
        text = text.removesuffix(" {")
        if text.startswith("[") and text.endswith("]"):
            text = text[1:-1]
        name, message = split_header(text) or ("", text)
        link = Link(type=name, message=message)
        link.hang_on(owner, relation)
        self._links.append(link)
        self._open.append((_indent(self._lines[index]), link))
        self._header_line = index
        self._in_message, self._is_emitted = True, False

    def _leave_out(self, text: str) -> None:
        match = _MATCHING.match(text)
        if match is not None:
            self._left_out[id(self._links[-1])] = (len(self._links[-1].frames), int(match[1]))

    def _take_text(self, index: int, line: str, text: str) -> bool:
        if text.startswith(_EMITTED):
            self._is_emitted = True
            return True
        if text in _CLOSERS:
            return self._close(_indent(line), text)
        if self._lists and self._begins_member(index, text):
            return True
        if self._in_message and text and not is_log_line(text):
            self._add_to_message([line])
            return True
        if self._in_properties and text:
            return _indent(line) > self._open[0][0] and not is_log_line(text)
        return text.startswith(_AFTERWORDS) or self._fold(index, text)

    def _begins_member(self, index: int, text: str) -> bool:
        depth, group = self._lists[-1]
        if _indent(self._lines[index]) != depth + 2 or split_header(text.lstrip("[")) is None:
            return False
        while len(self._open) > 1 and self._open[-1][0] > depth:
            self._open.pop()
        self._open_link(index, text.rstrip(","), group, Relation.AGGREGATE_MEMBER)
        return True

    def _add_to_message(self, lines: Sequence[str]) -> None:
        self._links[-1].message = "\n".join((self._links[-1].message, *dedent(lines, self._lines[self._header_line])))

    def _close(self, depth: int, text: str) -> bool:
        if text.startswith("]"):
            while self._lists and self._lists[-1][0] >= depth:
                self._lists.pop()
        if depth <= self._open[0][0]:
            self._in_properties = False
        return True

    def _fold(self, index: int, text: str) -> bool:
        """A message may hold frames itself: plain text between frames makes all before it part of the message."""
        size = index - self._header_line
        following = self._lines[index + 1] if index + 1 < len(self._lines) else ""
        if not text or size > MAX_MESSAGE_LINES or is_log_line(text) or parse_frame(following) is None:
            return False
        if _looks_like_header(text):
            return False
        link = self._links[-1]
        self._add_to_message(self._lines[index - len(link.frames) : index + 1])
        link.frames.clear()
        return True


def _looks_like_header(text: str) -> bool:
    split = split_header(text)
    return split is not None and (is_exception_name(split[0]) or (":" in text and split[0][:1].isupper()))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
