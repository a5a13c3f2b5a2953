"""The frames of one stack as the page shows them: crash first, the team's own open, runs of library frames folded.

A frame's anchor is its place in the payload (`f-2-5`: exception 2, frame 5 of the wire's order), so that a link made
today still leads there tomorrow, and agrees with the paths of problems and remarks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby, takewhile

from django.utils.translation import gettext

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.normalizing.in_app import library_mark
from mukiau.web.event.own_frames import DecidedFrame
from mukiau.web.event.shapes import brief, items, mapping, text, whole_number
from mukiau.web.event.sheet import NOTHING, Pairs, Sheet, html_bytes

MAX_NAMED_LIBRARIES = 3
MAX_OWN_SHOWN = 30
MAX_PERIOD = 4
"""Calls of a recursion that go through several functions."""
MIN_REPEATED = 4
_CALL = ("module", "filename", "function", "lineno")
MAX_CODE_LINE_CHARS = 400
FRAME_BYTES = 240
"""Markup of a frame's line."""
DETAIL_BYTES = 460
"""Markup of what a frame unfolds to, with its module, path and link."""
CODE_LINE_BYTES = 74
AMPLE_BYTES = 30_000
"""With less room than this a library's frame shows its own line only."""
_DOMAINS = {"com", "org", "net", "io", "dev", "jakarta", "javax", "jp", "System", "Microsoft"}
_SHOWN = frozenset(
    "function filename lineno colno in_app context_line pre_context post_context vars module abs_path".split()
)
"""Fields of a frame that have a place of their own; all others are listed by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLine:
    """One line of source around a frame."""

    number: int | None
    text: str
    is_hit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameView:
    """One stack entry."""

    anchor: str
    place: str
    """File and line: `point/ledger.py:88`."""
    function: str
    """With the class where the file does not say more: `Ledger.append`."""
    package: str
    """What stands before it: `com.example.point`; empty where the file's path says it."""
    in_app: bool
    code: tuple[CodeLine, ...] = ()
    variables: Pairs = NOTHING
    details: tuple[tuple[str, str], ...] = ()
    """Module, path and why the frame counts as it does, in the reader's words."""
    fields: Pairs = NOTHING
    """Whatever else the sender says of it: addresses, package, trust, …"""
    is_open: bool = False
    """Shown with its source and variables from the start."""
    is_cut: bool = False
    """It has details the page has no room for."""

    @property
    def has_detail(self) -> bool:
        return bool(self.code or self.variables.count or self.details or self.fields.count)


class RunKind(StrEnum):
    """What neighbouring frames have in common; all but the first kind are folded."""

    OWN = "own"
    LIBRARY = "library"
    SHARED = "shared"
    """The exception that wraps this one has the same frames."""
    REPEATED = "repeated"
    """The same calls again: a recursion."""
    FURTHER = "further"
    """More of the team's own than can be read at a glance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRun:
    """Neighbouring frames of one kind."""

    kind: RunKind
    frames: tuple[FrameView, ...]
    count: int = 0
    """All frames of the run; more than `frames` where the page has no room for them."""
    libraries: str = ""
    """The first few packages of a folded run: `sqlalchemy, psycopg`."""
    is_open: bool = False

    @property
    def hidden(self) -> int:
        return self.count - len(self.frames)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackPlace:
    """Where in the payload a stack stands, and what of it the address asks for."""

    anchor: str
    """`f-2`: the anchor of its frames without their number."""
    path: str
    """`exception.values.2.stacktrace`."""
    platform: str = ""
    opened: str = ""
    """The anchor the address asks for."""


Numbered = tuple[int, JSONObject]
"""A frame with its place in the wire's order."""


def frame_runs(
    stacktrace: JSONValue, *, place: StackPlace, sheet: Sheet, wrapped_by: JSONValue = None
) -> tuple[FrameRun, ...]:
    """Return the frames of a wire stack trace, the crash first.

    The calls that lead to the `try` of the wrapping exception's stack trace stand in both; here they are one run.
    """
    frames = _wire_frames(stacktrace)
    common = _common_count(frames, _wire_frames(wrapped_by))
    own, shared = frames[: len(frames) - common], frames[len(frames) - common :]
    first = next((number for number, frame in own if frame.get("in_app") is True and _has_detail(frame)), None)
    writer = _FrameWriter(place, sheet, first)
    runs = [(kind, members) for kind, members in _kinds(own) if members]
    runs += [(RunKind.SHARED, shared)] if shared else []
    return tuple(writer.run(kind, members) for kind, members in runs)


def _kinds(frames: list[Numbered]) -> Iterator[tuple[RunKind, list[Numbered]]]:
    """Part frames into runs of the team's own, of repetitions, and of libraries."""
    shown = 0
    for is_repeated, part in _repetitions(frames):
        if is_repeated:
            yield RunKind.REPEATED, part
            continue
        for in_app, run in groupby(part, key=_is_own):
            members = list(run)
            if not in_app:
                yield RunKind.LIBRARY, members
                continue
            fitting = max(0, MAX_OWN_SHOWN - shown)
            yield RunKind.OWN, members[:fitting]
            yield RunKind.FURTHER, members[fitting:]
            shown += len(members)


def _repetitions(frames: list[Numbered]) -> Iterator[tuple[bool, list[Numbered]]]:
    """Part frames into stretches that repeat the few frames before them, and the others."""
    calls = [tuple(text(frame.get(name)) for name in _CALL) for _, frame in frames]
    begin = at = 0
    while at < len(frames):
        period, end = _repeated(calls, at)
        if end - at - period >= MIN_REPEATED:
            yield False, frames[begin : at + period]
            yield True, frames[at + period : end]
            begin = at = end
        else:
            at += 1
    yield False, frames[begin:]


def _repeated(calls: list[tuple[str, ...]], at: int) -> tuple[int, int]:
    """Return the number of calls from a place on that are repeated right away, and where the repetition ends."""
    longest = (1, at + 1)
    for period in range(1, MAX_PERIOD + 1):
        end = at + period
        while end < len(calls) and calls[end] == calls[end - period]:
            end += 1
        if end > longest[1] + MIN_REPEATED:
            longest = (period, end)
    return longest


def _is_own(numbered: Numbered) -> bool:
    return numbered[1].get("in_app") is True


def _wire_frames(stacktrace: JSONValue) -> list[Numbered]:
    """Return the frames, the crash first."""
    frames = [(number, mapping(frame)) for number, frame in enumerate(items(mapping(stacktrace).get("frames")))]
    return frames[::-1]


def _common_count(frames: list[Numbered], others: list[Numbered]) -> int:
    """Count the equal frames at the outer ends, but leave the crash and the team's own frame nearest to it."""
    pairs = zip(reversed(frames), reversed(others), strict=False)
    same = takewhile(lambda pair: all(pair[0][1].get(n) == pair[1][1].get(n) for n in _CALL), pairs)
    needed = next((i for i, numbered in enumerate(frames) if _is_own(numbered)), 0) + 1
    return min(sum(1 for _ in same), max(0, len(frames) - needed))


class _FrameWriter:
    """Writes the frames of one stack on the sheet."""

    def __init__(self, place: StackPlace, sheet: Sheet, first: int | None) -> None:
        self._place = place
        self._sheet = sheet
        self._first = first
        """The frame that is open from the start."""

    def run(self, kind: RunKind, frames: list[Numbered]) -> FrameRun:
        views = tuple(self._views(frames))
        return FrameRun(
            kind=kind,
            frames=views,
            count=len(frames),
            libraries=_libraries([frame for _, frame in frames]) if kind is RunKind.LIBRARY else "",
            is_open=kind is not RunKind.OWN and any(view.is_open for view in views),
        )

    def _views(self, frames: list[Numbered]) -> Iterable[FrameView]:
        for number, frame in frames:
            is_asked_for = self._place.opened == f"{self._place.anchor}-{number}"
            if not self._sheet.takes(FRAME_BYTES) and not is_asked_for:
                return
            yield self._view(number, frame, is_open=is_asked_for or number == self._first)

    def _view(self, number: int, frame: JSONObject, *, is_open: bool) -> FrameView:
        package, function = _function(frame)
        line = FrameView(
            anchor=f"{self._place.anchor}-{number}",
            place=_place(frame),
            function=brief(function, 600),
            package=package,
            in_app=frame.get("in_app") is True,
        )
        if not self._sheet.takes(DETAIL_BYTES):
            return replace(line, is_cut=True)
        path = f"{self._place.path}.frames.{number}"
        return replace(
            line,
            code=self._code(frame),
            variables=self._sheet.pairs(frame.get("vars"), f"{path}.vars"),
            details=_details(frame, self._place.platform, is_module_shown=bool(package)),
            fields=self._sheet.pairs(frame, path, known=_SHOWN),
            is_open=is_open,
        )

    def _code(self, frame: JSONObject) -> tuple[CodeLine, ...]:
        lines = _code(frame)
        hit = tuple(line for line in lines if line.is_hit)
        is_ample = _is_own((0, frame)) or self._sheet.left > AMPLE_BYTES
        wanted = (lines, hit) if is_ample else (hit,)
        return next((some for some in wanted if self._sheet.takes(_code_bytes(some))), ())


def _code_bytes(lines: tuple[CodeLine, ...]) -> int:
    return sum(html_bytes(line.text) + CODE_LINE_BYTES for line in lines)


def _has_detail(frame: JSONObject) -> bool:
    return bool(frame.get("context_line") or frame.get("vars"))


def _place(frame: JSONObject) -> str:
    name = brief(frame.get("filename") or frame.get("abs_path") or frame.get("module")) or "?"
    numbers = [whole_number(frame.get(key)) for key in ("lineno", "colno")]
    return ":".join([name, *(str(number) for number in numbers if number is not None)])


def _function(frame: JSONObject) -> tuple[str, str]:
    """Return package and function; where the file is a path, it says more than the module."""
    function, module = text(frame.get("function")), brief(frame.get("module"))
    file = text(frame.get("filename"))
    if not module or "/" in file or "\\" in file or file.removesuffix(".py") == module:
        return "", function
    package, _, owner = module.rpartition(".")
    return package, f"{owner}.{function}" if function else owner


def _details(frame: JSONObject, platform: str, *, is_module_shown: bool) -> tuple[tuple[str, str], ...]:
    module, path = brief(frame.get("module")), brief(frame.get("abs_path"))
    found = [
        (gettext("Module"), "" if is_module_shown else module),
        (gettext("Path"), "" if path == frame.get("filename") else path),
        (gettext("Counts as"), _why(frame, platform)),
    ]
    return tuple((name, value) for name, value in found if value)


def _why(frame: JSONObject, platform: str) -> str:
    """Say why a frame counts as the team's own or as a library's."""
    if isinstance(frame, DecidedFrame):
        is_own = frame.get("in_app") is True
        return (
            gettext("in app: the grouping policy says so")
            if is_own
            else gettext("library: the grouping policy says so")
        )
    mark = library_mark(text(frame.get("platform")) or platform, frame)
    if frame.get("in_app") is True:
        return (
            gettext("in app: the sender says so") if mark else gettext("in app: no known library in its name or path")
        )
    if mark:
        return gettext("library: %(mark)s in its name or path") % {"mark": mark.strip()}
    return gettext("library: the sender says so")


def _code(frame: JSONObject) -> tuple[CodeLine, ...]:
    if not isinstance(hit := frame.get("context_line"), str):
        return ()
    before, after = items(frame.get("pre_context")), items(frame.get("post_context"))
    line = whole_number(frame.get("lineno"))
    first = None if line is None else line - len(before)
    return tuple(
        CodeLine(
            number=None if first is None else first + i,
            text=brief(content, MAX_CODE_LINE_CHARS),
            is_hit=i == len(before),
        )
        for i, content in enumerate([*before, hit, *after])
    )


def _libraries(frames: list[JSONObject]) -> str:
    """Return the first few packages of a run, in order of appearance."""
    names = dict.fromkeys(name for frame in frames if (name := _package(frame)))
    shown = list(names)[:MAX_NAMED_LIBRARIES]
    return ", ".join(shown) + (" …" if len(names) > MAX_NAMED_LIBRARIES else "")


def _package(frame: JSONObject) -> str:
    module = brief(frame.get("module"))
    if "/" in module:  # Go: host/owner/package
        return module.rsplit("/", 1)[-1].split(".", 1)[0]
    parts = module.split(".")
    # com.example, org.example, jp.co.example: the vendor says more than the first word
    length = 3 if parts[:2] == ["jp", "co"] else 2 if parts[0] in _DOMAINS else 1
    return ".".join(parts[:length])
