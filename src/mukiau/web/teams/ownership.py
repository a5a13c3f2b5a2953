"""What ownership rules say about the issues of the last 30 days: those in force, and a draft among them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mukiau.stores.work.ownership import RecentIssue
from mukiau.work.ownership import OwnershipRule, owners_of

LOOK_BACK_DAYS = 30
MAX_SAMPLES = 10
MAX_UNOWNED_SERVICES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """A rule in its place, and what it owns."""

    rule: OwnershipRule
    team: str
    issue_count: int
    """Issues of the last 30 days that it is the first to fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What would come of a draft."""

    fitting: int
    """Issues it fits, whatever stands before it."""
    own: tuple[RecentIssue, ...]
    """Those that would be its own, most events first."""
    from_nobody: int
    from_others: tuple[tuple[str, int], ...]
    """Name of the team that has them now → how many; most first."""
    same: int
    """Those that are the same team's by another rule now."""

    @property
    def samples(self) -> tuple[RecentIssue, ...]:
        return self.own[:MAX_SAMPLES]


def lines_of(
    rules: Sequence[OwnershipRule], issues: Sequence[RecentIssue], names: dict[int, str]
) -> tuple[RuleLine, ...]:
    """Return the rules with what each owns."""
    counts = Counter(owner.id for owner in owners_of(rules, (one.place for one in issues)) if owner)
    return tuple(RuleLine(rule=rule, team=names[rule.team_id], issue_count=counts[rule.id]) for rule in rules)


def unowned_services(rules: Sequence[OwnershipRule], issues: Sequence[RecentIssue]) -> tuple[tuple[str, int], ...]:
    """Return the services with issues that are nobody's, and how many; most first."""
    owners = owners_of(rules, (one.place for one in issues))
    counts = Counter(issue.service for issue, owner in zip(issues, owners, strict=True) if owner is None)
    return tuple(sorted(counts.items(), key=lambda line: (-line[1], line[0])))


def effect_of(
    draft: OwnershipRule,
    rules: Sequence[OwnershipRule],
    issues: Sequence[RecentIssue],
    names: dict[int, str],
    *,
    is_first: bool,
) -> Effect:
    """Return what a draft before or behind the rules in force would change."""
    places = [one.place for one in issues]
    before = owners_of(rules, places)
    after = owners_of([draft, *rules] if is_first else [*rules, draft], places)
    gained = [(one, was) for one, was, now in zip(issues, before, after, strict=True) if now is draft]
    others = Counter(was.team_id for _, was in gained if was and was.team_id != draft.team_id)
    return Effect(
        fitting=sum(owner is not None for owner in owners_of([draft], places)),
        own=tuple(one for one, _ in gained),
        from_nobody=sum(was is None for _, was in gained),
        from_others=tuple((names[team_id], count) for team_id, count in others.most_common()),
        same=sum(was is not None and was.team_id == draft.team_id for _, was in gained),
    )
