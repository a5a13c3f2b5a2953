"""The explanations of many fingerprints: those of an issue, and those a service has."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mukiau.core.grouping.explanation import Part, explanation_from_json
from mukiau.stores.queries.rows import marks, read_rows

MAX_ID = 2**63 - 1
MAX_OF_SERVICE = 2_000
"""Fingerprints of one service that are compared with another; the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedFingerprint:
    """A fingerprint and why it is what it is."""

    id: int
    issue_id: int
    explanation: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueOfFingerprint:
    """What a list says of the issue that a fingerprint belongs to."""

    fingerprint_id: int
    id: int
    service: str
    title: str
    subtitle: str
    culprit: str
    level: str
    event_count: int
    last_seen_ms: int


_EXPLAINED = """
SELECT f.id, f.issue_id, e.explanation
FROM fingerprint f JOIN fingerprint_explanation e ON e.fingerprint_id = f.id AND e.policy_version = f.policy_version
"""


def read_explanations(fingerprint_ids: Sequence[int]) -> dict[int, Part]:
    """Return the explanation of each fingerprint that has one."""
    sql = f"{_EXPLAINED} WHERE f.id IN ({marks(fingerprint_ids)})"
    return {one.id: one.explanation for one in _read(sql, fingerprint_ids)} if fingerprint_ids else {}


def read_explanations_of_issues(issue_ids: Sequence[int], *, limit: int) -> tuple[ExplainedFingerprint, ...]:
    """Return up to `limit` fingerprints of some issues, oldest first."""
    return tuple(
        _read(f"{_EXPLAINED} WHERE f.issue_id IN ({marks(issue_ids)}) ORDER BY f.id LIMIT %s", [*issue_ids, limit])
    )


def read_explanations_of_service(
    project_id: int,
    service: str,
    *,
    after_id: int = 0,
    before_id: int = MAX_ID,
    limit: int = MAX_OF_SERVICE,
) -> tuple[ExplainedFingerprint, ...]:
    """Return the newest fingerprints of a service, of those between two."""
    return tuple(
        _read(
            f"{_EXPLAINED} WHERE f.project_id = %s AND f.service = %s AND f.id > %s AND f.id < %s ORDER BY f.id DESC LIMIT %s",
            (project_id, service, after_id, before_id, limit),
        )
    )


def read_issues_of_fingerprints(fingerprint_ids: Sequence[int]) -> tuple[IssueOfFingerprint, ...]:
    """Return the issue of each fingerprint that is still there, in the order given."""
    if not fingerprint_ids:
        return ()
    rows = read_rows(
        f"""SELECT f.id, i.id, i.service, i.title, i.subtitle, i.culprit, i.level, i.event_count, i.last_seen_ms
            FROM fingerprint f JOIN issue i ON i.id = f.issue_id WHERE f.id IN ({marks(fingerprint_ids)})""",  # noqa: S608
        fingerprint_ids,
    )
    found = {row[0]: row for row in rows}
    names = IssueOfFingerprint.__slots__
    return tuple(
        IssueOfFingerprint(**dict(zip(names, found[one], strict=True))) for one in fingerprint_ids if one in found
    )


def _read(sql: str, parameters: Sequence[Any]) -> Iterable[ExplainedFingerprint]:
    for fingerprint_id, issue_id, text in read_rows(sql, parameters):
        yield ExplainedFingerprint(id=fingerprint_id, issue_id=issue_id, explanation=_tree(text))


def _tree(text: str) -> Part:
    try:
        return explanation_from_json(json.loads(text))
    except ValueError:
        return Part(name="")
