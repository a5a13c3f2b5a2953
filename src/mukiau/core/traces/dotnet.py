"""Traces of .NET: `Exception.ToString()` of the framework, CoreCLR and Mono, in any language of the run time.

The headers of a chain come first, outermost first (`A: a ---> B: b`, on one line or one each), then the frames,
innermost first; each `--- End of inner exception stack trace ---` steps out by one. An AggregateException prints its
first member as its inner exception and may print it again as `(Inner Exception #0)`: the repetition is dropped.
"""

import re
from collections.abc import Sequence

from mukiau.core.event import Frame, Relation
from mukiau.core.traces.chain import Link, close_chain
from mukiau.core.traces.header import Header, find_header, is_header, is_log_line, split_header
from mukiau.core.traces.libraries import DOTNET_LIBRARIES
from mukiau.core.traces.text import MAX_LINE_CHARS, dedent
from mukiau.core.traces.trace import LineKind, Trace

LANGUAGE = "csharp"

_AT = ("at", "bei", "à", "en", "in", "em", "w", "vid", "ved", "på", "в", "в месте", "在", "於", "場所", "위치:")
"""`at` in the languages the run time is localised in."""
_AT_STARTS = tuple(f"{word} " for word in _AT)
OPENINGS: tuple[str, ...] = (*_AT_STARTS, "--- ", "---> ", "Unhandled ", "unhandled ", "UNHANDLED ", "[ERROR] FATAL")

MAX_FOREIGN_LINES = 3
"""Lines of an exception's own data that may stand between frames without ending the trace."""

_INNER = "---> "
_ARROW = " ---> "
_MEMBER = re.compile(r"---> \(Inner Exception #(\d{1,6})\) ?")
_MEMBER_END = "<---"
_RULE = re.compile(r"--- .{1,200} ---$")
_PREVIOUS = (
    "previous location",
    "exception was thrown",
    "直前に",
    "vorherigen",
    "précédent",
    "предыдущего",
    "上一位置",
)
_UNHANDLED = re.compile(r"(?:\[ERROR\] FATAL )?unhandled exception[.:]\s*", re.IGNORECASE)
_FRAME = re.compile(
    r"([^\s(]{1,1024}) ?\(([^()]{0,2048}(?:\([^()]{0,512}\)[^()]{0,512}){0,8})\)"
    r"(?: \[0x[0-9a-fA-F]{1,16}\])?(?: \S{1,12} ([^\r\n]{1,1024}?):(?:[^\d\s:]{1,12} )?(\d{1,9})\.?)?$"
)
_NOT_ARGUMENTS = re.compile(
    r"Native Method|Unknown Source|SourceFile|<[a-z ]+>|index \d+|\S*\.(?:java|kt|scala|groovy|js)"
)


def kind_of(line: str) -> LineKind:
    """Classify one line by the marks of `Exception.ToString()`."""
    text = line.strip()
    if text.startswith(_AT_STARTS):
        return LineKind.BODY if parse_frame(text) is not None else LineKind.NONE
    if text.startswith(_INNER) or (text.startswith("--- ") and _RULE.match(text)):
        return LineKind.BODY
    if text[:1] in "U[" and _UNHANDLED.match(text):
        return LineKind.START
    return LineKind.NONE


def parse_trace(lines: Sequence[str]) -> Trace | None:
    """Return the first trace."""
    begin = _find_body(lines)
    if begin is None:
        return None
    header = find_header([_own_part(line) for line in lines[:begin]], begin)
    reader = _Reader(lines)
    if header is not None:
        reader.open_top(header, begin)
    end = reader.read(begin)
    links = reader.links
    if not links:
        return None
    return Trace(
        language=LANGUAGE,
        exceptions=close_chain(links),
        first_line=begin if header is None else header.line,
        end_line=end,
        is_headless=header is None,
    )


def parse_frame(text: str) -> Frame | None:
    """Parse `at Namespace.Class.Method(Type name)[ in /src/A.cs:line 7]`, and Mono's with offsets and hashes."""
    text = text.strip().removesuffix(_MEMBER_END).rstrip()
    if not text.startswith(_AT_STARTS) or len(text) > MAX_LINE_CHARS:
        return None
    match = _FRAME.match(text[text.index(" ") + 1 :])
    if match is None:
        return None
    qualified, arguments, path, number = match.groups()
    if (
        ("." not in qualified and not qualified.startswith("lambda_method"))
        or ":" in arguments
        or "/" in arguments
        or _NOT_ARGUMENTS.fullmatch(arguments)
    ):
        return None
    module, function = _split_method(qualified)
    path = "" if path is None or path.startswith("<") else path
    return Frame(
        function=function,
        module=module,
        filename=path,
        abs_path=path,
        lineno=int(number) if path else None,
        in_app=is_in_app(module),
    )


def is_in_app(module: str) -> bool:
    """Tell whether a class is the team's own: of neither the framework nor a well-known package."""
    return not module.startswith(DOTNET_LIBRARIES)


def _split_method(qualified: str) -> tuple[str, str]:
    """Split before the method: `A.B..ctor` is the constructor of `A.B`, `A.B.Map[T]` is generic."""
    name, bracket, arguments = qualified.partition("[")
    if bracket and "." in arguments.rpartition("]")[2]:
        name, bracket, arguments = qualified, "", ""
    module, _, function = name.rpartition(".")
    return module.rstrip("."), function + bracket + arguments if not module.endswith(".") else f".{function}"


def _own_part(line: str) -> str:
    """A line's text up to its first inner exception, without the run time's opening words."""
    text = line.strip()
    opening = _UNHANDLED.match(text)
    return text[opening.end() if opening else 0 :].partition(_ARROW)[0]


def _find_body(lines: Sequence[str]) -> int | None:
    for index, line in enumerate(lines):
        text = line.lstrip()
        if text.startswith(_INNER) or (text.startswith(_AT_STARTS) and parse_frame(text) is not None):
            return index
    return None


def _begins_other(text: str) -> bool:
    return is_header(text) or is_log_line(text) or _UNHANDLED.match(text) is not None


class _Reader:
    """Reads headers and frames; `_stack` holds the exceptions that are open, innermost last."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self.links: list[Link] = []
        self._stack: list[Link] = []
        self._bases: list[int] = []
        self._in_message = False

    def open_top(self, header: Header, begin: int) -> None:
        first = self._lines[header.line].strip()
        at = first.find(header.type)
        text = "\n".join((first[at:], *dedent(self._lines[header.line + 1 : begin], self._lines[header.line])))
        self._open(text, Relation.TOP)

    def read(self, begin: int) -> int:
        """Read until the trace ends; return the index after its last line."""
        end = begin
        for index in range(begin, len(self._lines)):
            text = self._lines[index].strip()
            if text and self._take(text):
                end = index + 1
            elif text and (index - end >= MAX_FOREIGN_LINES or _begins_other(text)):
                break
        return end

    def _take(self, text: str) -> bool:
        frame = parse_frame(text)
        if frame is not None:
            self._add(frame)
        elif text.startswith(_INNER):
            self._take_inner(text)
        elif _RULE.match(text):
            self._step_out(text)
        elif text.startswith(_MEMBER_END):
            pass
        elif self._in_message and self._stack and not is_log_line(text):
            self._continue_message(text)
        else:
            return False
        if text.endswith(_MEMBER_END):
            self._close_members(text)
        return True

    def _add(self, frame: Frame) -> None:
        self._in_message = False
        if not self._stack:
            self._push(Link())
        self._stack[-1].add_frame(frame)

    def _take_inner(self, text: str) -> None:
        member = _MEMBER.match(text)
        if member is None:
            self._open(text[len(_INNER) :], Relation.CAUSE)
            return
        self._bases.append(len(self._stack))
        owner = self._stack[-1] if self._stack else None
        is_repeated = member[1] == "0" and any(link.parent is owner and link is not owner for link in self.links)
        if is_repeated:
            # Frames and causes of a repetition gather under a link that is not in the chain.
            self._stack.append(Link())
        self._open(text[member.end() :], Relation.AGGREGATE_MEMBER)

    def _open(self, text: str, relation: Relation) -> None:
        """Open the exceptions of `A: a ---> B: b`, the first by `relation`, each other as the cause of the one before."""
        for part in text.split(_INNER):
            split = split_header(part.strip())
            if split is None and self._stack:
                self._stack[-1].message += f" {_INNER}{part.strip()}"
                continue
            name, message = split or ("", part.strip())
            link = Link(type=name, message=message)
            if self._stack:
                link.hang_on(self._stack[-1], Relation.CAUSE if relation is Relation.TOP else relation)
            self._push(link)
            relation = Relation.CAUSE
        self._in_message = True

    def _push(self, link: Link) -> None:
        self._stack.append(link)
        self.links.append(link)

    def _continue_message(self, text: str) -> None:
        head, arrow, inner = text.partition(_ARROW)
        self._stack[-1].message += f"\n{head}"
        if arrow:
            self._open(inner, Relation.CAUSE)

    def _step_out(self, text: str) -> None:
        is_previous = any(words in text for words in _PREVIOUS)
        if not is_previous and len(self._stack) > (self._bases[-1] + 1 if self._bases else 1):
            self._stack.pop()

    def _close_members(self, text: str) -> None:
        for _ in range(text[-64:].count(_MEMBER_END)):
            if self._bases:
                del self._stack[self._bases.pop() :]
