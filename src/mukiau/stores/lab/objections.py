"""What speaks against putting a learned version in force: its run would do something else than it was made for."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from mukiau.core.grouping.explanation import explanation_from_json, leaves_of
from mukiau.core.grouping.learned_text import wordings_in
from mukiau.core.grouping.placement import Group
from mukiau.core.grouping.wording import matches
from mukiau.stores.lab.applying import find_placement
from mukiau.stores.lab.policies import find_policy
from mukiau.stores.lab.preview import read_pieces
from mukiau.stores.lab.runs import PeopleAtWork, Run, RunState
from mukiau.stores.lab.untouched import find_touched
from mukiau.stores.many import chunks, marks
from mukiau.stores.sqlite import Connection

_EXPLANATIONS = """
SELECT f.id, e.explanation FROM fingerprint f
JOIN fingerprint_explanation e ON e.fingerprint_id = f.id AND e.policy_version = f.policy_version WHERE f.id IN ({marks})
"""


class Why(StrEnum):
    """What is kept as the run's error; pages say it in the reader's words."""

    SPLITS = "It would split issues, too, so it was not put in force by itself. Look at what it changes first."
    JOINS_OTHERS = (
        "It would join other issues, too, so it was not put in force by itself. Look at what it changes first."
    )
    JOINS_NOTHING = "It would join nothing: for these messages another rule acts first."


class Objection(NamedTuple):
    """Why a run is not applied, and where it stands then."""

    state: RunState
    """READY: people may look at it and apply it. STOPPED: there is nothing to see. FAILED: it may be looked for again."""
    why: str


def find_objection(connection: Connection, run: Run) -> Objection | None:
    """Return what speaks against applying a learned version's run that is ready; None for nothing."""
    groups = find_placement(connection, run.project_id, dict(read_pieces(connection, run))).groups
    joined = [group for group in groups if len(group.issue_ids) > 1]
    if max(Counter(issue for group in groups for issue in group.issue_ids).values(), default=0) > 1:
        return Objection(RunState.READY, Why.SPLITS)
    if not joined:
        return Objection(RunState.STOPPED, Why.JOINS_NOTHING)
    if not _are_covered(connection, run, joined):
        return Objection(RunState.READY, Why.JOINS_OTHERS)
    if find_touched(connection, (issue for group in joined for issue in group.issue_ids)):
        return Objection(RunState.FAILED, str(PeopleAtWork()))
    return None


def _are_covered(connection: Connection, run: Run, joined: Sequence[Group]) -> bool:
    """Say whether each of the issues joined has a fingerprint with one of the patterns that are new in the version."""
    draft, base = (
        wordings_in(find_policy(connection, run.project_id, version).text)
        for version in (run.version, run.base_version)
    )
    atoms = {piece.atom_id for group in joined for piece in group.pieces}
    having = set(_having(connection, atoms, sorted(draft - base)))
    return all(
        issue in {piece.issue_id for piece in group.pieces if piece.atom_id in having}
        for group in joined
        for issue in group.issue_ids
    )


def _having(connection: Connection, fingerprints: Iterable[int], patterns: Sequence[str]) -> Iterable[int]:
    for names in chunks(sorted(fingerprints)):
        for pk, explanation in connection.execute(_EXPLANATIONS.format(marks=marks(names)), tuple(names)):
            leaves = leaves_of(explanation_from_json(json.loads(explanation)))
            if any(matches(pattern, leaf.value) for leaf in leaves if leaf.name == "template" for pattern in patterns):
                yield pk
