"""Traces of the JVM (Java, Kotlin, Scala, …): `printStackTrace`, logback, log4j2 and the logstash encoders.

Every exception prints its own frames, crash first, then `... 12 more` for those it shares with the exception around it;
they are completed here, so that an exception has the same frames whether it was printed alone or as a cause. With
`rootCauseFirst` the text begins with the root and each `Wrapped by:` is the exception around the one before.
"""

import re
from collections.abc import Sequence

from mukiau.core.event import Frame, Relation
from mukiau.core.traces.chain import Link, close_chain
from mukiau.core.traces.header import Header, find_header, is_header, is_log_line, split_header
from mukiau.core.traces.libraries import JVM_GENERATED, JVM_LIBRARIES
from mukiau.core.traces.text import MAX_LINE_CHARS, dedent
from mukiau.core.traces.trace import LineKind, Trace

LANGUAGE = "java"
OPENINGS: tuple[str, ...] = (
    "at ",
    "Caused by: ",
    "Wrapped by: ",
    "Suppressed: ",
    "Exception in thread ",
    "... ",
    "[CIRCULAR REFERENCE",
)

MAX_FOREIGN_LINES = 3
"""Lines of another thread that may stand inside a block of frames without ending it."""
MAX_LOADER_CHARS = 200

_JOINS = ("Caused by: ", "Wrapped by: ", "Suppressed: ")
_RELATIONS = {"Caused by": Relation.CAUSE, "Wrapped by": Relation.CAUSE, "Suppressed": Relation.SUPPRESSED}
_THREAD = "Exception in thread "
_CIRCULAR = "[CIRCULAR REFERENCE"
_OMITTED = re.compile(r"\.\.\. (\d{1,6}) (?:more|common frames omitted)")
_CUT = re.compile(r"\.\.\. (?:\d{1,6} )?(?:common )?(?:frames? |lines? )?(?:truncated|excluded|skipped|omitted|more)")
_PLACE = re.compile(
    r"Native Method|Unknown Source|<[^<>]{0,80}>|[^:()]{1,200}:\d{1,9}|[^:()\s]{1,200}\.(?:java|kts?|scala|groovy|cljc?|jsp|gradle)|SourceFile"
)


def kind_of(line: str) -> LineKind:
    """Classify one line by the JVM's own marks; `Type: message` headers are every runtime's and told by `header`."""
    text = line.lstrip()
    if text.startswith("at "):
        return LineKind.BODY if _split_frame(text) is not None else LineKind.NONE
    if text.startswith((*_JOINS, _CIRCULAR)) or (text.startswith("... ") and _CUT.match(text)):
        return LineKind.BODY
    return LineKind.START if text.startswith(_THREAD) else LineKind.NONE


def parse_trace(lines: Sequence[str]) -> Trace | None:
    """Return the first trace that has a header, else frames alone (a headless tail), else None."""
    begin = _find_body(lines, 0)
    if begin is None:
        return None
    header = _top_header(lines, begin)
    reader = _Reader(lines)
    if header is not None:
        reader.open_top(header, begin)
    end = reader.read(begin)
    links = reader.finish()
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
    """Parse `at [loader/][module@version/]package.Class.method(File.java:12) [jar:version]`."""
    split = _split_frame(text.strip())
    if split is None:
        return None
    qualified, place = split
    module, _, function = qualified.rpartition(".")
    filename, colon, number = place.rpartition(":")
    lineno = int(number) if colon and number.isdigit() else None
    return Frame(
        function=function,
        module=module,
        filename=filename if lineno is not None else _file_of(place),
        lineno=lineno,
        in_app=is_in_app(module),
    )


def is_in_app(module: str) -> bool:
    """Tell whether a class is the team's own: of no well-known library and not made by the run time."""
    return not module.startswith(JVM_LIBRARIES) and not any(mark in module for mark in JVM_GENERATED)


def _split_frame(text: str) -> tuple[str, str] | None:
    """Split a frame into qualified method and place; None when the text is no frame of the JVM."""
    if not text.startswith("at "):
        return None
    opening = text.find("(", 3, MAX_LINE_CHARS)
    closing = text.find(")", opening)
    if opening < 0 or closing < 0 or _PLACE.fullmatch(text[opening + 1 : closing]) is None:
        return None
    qualified = _without_loader(text[3:opening])
    if "." not in qualified or qualified[-1:].isspace() or "/" in qualified:
        return None
    return qualified, text[opening + 1 : closing]


def _without_loader(qualified: str) -> str:
    """Drop class loader and module (`app//`, `java.base@17/`) and the address of a hidden class (`$$Lambda/0x1f.run`)."""
    if "/0x" in qualified:
        name, _, rest = qualified.partition("/0x")
        qualified = f"{name}.{rest.rpartition('.')[2]}"
    return qualified[qualified.rfind("/") + 1 :]


def _file_of(place: str) -> str:
    return "" if place in {"Native Method", "Unknown Source"} or place.startswith("<") else place


def _find_body(lines: Sequence[str], start: int) -> int | None:
    """Index of the first frame or join."""
    for index in range(start, len(lines)):
        text = lines[index].lstrip()
        if text[:1] in "aCW" and (text.startswith(_JOINS) or _split_frame(text) is not None):
            return index
    return None


def _top_header(lines: Sequence[str], begin: int) -> Header | None:
    """The header above the first frame, behind `Exception in thread "x"` where that is printed."""
    for index in range(begin - 1, max(-1, begin - 50), -1):
        text = lines[index].strip()
        if not text.startswith(_THREAD):
            continue
        split = split_header(text[text.rfind('" ', 0, MAX_LOADER_CHARS) + 2 :])
        if split is not None:
            return Header(line=index, type=split[0], message=split[1])
    return find_header(lines, begin)


class _Reader:
    """Reads the lines from the first frame on and keeps the links of the chain with their depth."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._links: list[Link] = []
        self._open_links: list[tuple[int, Link]] = []
        self._omitted: dict[int, int] = {}
        self._message: list[str] | None = None
        self._join_line = ""

    def open_top(self, header: Header, begin: int) -> None:
        message = "\n".join(
            (header.message, *dedent(self._lines[header.line + 1 : begin], self._lines[header.line]))
        ).rstrip()
        self._links.append(Link(type=header.type, message=message))
        self._open_links.append((_depth(self._lines[begin]) - 1, self._links[0]))

    def read(self, begin: int) -> int:
        """Read until the trace ends; return the index after its last line."""
        end = begin
        for index in range(begin, len(self._lines)):
            line = self._lines[index]
            text = line.strip()
            if self._take(text, line):
                end = index + 1
            elif self._is_over(text, index - end):
                break
        self._close_message()
        return end

    def finish(self) -> list[Link]:
        """Complete the frames that were left out and return the links.

        logback prints `null` for an exception without message, the JVM nothing: nothing is kept of either.
        """
        for link in _outermost_first(self._links):
            link.message = "" if link.message == "null" else link.message
            count = self._omitted.get(id(link), 0)
            around = link.parent.frames if link.parent is not None else []
            if 0 < count <= len(around):
                link.frames.extend(around[-count:])
        return self._links

    def _take(self, text: str, line: str) -> bool:
        """Take a line into the chain; False when it is none of the trace's."""
        join = text.partition(":")[0] if text.startswith(_JOINS) else ""
        if join:
            self._close_message()
            self._join_line = line
            self._open(join, text[len(join) + 2 :], _depth(line))
            return True
        frame = parse_frame(text)
        if frame is not None:
            self._close_message()
            self._current().add_frame(frame)
            return True
        if text.startswith("... ") and _CUT.match(text):
            self._close_message()
            self._omit(text)
            return True
        if text.startswith(_CIRCULAR):
            return True
        if self._message is not None and not is_log_line(text):
            self._message.extend(dedent([line], self._join_line))
            return True
        return False

    def _is_over(self, text: str, foreign_count: int) -> bool:
        return foreign_count >= MAX_FOREIGN_LINES or is_header(text) or is_log_line(text) or text.startswith(_THREAD)

    def _current(self) -> Link:
        if not self._links:
            self._links.append(Link())
            self._open_links.append((0, self._links[0]))
        return self._links[-1]

    def _open(self, join: str, text: str, depth: int) -> None:
        if text.startswith(_CIRCULAR):
            return
        name, message = split_header(text) or ("", text)
        self._current()
        link = Link(type=name, message=message)
        self._hang(link, join, depth)
        self._links.append(link)
        self._open_links.append((depth, link))
        self._message = [message]

    def _hang(self, link: Link, join: str, depth: int) -> None:
        """Find by depth which exception a join belongs to: `Suppressed` to one further left, others to one as deep."""
        limit = depth - 1 if join == "Suppressed" else depth
        while len(self._open_links) > 1 and self._open_links[-1][0] > limit:
            self._open_links.pop()
        owner = self._open_links[-1][1]
        if join != "Wrapped by":
            link.hang_on(owner, _RELATIONS[join])
            return
        link.parent, link.relation = owner.parent, owner.relation
        owner.hang_on(link, Relation.CAUSE)

    def _omit(self, text: str) -> None:
        match = _OMITTED.match(text)
        if match is not None:
            self._omitted[id(self._current())] = int(match[1])

    def _close_message(self) -> None:
        if self._message is not None:
            self._links[-1].message = "\n".join(self._message).rstrip()
            self._message = None


def _depth(line: str) -> int:
    """Depth of a line in tabs; loggers that turn a tab into spaces use four or more."""
    blank = line[: len(line) - len(line.lstrip())]
    return blank.count("\t") or len(blank) // 4


def _outermost_first(links: list[Link]) -> list[Link]:
    """Links such that a parent comes before what hangs on it, whatever order they were printed in."""
    children: dict[int, list[Link]] = {}
    for link in links:
        children.setdefault(id(link.parent), []).append(link)
    ordered = list(children.get(id(None), []))
    for link in ordered:
        ordered.extend(children.get(id(link), []))
    return ordered
