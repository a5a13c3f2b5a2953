"""What another policy does to issues: which are split, merged, new, and how many occurrences move. Before → after.

Issues before and after that share occurrences hang together; each such knot is one change. In a knot every issue before goes
on as at most one issue after, the pair that shares most first; occurrences of other pairs have moved. An issue that keeps its
occurrences and only gets another hash has not changed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class ChangeKind(StrEnum):
    """What happens to the issues of a knot."""

    SPLIT = "split"
    MERGED = "merged"
    REARRANGED = "rearranged"
    """Split and merged at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Issues that become others."""

    kind: ChangeKind
    before: tuple[tuple[str, int], ...]
    """Hashes with their occurrences, the largest first."""
    after: tuple[tuple[str, int], ...]
    flows: tuple[tuple[str, str, int], ...]
    """Occurrences from an issue before to one after, the largest first."""
    heirs: tuple[tuple[str, str], ...]
    """Which issue before goes on as which after."""
    moved: int
    """Occurrences that come to another issue than the one that goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """All that a policy changes."""

    occurrences: int
    issues_before: int
    issues_after: int
    moved: int
    new: int
    """Issues after that none before goes on as."""
    gone: int
    """Issues before that go on as none."""
    changes: tuple[Change, ...]
    """Most moved occurrences first."""


def effect_of(flows: Iterable[tuple[str, str, int]]) -> Effect:
    """Return the effect of (hash before, hash after, occurrences); a pair may come several times.

    >>> effect = effect_of([("a", "x", 5), ("a", "y", 2), ("b", "z", 9)])
    >>> effect.moved, effect.new, [change.kind.value for change in effect.changes]
    (2, 1, ['split'])
    """
    counted: Counter[tuple[str, str]] = Counter()
    for before, after, count in flows:
        counted[before, after] += count
    knots = _knots(counted)
    changes = [_change(knot) for knot in knots if len(knot) > 1]
    changes.sort(key=lambda change: (-change.moved, -sum(count for _, count in change.before), change.before))
    return Effect(
        occurrences=counted.total(),
        issues_before=len({before for before, _ in counted}),
        issues_after=len({after for _, after in counted}),
        moved=sum(change.moved for change in changes),
        new=sum(len(change.after) - len(change.heirs) for change in changes),
        gone=sum(len(change.before) - len(change.heirs) for change in changes),
        changes=tuple(changes),
    )


Flows = dict[tuple[str, str], int]


def _knots(flows: Counter[tuple[str, str]]) -> list[Flows]:
    """Return the flows that hang together by an issue before or after."""
    leader: dict[tuple[bool, str], tuple[bool, str]] = {}

    def find(node: tuple[bool, str]) -> tuple[bool, str]:
        while (above := leader.setdefault(node, node)) != node:
            leader[node] = leader.setdefault(above, above)
            node = leader[node]
        return node

    for before, after in flows:
        leader[find((False, before))] = find((True, after))
    knots: defaultdict[tuple[bool, str], Flows] = defaultdict(dict)
    for (before, after), count in flows.items():
        knots[find((False, before))][before, after] = count
    return list(knots.values())


def _change(knot: Flows) -> Change:
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for (one, other), count in knot.items():
        before[one] += count
        after[other] += count
    ordered = sorted(knot.items(), key=lambda item: (-item[1], item[0]))
    heirs: dict[str, str] = {}
    taken: set[str] = set()
    kept = 0
    for (one, other), count in ordered:
        if one not in heirs and other not in taken:
            heirs[one] = other
            taken.add(other)
            kept += count
    return Change(
        kind=_kind(len(before), len(after)),
        before=_largest(before),
        after=_largest(after),
        flows=tuple((one, other, count) for (one, other), count in ordered),
        heirs=tuple(heirs.items()),
        moved=sum(knot.values()) - kept,
    )


def _kind(before: int, after: int) -> ChangeKind:
    if before == 1:
        return ChangeKind.SPLIT
    return ChangeKind.MERGED if after == 1 else ChangeKind.REARRANGED


def _largest(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
