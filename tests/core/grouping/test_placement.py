"""Which issue goes on as which when grouping changes."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.grouping.placement import Piece, Placement, place


def piece(atom_id: int, hash_: str, count: int = 1, *, issue_id: int | None = None) -> Piece:
    return Piece(atom_id=atom_id, issue_id=atom_id if issue_id is None else issue_id, hash=hash_, count=count)


def groups_of(placement: Placement) -> dict[int | None, set[int]]:
    return {group.issue_id: {one.atom_id for one in group.pieces} for group in placement.groups}


def test_nothing_moves_where_every_atom_keeps_one_fingerprint_of_its_own() -> None:
    placement = place([piece(1, "a", 5), piece(2, "b", 3)])

    assert groups_of(placement) == {1: {1}, 2: {2}}
    assert sum(group.moved for group in placement.groups) == 0


def test_atoms_of_one_new_fingerprint_become_the_issue_with_most_events() -> None:
    placement = place([piece(1, "a", 2), piece(2, "a", 9)])

    assert groups_of(placement) == {2: {1, 2}}
    assert placement.led_to == {1: 0}
    assert placement.groups[0].moved == 2


def test_an_issue_that_falls_apart_goes_on_as_its_largest_piece() -> None:
    placement = place([piece(1, "a", 2), piece(1, "b", 9), piece(1, "c", 1)])

    assert [(group.issue_id, group.count) for group in placement.groups] == [(None, 2), (None, 1), (1, 9)]


def test_what_people_merged_stays_together() -> None:
    placement = place([piece(1, "a", 2), piece(2, "b", 1, issue_id=1)], together=[(1, 2)])

    assert groups_of(placement) == {1: {1, 2}}


def test_what_people_split_stays_apart_though_a_fingerprint_joins_it() -> None:
    placement = place([piece(1, "a", 2), piece(2, "a", 9), piece(3, "a", 1)], apart=[(1, 2)])

    assert groups_of(placement) == {1: {1, 3}, 2: {2}}


def test_what_is_apart_is_not_joined_by_what_is_together() -> None:
    placement = place([piece(1, "a"), piece(2, "b"), piece(3, "c")], together=[(1, 2), (2, 3)], apart=[(1, 3)])

    assert groups_of(placement) == {1: {1, 2}, 3: {3}}


def test_an_atom_without_events_stays_with_its_issue() -> None:
    placement = place([piece(1, "a", 2), piece(2, "", 9, issue_id=1), piece(3, "", 4)])

    assert groups_of(placement) == {1: {1, 2}, 3: {3}}


def test_an_atom_without_events_follows_its_issue_where_that_is_merged() -> None:
    placement = place([piece(1, "a", 2), piece(5, "a", 9), piece(2, "", 1, issue_id=1)])

    assert groups_of(placement) == {5: {1, 5, 2}}


pieces = st.lists(
    st.builds(piece, st.integers(1, 6), st.sampled_from(["", "a", "b", "c"]), st.integers(1, 9)),
    max_size=12,
    unique_by=lambda one: (one.atom_id, one.hash),
)
pairs = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)).filter(lambda pair: pair[0] != pair[1]), max_size=3)


@given(pieces, pairs, pairs, st.randoms(use_true_random=False))
def test_every_piece_is_placed_once_whatever_the_order(
    given_pieces: list[Piece], together: list[tuple[int, int]], apart: list[tuple[int, int]], random: Random
) -> None:
    shuffled = random.sample(given_pieces, len(given_pieces))

    placement = place(given_pieces, together=together, apart=apart)

    placed = [one for group in placement.groups for one in group.pieces]
    assert sorted(placed, key=repr) == sorted(given_pieces, key=repr)
    assert place(shuffled, together=together, apart=apart) == placement
    owners = [group.issue_id for group in placement.groups if group.issue_id is not None]
    assert len(owners) == len(set(owners))
    assert {*owners, *placement.led_to} == {one.issue_id for one in given_pieces}
