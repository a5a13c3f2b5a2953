"""Exceptions as Symfony's console prints them: a box of type and message, with `-v` the stack, then the previous one.

Without `-v` the box has the message alone. As in PHP's own stacks a line names a place and the function *called* there.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from mukiau.core.event import Relation
from mukiau.core.traces import php
from mukiau.core.traces.chain import Link, close_chain
from mukiau.core.traces.trace import LineKind, Trace

LANGUAGE = php.LANGUAGE
_STACK = "Exception trace:"
OPENINGS: tuple[str, ...] = ("In ", _STACK)

_HEAD = re.compile(r"In ([\w.-]{1,200}\.php|n/a) line (\d{1,9}|n/a):$")
_TYPE = re.compile(r"\[(\\?[A-Za-z_][\w\\]{0,300}(?:@anonymous)?)(?: \([^)]{1,32}\))?\]$")
_CALL = re.compile(r"(?:([^\s()]{1,500})\(\) )?at (\S[^\n]{0,1024}):(\d{1,9}|n/a)$")


def is_head(line: str) -> bool:
    """Tell the line above an exception's box: `In Mailer.php line 31:`."""
    return line.startswith("In ") and _HEAD.match(line.rstrip()) is not None


def kind_of(line: str) -> LineKind:
    """Classify one line; what stands in the box and in the stack is indented."""
    if line.rstrip() == _STACK:
        return LineKind.BODY
    return LineKind.START if is_head(line) else LineKind.NONE


def parse_trace(lines: Sequence[str]) -> Trace | None:
    """Return the first chain, the raised exception first; None without a box that says something."""
    begin = next((at for at, line in enumerate(lines) if is_head(line)), None)
    if begin is None:
        return None
    links: list[Link] = []
    end = begin
    while end < len(lines) and (head := _HEAD.match(lines[end].rstrip())):
        link, end = _read(lines, end + 1)
        if not link.frames and head[2].isdigit():
            link.add_frame(php.frame_of(head[1], head[2], ""))
        links.append(link)
    for outer, inner in pairwise(links):
        inner.hang_on(outer, Relation.CAUSE)
    if not any(link.type or link.message for link in links):
        return None
    return Trace(language=LANGUAGE, exceptions=close_chain(links), first_line=begin, end_line=end)


def _read(lines: Sequence[str], begin: int) -> tuple[Link, int]:
    """Read one exception; also gives the index of the line behind it."""
    box, at = _read_indented(lines, begin)
    found = _TYPE.match(box[0]) if box else None
    link = Link(type=found[1] if found else "", message="\n".join(box[1:] if found else box))
    if at < len(lines) and lines[at].rstrip() == _STACK:
        stack, at = _read_indented(lines, at + 1)
        calls = [call for call in map(_CALL.match, stack) if call is not None]
        functions = [call[1] or "" for call in calls[1:]]
        for call, function in zip(calls, [*functions, ""], strict=False):
            if call[3].isdigit():
                link.add_frame(php.frame_of(call[2], call[3], function))
    return link, at


def _read_indented(lines: Sequence[str], at: int) -> tuple[list[str], int]:
    """The indented lines without their blanks, and the index of the line below them that is neither indented nor empty."""
    texts: list[str] = []
    while at < len(lines) and (not lines[at].strip() or lines[at][0] in " \t"):
        texts.append(lines[at].strip())
        at += 1
    return [text for text in texts if text], at
