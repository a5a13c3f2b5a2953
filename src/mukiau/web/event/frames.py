"""The frames of one exception as the page shows them: crash first, the team's own open, runs of library frames folded."""

from dataclasses import dataclass
from itertools import groupby, takewhile

from mukiau.core.event import JSONObject, JSONValue
from mukiau.web.event.shapes import items, mapping, pairs, text, whole_number

MAX_NAMED_LIBRARIES = 3
_DOMAINS = {"com", "org", "net", "io", "dev", "jakarta", "javax", "jp", "System", "Microsoft"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLine:
    """One line of source around a frame."""

    number: int | None
    text: str
    is_hit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameView:
    """One stack entry."""

    place: str
    """File and line: `point/ledger.py:88`."""
    function: str
    """With the class where the file does not say more: `Ledger.append`."""
    package: str
    """What stands before it: `com.example.point`; empty where the file's path says it."""
    in_app: bool
    code: tuple[CodeLine, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    is_open: bool = False
    """Shown with its source and variables from the start."""

    @property
    def has_detail(self) -> bool:
        return bool(self.code or self.variables)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRun:
    """Neighbouring frames that are all the team's own, or all of libraries (folded), or all shown elsewhere (folded)."""

    in_app: bool
    frames: tuple[FrameView, ...]
    is_shared: bool = False
    """The exception that wraps this one has the same frames."""
    libraries: str = ""
    """The first few packages of a folded run: `sqlalchemy, psycopg`."""


def frame_runs(stacktrace: JSONValue, *, wrapped_by: JSONValue = None) -> tuple[FrameRun, ...]:
    """Return the frames of a wire stack trace, the crash first.

    The calls that lead to the `try` of the wrapping exception's stack trace stand in both; here they are one run.
    """
    frames = _wire_frames(stacktrace)
    common = _common_count(frames, _wire_frames(wrapped_by))
    runs = _own_runs(frames[: len(frames) - common])
    if common:
        shared = tuple(_view(frame, is_open=False) for frame in frames[len(frames) - common :])
        runs.append(FrameRun(in_app=False, frames=shared, is_shared=True))
    return tuple(runs)


def _wire_frames(stacktrace: JSONValue) -> list[JSONObject]:
    """Return the frames, the crash first."""
    return [mapping(frame) for frame in reversed(items(mapping(stacktrace).get("frames")))]


def _common_count(frames: list[JSONObject], others: list[JSONObject]) -> int:
    """Count the equal frames at the outer ends, but leave the crash and the team's own frame nearest to it."""
    names = ("module", "filename", "function", "lineno")
    pairs_from_outside = zip(reversed(frames), reversed(others), strict=False)
    same = takewhile(lambda pair: all(pair[0].get(n) == pair[1].get(n) for n in names), pairs_from_outside)
    needed = next((i for i, frame in enumerate(frames) if frame.get("in_app") is True), 0) + 1
    return min(sum(1 for _ in same), max(0, len(frames) - needed))


def _own_runs(wire: list[JSONObject]) -> list[FrameRun]:
    opened = next((i for i, frame in enumerate(wire) if frame.get("in_app") is True and _has_detail(frame)), None)
    views = [(_view(frame, is_open=i == opened), frame) for i, frame in enumerate(wire)]
    runs = []
    for in_app, run in groupby(views, key=lambda pair: pair[0].in_app):
        members = list(run)
        libraries = "" if in_app else _libraries([frame for _, frame in members])
        runs.append(FrameRun(in_app=in_app, frames=tuple(view for view, _ in members), libraries=libraries))
    return runs


def thread_runs(payload: JSONObject) -> tuple[FrameRun, ...]:
    """Return the stack of an event without exceptions: of the thread that sent it, where a client attaches one."""
    threads = [mapping(thread) for thread in items(payload.get("threads"))]
    sender = next((t for t in threads if t.get("crashed") is True or t.get("current") is True), None)
    sender = sender or (threads[0] if len(threads) == 1 else {})
    return frame_runs(sender.get("stacktrace") or payload.get("stacktrace"))


def _view(frame: JSONObject, *, is_open: bool) -> FrameView:
    package, function = _function(frame)
    return FrameView(
        place=_place(frame),
        function=function,
        package=package,
        in_app=frame.get("in_app") is True,
        code=_code(frame),
        variables=pairs(frame.get("vars")),
        is_open=is_open,
    )


def _has_detail(frame: JSONObject) -> bool:
    return bool(frame.get("context_line") or frame.get("vars"))


def _place(frame: JSONObject) -> str:
    name = text(frame.get("filename") or frame.get("abs_path") or frame.get("module")) or "?"
    line = whole_number(frame.get("lineno"))
    return name if line is None else f"{name}:{line}"


def _function(frame: JSONObject) -> tuple[str, str]:
    """Return package and function; where the file is a path, it says more than the module."""
    function, module = text(frame.get("function")), text(frame.get("module"))
    file = text(frame.get("filename"))
    if not module or "/" in file or "\\" in file or file.removesuffix(".py") == module:
        return "", function
    package, _, owner = module.rpartition(".")
    return package, f"{owner}.{function}" if function else owner


def _code(frame: JSONObject) -> tuple[CodeLine, ...]:
    if not isinstance(hit := frame.get("context_line"), str):
        return ()
    before, after = items(frame.get("pre_context")), items(frame.get("post_context"))
    line = whole_number(frame.get("lineno"))
    first = None if line is None else line - len(before)
    return tuple(
        CodeLine(number=None if first is None else first + i, text=text(content), is_hit=i == len(before))
        for i, content in enumerate([*before, hit, *after])
    )


def _libraries(frames: list[JSONObject]) -> str:
    """Return the first few packages of a run, in order of appearance."""
    names = dict.fromkeys(name for frame in frames if (name := _package(frame)))
    shown = list(names)[:MAX_NAMED_LIBRARIES]
    return ", ".join(shown) + (" …" if len(names) > MAX_NAMED_LIBRARIES else "")


def _package(frame: JSONObject) -> str:
    module = text(frame.get("module"))
    if "/" in module:  # Go: host/owner/package
        return module.rsplit("/", 1)[-1].split(".", 1)[0]
    parts = module.split(".")
    # com.example, org.example, jp.co.example: the vendor says more than the first word
    length = 3 if parts[:2] == ["jp", "co"] else 2 if parts[0] in _DOMAINS else 1
    return ".".join(parts[:length])
