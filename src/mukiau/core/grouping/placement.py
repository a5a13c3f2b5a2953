"""Where a change of grouping puts what is stored: which atoms become one issue, and which issue goes on as which.

An *atom* is what one fingerprint gathered. Under another policy its events may have several fingerprints, so it falls
into *pieces*, one for each. Pieces of one new fingerprint are one issue. What people merged or split by hand stays so:

* two atoms that must be together take their pieces along: the largest piece of one joins the largest of the other;
* two atoms that must not be together are kept apart, though a new fingerprint joins them.

Each issue goes on as the group that holds most of its events, and of the issues that could go on as one group the one
with most events in it does; decisions and links stay with it. An issue that goes on nowhere leads to the group that has
most of its events. An atom whose events were all deleted has one piece without a fingerprint: nobody can tell where its
events would be, so it stays with the issue it is in.

The result depends on nothing but the values given: not on their order, and not on where the work was interrupted.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Events of one atom that have one fingerprint under the new policy."""

    atom_id: int
    issue_id: int
    """The issue the atom is in."""
    hash: str
    """Under the new policy; empty where no event is left to tell."""
    count: int
    """Events, those that retention has deleted since included in the atom's largest piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Pieces that are one issue under the new policy."""

    issue_id: int | None
    """The issue that goes on as this group; None: a new one."""
    pieces: tuple[Piece, ...]

    @property
    def count(self) -> int:
        return sum(piece.count for piece in self.pieces)

    @property
    def issue_ids(self) -> tuple[int, ...]:
        """The issues its events come from."""
        return tuple(sorted({piece.issue_id for piece in self.pieces}))

    @property
    def moved(self) -> int:
        """Events that come from another issue than the one that goes on."""
        return sum(piece.count for piece in self.pieces if piece.issue_id != self.issue_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The whole change."""

    groups: tuple[Group, ...]
    """Biggest change first: most events moved, then most events."""
    led_to: Mapping[int, int]
    """Issues that go on nowhere → index (in `groups`) of the group with most of their events."""


def place(
    pieces: Iterable[Piece],
    *,
    together: Iterable[tuple[int, int]] = (),
    apart: Iterable[tuple[int, int]] = (),
) -> Placement:
    """Return the groups of the pieces; `together` and `apart` are pairs of atom ids that people said so of."""
    ordered = sorted(pieces, key=lambda piece: (piece.atom_id, -piece.count, piece.hash))
    kept_apart = _Apart(apart)
    groups = _by_fingerprint([piece for piece in ordered if piece.hash], kept_apart)
    groups = _joined(groups, together, kept_apart)
    owners = _owners(groups)
    _put_unknown(groups, owners, [piece for piece in ordered if not piece.hash])
    made = [Group(issue_id=owners.get(index), pieces=tuple(group)) for index, group in enumerate(groups)]
    made.sort(key=lambda group: (-group.moved, -group.count, group.pieces[0].atom_id, group.pieces[0].hash))
    return Placement(groups=tuple(made), led_to=_led_to(made))


class _Apart:
    """Which atoms must not be together."""

    def __init__(self, pairs: Iterable[tuple[int, int]]) -> None:
        self._others: dict[int, set[int]] = defaultdict(set)
        for one, other in pairs:
            self._others[one].add(other)
            self._others[other].add(one)

    def forbids(self, atom_id: int, group: Sequence[Piece]) -> bool:
        others = self._others.get(atom_id)
        return others is not None and any(piece.atom_id in others for piece in group)


def _by_fingerprint(ordered: Sequence[Piece], apart: _Apart) -> list[list[Piece]]:
    """One group for each fingerprint, or more where some of its atoms must be apart."""
    found: dict[str, list[list[Piece]]] = defaultdict(list)
    for piece in ordered:
        choices = found[piece.hash]
        group = next((group for group in choices if not apart.forbids(piece.atom_id, group)), None)
        if group is None:
            choices.append([piece])
        else:
            group.append(piece)
    return [group for choices in found.values() for group in choices]


def _joined(groups: list[list[Piece]], together: Iterable[tuple[int, int]], apart: _Apart) -> list[list[Piece]]:
    """Join the groups of the largest pieces of atoms that must be together."""
    place_of: dict[int, int] = {}
    largest: dict[int, Piece] = {}
    for index, group in enumerate(groups):
        for piece in group:
            known = largest.get(piece.atom_id)
            if known is None or (piece.count, known.hash) > (known.count, piece.hash):
                largest[piece.atom_id], place_of[piece.atom_id] = piece, index
    parent = list(range(len(groups)))
    for one, other in sorted(together):
        if one in place_of and other in place_of:
            first, second = sorted((_root(parent, place_of[one]), _root(parent, place_of[other])))
            if first != second and not any(apart.forbids(piece.atom_id, groups[first]) for piece in groups[second]):
                parent[second] = first
                groups[first] = groups[first] + groups[second]
    return [group for index, group in enumerate(groups) if parent[index] == index]


def _root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = parent[index]
    return index


def _owners(groups: Sequence[Sequence[Piece]]) -> dict[int, int]:
    """Index of a group → the issue that goes on as it: the largest shares choose first, each issue and group once."""
    shares = sorted(
        (-count, issue_id, index) for index, group in enumerate(groups) for issue_id, count in _shares(group).items()
    )
    owners: dict[int, int] = {}
    taken: set[int] = set()
    for _count, issue_id, index in shares:
        if issue_id not in taken and index not in owners:
            owners[index] = issue_id
            taken.add(issue_id)
    return owners


def _put_unknown(groups: list[list[Piece]], owners: dict[int, int], unknown: Sequence[Piece]) -> None:
    """Put pieces of which no event is left where their issue goes on, else where most of it goes."""
    homes = {issue_id: index for index, issue_id in owners.items()}
    for issue_id, index in _largest_shares(groups).items():
        homes.setdefault(issue_id, index)
    for piece in unknown:
        if piece.issue_id in homes:
            groups[homes[piece.issue_id]].append(piece)
        else:
            homes[piece.issue_id] = len(groups)
            owners[len(groups)] = piece.issue_id
            groups.append([piece])


def _led_to(groups: Sequence[Group]) -> dict[int, int]:
    owned = {group.issue_id for group in groups}
    shares = _largest_shares([group.pieces for group in groups])
    return {issue_id: index for issue_id, index in shares.items() if issue_id not in owned}


def _largest_shares(groups: Sequence[Sequence[Piece]]) -> dict[int, int]:
    """Issue → index of the group with most of its events."""
    best: dict[int, tuple[int, int]] = {}
    for index, group in enumerate(groups):
        for issue_id, count in _shares(group).items():
            if issue_id not in best or count > best[issue_id][0]:
                best[issue_id] = (count, index)
    return {issue_id: index for issue_id, (_, index) in sorted(best.items())}


def _shares(pieces: Iterable[Piece]) -> dict[int, int]:
    shares: dict[int, int] = defaultdict(int)
    for piece in pieces:
        shares[piece.issue_id] += piece.count
    return shares
