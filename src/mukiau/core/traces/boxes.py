"""Python traces in a box, as rich draws them, turned into the interpreter's own layout line by line."""

import re
from collections.abc import Sequence

from mukiau.core.traces.text import MAX_LINE_CHARS

TOP, ROW, BOTTOM = "╭", "│", "╰"

_TITLE = re.compile(r"╭─{1,400} ?Traceback \(most recent call last\)")
_PLACE = re.compile(r"│ (\S.{0,1024}?):(\d{1,9}) in (\S.{0,300}?) {0,400}│$")
_SOURCE = re.compile(r"│ {0,8}❱ {1,8}\d{1,9} (?:│ ?)?(.{0,2000}?) {0,400}│$")


def is_box_line(text: str) -> bool:
    """Tell whether a line (without its indent) is the border or a row of a box around a trace."""
    if text.startswith(TOP):
        return _TITLE.match(text) is not None
    return (text.startswith("│ ") and text.endswith("│")) or text.startswith("╰─")


def unbox(lines: Sequence[str]) -> Sequence[str]:
    """Replace the lines of boxes, each by one line, so that places in the text stay what they are.

    >>> unbox(["│ /srv/a.py:31 in run   │", "│ ❱ 31 │   go()        │"])
    ['  File "/srv/a.py", line 31, in run', '    go()']
    """
    return [_unboxed(line) if line.lstrip()[:1] in (TOP, ROW, BOTTOM) else line for line in lines]


def _unboxed(line: str) -> str:
    text = line.strip()[:MAX_LINE_CHARS]
    if _TITLE.match(text):
        return "Traceback (most recent call last):"
    if text.startswith(BOTTOM):
        return ""
    place = _PLACE.match(text)
    if place is not None:
        return f'  File "{place[1]}", line {place[2]}, in {place[3]}'
    source = _SOURCE.match(text)
    return f"    {source[1].strip()}" if source is not None else "    "
