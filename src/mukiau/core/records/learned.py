"""The prefix of lines as it is learned: where an inner line of a trace begins behind it, and what shape it has.

Where it ends is not seen from one line: the bars of an exception group and the indent of a frame may be its own or the
trace's. So a line gives all places where it may end, and the lines above it tell which one does, and how much of the gap
behind that place all of them have.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, takewhile
from typing import NamedTuple

from mukiau.core.records.formats import looks_like_object
from mukiau.core.traces.registry import RUNTIMES, classify_line
from mukiau.core.traces.trace import LineKind

MAX_PREFIX_CHARS = 160

# Where the inner line of a trace may begin behind a prefix; `classify_line` decides.
_OPENINGS = sorted(
    {opening for runtime in RUNTIMES for opening in runtime.OPENINGS if len(opening) > 1 and opening[0] not in "|│"}
)


def _by_first_letter(words: Iterable[str]) -> str:
    """An alternation that looks at a word only where its first letter stands: most places of a line have none."""
    groups: dict[str, list[str]] = {}
    for word in words:
        groups.setdefault(word[0], []).append(re.escape(word[1:]))
    return "|".join(f"{re.escape(first)}(?:{'|'.join(rests)})" for first, rests in groups.items())


# What it stands behind is a part of the match, for `re` to look for those few characters first.
_BEHIND = r"[\s|:\]>)!.,;=}*#：】」』〕）｜→›»]"
_INNER = re.compile(rf"{_BEHIND}(?={_by_first_letter(_OPENINGS)}|#\d|\d{{1,3}}: |[\^~]{{1,200}}$|\{{\"|\(\w)")
_INNER_PLACE = re.compile(
    rf"{_BEHIND}(?=\S{{1,200}}\.(?:go|rb|exs?|erl|swift|rs):\d|\S{{0,100}}@\S{{1,200}}:\d|[\w:]{{1,100}}\(.{{0,200}}\) called at )"
)
"""The same for lines that begin with a file's or a function's name, looked for only in lines with one of `_MARKS`."""
_MARKS = (".go:", ".rb:", ".ex", ".erl:", ".swift:", ".rs:", "@", " called at ")
_GROUP = "+ Exception Group "
"""Python puts two spaces in front of all lines of an exception group."""
_END = re.compile(r"\S(?=\s)|[^\w\s]")
_PIECES = re.compile(r"\d{1,400}| {1,400}|[^\d ]{1,400}")


class Prefix(NamedTuple):
    """What stands in front of each line."""

    text: str
    """As it stood in the line it was learned from, with the gap behind it."""
    pattern: re.Pattern[str]
    is_headed: bool

    def off(self, line: str) -> str:
        """The line without it; as it is where it has none."""
        match = self.pattern.match(line)
        return line[match.end() :] if match is not None else line


def find_cuts(text: str, *, is_headed: bool = False) -> Iterator[int]:
    """Yield where something may end that an inner line of a trace stands behind, leftmost first; the gap is the line's.

    A JSON object counts too, but not behind a head: there it is a part of the message.

    >>> list(find_cuts("web.1   |     at run (a.js:1:2)"))
    [9]
    """
    head = text[: MAX_PREFIX_CHARS * 2]
    places = _ends(_INNER_PLACE, head) if any(map(head.__contains__, _MARKS)) else ()
    inner = (at for at in chain(_ends(_INNER, head), places) if _is_inner(text[at:], is_headed=is_headed))
    if (last := next(inner, None)) is None:
        return
    earlier = (found.end() for found in _END.finditer(text, 0, last))
    yield from (at for at in earlier if at < last and _is_inner(text[at:], is_headed=is_headed))
    yield last


def _ends(inner: re.Pattern[str], head: str) -> Iterator[int]:
    for match in inner.finditer(head):
        at = len(head[: match.end()].rstrip())
        if at > MAX_PREFIX_CHARS:
            return
        if at:
            yield at


def _is_inner(rest: str, *, is_headed: bool) -> bool:
    return classify_line(rest) is LineKind.BODY or (not is_headed and looks_like_object(rest.lstrip()))


def common_gap(rests: Sequence[str]) -> str:
    """The white space that stands in front of all texts, blank ones aside, and is not an exception group's own."""
    gaps = [rest[: len(rest) - len(rest.lstrip())] for rest in rests if rest.strip()]
    first, last = min(gaps, default=""), max(gaps, default="")  # what these two share, all between them do
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    gap = "".join(one for one, _ in same)
    is_group = any(rest.startswith(_GROUP, len(gap)) for rest in rests)
    return gap.removesuffix("  ") if is_group else gap


def shape_of_prefix(text: str) -> re.Pattern[str]:
    """A pattern of a prefix: any digits for digits, any width for gaps; the gap at its end may end the line, or be narrower."""
    bare = text.rstrip()
    shape = []
    for piece in _PIECES.findall(bare):
        if piece[0] == " ":
            shape.append(" {1,40}")
        else:
            shape.append(r"\d{1,20}" if piece.isdigit() else re.escape(piece))
    return re.compile("".join(shape) + _shape_of_gap(text[len(bare) :], bare[-1:]), re.MULTILINE)


def _shape_of_gap(gap: str, last: str) -> str:
    """A word's end is told only by a gap behind it; a bracket's is told by itself."""
    if not gap:
        return ""
    least = 1 if last.isalnum() else 0
    return rf"(?:[ \t]{{{least},{len(gap)}}}|$)"
