"""Versions of a project's grouping policy, and which of them the digester groups by.

Version 1 is the text mukiau comes with; saved ones are numbered from 2 and never change.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mukiau.core.grouping.default_text import DEFAULT_TEXT
from mukiau.core.grouping.explanation import Part, explanation_from_json
from mukiau.core.grouping.learning import least_of
from mukiau.digest.policies import GroupedBy, PolicyText, ProjectPolicies
from mukiau.stores.sqlite import Connection

BUILT_IN = 1
MUKIAU = "mukiau"
"""The author of what was learned."""

_FIND_TEXT = "SELECT text FROM grouping_policy WHERE project_id = ? AND version = ?"
_SAVED = "SELECT version, text, author, reason, created_ms FROM grouping_policy WHERE project_id = ?"
_LIST = f"{_SAVED} ORDER BY version DESC"
_FIND = f"{_SAVED} AND version = ?"
_FIND_SAME = "SELECT version FROM grouping_policy WHERE project_id = ? AND text = ? ORDER BY version DESC LIMIT 1"
_SAVE = """
INSERT INTO grouping_policy (project_id, version, text, author, reason, created_ms)
SELECT ?1, coalesce(max(version), 1) + 1, ?2, ?3, ?4, ?5 FROM grouping_policy WHERE project_id = ?1
RETURNING version
"""
_EXPLANATIONS = """
SELECT f.hash, e.explanation FROM fingerprint f
JOIN fingerprint_explanation e ON e.fingerprint_id = f.id AND e.policy_version = f.policy_version
WHERE f.project_id = ? ORDER BY f.id
"""
_FIND_STATE = "SELECT version, other_version FROM grouping_state WHERE project_id = ?"
_SET_STATE = """
INSERT INTO grouping_state (project_id, version, other_version, stamp, since_ms) VALUES (?, ?, ?, 1, ?)
ON CONFLICT DO UPDATE SET version = excluded.version, other_version = excluded.other_version, stamp = stamp + 1,
  since_ms = excluded.since_ms
"""


class UnknownPolicy(LookupError):  # noqa: N818 - says what was found
    """The project has no such version."""

    def __init__(self, version: int) -> None:
        super().__init__(f"There is no version {version} of this project's grouping policy.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPolicy:
    """One version, with who made it when and why; nobody did version 1."""

    version: int
    text: str
    author: str
    reason: str
    created_ms: int

    @property
    def is_learned(self) -> bool:
        """Say whether nobody wrote it: it is the version before with patterns that were learned."""
        return self.author == MUKIAU and least_of(self.reason) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What the digester groups a project's events by."""

    version: int = BUILT_IN
    other: int | None = None
    """A second version that is counted beside it: one that comes, or the one before."""


def iter_explanations(connection: Connection, project_id: int) -> Iterator[tuple[str, Part]]:
    """Yield hash and explanation of every fingerprint of a project, by the policy in force."""
    for known_hash, explanation in connection.execute(_EXPLANATIONS, (project_id,)):
        yield known_hash, explanation_from_json(json.loads(explanation))


def save_policy(connection: Connection, project_id: int, text: str, *, author: str, reason: str, at_ms: int) -> int:
    """Keep a text as the next version and return its number; a text that was kept before keeps its own.

    The text must have no mistakes (`parse_policy`).
    """
    known = connection.execute(_FIND_SAME, (project_id, text)).fetchone()
    if known is not None:
        return int(known[0])
    return int(connection.execute(_SAVE, (project_id, text, author, reason, at_ms)).fetchone()[0])


def find_policy(connection: Connection, project_id: int, version: int) -> PolicyText:
    """Return a version; raises UnknownPolicy."""
    if version == BUILT_IN:
        return PolicyText(version=version, text=DEFAULT_TEXT)
    row = connection.execute(_FIND_TEXT, (project_id, version)).fetchone()
    if row is None:
        raise UnknownPolicy(version)
    return PolicyText(version=version, text=row[0])


def list_policies(connection: Connection, project_id: int) -> tuple[SavedPolicy, ...]:
    """Return all versions, latest first; the last is the one mukiau comes with."""
    rows = connection.execute(_LIST, (project_id,))
    return (*map(_saved, rows), _COMES_WITH_MUKIAU)


def find_saved(connection: Connection, project_id: int, version: int) -> SavedPolicy:
    """Return a version with who made it; raises UnknownPolicy."""
    if version == BUILT_IN:
        return _COMES_WITH_MUKIAU
    row = connection.execute(_FIND, (project_id, version)).fetchone()
    if row is None:
        raise UnknownPolicy(version)
    return _saved(row)


def _saved(row: Iterable[Any]) -> SavedPolicy:
    return SavedPolicy(**dict(zip(SavedPolicy.__slots__, row, strict=True)))


_COMES_WITH_MUKIAU = SavedPolicy(version=BUILT_IN, text=DEFAULT_TEXT, author="", reason="", created_ms=0)


def find_in_force(connection: Connection, project_id: int) -> InForce:
    """Return which versions a project's events are grouped by."""
    row = connection.execute(_FIND_STATE, (project_id,)).fetchone()
    return InForce() if row is None else InForce(version=row[0], other=row[1])


def put_in_force(connection: Connection, project_id: int, in_force: InForce, *, at_ms: int) -> None:
    """Say which versions count from now on, in the transaction at hand; what digest made by others is refused then."""
    connection.execute(_SET_STATE, (project_id, in_force.version, in_force.other, at_ms))


def read_stamp(connection: Connection) -> int:
    """Return a number that every change of what is in force makes higher."""
    return int(connection.execute("SELECT coalesce(sum(stamp), 0) FROM grouping_state").fetchone()[0])


def read_grouped_by(connection: Connection) -> GroupedBy:
    """Return what the events of every project are grouped by."""
    rows = connection.execute("SELECT project_id, version, other_version FROM grouping_state").fetchall()
    return GroupedBy(
        stamp=read_stamp(connection),
        projects=tuple(
            ProjectPolicies(
                project_id=project_id,
                in_force=find_policy(connection, project_id, version),
                other=None if other is None else find_policy(connection, project_id, other),
            )
            for project_id, version, other in rows
        ),
    )
