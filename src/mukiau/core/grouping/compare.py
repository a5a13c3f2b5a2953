"""Two explanations side by side: why two events are one issue, or why they are two.

Parts are aligned by their names and, among exceptions, by what they are (their types), so that a link that was put in moves
none of the others. A part that is on one side only is as different as one with two values.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from mukiau.core.grouping.explanation import Part, hash_of


class Verdict(StrEnum):
    """What two events have of one part."""

    SAME = "same"
    DIFFERENT = "different"
    ONLY_FIRST = "only_first"
    ONLY_SECOND = "only_second"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPart:
    """One part of both: a leaf, or a branch that does not count on either side."""

    path: tuple[str, ...]
    """Names from below the root: `("exceptions", "exception", "type")`."""
    verdict: Verdict
    first: str
    second: str
    counts: bool
    """On one side at least."""
    reasons: tuple[str, str] = ("", "")

    @property
    def parts_them(self) -> bool:
        """It counts and is not the same."""
        return self.counts and self.verdict is not Verdict.SAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two events compared under one policy."""

    together: bool
    """One issue."""
    parts: tuple[ComparedPart, ...]

    @property
    def apart_by(self) -> tuple[ComparedPart, ...]:
        """Return what counts and differs: why they are two issues; empty where they are one."""
        return tuple(part for part in self.parts if part.parts_them)

    @property
    def together_by(self) -> tuple[ComparedPart, ...]:
        """Return what counts and is the same."""
        return tuple(part for part in self.parts if part.counts and part.verdict is Verdict.SAME)

    @property
    def different_anyway(self) -> tuple[ComparedPart, ...]:
        """Return what differs and does not count."""
        return tuple(part for part in self.parts if not part.counts and part.verdict is not Verdict.SAME)


def compare(first: Part, second: Part) -> Comparison:
    """Compare two explanation trees."""
    parts = tuple(_compared(first.parts, second.parts, (), (True, True)))
    return Comparison(together=hash_of(first) == hash_of(second), parts=parts)


def _compared(
    first: Sequence[Part], second: Sequence[Part], path: tuple[str, ...], counting: tuple[bool, bool]
) -> Iterator[ComparedPart]:
    for one, other in _aligned(first, second):
        name = (one or other or _NOTHING).name
        here = (*path, name)
        counts = (
            one is not None and counting[0] and one.contributes,
            other is not None and counting[1] and other.contributes,
        )
        parts, other_parts = one.parts if one else (), other.parts if other else ()
        if not parts or not other_parts:
            yield from _leaf(one, other, here, counts)
        yield from _compared(parts, other_parts, here, counts)


_NOTHING = Part(name="")


def _leaf(
    one: Part | None, other: Part | None, path: tuple[str, ...], counts: tuple[bool, bool]
) -> Iterator[ComparedPart]:
    """Nothing where a side is a branch: its leaves say it all."""
    if (one is None or one.parts) and (other is None or other.parts):
        return
    first, second = one or _NOTHING, other or _NOTHING
    if not first.value and not second.value and not any(counts):
        return
    yield ComparedPart(
        path=path,
        verdict=_verdict(one, other, counts),
        first=first.value,
        second=second.value,
        counts=any(counts),
        reasons=(first.reason, second.reason),
    )


def _verdict(one: Part | None, other: Part | None, counts: tuple[bool, bool]) -> Verdict:
    """A part that counts on one side alone is on that side only, though both have it."""
    if one is None or other is None:
        return Verdict.ONLY_SECOND if one is None else Verdict.ONLY_FIRST
    if counts[0] is not counts[1]:
        return Verdict.ONLY_FIRST if counts[0] else Verdict.ONLY_SECOND
    return Verdict.SAME if one.value == other.value else Verdict.DIFFERENT


def _aligned(first: Sequence[Part], second: Sequence[Part]) -> Iterator[tuple[Part | None, Part | None]]:
    """Pair parts of one kind; within a stretch that differs, in their order."""
    matcher = SequenceMatcher(None, [_kind(part) for part in first], [_kind(part) for part in second], autojunk=False)
    for _, begin, end, other_begin, other_end in matcher.get_opcodes():
        yield from _paired(first[begin:end], second[other_begin:other_end])


def _paired(first: Sequence[Part], second: Sequence[Part]) -> Iterator[tuple[Part | None, Part | None]]:
    rest = list(second)
    for part in first:
        other = next((one for one in rest if one.name == part.name), None)
        if other is not None:
            rest.remove(other)
        yield part, other
    for part in rest:
        yield None, part


def _kind(part: Part) -> tuple[str, str]:
    """Exceptions are told apart by their types, other parts by their names."""
    if part.name != "exception":
        return (part.name, "")
    return (part.name, part.parts[0].value if part.parts else part.value)
