"""The threads of an event: the one that crashed first, each with its state, what it waits for and its frames."""

from dataclasses import dataclass

from mukiau.core.event import JSONObject
from mukiau.web.event.frames import FrameRun, StackPlace, frame_runs
from mukiau.web.event.shapes import brief, items, mapping, text
from mukiau.web.event.sheet import Pairs, Sheet

THREADS_BYTES = 40_000
LINES_BYTES = 30_000
THREAD_BYTES = 420
"""Markup of a thread's line; all lines come before the frames of any."""
STACK_BYTES = 3_000
"""Room a thread's stack needs to be begun."""
_SHOWN = frozenset("id name crashed current main state stacktrace raw_stacktrace held_locks".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadView:
    """One thread."""

    anchor: str
    """`t-3`: its place in the payload."""
    id: str
    name: str
    state: str
    is_crashed: bool
    is_current: bool
    is_main: bool
    frame_count: int
    runs: tuple[FrameRun, ...]
    raw_runs: tuple[FrameRun, ...]
    locks: Pairs
    fields: Pairs
    exception: str
    """Anchor of the exception whose stack this thread's is; "" when it has one of its own."""
    is_open: bool

    @property
    def is_elsewhere(self) -> bool:
        """It has frames for which the page has no room; an address of its own opens them."""
        return bool(self.frame_count and not self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Threads:
    """All threads, in the order of the page."""

    threads: tuple[ThreadView, ...] = ()
    hidden: int = 0

    @property
    def count(self) -> int:
        return len(self.threads) + self.hidden


def threads_of(payload: JSONObject, sheet: Sheet, *, opened: str = "") -> Threads:
    """Return the threads: crashed, current and main ones first, then as the sender lists them."""
    values = [(number, mapping(value)) for number, value in enumerate(items(payload.get("threads")))]
    if not values:
        return Threads()
    asked = "-".join(opened.split("-")[:2]) if opened.startswith("t-") else ""
    ordered = sorted(values, key=lambda numbered: (f"t-{numbered[0]}" != asked, _rank(numbered[1])))
    exceptions = {
        brief(mapping(value).get("thread_id"), 60): f"x-{i}" for i, value in enumerate(items(payload.get("exception")))
    }
    part = sheet.part(THREADS_BYTES)
    lines = part.part(LINES_BYTES)
    shown = [numbered for numbered in ordered if lines.takes(THREAD_BYTES)]
    writers = (_ThreadWriter(number, value, text(payload.get("platform")), opened) for number, value in shown)
    threads = tuple(writer.view(part, exceptions, is_open=place == 0) for place, writer in enumerate(writers))
    return Threads(threads=threads, hidden=len(values) - len(shown))


def _rank(thread: JSONObject) -> int:
    return next((rank for rank, key in enumerate(("crashed", "current", "main")) if thread.get(key) is True), 3)


def thread_places(payload: JSONObject) -> dict[str, tuple[str, str]]:
    """Return by id the anchor and the name of each thread."""
    threads = [mapping(thread) for thread in items(payload.get("threads"))]
    return {
        brief(thread["id"], 60): (f"t-{number}", brief(thread.get("name") or thread["id"], 120))
        for number, thread in enumerate(threads)
        if thread.get("id") is not None
    }


class _ThreadWriter:
    """Writes one thread."""

    def __init__(self, number: int, value: JSONObject, platform: str, opened: str) -> None:
        self._number = number
        self._value = value
        self._platform = platform
        self._opened = opened

    def view(self, sheet: Sheet, exceptions: dict[str, str], *, is_open: bool) -> ThreadView:
        value, path = self._value, f"threads.values.{self._number}"
        thread_id = brief(value.get("id"), 60)
        frames = items(mapping(value.get("stacktrace")).get("frames"))
        rest = {
            f"{key}.{name}": entry
            for key in ("stacktrace", "raw_stacktrace")
            for name, entry in mapping(value.get(key)).items()
            if name != "frames"
        }
        rest |= {name: entry for name, entry in value.items() if name not in _SHOWN}
        return ThreadView(
            anchor=f"t-{self._number}",
            id=thread_id,
            name=brief(value.get("name"), 120),
            state=brief(value.get("state"), 60),
            is_crashed=value.get("crashed") is True,
            is_current=value.get("current") is True,
            is_main=value.get("main") is True,
            frame_count=len(frames),
            runs=self._runs("stacktrace", "t", sheet),
            raw_runs=self._runs("raw_stacktrace", "q", sheet) if self._has_other_raw() else (),
            locks=sheet.pairs(value.get("held_locks"), f"{path}.held_locks"),
            fields=sheet.pairs(rest, path, known=_SHOWN),
            exception="" if frames or not thread_id else exceptions.get(thread_id, ""),
            is_open=is_open,
        )

    def _has_other_raw(self) -> bool:
        raw = mapping(self._value.get("raw_stacktrace")).get("frames")
        return raw != mapping(self._value.get("stacktrace")).get("frames")

    def _runs(self, key: str, letter: str, sheet: Sheet) -> tuple[FrameRun, ...]:
        if sheet.left < STACK_BYTES and not self._opened.startswith(f"{letter}-{self._number}"):
            return ()
        place = StackPlace(
            anchor=f"{letter}-{self._number}",
            path=f"threads.values.{self._number}.{key}",
            platform=self._platform,
            opened=self._opened,
        )
        return frame_runs(self._value.get(key), place=place, sheet=sheet)


def lone_stack_of(payload: JSONObject, sheet: Sheet, *, opened: str = "") -> tuple[FrameRun, ...]:
    """Return the stack of an event that belongs to no exception and no thread."""
    place = StackPlace(anchor="s-0", path="stacktrace", platform=text(payload.get("platform")), opened=opened)
    return frame_runs(payload.get("stacktrace"), place=place, sheet=sheet.part(THREADS_BYTES))
