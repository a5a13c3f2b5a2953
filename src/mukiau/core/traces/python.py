"""Traces of Python: the interpreter's, logging's, asyncio's, loguru's decorated ones and exception groups.

The interpreter prints a chain innermost first and joins the blocks with one of two sentences, which tell a cause
(`raise … from`) from a context (raised while handling). A group prints its members under it, each in a column of its
own (`  +-+---------------- 1 ----------------`); the columns are read as a stack of blocks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mukiau.core.event import Frame, Relation
from mukiau.core.traces.boxes import TOP, is_box_line, unbox
from mukiau.core.traces.chain import Link, close_chain
from mukiau.core.traces.header import MAX_TYPE_CHARS, is_log_line
from mukiau.core.traces.libraries import PYTHON_FOREIGN_STARTS, PYTHON_LIBRARIES
from mukiau.core.traces.trace import LineKind, Trace

LANGUAGE = "python"
OPENINGS: tuple[str, ...] = (
    "Traceback (", "+ Exception Group", "Exception in thread ", "The above exc", "During handling", 'File "', '> File "',
    "[Previous line", "^", "~", "| ", "+-", "╭─", "│ ", "╰─",
)  # fmt: skip

_TRACEBACK = "Traceback (most recent call last):"
_GROUP_TRACEBACK = "+ Exception Group Traceback (most recent call last):"
_CAUSE = "The above exception was the direct cause of the following exception:"
_CONTEXT = "During handling of the above exception, another exception occurred:"
_JOINS = {_CAUSE: Relation.CAUSE, _CONTEXT: Relation.CONTEXT}
_REPEATED = "[Previous line repeated "

_FRAME = re.compile(r'>? ?File "([^"\n]{1,4096})", line (\d{1,9})(?:, in (.{1,512}))?$')
_MEMBER = re.compile(r"( *)\+(-\+)?-{10,40} (?:\d{1,6}|\.\.\.) -{10,40}$")
_MEMBERS_END = re.compile(r"( *)\+-{30,60}$")
_COLUMN = re.compile(r"( *)\|(?: |$)")
_TYPE = re.compile(r"[^\W\d][\w.]*(?:<locals>[\w.]*)*")


def kind_of(line: str) -> LineKind:
    """Classify one line by the interpreter's own marks; `Type: message` lines are told by `header`."""
    text = line.lstrip()
    if text.startswith("| "):
        text = text[2:].lstrip()
    if text[:1] in "╭│╰":
        return _kind_of_box(text.rstrip())
    if text.startswith((_TRACEBACK, _GROUP_TRACEBACK, "Exception in thread ")):
        return LineKind.START
    if text.startswith(("File ", "> File ")):
        return LineKind.BODY if _FRAME.match(text) else LineKind.NONE
    if text.startswith((_CAUSE, _CONTEXT, _REPEATED)) or _is_marker(text):
        return LineKind.BODY
    if line.startswith(("  | ", "    | ", "      | ", "  +", "    +", "      +")):
        return LineKind.BODY
    return LineKind.NONE


def parse_trace(lines: Sequence[str]) -> Trace | None:
    """Return the first trace; frames without a `Traceback` line are a headless one."""
    if any(line.lstrip()[:1] == TOP for line in lines):
        lines = unbox(lines)
    begin = _find_start(lines)
    if begin is None:
        return None
    reader = _Reader(_indent(lines[begin]))
    end = begin
    for index in range(begin, len(lines)):
        following = next((line for line in lines[index + 1 : index + 3] if line.strip()), "")
        if not reader.take(lines[index], following):
            break
        end = index + 1 if lines[index].strip() else end
    links = reader.finish()
    is_headless = not lines[begin].lstrip().startswith((_TRACEBACK, _GROUP_TRACEBACK))
    if not links:
        return None
    return Trace(
        language=LANGUAGE, exceptions=close_chain(links), first_line=begin, end_line=end, is_headless=is_headless
    )


def parse_frame(text: str) -> Frame | None:
    """Parse `File "a.py", line 7, in run`; a frame of a SyntaxError has no function."""
    match = _FRAME.match(text.strip())
    if match is None:
        return None
    path, number, function = match.groups()
    return Frame(
        function=function or "",
        filename=path,
        abs_path=path,
        lineno=int(number),
        in_app=is_in_app(path),
    )


def is_in_app(path: str) -> bool:
    """Tell whether a file is the team's own: neither of the interpreter nor of an installed package."""
    slashed = path.replace("\\", "/")
    return not slashed.startswith(PYTHON_FOREIGN_STARTS) and not any(part in slashed for part in PYTHON_LIBRARIES)


def _kind_of_box(text: str) -> LineKind:
    if not is_box_line(text):
        return LineKind.NONE
    return LineKind.START if text.startswith(TOP) else LineKind.BODY


def _is_marker(text: str) -> bool:
    """`    ~~~^^^` under a source line."""
    stripped = text.strip()
    return bool(stripped) and stripped[0] in "^~" and not stripped.strip("^~ ")


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _find_start(lines: Sequence[str]) -> int | None:
    headless: int | None = None
    for index, line in enumerate(lines):
        text = line.lstrip()
        if text.startswith((_TRACEBACK, _GROUP_TRACEBACK)):
            return index
        if headless is None and text.startswith(("File ", "> File ")) and _FRAME.match(text.rstrip()):
            headless = index
    return headless


@dataclass(slots=True)
class _Block:
    """Reads the lines of one column: a chain of tracebacks, without the prefix of the column."""

    margin: str = ""
    links: list[Link] = field(default_factory=list)
    """In the order of the text: innermost first."""
    is_tracing: bool = False
    """A header was seen; a member of a group needs none."""
    _frames: list[Frame] = field(default_factory=list)
    _message: list[str] | None = None
    _join: Relation | None = None

    def take(self, line: str, following: str = "") -> bool:
        """Take a line; False when the trace was over before it. `following` is the next line that is not blank."""
        text = line.removeprefix(self.margin).rstrip()
        bare = text.strip()
        if bare in _JOINS:
            self._close(_JOINS[bare])
            return True
        if bare in {_TRACEBACK, _GROUP_TRACEBACK[2:]}:
            return self._begin(text, following)
        if self._message is None:
            return self._take_in_frames(text, bare)
        if is_log_line(bare):
            return False
        self._message.append(text)
        return True

    def take_message(self, line: str) -> bool:
        """Take a line that can only go on with a message."""
        if self._message is None or is_log_line(line):
            return False
        self._message.append(line.rstrip())
        return True

    def adopt(self, links: list[Link]) -> None:
        """Go on with a chain that was read in a column of its own."""
        self.finish()
        if self.links and links and self._join is not None:
            self.links[-1].hang_on(links[-1], self._join)
            self._join = None
        self.links.extend(links)

    def finish(self) -> list[Link]:
        """Return the links; the last one is the raised exception."""
        if self._frames or self._message is not None:
            self._close(None)
        return self.links

    def hang_members(self) -> Link:
        """Close the exception being read and return it: it is the group of the members that follow."""
        self.finish()
        return self.links[-1] if self.links else self._append(Link())

    def _begin(self, text: str, following: str) -> bool:
        if self._message is not None:
            # A traceback inside a message is text; with a frame after it, another trace begins.
            if _FRAME.match(following.strip()):
                return False
            self._message.append(text)
        self.is_tracing = True
        return True

    def _take_in_frames(self, text: str, bare: str) -> bool:
        frame = parse_frame(bare) if bare.startswith(("File ", "> File ")) else None
        if frame is not None:
            self._frames.append(frame)
            self.is_tracing = True
        elif bare and not text[:1].isspace():
            if is_log_line(bare) or not self.is_tracing:
                return False
            self._message = [text]
        elif bare and self._frames and not self._frames[-1].context_line and not _is_marker(bare):
            self._add_source(bare)
        return True

    def _add_source(self, source: str) -> None:
        if source.startswith(_REPEATED):
            return
        old = self._frames[-1]
        self._frames[-1] = Frame(
            function=old.function,
            filename=old.filename,
            abs_path=old.abs_path,
            lineno=old.lineno,
            in_app=old.in_app,
            context_line=source,
        )

    def _close(self, join: Relation | None) -> None:
        """End the exception being read; `join` says what it is to the one that follows."""
        if self._frames or self._message is not None:
            name, message = _split_message(self._message or [])
            self._append(Link(type=name, message=message, frames=self._frames[::-1]))
        self._frames, self._message, self.is_tracing = [], None, False
        self._join = join

    def _append(self, link: Link) -> Link:
        if self.links and self._join is not None:
            self.links[-1].hang_on(link, self._join)
            self._join = None
        self.links.append(link)
        return link


def _split_message(lines: list[str]) -> tuple[str, str]:
    text = "\n".join(lines).strip("\n")
    name, _, rest = text.partition("\n")
    head, colon, message = name.partition(": ")
    head = head.rstrip(":") if not colon else head
    if len(head) > MAX_TYPE_CHARS or _TYPE.fullmatch(head) is None:
        return "", text
    more = f"\n{rest}" if rest else ""
    return head, (message + more).strip()


class _Reader:
    """Reads the columns as a stack of blocks.

    The lowest block is the text itself. On it stands the column of a group, on that the columns of its members, each
    with the group it hangs on.
    """

    def __init__(self, margin: str) -> None:
        self._links: list[Link] = []
        self._base = _Block(margin=margin)
        self._stack: list[tuple[int, _Block, Link | None]] = [(-1, self._base, None)]

    def take(self, line: str, following: str) -> bool:
        """Take a line; False when the trace was over before it."""
        bare = line.strip()
        if bare.startswith(_GROUP_TRACEBACK):
            self._close_above(-1)
            self._stack.append((len(_indent(line)), _Block(), None))
            return True
        if len(self._stack) == 1:
            return self._base.take(line, following)
        return self._take_in_columns(line, bare, following)

    def finish(self) -> list[Link]:
        self._close_above(-1)
        return [*self._links, *self._base.finish()]

    def _take_in_columns(self, line: str, bare: str, following: str) -> bool:
        member = _MEMBER.match(line)
        if member is not None:
            self._open_member(len(member[1]) + (2 if member[2] else 0))
            return True
        ending = _MEMBERS_END.match(line)
        if ending is not None:
            self._close_above(max(len(ending[1]) - 1, 0))
            return True
        column = _COLUMN.match(line)
        if column is not None:
            self._close_above(max(len(column[1]), 0))
            self._stack[-1][1].take(line[column.end() :])
            return True
        if bare in _JOINS:
            self._close_above(-1)
            return self._base.take(line, following)
        # Further lines of a message are printed without the column's prefix.
        return not bare or (bare != _TRACEBACK and self._stack[-1][1].take_message(line))

    def _open_member(self, column: int) -> None:
        self._close_above(column - 1)
        group = self._stack[-1][1].hang_members()
        self._stack.append((column, _Block(is_tracing=True), group))

    def _close_above(self, column: int) -> None:
        """Close the blocks right of a column; a group's own column stays until the text goes on without it."""
        while self._stack[-1][0] > column and (len(self._stack) > 2 or (column < 0 and len(self._stack) > 1)):
            _, block, group = self._stack.pop()
            links = block.finish()
            if group is None:
                self._base.adopt(links)
                continue
            if links:
                links[-1].hang_on(group, Relation.GROUP_MEMBER)
            self._links.extend(links)
