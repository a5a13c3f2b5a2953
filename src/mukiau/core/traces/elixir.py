"""Traces of Elixir: `** (Type) message` and the frames under it, also inside the reports of GenServers and tasks.

What a process exited with is printed further to the right under the exit (`** (EXIT) an exception was raised:`); a
line that only announces it is no link of its own. Of a report's other parts (last message, state, the stack of the
client) nothing belongs to the exception.
"""

import re
from collections.abc import Sequence

from mukiau.core.event import Frame, Relation
from mukiau.core.traces.chain import Link, close_chain
from mukiau.core.traces.header import is_log_line
from mukiau.core.traces.libraries import ELIXIR_APPS, OTHER_LIBRARY_PATHS
from mukiau.core.traces.text import MAX_LINE_CHARS, dedent
from mukiau.core.traces.trace import LineKind, Trace

LANGUAGE = "elixir"
OPENINGS: tuple[str, ...] = ("** (", "(", ":", "Last message", "State: ", "Client ", "Function: ")

MAX_MESSAGE_LINES = 40
"""Lines between a header and its first frame: the arguments of a clause error are among them."""

_HEADER = re.compile(r"\*\* \(([\w.]{1,200})(?: from [^()\n]{1,120})?\) ?(.{0,16000})$")
_ANNOUNCED = re.compile(r"(?:\w[\w ]{0,80}: )?an exception was raised:$")
_FRAME = re.compile(
    r"(?:\((?P<app>[\w.]{1,100})(?: [\w.\-+]{1,60})?\) )?"
    r"(?:(?P<file>(?:[\w./\-]{1,400}\.(?:exs?|erl|eex|heex|leex|yrl|xrl)|iex|nofile)):(?P<line>\d{1,9}): )?"
    r"(?P<function>\S.{0,400})$"
)
_BUILT_IN = re.compile(r":[a-z]\w{0,80}\.[^\s(]{1,80}[(/]")
_NAME = re.compile(r"(?P<closure>anonymous fn/\d{1,3} in )?(?P<module>:?[\w.]{1,300}?)\.(?P<name>[^.(]{1,200}[/(].*)$")
_REPORT = re.compile(
    r"Last message(?: \(from |: )|State: [%{\[(:#\d]|Client (?:#PID<|[A-Z:][\w.]{0,120} is )|Function: [#&]"
)


def kind_of(line: str) -> LineKind:
    """Classify one line: frames only when indented, so that no ordinary line is taken for one."""
    text = line.strip()
    if text.startswith("** ("):
        if _HEADER.match(text) is None:
            return LineKind.NONE
        return LineKind.BODY if line[:1].isspace() else LineKind.START
    if line[:1].isspace():
        return LineKind.BODY if _match_frame(text) is not None else LineKind.NONE
    return LineKind.BODY if _REPORT.match(text) else LineKind.NONE


def parse_trace(lines: Sequence[str]) -> Trace | None:
    """Return the first exception, with frames or without, else frames alone."""
    begin = next((i for i, line in enumerate(lines) if _header_of(line) or _opens_frames(line)), None)
    if begin is None:
        return None
    reader = _Reader(lines)
    end = reader.read(begin)
    links = [link for link in reader.links if link.type or link.frames]
    if not links:
        return None
    return Trace(
        language=LANGUAGE,
        exceptions=close_chain(links),
        first_line=begin,
        end_line=end,
        is_headless=not links[0].type,
    )


def is_in_app(app: str, path: str) -> bool:
    """Tell whether a frame is the team's own: of no well-known application and not under `deps/`."""
    return app not in ELIXIR_APPS and not any(part in path for part in OTHER_LIBRARY_PATHS)


def _header_of(line: str) -> re.Match[str] | None:
    at = line.find("** (", 0, MAX_LINE_CHARS)
    if at < 0 or (at and not line[at - 1].isspace()):
        return None
    return _HEADER.match(line[at:].rstrip()[:MAX_LINE_CHARS])


def _match_frame(text: str) -> re.Match[str] | None:
    """A frame has a file, an application, or is a function of the virtual machine (`:erlang.+(1, :a)`)."""
    match = _FRAME.match(text) if len(text) < MAX_LINE_CHARS else None
    if match is None or not (match["file"] or match["app"] or _BUILT_IN.match(text)):
        return None
    return match if match["file"] or _NAME.match(match["function"]) else None


def _opens_frames(line: str) -> bool:
    match = _match_frame(line.strip()) if ": " in line and line[:1].isspace() else None
    return match is not None and bool(match["file"])


def _frame_of(match: re.Match[str]) -> Frame:
    name = _NAME.match(match["function"])
    path = match["file"] or ""
    return Frame(
        function=(name["closure"] or "") + name["name"] if name else match["function"],
        module=name["module"] if name else "",
        filename=path,
        abs_path=path,
        lineno=int(match["line"]) if path else None,
        in_app=bool(path) and is_in_app(match["app"] or "", path),
    )


class _Reader:
    """Reads headers and frames by their indent: what stands further right hangs on what stands left of it."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self.links: list[Link] = []
        self._open: list[tuple[int, Link]] = []
        self._header_line = 0
        self._message: list[str] | None = None

    def read(self, begin: int) -> int:
        """Read until the trace ends; return the index after its last line."""
        end = begin
        for index in range(begin, len(self._lines)):
            if not self._take(index):
                break
            end = index + 1 if self._lines[index].strip() else end
        self._close_message()
        return end

    def _take(self, index: int) -> bool:
        line = self._lines[index]
        header = _header_of(line)
        if header is not None:
            return self._open_link(index, header)
        match = _match_frame(line.strip())
        if match is not None and (self.links or line[:1].isspace()):
            self._close_message()
            self._owner(_indent(line)).add_frame(_frame_of(match))
            return True
        return self._take_message(index, line)

    def _open_link(self, index: int, header: re.Match[str]) -> bool:
        depth = self._lines[index].find("** (")
        if self.links and depth <= self._open[0][0]:
            return False
        name, message = header.groups()
        if self._message is not None and name == "EXIT" and not _ANNOUNCED.match(message):
            self._message.append(self._lines[index].rstrip())
            return True
        self._close_message()
        if _ANNOUNCED.match(message):
            return True
        link = Link(type=name)
        if self.links:
            link.hang_on(self._owner(depth), Relation.CAUSE)
        self.links.append(link)
        self._open.append((depth, link))
        self._header_line, self._message = index, [message]
        return True

    def _owner(self, depth: int) -> Link:
        """The innermost exception that began further left."""
        while len(self._open) > 1 and self._open[-1][0] >= depth:
            self._open.pop()
        if not self._open:
            self.links.append(Link())
            self._open.append((0, self.links[0]))
        return self._open[-1][1]

    def _take_message(self, index: int, line: str) -> bool:
        if self._message is None or index - self._header_line > MAX_MESSAGE_LINES or is_log_line(line):
            return False
        if line[:1].strip() and _REPORT.match(line):
            return False
        self._message.append(*dedent([line], self._lines[self._header_line]))
        return True

    def _close_message(self) -> None:
        if self._message is not None:
            self.links[-1].message = "\n".join(self._message).strip()
            self._message = None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
