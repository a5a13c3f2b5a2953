"""Traces of Go: panics, fatal errors, `debug.Stack()`, zap's stack traces and the errors of `pkg/errors`.

A frame is two lines, the call and under it the place. Of a dump only the first goroutine belongs to the exception.
Frames above the last `panic(…)` line are the deferred functions that ran because of the panic; the crash is under it.
Go has no type to print: a panic's is `panic`, a fatal error's `fatal error`, an error value's is empty.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from mukiau.core.event import Frame, Relation
from mukiau.core.traces.chain import Link, close_chain
from mukiau.core.traces.header import MAX_MESSAGE_LINES, is_log_line
from mukiau.core.traces.libraries import GO_LIBRARIES, GO_LIBRARY_PATHS, GO_STANDARD
from mukiau.core.traces.text import MAX_LINE_CHARS
from mukiau.core.traces.trace import LineKind, Trace

LANGUAGE = "go"
OPENINGS: tuple[str, ...] = (
    "panic",
    "fatal error: ",
    "goroutine ",
    "created by ",
    "[signal SIG",
    "runtime stack:",
    "/",
)

PANIC = "panic"
FATAL = "fatal error"

_PANIC_START = "panic: "
_FATAL_START = "fatal error: "
_SERVING = ": panic serving "
_CREATED = "created by "
_RUNTIME_STACK = "runtime stack:"
"""The stack of the run time itself, printed before the goroutines when a signal comes; no part of the exception."""
_RECOVERED = re.compile(r" \[recovered(?:, repanicked)?\]$")
_GOROUTINE = re.compile(r"goroutine \d{1,12} (?:gp=\S{1,32} m=\S{1,32}(?: mp=\S{1,32})? )?\[[^\]]{1,80}\]:")
_PLACE = re.compile(r"(\S[^\r\n]{0,1024}\.(?:go|s)):(\d{1,9})(?: \+0x[0-9a-f]{1,16})?$")
_ADDRESSED = re.compile(r"(\S[^\r\n]{0,1024}\.(?:go|s)):(\d{1,9}) \(0x[0-9a-f]{1,16}\)$")
_SOURCE = re.compile(r"((?:\(\*?\w{1,200}\)\.)?[\w.·]{1,300}): \S")
"""gin's recovery prints the place first, then function and source line."""
_CALL = re.compile(r"[\w./\-~@%+]{1,512}(?:[.(\[][^\r\n]{0,2048})?")
_STAMP = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? (?:\S{1,100}\.go:\d{1,9}: )?")
_RUNTIME_ERROR = "runtime error: "


def kind_of(line: str) -> LineKind:
    """Classify one line; the call above a place is told by its neighbour and NONE unless it ends in `)`."""
    text = line.strip()
    if text.startswith((_PANIC_START, _FATAL_START)):
        return LineKind.BODY if line[:1].isspace() else LineKind.START
    if text.startswith("goroutine "):
        return LineKind.BODY if _GOROUTINE.match(text) else LineKind.NONE
    if text.startswith((_CREATED, "[signal SIG", "panic(", _RUNTIME_STACK)):
        return LineKind.BODY
    if line[:1].isspace() or text.startswith("/"):
        return LineKind.BODY if _PLACE.match(text) or _ADDRESSED.match(text) else LineKind.NONE
    return LineKind.NONE


def parse_trace(lines: Sequence[str]) -> Trace | None:
    """Return the first panic, else the first stack of an error value."""
    for index, line in enumerate(lines):
        text = line.lstrip()
        if text.startswith(_PANIC_START) and _has_goroutine(lines, index):
            return _parse_panic(lines, index, PANIC, text[len(_PANIC_START) :])
        if text.startswith(_FATAL_START) and _has_goroutine(lines, index):
            return _parse_panic(lines, index, FATAL, text[len(_FATAL_START) :])
        if text.startswith("goroutine ") and _GOROUTINE.match(text):
            return _parse_logged(lines, index)
        if _is_frame_at(lines, index):
            return _parse_values(lines, index)
        if "(0x" in text and _ADDRESSED.match(text):
            return _parse_recovered(lines, index)
    return None


def parse_frame(call: str, place: str) -> Frame | None:
    """Parse a call line and the place under it; None when they are no frame."""
    match = _PLACE.match(place.strip())
    if match is None or len(call) > MAX_LINE_CHARS:
        return None
    name = call.strip().removeprefix(_CREATED).partition(" in goroutine ")[0]
    if name.endswith(")") and not name.endswith(").") and "(" in name:
        name = name[: name.rindex("(")]
    package, function = _split_name(name)
    return Frame(
        function=function,
        module=package,
        filename=match[1],
        abs_path=match[1],
        lineno=int(match[2]),
        in_app=is_in_app(package, match[1]),
    )


def is_in_app(package: str, path: str) -> bool:
    """Tell whether a package is the team's own: not the standard library's, not vendored, not a module's download."""
    if package == "main":
        return True
    if package.partition("/")[0] in GO_STANDARD or package.startswith(GO_LIBRARIES):
        return False
    return not any(part in path for part in GO_LIBRARY_PATHS)


def _split_name(name: str) -> tuple[str, str]:
    """`net/http.(*conn).serve` into package and function; slashes of type arguments do not count."""
    head = name.partition("[")[0].partition("(")[0]
    dot = name.find(".", head.rfind("/") + 1)
    return (name[:dot], name[dot + 1 :]) if dot >= 0 else ("", name)


def _has_goroutine(lines: Sequence[str], index: int) -> bool:
    """A panic is followed by its goroutine; the text `panic: ` in a message is not."""
    window = lines[index + 1 : index + 1 + MAX_MESSAGE_LINES]
    return len(lines) == index + 1 or any(line.lstrip().startswith("goroutine ") for line in window)


def _is_frame_at(lines: Sequence[str], index: int) -> bool:
    if index + 1 >= len(lines) or _PLACE.match(lines[index + 1].strip()) is None:
        return False
    text = lines[index].strip()
    return "." in text and _CALL.fullmatch(text) is not None and parse_frame(text, lines[index + 1]) is not None


def _parse_panic(lines: Sequence[str], begin: int, name: str, first: str) -> Trace:
    message = [_RECOVERED.sub("", first.rstrip())]
    index = begin + 1
    is_message = True
    while index < len(lines) and not _GOROUTINE.match(lines[index].lstrip()):
        text = lines[index].strip()
        is_message = is_message and text != _RUNTIME_STACK
        if text and is_message and not text.startswith((_PANIC_START, "[signal SIG", "goroutine ")):
            message.append(text)
        index += 1
    frames, end = _read_goroutine(lines, index + 1)
    end = _skip_goroutines(lines, end)
    link = Link(type=name, message="\n".join(message), frames=_from_crash(frames))
    return Trace(language=LANGUAGE, exceptions=close_chain([link]), first_line=begin, end_line=min(end, len(lines)))


def _parse_logged(lines: Sequence[str], index: int) -> Trace:
    """A stack that was printed by a handler: the line above it is the log message that says why."""
    frames, end = _read_goroutine(lines, index + 1)
    above = lines[index - 1].strip() if index else ""
    is_panic = any(frame.function == "panic" and not frame.module for frame in frames) or _SERVING in above
    message = _logged_message(above) if is_panic else ""
    link = Link(type=PANIC if is_panic else "", message=message, frames=_from_crash(frames))
    return Trace(
        language=LANGUAGE,
        exceptions=close_chain([link]),
        first_line=index - 1 if message else index,
        end_line=_skip_goroutines(lines, end),
        is_headless=not is_panic,
    )


def _logged_message(line: str) -> str:
    if _RUNTIME_ERROR in line:
        return line[line.index(_RUNTIME_ERROR) :]
    stamp = _STAMP.match(line)
    text = line[stamp.end() :] if stamp else line
    if _SERVING in text:
        text = text.partition(_SERVING)[2].partition(": ")[2]
    return text


def _parse_recovered(lines: Sequence[str], begin: int) -> Trace:
    """A panic as gin prints it: message above, then pairs of place and `function: source line`."""
    frames: list[Frame] = []
    end = begin
    while end < len(lines) and (place := _ADDRESSED.match(lines[end].strip()[:MAX_LINE_CHARS])) is not None:
        following = lines[end + 1].strip()[:MAX_LINE_CHARS] if end + 1 < len(lines) else ""
        call = _SOURCE.match(following)
        in_app = is_in_app("", place[1])
        frames.append(
            Frame(
                function=call[1] if call else "",
                filename=place[1],
                abs_path=place[1],
                lineno=int(place[2]),
                in_app=in_app,
                context_line=following[call.end() - 1 :] if call else "",
            )
        )
        end += 2 if call else 1
    is_headless = begin == 0
    link = Link(type=PANIC, message="" if is_headless else lines[begin - 1].strip())
    link.frames = [frame for frame in frames if "/runtime/panic" not in frame.filename]
    return Trace(
        language=LANGUAGE,
        exceptions=close_chain([link]),
        first_line=begin if is_headless else begin - 1,
        end_line=min(end, len(lines)),
        is_headless=is_headless,
    )


def _read_goroutine(lines: Sequence[str], index: int) -> tuple[list[Frame], int]:
    """Read frames, crash first, until the goroutine ends."""
    frames: list[Frame] = []
    while index < len(lines):
        text = lines[index].strip()
        following = lines[index + 1] if index + 1 < len(lines) else ""
        frame = parse_frame(text, following) if text else None
        if frame is None:
            if not text or not text.startswith("..."):
                break
            index += 1
            continue
        if not text.startswith(_CREATED):
            frames.append(frame)
        index += 2
    return frames, index


def _from_crash(frames: list[Frame]) -> list[Frame]:
    """Leave out what ran after the panic, and `debug.Stack` itself."""
    panics = [index for index, frame in enumerate(frames) if frame.function == "panic" and not frame.module]
    if panics:
        return frames[panics[-1] + 1 :]
    return [frame for frame in frames if frame.module != "runtime/debug"]


def _skip_goroutines(lines: Sequence[str], end: int) -> int:
    """Index after the other goroutines of the dump."""
    index = end
    while index < len(lines):
        text = lines[index].strip()
        if text.startswith("goroutine ") and _GOROUTINE.match(text):
            _, end = _read_goroutine(lines, index + 1)
            index = end
        elif text:
            break
        else:
            index += 1
    return end


def _parse_values(lines: Sequence[str], index: int) -> Trace:
    """Stacks of error values: frames alone, or each under its message, root first (`%+v` of pkg/errors)."""
    begin = index
    while begin > 0 and _is_message(lines[begin - 1]) and index - begin < MAX_MESSAGE_LINES:
        begin -= 1
    links: list[Link] = []
    message = [line.strip() for line in lines[begin:index]]
    end = index
    while True:
        frames, end = _read_goroutine(lines, end)
        links.append(Link(message="\n".join(message), frames=frames))
        following = next((i for i in range(end, min(len(lines), end + 8)) if _is_frame_at(lines, i)), None)
        if following is None or not all(_is_message(line) for line in lines[end:following]):
            break
        message = [line.strip() for line in lines[end:following]]
        end = following
    for inner, outer in pairwise(links):
        inner.hang_on(outer, Relation.CAUSE)
    return Trace(
        language=LANGUAGE, exceptions=close_chain(links), first_line=begin, end_line=end, is_headless=begin == index
    )


def _is_message(line: str) -> bool:
    return bool(line.strip()) and not is_log_line(line.strip())
