"""One issue: its words and counts, where it occurred, when, with which tags, and why its events are one."""

import json
from dataclasses import dataclass
from typing import Any

from mukiau.stores.fingerprint_counts import MAX_TAG_VALUES
from mukiau.stores.queries.rows import find_row, read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueHead:
    """The words and counts on top of the page."""

    id: int
    project_id: int
    project_name: str
    service: str
    title: str
    subtitle: str
    template: str
    culprit: str
    root_type: str
    root_message: str
    level: str
    logger: str
    language: str
    first_seen_ms: int
    last_seen_ms: int
    event_count: int
    first_event_pk: int
    last_event_pk: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentCount:
    """One environment the issue occurred in."""

    environment: str
    count: int
    first_seen_ms: int
    last_seen_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HourCount:
    """Events of one hour in one environment."""

    hour: int
    """Hours since 1970-01-01 UTC."""
    environment: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TagCount:
    """How often a value stood in the issue's events; value "" gathers the rarer ones beyond the kept hundred."""

    value: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TagDistribution:
    """The values of one tag, most frequent first."""

    key: str
    total: int
    values: tuple[TagCount, ...]
    """At most the hundred that are kept, and "" for the rest."""

    @property
    def value_count(self) -> int:
        """Different values that were kept."""
        return len(self.values)

    @property
    def is_scattered(self) -> bool:
        """Nearly every event has a value of its own, as with a trace id: no distribution to speak of."""
        return self.value_count > 3 and 2 * self.values[0].count * self.value_count <= 3 * self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a fingerprint is what it is."""

    hash: str
    policy_version: int
    tree: dict[str, Any]
    """Nodes {"name", "value", "contributes", "reason", "parts": […]}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueFingerprint:
    """One of an issue's fingerprints, with the words of its latest event and its counts."""

    id: int
    hash: str
    policy_version: int
    service: str
    title: str
    subtitle: str
    culprit: str
    level: str
    first_seen_ms: int
    last_seen_ms: int
    event_count: int
    last_event_pk: int
    joined_because: str
    """`core.grouping.kinship.Because` where it came to an issue by itself; "" where not."""


_HEAD = """
SELECT i.id, i.project_id, p.name, i.service, i.title, i.subtitle, i.template, i.culprit, i.root_type, i.root_message,
       i.level, i.logger, i.language, i.first_seen_ms, i.last_seen_ms, i.event_count, i.first_event_pk, i.last_event_pk
FROM issue i JOIN project p ON p.id = i.project_id WHERE i.id = %s AND i.event_count > 0
"""


def find_issue(issue_id: int) -> IssueHead | None:
    """Return the issue with this id; none where it was merged into another one (`find_current_issue` finds that)."""
    row = find_row(_HEAD, (issue_id,))
    return None if row is None else IssueHead(**dict(zip(IssueHead.__slots__, row, strict=True)))


def read_environments(issue_id: int) -> tuple[EnvironmentCount, ...]:
    """Return the environments of an issue, most events first."""
    rows = read_rows(
        """
        SELECT environment, count, first_seen_ms, last_seen_ms FROM issue_environment
        WHERE issue_id = %s ORDER BY count DESC, environment
        """,
        (issue_id,),
    )
    return tuple(EnvironmentCount(environment=e, count=n, first_seen_ms=f, last_seen_ms=t) for e, n, f, t in rows)


def read_hours(issue_id: int, *, from_hour: int) -> tuple[HourCount, ...]:
    """Return the issue's counts per hour and environment from an hour on, in order of time."""
    rows = read_rows(
        """
        SELECT h.hour, h.environment, SUM(h.count)
        FROM fingerprint f CROSS JOIN fingerprint_hour h ON h.fingerprint_id = f.id
        WHERE f.issue_id = %s AND h.hour >= %s GROUP BY 1, 2 ORDER BY 1, 2
        """,
        (issue_id, from_hour),
    )
    return tuple(HourCount(hour=hour, environment=environment, count=count) for hour, environment, count in rows)


def read_tags(issue_id: int) -> tuple[TagDistribution, ...]:
    """Return the distribution of every tag, keys in alphabetical order."""
    rows = read_rows(
        """
        SELECT t."key", t.value, SUM(t.count)
        FROM fingerprint f CROSS JOIN fingerprint_tag t ON t.fingerprint_id = f.id
        WHERE f.issue_id = %s GROUP BY 1, 2 ORDER BY 1, t.value = '', 3 DESC, 2
        """,
        (issue_id,),
    )
    grouped: dict[str, list[TagCount]] = {}
    for key, value, count in rows:
        grouped.setdefault(key, []).append(TagCount(value=value, count=count))
    return tuple(_distribution(key, values) for key, values in grouped.items())


def read_fingerprints(issue_id: int) -> tuple[IssueFingerprint, ...]:
    """Return the fingerprints of an issue, at most as many as it may have, most events first."""
    names = ", ".join(IssueFingerprint.__slots__)
    rows = read_rows(
        f"SELECT {names} FROM fingerprint WHERE issue_id = %s ORDER BY event_count DESC, id",  # noqa: S608
        (issue_id,),
    )
    return tuple(IssueFingerprint(**dict(zip(IssueFingerprint.__slots__, row, strict=True))) for row in rows)


_EXPLANATION = """
SELECT f.hash, f.policy_version, e.explanation
FROM fingerprint f JOIN fingerprint_explanation e ON e.fingerprint_id = f.id AND e.policy_version = f.policy_version
WHERE f.id = %s
"""


def find_explanation(fingerprint_id: int) -> Explanation | None:
    """Return the explanation of a fingerprint; its tree is empty when what is stored cannot be read."""
    row = find_row(_EXPLANATION, (fingerprint_id,))
    if row is None:
        return None
    try:
        tree = json.loads(row[2])
    except ValueError:
        tree = {}
    return Explanation(hash=row[0], policy_version=row[1], tree=tree if isinstance(tree, dict) else {})


def _distribution(key: str, values: list[TagCount]) -> TagDistribution:
    """Of several fingerprints together there may be more values than one keeps: the rarer ones count under "", too."""
    named = [value for value in values if value.value]
    rest = sum(value.count for value in (*named[MAX_TAG_VALUES:], *(value for value in values if not value.value)))
    shown = named[:MAX_TAG_VALUES] + ([TagCount(value="", count=rest)] if rest else [])
    return TagDistribution(key=key, total=sum(value.count for value in values), values=tuple(shown))
