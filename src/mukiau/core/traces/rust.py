"""Traces of Rust: panics with or without a backtrace, and the `Caused by:` lists of anyhow and eyre.

Panics have the type `panic`; errors print no type. Frames of the panic machinery above the crash are left out.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from mukiau.core.event import Frame, Relation
from mukiau.core.traces.chain import Link, close_chain
from mukiau.core.traces.header import MAX_MESSAGE_LINES, is_log_line
from mukiau.core.traces.libraries import RUST_LIBRARIES, RUST_LIBRARY_PATHS
from mukiau.core.traces.trace import LineKind, Trace

LANGUAGE = "rust"
OPENINGS: tuple[str, ...] = (
    "thread '", "stack backtrace:", "Stack backtrace:", "Location:", "━━", "⋮", "note: ", "Caused by:", "at ", *"0123456789",
)  # fmt: skip

PANIC = "panic"

_PANICKED = re.compile(r"thread '[^'\n]{0,128}'(?: \(\d{1,9}\))? panicked at (.*)$")
_PLACE = re.compile(r"([^\s:'][^:\n]{0,1024}\.rs):(\d{1,9}):(\d{1,9}):?$")
_SHORT_PLACE = re.compile(r"([^\s:'][^:\n]{0,1024}\.rs):(\d{1,9})(?::(\d{1,9}))?$")
_CALL = re.compile(r"(\d{1,5}): +(?:0x[0-9a-f]{1,16} - )?(\S.{0,1024})$")
_HASH = re.compile(r"::h[0-9a-f]{16}$|\[[0-9a-f]{16}\]")
_NUMBERED = re.compile(r"\d{1,3}: ")
_NOTES = ("note: run with", "note: Some details", "note: `RUST_BACKTRACE", "stack backtrace:")
_RULES = ("Stack backtrace:", "stack backtrace:", "━━", "⋮")
_LOCATION = "Location:"
_MACHINERY = (
    "__rustc::",
    "core::panicking::",
    "std::panicking::",
    "rust_begin_unwind",
    "core::option::",
    "core::result::",
    "anyhow::",
    "eyre::",
    "color_eyre::",
)


def kind_of(line: str) -> LineKind:
    """Classify one line; numbered calls only when indented, places by their `.rs`."""
    text = line.strip()
    if text.startswith("thread '"):
        return LineKind.START if _PANICKED.match(text) else LineKind.NONE
    if text.startswith((*_NOTES, *_RULES)) or text in {"Caused by:", _LOCATION}:
        return LineKind.BODY
    if text.startswith("at "):
        return LineKind.BODY if _PLACE.match(text[3:]) else LineKind.NONE
    return LineKind.BODY if line[:1].isspace() and _CALL.match(text) else LineKind.NONE


def parse_trace(lines: Sequence[str]) -> Trace | None:
    """Return the first panic, else the first error with its list of causes."""
    for index, line in enumerate(lines):
        text = line.strip()
        if "panicked at " in text and (match := _PANICKED.search(text)) is not None:
            return _parse_panic(lines, index, match[1])
        if text == "Caused by:" and index > 0:
            return _parse_causes(lines, index)
        if text == "Error:" and index + 1 < len(lines) and _begins_list(lines[index + 1]):
            return _parse_list(lines, index, [], index + 1)
    return None


def _begins_list(line: str) -> bool:
    return line[:1].isspace() and line.strip().startswith("0: ")


def is_in_app(function: str, path: str) -> bool:
    """Tell whether a function is the team's own: not of the standard library and not of a downloaded crate."""
    bare = function.lstrip("<&")
    return not bare.startswith(RUST_LIBRARIES) and not any(part in path for part in RUST_LIBRARY_PATHS)


def _parse_panic(lines: Sequence[str], begin: int, rest: str) -> Trace:
    message, place, index = _panic_message(lines, begin, rest)
    frames, end = _read_backtrace(lines, index)
    if not frames and (match := _PLACE.match(place)) is not None:
        frames = [_frame_of("", match)]
    link = Link(type=PANIC, message=message, frames=_from_crash(frames))
    return Trace(language=LANGUAGE, exceptions=close_chain([link]), first_line=begin, end_line=end)


def _panic_message(lines: Sequence[str], begin: int, rest: str) -> tuple[str, str, int]:
    """Message, place and the index after the message: before 1.73 both stood on the first line, the message quoted."""
    if rest.startswith("'"):
        message, _, place = rest.rpartition("', ")
        return message[1:], place, begin + 1
    index = begin + 1
    while index < min(len(lines), begin + MAX_MESSAGE_LINES):
        if lines[index].strip().startswith(_NOTES) or is_log_line(lines[index]):
            break
        index += 1
    return "\n".join(line.rstrip() for line in lines[begin + 1 : index]).strip(), rest, index


def _read_backtrace(lines: Sequence[str], index: int) -> tuple[list[Frame], int]:
    frames: list[Frame] = []
    end = index
    while index < len(lines):
        text = lines[index].strip()
        following = lines[index + 1].strip() if index + 1 < len(lines) else ""
        call = _CALL.match(text)
        if call is not None:
            place = _SHORT_PLACE.match(following[3:]) if following.startswith("at ") else None
            frames.append(_frame_of(_HASH.sub("", call[2]), place))
            index += 1 if place is not None else 0
        elif not text.startswith((*_NOTES, "at ")):
            break
        index += 1
        end = index
    return frames, end


def _frame_of(function: str, place: re.Match[str] | None) -> Frame:
    module, _, name = function.rpartition("::")
    path = place[1] if place else ""
    return Frame(
        function=name,
        module=module,
        filename=path,
        abs_path=path,
        lineno=int(place[2]) if place else None,
        colno=int(place[3]) if place and place[3] else None,
        in_app=is_in_app(function, path),
    )


def _from_crash(frames: list[Frame]) -> list[Frame]:
    names = [f"{frame.module}::{frame.function}" for frame in frames]
    last = max((i for i, name in enumerate(names[:40]) if name.lstrip("<:").startswith(_MACHINERY)), default=-1)
    return frames[last + 1 :] or frames


def _parse_causes(lines: Sequence[str], index: int) -> Trace:
    """The error is on the line above the list; each indented line of the list is a cause of the one before."""
    above = next((i for i in range(index - 1, max(-1, index - 3), -1) if lines[i].strip()), index)
    return _parse_list(lines, above, [Link(message=lines[above].strip() if above < index else "")], index + 1)


def _parse_list(lines: Sequence[str], begin: int, links: list[Link], end: int) -> Trace:
    """Read indented messages, each the cause of the one before; a stack below is the outermost's."""
    while end < len(lines) and lines[end][:1].isspace() and lines[end].strip():
        links.append(Link(message=_NUMBERED.sub("", lines[end].strip(), count=1)))
        end += 1
    frames, end = _read_stack_below(lines, end)
    links[0].frames.extend(frames)
    for outer, inner in pairwise(links):
        inner.hang_on(outer, Relation.CAUSE)
    return Trace(language=LANGUAGE, exceptions=close_chain(links), first_line=begin, end_line=end)


def _read_stack_below(lines: Sequence[str], end: int) -> tuple[list[Frame], int]:
    """The place (eyre) and the backtrace (anyhow, eyre) under a list of causes; the backtrace is preferred."""
    place: list[Frame] = []
    index = end
    while index < len(lines):
        text = lines[index].strip()
        if text == _LOCATION and index + 1 < len(lines) and (match := _SHORT_PLACE.match(lines[index + 1].strip())):
            place = [_frame_of("", match)]
            index, end = index + 2, index + 2
        elif text.startswith(_RULES):
            index, end = index + 1, index + 1
        elif text and _CALL.match(text) is not None:
            frames, end = _read_backtrace(lines, index)
            return _from_crash(frames), end
        elif text:
            break
        else:
            index += 1
    return place, end
