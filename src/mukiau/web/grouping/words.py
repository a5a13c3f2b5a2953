"""Grouping in the reader's words: what tells events apart, what is alike, what a rule does, why a change is refused."""

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mukiau.core.grouping.policy import Source, SourceKind
from mukiau.core.grouping.similarity import Difference, Reason
from mukiau.core.grouping.suggestion import RuleKind, SuggestedRule
from mukiau.stores.regrouping import (
    MAX_FINGERPRINTS_AN_ISSUE,
    MAX_ISSUES_A_MERGE,
    AlreadyUndone,
    LaterChange,
    MergedElsewhere,
    NotByHand,
    NothingToMerge,
    NothingToSplit,
    OtherProject,
    RegroupingRefused,
    TooManyFingerprints,
    TooManyIssues,
    UnknownChange,
    UnknownIssue,
)
from mukiau.web.event.explanation import part_name

REASONS: dict[Reason, Promise] = {
    Reason.SAME_ROOT_TYPE: gettext_lazy("same root cause"),
    Reason.SAME_CRASH_FUNCTION: gettext_lazy("fails in the same function"),
    Reason.SHARED_CALLERS: gettext_lazy("some of the same callers"),
    Reason.SIMILAR_MESSAGE: gettext_lazy("similar message"),
    Reason.SAME_CODE: gettext_lazy("same code"),
    Reason.SAME_LOGGER: gettext_lazy("same logger"),
}
DIFFERENCES: dict[Difference, Promise] = {
    Difference.OTHER_ROOT_TYPE: gettext_lazy("another root cause"),
    Difference.OTHER_CRASH_FUNCTION: gettext_lazy("fails in another function"),
    Difference.OTHER_CODE: gettext_lazy("another code"),
    Difference.OTHER_SERVICE: gettext_lazy("another service"),
}
_RULES: dict[RuleKind, Promise] = {
    RuleKind.VARIABLE_WORDS: gettext_lazy("These words of the message may vary: %(pattern)s"),
    RuleKind.CODE: gettext_lazy("The code %(value)s does not count"),
    RuleKind.SEEN_THROUGH: gettext_lazy("The wrapper %(value)s does not count"),
    RuleKind.FUNCTION: gettext_lazy("The in-app function does not count"),
    RuleKind.WAY_IN: gettext_lazy("The way in does not count"),
    RuleKind.LOGGER: gettext_lazy("The logger does not count"),
    RuleKind.TEMPLATE: gettext_lazy("The message does not count"),
}


def source_name(source: Source) -> str:
    """Return what a policy's name of a part stands for: `tag:code` is “Tag code”."""
    if source.kind is SourceKind.FRAMES:
        return _("The innermost %(n)s in-app functions") % {"n": source.argument}
    name = str(part_name(source.kind))
    return f"{name} {source.argument}" if source.argument else name


def rule_words(rule: SuggestedRule) -> str:
    """Return what a suggested rule does."""
    return str(_RULES[rule.kind]) % {"pattern": rule.pattern, "value": rule.value}


def refusal_words(refusal: RegroupingRefused) -> str:
    """Return why a change is refused, in one sentence."""
    say = next((say for kind, say in _REFUSALS.items() if isinstance(refusal, kind)), None)
    return str(refusal) if say is None else say(refusal)


_REFUSALS: dict[type[RegroupingRefused], Callable[[Any], str]] = {
    UnknownIssue: lambda told: _("There is no issue #%(id)s.") % {"id": told.issue_id},
    MergedElsewhere: lambda told: (
        _("Issue #%(id)s was merged into #%(into)s before; choose that one.") % {"id": told.issue_id, "into": told.into}
    ),
    OtherProject: lambda told: (
        _("Issue #%(id)s belongs to another project than #%(into)s; they cannot be merged.")
        % {"id": told.issue_id, "into": told.target_id}
    ),
    NothingToMerge: lambda told: _("Choose at least two different issues to merge."),
    NothingToSplit: lambda told: _("Choose some of the fingerprints to split off, and leave at least one."),
    TooManyIssues: lambda told: (
        _("%(count)s issues are too many for one merge; merge at most %(most)s at a time.")
        % {"count": told.count, "most": MAX_ISSUES_A_MERGE}
    ),
    TooManyFingerprints: lambda told: (
        _(
            "The issue would have %(count)s fingerprints, and %(most)s is the most. A rule of the policy joins any number."
        )
        % {"count": told.count, "most": MAX_FINGERPRINTS_AN_ISSUE}
    ),
    UnknownChange: lambda told: _("There is no such change."),
    AlreadyUndone: lambda told: _("This change was undone before."),
    NotByHand: lambda told: _("This change came with the grouping policy; it is undone with it, in the grouping lab."),
    LaterChange: lambda told: (
        _("Change %(later)s came later and builds on this one; undo that one first.") % {"later": told.later}
    ),
}
