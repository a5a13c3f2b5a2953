"""The exception header, `Type: message`, which the JVM, Python, JavaScript and .NET print alike.

A header is *strong* when its name alone tells that it is an exception (it ends in a word as `Exception` or `Error`, or
it is a dotted name ending in a class), *weak* when only the frames under it make it one (`Biz: top failed`). Lines are
classified by strong headers at their very beginning; a parser that has already seen frames also looks for weak ones and
for headers behind a log message on the same line (`ERROR request 42 failed Biz: top failed`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_TYPE_CHARS = 256
"""Longer names are not looked at: the longest of real ones, generic .NET types, stay under 200."""
MAX_MESSAGE_LINES = 200
"""Lines between a header and its first frame that are searched: SQL in a message runs to a hundred."""
MAX_HEADER_LINE_CHARS = 16_384
"""Of one line only this much is searched for a header: container runtimes cut lines at 16 KiB."""

SUFFIXES = (
    "Exception",
    "Error",
    "Throwable",
    "Failure",
    "Fault",
    "Interrupt",
    "Interrupted",
    "Warning",
    "Err",
    "Exit",
    "Timeout",
    "ExceptionGroup",
    "StopIteration",
    "NotFound",
    "Refused",
    "Violation",
)
_BARE = frozenset(("Error", "Exception", "Throwable", "ExceptionGroup", "StopIteration"))
"""Names that are an exception with nothing before the suffix; a bare `Warning: ` is ordinary text."""

_NAME = r"[^\W\d](?:[\w.$+`/]|::(?=\w))*(?:\[[^\]\s]{0,200}\])?"
_WHOLE_NAME = re.compile(_NAME)
_INSIDE = re.compile(rf"(?:(?<=[\s(\[>|])|^)({_NAME})(?: \((?:0x[0-9A-Fa-f]{{8}}|\d{{1,10}})\))?: ")
_AT_END = re.compile(rf"(?:(?<=[\s(\[>|])|^)({_NAME})$")
_RESULT = re.compile(r" (?:\[[^\]]{0,80}\]|\((?:0x[0-9A-Fa-f]{8}|\d{1,10})\))$")
"""Behind a type: Node's error code, .NET's HRESULT or number (`SocketException (111): …`)."""
_LOG_LINE = re.compile(
    r"[\[({<\"' ]{0,3}(?:\d{2,4}[-/:.]\d{2}|\{\"|(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE"
    r"|trce|dbug|info|warn|fail|crit|level=|time=|ts=)\b)"
)
_NOT_A_TYPE = frozenset(
    ("Info", "Note", "Detail", "Hint", "Warning", "Message", "Context", "Reason", "Server", "Status")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header found above frames."""

    line: int
    """Index of its line."""
    type: str
    message: str
    """What follows the type on its line; more lines of the message may follow."""
    is_strong: bool = True


def is_exception_name(name: str) -> bool:
    """Tell whether a name alone says exception.

    >>> is_exception_name("java.io.IOException"), is_exception_name("KeyError"), is_exception_name("Warning")
    (True, True, False)
    """
    if not name.endswith(SUFFIXES) or _WHOLE_NAME.fullmatch(name) is None:
        return False
    last = name[max(name.rfind("."), name.rfind("$"), name.rfind("+"), name.rfind(":")) + 1 :]
    return last in _BARE or (last not in SUFFIXES and any(letter.isupper() for letter in last))


def is_header(line: str) -> bool:
    """Tell whether a line begins with a strong header; called for every line, so it gives up at the first sign."""
    end = line.find(":", 0, MAX_TYPE_CHARS)
    while end >= 0 and line[end + 1 : end + 2] == ":":
        end = line.find(":", end + 2, MAX_TYPE_CHARS)
    if end < 0:
        name = line.rstrip() if len(line) < MAX_TYPE_CHARS else ""
    elif line[end + 1 : end + 2].strip():
        return False
    else:
        name = line[:end]
    if name[-1:] in {"]", ")"}:
        name = _RESULT.sub("", name)
    return name.endswith(SUFFIXES) and is_exception_name(name)


def split_header(text: str) -> tuple[str, str] | None:
    """Split `Type: message` or a lone `Type`; None when the text begins with no name.

    Node puts an error's code behind its type (`TypeError [ERR_X]: message`), .NET a result (`X (0x80004005): message`):
    they are dropped.
    """
    end = text.find(":")
    while end >= 0 and text[end + 1 : end + 2] == ":" and end < MAX_TYPE_CHARS:
        end = text.find(":", end + 2)
    name, colon, message = (text[:end], ":", text[end + 1 :]) if end >= 0 else (text, "", "")
    name = name.rstrip()
    if len(name) <= MAX_TYPE_CHARS and name[-1:] in {"]", ")"}:
        name = _RESULT.sub("", name)
    if len(name) > MAX_TYPE_CHARS or _WHOLE_NAME.fullmatch(name) is None:
        return None
    if colon and message[:1].strip():
        return None
    return name, message.strip()


def is_log_line(line: str) -> bool:
    """Tell whether a line begins as a log's own line does (a time, a level, JSON): a message does not run past it."""
    return _LOG_LINE.match(line) is not None


def find_header(lines: Sequence[str], end: int, *, start: int = 0) -> Header | None:
    """Find the header of the frames that begin at `end`, looking upwards until `start`.

    The nearest strong header wins (text in a message may look like one: frames belong to the last real header), then
    the topmost weak one of the block, then one behind a log message on its line.
    """
    weak: Header | None = None
    inside: Header | None = None
    for index in range(end - 1, max(start, end - MAX_MESSAGE_LINES) - 1, -1):
        text = lines[index].strip()[:MAX_HEADER_LINE_CHARS]
        header = _header_at(index, text)
        if header is not None and header.is_strong:
            return header
        weak = header or weak
        if inside is None or not inside.is_strong:
            inside = _header_inside(index, text) or inside
        if is_log_line(text):
            break
    if inside is not None and inside.is_strong and (weak is None or weak.line < inside.line):
        return inside
    return weak or inside


def _header_at(index: int, text: str) -> Header | None:
    split = split_header(text)
    if split is None:
        return None
    name, message = split
    if is_exception_name(name) or _is_class_path(name):
        return Header(line=index, type=name, message=message)
    return Header(line=index, type=name, message=message, is_strong=False) if _is_class(name) else None


def _header_inside(index: int, text: str) -> Header | None:
    """The first strong header behind a message, else the last weak one."""
    weak: Header | None = None
    for match in _INSIDE.finditer(text):
        name = match[1]
        if is_exception_name(name):
            return Header(line=index, type=name, message=text[match.end() :].strip())
        if _is_class(name):
            weak = Header(line=index, type=name, message=text[match.end() :].strip(), is_strong=False)
    ending = _AT_END.search(text, text.rfind(" ") + 1)
    if ending is not None and is_exception_name(ending[1]):
        return Header(line=index, type=ending[1], message="")
    return weak


def _is_class_path(name: str) -> bool:
    """A dotted name ending in a class: `com.acme.Refused`, not a logger's `c.a.Orders` (its packages are letters)."""
    package, dot, _ = name.rpartition(".")
    return bool(dot) and _is_class(name) and max(map(len, package.split("."))) > 1


def _is_class(name: str) -> bool:
    last = name[max(name.rfind("."), name.rfind("$"), name.rfind("+"), name.rfind("/")) + 1 :]
    return last[:1].isupper() and last not in _NOT_A_TYPE and (len(last) == 1 or not last.isupper())
