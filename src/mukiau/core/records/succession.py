"""Which of several open entries a line continues, where threads of one container write at the same time.

No line says whose it is, so this is a weighing of what the lines themselves give away: numbered frames count on, a
Python frame wants its source line, and where another open entry has already printed the same trace, its lines teach
which line follows which. With nothing to tell them apart the entry written last goes on: writers print in bursts.
"""

import re
from collections.abc import Iterable, Sequence, Set
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from mukiau.core.records.open_entry import OpenEntry

_NUMBERED = re.compile(r"\s{0,12}(?:#(\d{1,5})[ :]|(\d{1,5}): )")
_TOKEN = re.compile(r"[\w-]{6,80}")
_GO_FUNCTION = re.compile(
    r"[A-Za-z_][^\s()]{0,300}(?:\(\*?[^\s()]{1,200}\)[^\s()]{0,200}){0,3}\(.{0,2000}\)$|created by "
    r"|[a-z][\w./~-]{0,300}\.(?:\(\*?\w{1,200}\)\.)?[\w.]{1,200}$"
)
_NAMED = re.compile(r"(?:Error|Exception|Failure|Panic|panic)\b|Stack \(most recent")
_CARETS = re.compile(r"\s{1,200}[~^]{1,400}$")
_TYPE = re.compile(r"[^\W\d][\w.]{0,250}(?:: |:?$)")
_MAX_TAUGHT_LINES = 400
_MAX_VALUE_LINES = 12
_ALIKE_LINES = 4
"""Lines that two traces of one failure share at the least."""
_MAX_ALIKE_LINES = 30
_MAX_PLACES = 32
"""Of a line that comes again and again, as in a recursion, so many places are looked at."""
_MAX_SHAPE_CHARS = 200
_VALUES = re.compile(r"(?<![:\d])\d+|0x[\da-f]+")
_NO_DIGITS = dict.fromkeys(map(ord, "0123456789"))
_JOINS = frozenset(("Caused by", "Suppressed", "Wrapped by"))
_CLOSERS = frozenset("\"'])},; \t")


def find_wanting(line: str, entries: Iterable[OpenEntry]) -> OpenEntry | None:
    """Return the entry that wants the line most; None where none does."""
    wanting = [entry for entry in entries if is_wanted(line, entry)]
    return choose(line, wanting) if wanting else None


def choose(line: str, candidates: Sequence[OpenEntry]) -> OpenEntry:
    """Return the entry the line most likely continues; candidates are not empty."""
    if len(candidates) == 1:
        return candidates[0]
    lessons = _lessons(line, candidates)
    return max(candidates, key=lambda entry: (_fit(line, entry) + lessons.get(id(entry), 0), entry.touched))


def is_wanted(line: str, entry: OpenEntry) -> bool:
    """Say whether the entry's last line asks for just this line, whatever stands in between."""
    if not entry.has_frames:
        return False
    return (
        _count_on(entry.last_line, line) > 1
        or wants_source(entry, line)
        or _wants_function(entry.last_line, line)
        or _closes(line)
    )


def _closes(line: str) -> bool:
    """The end of JSON that a trace was logged in, perhaps with what Monolog writes behind it (`"} {"request": 7}`)."""
    return line.startswith('"}') or _CLOSERS.issuperset(line)


def _wants_function(last: str, line: str) -> bool:
    """Go's frames: under the place (`\t/src/main.go:9 +0x19`) or the goroutine, the next function, flush left."""
    is_below_head = last.startswith(("goroutine ", "runtime stack:")) and is_go_call(line)
    return is_below_head or goes_on_in_go(last, line)


def goes_on_in_go(last: str, line: str) -> bool:
    """Tell a function that Go prints below a place of the stack above it, perhaps with a message between them."""
    return last[:1] in " \t" and ".go:" in last and is_go_call(line)


def is_go_call(line: str) -> bool:
    """Tell a function as Go prints it above its place: with arguments, or without (`example.org/quarry/scale.Read`)."""
    return _GO_FUNCTION.match(line) is not None


def _follows_directly(line: str, header: OpenEntry) -> int:
    """How well a trace's inner line fits right under a header: frames want an exception named in it."""
    is_frame = line[0] in " \t#"
    return 0 if not is_frame or _NAMED.search(header.last_line[:4_000]) else -1


def wants_source(entry: OpenEntry, line: str) -> bool:
    """Python's frames: under `File "…"` its source line, under that the next frame or, flush left, the exception."""
    last = entry.last_line
    in_frames = _is_python_place(last) or last.startswith("  [Previous line repeated ")
    if not in_frames and last.startswith("    "):
        # Decorated traces print the values of a line under it.
        in_frames = any(map(_is_python_place, entry.lines[-_MAX_VALUE_LINES:]))
    return in_frames and (line.startswith("    ") or _TYPE.match(line) is not None)


def _is_python_place(line: str) -> bool:
    return line.lstrip(" >").startswith('File "')


def _fit(line: str, entry: OpenEntry) -> int:
    fit = _count_on(entry.last_line, line) + (0 if entry.has_trace else _follows_directly(line, entry))
    if entry.last_line.endswith("{main}") and _closes(line):
        fit += 2  # PHP's outermost frame, then the end of the JSON it was logged in
    if "[object] (" in entry.last_line and line.startswith("[stacktrace]"):
        fit += 3  # Monolog, each object with its stack under it
    if entry.has_frames and _wants_function(entry.last_line, line):
        fit += 3
    if entry.has_frames and line.startswith("    ") and entry.last_line.lstrip().startswith('File "'):
        fit += 3 if _CARETS.match(line) is None else -3  # the source line stands between
    return fit


def _lessons(line: str, candidates: Sequence[OpenEntry]) -> dict[int, int]:
    """What the entries teach about each other, by identity: +2 where the line follows as seen before.

    Where it follows one as seen, it speaks against those whose last lines another trace went on with differently.
    Nothing seen means nothing known, as two traces of other calls share their first frames; but of two that are written
    in turns and went alike so far the line is rather that of the one ahead.
    """
    shown = [[shape_of(text) for text in entry.lines[-_MAX_TAUGHT_LINES:]] for entry in candidates]
    shape, places = shape_of(line), _places(shown)
    courses = [_course(lines, shown, places) for lines in shown]
    is_expected = any(shape in course.expected for course in courses)
    fits: dict[int, int] = {}
    for entry, course in zip(candidates, courses, strict=True):
        others = [candidates[at] for at in course.teachers if candidates[at] is not entry]
        if shape in course.expected:
            fits[id(entry)] = 2
        elif others and is_expected:
            fits[id(entry)] = -2
        elif course.alike >= min(_ALIKE_LINES, len(entry.lines)) and any(_is_in_turns(entry, one) for one in others):
            fits[id(entry)] = -1
    return fits


def _is_in_turns(entry: OpenEntry, other: OpenEntry) -> bool:
    """Whether the other one got a line since the entry began, as far as its number of lines tells."""
    return other.touched > entry.touched - len(entry.record_ids)


class _Course(NamedTuple):
    """What is likely to come next in an entry."""

    alike: int
    """Lines up to its last one that are the same, in shape, where it was seen."""
    expected: Set[str]
    """The shapes of the lines that followed there."""
    teachers: Set[int]
    """The entries that showed them, by their places among all."""


_Places = dict[str, list[tuple[int, int]]]
"""Shape of a line that others followed → the entries, by their places among all, and the lines in them."""


def _places(shown: Sequence[list[str]]) -> _Places:
    places: _Places = {}
    for whose, lines in enumerate(shown):
        for at, shape in enumerate(lines[:-1]):
            places.setdefault(shape, []).append((whose, at))
    return places


def _course(lines: list[str], shown: Sequence[list[str]], places: _Places) -> _Course:
    """Return what followed the entry's last lines elsewhere, where the most of them were alike."""
    found = places.get(lines[-1], [])[-_MAX_PLACES:]
    alike = [_count_alike(lines, shown[whose], at) for whose, at in found]
    best = [place for place, count in zip(found, alike, strict=True) if count == max(alike)]
    expected = {shown[whose][at + 1] for whose, at in best}
    return _Course(max(alike, default=0), expected, {whose for whose, _ in best})


def _count_alike(lines: list[str], other: list[str], at: int) -> int:
    """How many of the last lines are those that end at a line of another entry."""
    ends = zip(
        reversed(lines[-_MAX_ALIKE_LINES:]), reversed(other[max(0, at + 1 - _MAX_ALIKE_LINES) : at + 1]), strict=False
    )
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], ends))


def _count_on(last: str, line: str) -> int:
    """Numbered lines (`#3 …`, `3: …`) count on within one trace; 0 begins to count."""
    number = _NUMBERED.match(line)
    if number is None:
        return 0
    before = _NUMBERED.match(last)
    value = int(number[1] or number[2])
    if before is None:
        return 1 if value == 0 else 0
    return 3 if value == int(before[1] or before[2]) + 1 else -3


@lru_cache(maxsize=4096)
def shape_of(line: str) -> str:
    """What two traces of one failure have alike: numbers gone but for those of lines, of a header only its first words."""
    text = line[:_MAX_SHAPE_CHARS]
    if text[:1] in " \t":
        return _VALUES.sub("", text)
    text = text.translate(_NO_DIGITS)
    first, colon, rest = text.partition(": ")
    if colon:
        return f"{first}: {rest.partition(': ')[0]}" if first in _JOINS else first
    return first.rpartition("(")[0] if first.endswith(")") else first


def share_words(line: str, header: str) -> int:
    """Count the id-like words (six characters or more, a digit in them) both lines hold."""
    words = {word for word in _TOKEN.findall(line[:2_000]) if any(char.isdigit() for char in word)}
    return len(words & set(_TOKEN.findall(header[:2_000]))) if words else 0
