"""Rules of the policy that a page proposes: to tell an issue's events apart, or to join issues for good."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from mukiau.core.grouping.distinguish import Distinction, find_distinctions
from mukiau.core.grouping.policy_writing import render_rule, rules_of_suggestion
from mukiau.core.grouping.suggestion import joined_by, suggest_rule
from mukiau.stores.queries.explanations import (
    ExplainedFingerprint,
    IssueOfFingerprint,
    read_explanations_of_issues,
    read_explanations_of_service,
    read_issues_of_fingerprints,
)
from mukiau.stores.queries.issue import IssueHead
from mukiau.stores.queries.policy_in_force import read_policy_in_force
from mukiau.stores.queries.recent_events import read_recent_events
from mukiau.web.grouping.words import rule_words, source_name

MAX_WAYS = 6
MAX_JOINED = 5
"""Fingerprints from which a rule is learned; more make it slow and teach it nothing."""
MAX_BESIDES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One part by which an issue's latest events can be told apart."""

    name: str
    groups: int
    values: tuple[tuple[str, int], ...]
    is_individual: bool
    rule: str
    """TOML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What would tell an issue's latest events apart."""

    looked_at: int
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningRule:
    """The rule that would have joined some issues, and what it joins besides."""

    says: tuple[str, ...]
    rule: str
    """TOML."""
    touches_codes: bool
    besides: tuple[IssueOfFingerprint, ...]
    more: int
    """Further issues that it would join."""


def ways_to_split(issue: IssueHead) -> Ways:
    """Look at an issue's latest events for what differs among them."""
    events = read_recent_events(issue.id)
    found = find_distinctions(events, read_policy_in_force(issue.project_id))[:MAX_WAYS]
    return Ways(looked_at=len(events), ways=tuple(_way(issue, one) for one in found))


def _way(issue: IssueHead, found: Distinction) -> Way:
    when = {"service": issue.service, "root_type": issue.root_type, "logger": "" if issue.root_type else issue.logger}
    name = _("%(title)s by %(part)s") % {"title": _short(issue), "part": source_name(found.source)}
    return Way(
        name=source_name(found.source),
        groups=found.groups,
        values=found.values,
        is_individual=found.is_individual,
        rule=render_rule(
            name,
            when={key: value for key, value in when.items() if value} or {"service": "**"},
            changes={"also": [str(found.source)]},
        ),
    )


def _short(issue: IssueHead) -> str:
    """What the rule is for; a title holds what differs from event to event."""
    return issue.root_type.rpartition(".")[2] or issue.logger or issue.service or f"#{issue.id}"


def rule_that_joins(issues: Sequence[IssueHead]) -> JoiningRule | None:
    """Return the rule that would make one issue of some, or of the fingerprints of one; None where there is none."""
    own = read_explanations_of_issues([issue.id for issue in issues], limit=MAX_JOINED)
    suggestion = suggest_rule([[one.explanation for one in own]])
    if suggestion is None:
        return None
    known = {one.id: one for issue in issues for one in read_explanations_of_service(issue.project_id, issue.service)}
    known |= {one.id: one for one in own}
    besides = _besides(joined_by(suggestion.rules, {one.id: one.explanation for one in known.values()}), own, known)
    return JoiningRule(
        says=tuple(rule_words(rule) for rule in suggestion.rules),
        rule="\n".join(rules_of_suggestion(suggestion, name=_short(issues[0]))),
        touches_codes=any(rule.touches_codes for rule in suggestion.rules),
        besides=besides[:MAX_BESIDES],
        more=max(0, len(besides) - MAX_BESIDES),
    )


def _besides(
    groups: Sequence[Sequence[int]], own: Sequence[ExplainedFingerprint], known: dict[int, ExplainedFingerprint]
) -> tuple[IssueOfFingerprint, ...]:
    """Issues of which a fingerprint would be joined with another's, but those that are joined anyway."""
    joined = {one.issue_id for one in own}
    others = [one for group in groups for one in group if known[one].issue_id not in joined]
    first = {known[one].issue_id: one for one in reversed(others)}
    return read_issues_of_fingerprints(sorted(first.values()))
