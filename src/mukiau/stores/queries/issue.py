"""One issue: its words and counts, where it occurred, when, with which tags, and why its events are one."""

import json
from dataclasses import dataclass
from typing import Any

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


_HEAD = """
SELECT i.id, i.project_id, p.name, i.service, i.title, i.subtitle, i.template, i.culprit, i.root_type, i.root_message,
       i.level, i.logger, i.language, i.first_seen_ms, i.last_seen_ms, i.event_count, i.first_event_pk, i.last_event_pk
FROM issue i JOIN project p ON p.id = i.project_id WHERE i.id = %s
"""


def find_issue(issue_id: int) -> IssueHead | None:
    """Return the issue with this id."""
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
        SELECT hour, environment, count FROM issue_hour
        WHERE issue_id = %s AND hour >= %s ORDER BY hour, environment
        """,
        (issue_id, from_hour),
    )
    return tuple(HourCount(hour=hour, environment=environment, count=count) for hour, environment, count in rows)


def read_tags(issue_id: int) -> tuple[TagDistribution, ...]:
    """Return the distribution of every tag, keys in alphabetical order."""
    rows = read_rows(
        'SELECT "key", value, count FROM issue_tag WHERE issue_id = %s ORDER BY "key", value = \'\', count DESC, value',
        (issue_id,),
    )
    grouped: dict[str, list[TagCount]] = {}
    for key, value, count in rows:
        grouped.setdefault(key, []).append(TagCount(value=value, count=count))
    return tuple(_distribution(key, values) for key, values in grouped.items())


def find_explanation(fingerprint_id: int) -> Explanation | None:
    """Return the explanation of a fingerprint; its tree is empty when what is stored cannot be read."""
    row = find_row("SELECT hash, policy_version, explanation FROM fingerprint WHERE id = %s", (fingerprint_id,))
    if row is None:
        return None
    try:
        tree = json.loads(row[2])
    except ValueError:
        tree = {}
    return Explanation(hash=row[0], policy_version=row[1], tree=tree if isinstance(tree, dict) else {})


def _distribution(key: str, values: list[TagCount]) -> TagDistribution:
    return TagDistribution(
        key=key,
        total=sum(value.count for value in values),
        values=tuple(values),
    )
