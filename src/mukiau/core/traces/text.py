"""A text into trace lines: line ends, escaped newlines and terminal colours."""

import re
from collections.abc import Sequence

MAX_TRACE_LINES = 50_000
"""Lines looked at for one trace; the deepest real ones (a stack overflow with causes) have a few thousand."""
MAX_TEXT_CHARS = 8_388_608
"""Characters of a text looked at for a trace: eight times the largest log event of CloudWatch Logs."""
MAX_LINE_CHARS = 16_384
"""Characters of a line a parser reads: container runtimes cut lines at 16 KiB."""

MAX_UNFOLDED_CHARS = 262_144
"""Characters of one line that may hold a whole trace."""

_FOLDS = re.compile(r" (?=   at [\w.<>`$]{1,400}[\[(]| {1,3}---> [A-Z]|   --- End of )")
_COLOURS = re.compile(r"\x1b\[[0-9;:]{0,32}[A-Za-z]")
_ITALIC = "\x1b[3m"
_FIELDS = re.compile(r"^([ \t][^\n]*?) (?=\x1b\[3m[\w.@-]{1,80}\x1b\[0m\x1b\[2m=\x1b\[0m)", re.MULTILINE)
"""Rust's tracing puts its fields behind the last line of a message: its colours tell them from the message."""


def dedent(lines: Sequence[str], like: str) -> list[str]:
    """Take the indent of the line `like` off each line, as far as it has it; trailing blanks go too."""
    width = len(like) - len(like.lstrip())
    return [line[min(width, len(line) - len(line.lstrip())) :].rstrip() for line in lines]


def without_indent(lines: list[str]) -> list[str]:
    """Take off the indent all lines have in common, as console loggers give to a whole message."""
    width: int | None = None
    for line in lines:
        rest = line.lstrip(" \t")
        if rest:
            width = len(line) - len(rest) if width is None else min(width, len(line) - len(rest))
            if width == 0:
                return lines
    return [line[width:] for line in lines] if width else lines


def unfold(line: str) -> list[str]:
    """Break a trace that a one-line console printed with blanks for its newlines.

    >>> unfold("no: A.B: x    at A.B.C(Int32 n)    at A.D()")
    ['no: A.B: x', '   at A.B.C(Int32 n)', '   at A.D()']
    """
    if "   at " not in line or len(line) > MAX_UNFOLDED_CHARS:
        return [line]
    return [part for part in _FOLDS.split(line) if part.strip()]


def strip_colours(text: str) -> str:
    """Remove terminal colour sequences; fields behind an indented line, which only they tell from it, get a line of their own.

    >>> strip_colours("\\x1b[31mERROR\\x1b[0m boom")
    'ERROR boom'
    """
    if "\x1b" not in text:
        return text
    return _COLOURS.sub("", _FIELDS.sub(r"\1\n", text) if _ITALIC in text else text)


def split_lines(text: str) -> list[str]:
    r"""Split a text at its newlines, or at escaped ones (`\n` as two characters) where it is one line of them.

    >>> split_lines("a\r\n\tb"), split_lines(r"a\n\tb")
    (['a', '\tb'], ['a', '\tb'])
    """
    text = strip_colours(text[:MAX_TEXT_CHARS])
    if "\\n" in text and "\n" not in text.strip():
        text = text.replace("\\r\\n", "\n").replace("\\n", "\n").replace("\\t", "\t")
        text = text.replace('\\"', '"').replace("\\\\", "\\")
    return [line.rstrip("\r") for line in text.split("\n")]
