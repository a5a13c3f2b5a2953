"""The text that a new runbook begins with."""

import re
from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import get_language, override, pgettext_lazy

from mukiau.core.event import Event
from mukiau.stores.queries.issue import IssueHead
from mukiau.stores.queries.recent_events import read_recent_events
from mukiau.web.templatetags.show import general_title
from mukiau.work.finding.draft import rule_of_event, write_examples
from mukiau.work.finding.proposing import rule_for
from mukiau.work.runbooks.front_matter import FrontMatter, write_runbook
from mukiau.work.runbooks.rules import MatchRule
from mukiau.work.runbooks.sections import HEADINGS, SectionKind

RECENT_EVENTS = 10
"""Looked at for messages that differ."""
_PROMPTS: dict[SectionKind, Promise] = {
    SectionKind.MEANING: pgettext_lazy("runbook", "What has failed, in words that somebody new understands."),
    SectionKind.IMPACT: pgettext_lazy("runbook", "Who notices it, and how soon it hurts."),
    SectionKind.ACT_OR_NOT: pgettext_lazy("runbook", "When it needs an answer, and when it does not."),
    SectionKind.STEPS: pgettext_lazy("runbook", "1. The first thing to do.\n2. The next one. (needs privilege)"),
    SectionKind.VERIFY: pgettext_lazy("runbook", "How to see that it worked."),
    SectionKind.CONTACTS: pgettext_lazy("runbook", "Who knows more, and whom to wake."),
    SectionKind.LASTING_FIX: pgettext_lazy("runbook", "What would make this runbook unnecessary."),
}


def new_text(issue: IssueHead | None) -> str:
    """Return the sections with a word on each, in the reader's language; for an issue with a rule that matches it, and
    its exception chain, messages and tags as examples."""
    column = 1 if (get_language() or "").startswith("ja") else 0
    body = "".join(_sections(column))
    if issue is None:
        return write_runbook(FrontMatter(), body)
    events = read_recent_events(issue.id, limit=RECENT_EVENTS)
    if examples := write_examples(events):
        body += f"\n## {HEADINGS[SectionKind.EXAMPLES][column]}\n\n{examples}"
    return write_runbook(_front_of(issue, events), body)


def without_prompts(text: str) -> str:
    """Return a text without the sections that still hold nothing but the prompt they began with, in either language.

    Whoever follows the runbook would read them as its words.
    """
    for column, language in enumerate(("en", "ja")):
        with override(language):
            for section in _sections(column):
                text = re.sub(re.escape(section) + r"\n*(?=\n## |\Z)", "", text)
    return text


def _sections(column: int) -> list[str]:
    return [f"\n## {HEADINGS[kind][column]}\n\n{prompt}\n" for kind, prompt in _PROMPTS.items()]


def _front_of(issue: IssueHead, events: Sequence[Event]) -> FrontMatter:
    rule = rule_of_event(events[0], template=issue.template) if events else _rule_of(issue)
    return FrontMatter(
        title=general_title(issue.title)[:200], services=(issue.service,) if issue.service else (), rules=(rule,)
    )


def _rule_of(issue: IssueHead) -> MatchRule:
    """By the words of an issue whose events have no payload any more."""
    return rule_for(
        service=issue.service, root_type=issue.root_type, root_message="", template=issue.template, fingerprint_hash=""
    )
