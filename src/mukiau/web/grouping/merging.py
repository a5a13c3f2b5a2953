"""What a merge would come to: the issue after it, why the issues are apart today, and the rule that would do it for good."""

from collections.abc import Sequence
from dataclasses import dataclass

from mukiau.core.grouping.explanation import Part
from mukiau.stores.queries.explanations import read_explanations
from mukiau.stores.queries.issue import IssueFingerprint, IssueHead, read_fingerprints
from mukiau.web.grouping.comparing import Line, sides_of
from mukiau.web.grouping.rules import JoiningRule, rule_that_joins

MAX_COMPARED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Why an issue is not the one that stays."""

    issue: IssueHead
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The issue after a merge."""

    event_count: int
    fingerprints: int
    first_seen_ms: int
    last_seen_ms: int
    services: tuple[str, ...]
    projects: tuple[str, ...]
    apart: tuple[Apart, ...]
    joining: JoiningRule | None


def preview_of(issues: Sequence[IssueHead], into: int) -> Preview:
    """Return what merging at least two issues would come to."""
    stays = next((issue for issue in issues if issue.id == into), issues[0])
    fingerprints = {issue.id: read_fingerprints(issue.id) for issue in issues}
    return Preview(
        event_count=sum(issue.event_count for issue in issues),
        fingerprints=sum(map(len, fingerprints.values())),
        first_seen_ms=min(issue.first_seen_ms for issue in issues),
        last_seen_ms=max(issue.last_seen_ms for issue in issues),
        services=tuple(dict.fromkeys(issue.service for issue in issues)),
        projects=tuple(dict.fromkeys(issue.project_name for issue in issues)),
        apart=_apart(stays, [issue for issue in issues if issue is not stays], fingerprints),
        joining=rule_that_joins(issues),
    )


def _apart(
    stays: IssueHead, others: Sequence[IssueHead], fingerprints: dict[int, tuple[IssueFingerprint, ...]]
) -> tuple[Apart, ...]:
    """Compare the largest fingerprint of each with that of the issue that stays."""
    compared = others[:MAX_COMPARED]
    largest = {issue.id: fingerprints[issue.id][0].id for issue in (stays, *compared)}
    trees = read_explanations(list(largest.values()))

    def tree(issue: IssueHead) -> Part:
        return trees.get(largest[issue.id], Part(name=""))

    return tuple(Apart(issue=other, lines=sides_of(tree(stays), tree(other)).apart) for other in compared)
