"""Traces of PHP: uncaught exceptions as PHP prints them (root first, then `Next …`) and Monolog's (outermost first).

PHP's `#0 /src/a.php(3): call()` names a place and the function *called* there. Frames here are as everywhere else, a
place and the function it is in, so each place gets the name of the line below it.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from mukiau.core.event import Frame, Relation
from mukiau.core.traces.chain import Link, close_chain
from mukiau.core.traces.header import MAX_MESSAGE_LINES
from mukiau.core.traces.libraries import PHP_LIBRARIES
from mukiau.core.traces.text import MAX_LINE_CHARS
from mukiau.core.traces.trace import LineKind, Trace

LANGUAGE = "php"
OPENINGS: tuple[str, ...] = (
    "#",
    "PHP ",
    "Fatal error: ",
    "Stack trace:",
    "[stacktrace]",
    "[previous exception]",
    "Next ",
    "thrown in ",
)

_ESCAPED = re.compile(r"\\([\"\\/])")
_CALL = re.compile(r"#\d{1,5} (?:([^\n(]{1,1024})\((\d{1,9})\): |\[internal function\]: )(.*)$")
_MAIN = re.compile(r"#\d{1,5} \{main\}")
_PLACE = re.compile(r" in ([^\n]{1,1024}):(\d{1,9})$")
_OBJECT = re.compile(
    r"\[object\] \(([\w\\]{1,256})\(code: [^)]{0,32}\): (.*?)(?: at ([^\s:]{1,1024}):(\d{1,9})\)?)?$", re.DOTALL
)
_OBJECTS = re.compile(
    r"\[object\] \(([\w\\]{1,256})\(code: [^)]{0,32}\): ((?:(?!\[object\] \()[^\n]){0,4000}?) at ([^\s:]{1,1024}):(\d{1,9})\)"
)
_TYPED = re.compile(r"(?:^|(?<=[\s(]))(\\?(?:[A-Za-z_]\w{0,100}\\){0,16}[A-Z]\w{0,200}(?:@anonymous)?): ")
_UNCAUGHT = "Uncaught "
_NEXT = "Next "
_PREVIOUS = "[previous exception]"
_FAULT = re.compile(
    r"(?:PHP )?((?:Fatal|Parse|Recoverable fatal|Core|Compile) error|Warning|Notice|Deprecated): {1,2}(.*) in (\S{1,1024}) on line (\d{1,9})$"
)
_STACK_STARTS = ("Stack trace:", "[stacktrace]")


def kind_of(line: str) -> LineKind:
    """Classify one line."""
    text = line.strip()
    if text.startswith("#"):
        return LineKind.BODY if _CALL.match(text) or _MAIN.match(text) else LineKind.NONE
    if text.startswith((*_STACK_STARTS, _PREVIOUS, "thrown in ")):
        return LineKind.BODY
    if text.startswith(_NEXT):
        return LineKind.BODY if _TYPED.match(text, len(_NEXT)) else LineKind.NONE
    # Warnings and notices have a place, but they are no exceptions; their headers say how grave they are.
    is_fault = text.startswith(("PHP Fatal error: ", "Fatal error: Uncaught")) or (
        "rror: " in text[:32] and _FAULT.match(text)
    )
    return LineKind.START if is_fault else LineKind.NONE


def parse_trace(lines: Sequence[str]) -> Trace | None:
    """Return the first exception with a stack, else PHP's own one-line fault."""
    stack = next((i for i, line in enumerate(lines) if line.lstrip().startswith(_STACK_STARTS)), None)
    if stack is None:
        return _parse_objects(lines) or _parse_fault(lines)
    begin = _header_line(lines, stack)
    if begin is None:
        return None
    reader = _Reader()
    end = begin
    for index in range(begin, len(lines)):
        if not reader.take(lines[index]):
            break
        end = index + 1 if lines[index].strip() else end
    return Trace(language=LANGUAGE, exceptions=close_chain(reader.finish()), first_line=begin, end_line=end)


def is_in_app(filename: str) -> bool:
    """Tell whether a file is the team's own: not under `vendor/` and not PHP's."""
    return bool(filename) and not any(part in filename for part in PHP_LIBRARIES)


def _header_line(lines: Sequence[str], stack: int) -> int | None:
    """The line the exception's type is on: the message may run over several lines before its stack."""
    for index in range(stack - 1, max(-1, stack - MAX_MESSAGE_LINES), -1):
        text = lines[index][:MAX_LINE_CHARS]
        if "[object] (" in text or _TYPED.search(text):
            return index
    return None


def _parse_objects(lines: Sequence[str]) -> Trace | None:
    """Monolog's exceptions when the formatter leaves the stacks out: all on one line, each with its place."""
    for index, line in enumerate(lines):
        begin = line.find("[object] (", 0, MAX_LINE_CHARS)
        links = (
            [_link_of(found) for found in _OBJECTS.finditer(line[:MAX_LINE_CHARS], max(begin, 0))] if begin >= 0 else []
        )
        for outer, inner in pairwise(links):
            inner.hang_on(outer, Relation.CAUSE)
        if links:
            return Trace(language=LANGUAGE, exceptions=close_chain(links), first_line=index, end_line=index + 1)
    return None


def _link_of(found: re.Match[str]) -> Link:
    name, message, path, number = (_ESCAPED.sub(r"\1", part) for part in found.groups())
    return Link(type=name, message=message, frames=[frame_of(path, number, "")])


def _parse_fault(lines: Sequence[str]) -> Trace | None:
    for index, line in enumerate(lines):
        at = max(line.find("PHP ", 0, 64), 0)
        match = _FAULT.match(line.strip() if at == 0 else line[at:].strip()) if " on line " in line else None
        if match is None:
            continue
        name, message, path, number = match.groups()
        link = Link(type=name, message=message, frames=[frame_of(path, number, "")])
        return Trace(language=LANGUAGE, exceptions=close_chain([link]), first_line=index, end_line=index + 1)
    return None


def frame_of(path: str, number: str | None, called: str) -> Frame:
    """Build a frame of a place and the function it is in, as PHP prints the call of it: `Shop\\Cart->add(7)`."""
    name = called.partition("(")[0]
    at = max(name.rfind("->"), name.rfind("::"), name.rfind("\\"))
    width = 1 if name[at : at + 1] == "\\" else 2
    return Frame(
        function=name[at + width :] if at >= 0 else name,
        module=name[:at] if at >= 0 else "",
        filename=path,
        abs_path=path,
        lineno=int(number) if number else None,
        in_app=is_in_app(path),
    )


class _Reader:
    """Reads header, stack, header, stack, …; knows by the words between them which way the chain runs."""

    def __init__(self) -> None:
        self._links: list[Link] = []
        self._header: list[str] = []
        self._places: list[tuple[str, str | None]] = []
        self._calls: list[str] = []
        self._in_stack = False
        self._is_root_first = False
        self._is_escaped = False

    def take(self, line: str) -> bool:
        text = line.strip()
        if text.startswith((_NEXT, _PREVIOUS)) and self._in_stack:
            self._close()
            self._is_root_first = text.startswith(_NEXT)
            self._header = [text.removeprefix(_NEXT).removeprefix(_PREVIOUS).strip()]
        elif text.startswith(_STACK_STARTS):
            self._in_stack = True
        elif not self._in_stack:
            self._header.append(text)
        else:
            return self._take_call(text)
        return True

    def finish(self) -> list[Link]:
        self._close()
        ordered = self._links[::-1] if self._is_root_first else self._links
        for outer, inner in pairwise(ordered):
            inner.hang_on(outer, Relation.CAUSE)
        return ordered

    def _take_call(self, text: str) -> bool:
        match = _CALL.match(text[:MAX_LINE_CHARS])
        if match is None:
            return not text or _MAIN.match(text) is not None or text.startswith(("thrown in ", '"}'))
        self._calls.append(match[3])
        self._places.append((match[1] or "", match[2]))
        return True

    def _close(self) -> None:
        if not self._header:
            return
        name, message, path, number = self._split("\n".join(self._header))
        link = Link(type=name, message=message)
        places = [(path, number), *self._places]
        for (file, at), called in zip(places, [*self._calls, ""], strict=True):
            if file:
                link.add_frame(frame_of(file, at, self._plain(called)))
        self._links.append(link)
        self._header, self._places, self._calls, self._in_stack = [], [], [], False

    def _plain(self, text: str) -> str:
        """Undo what JSON did to a text that a logger put into its context object."""
        return _ESCAPED.sub(r"\1", text) if self._is_escaped else text

    def _split(self, header: str) -> tuple[str, str, str, str | None]:
        """Type, message, file and line of a header in either layout."""
        header = header[:MAX_LINE_CHARS]
        logged = header.find("[object] (")
        match = _OBJECT.match(header[logged:]) if logged >= 0 else None
        if match is not None:
            self._is_escaped = True
            return self._plain(match[1]), self._plain(match[2]), match[3] or "", match[4]
        uncaught = header.find(_UNCAUGHT)
        typed = _TYPED.search(header, uncaught + len(_UNCAUGHT) if uncaught >= 0 else 0)
        place = _PLACE.search(header, max(header.rfind(" in "), 0))
        name, begin = (typed[1], typed.end()) if typed else ("", 0)
        message = header[begin : place.start() if place else None]
        return name, message, place[1] if place else "", place[2] if place else None
