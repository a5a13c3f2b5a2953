"""Decisions and the reasons for them, in words."""

from django import template

from mukiau.web.inbox.words import DECISION_NAMES, WHY_NAMES, details_words

register = template.Library()


@register.filter
def decision_name(decision: str) -> str:
    """What was decided."""
    return str(DECISION_NAMES.get(decision, decision))


@register.filter
def why_name(why: str | None) -> str:
    """Why a decision is needed."""
    return str(WHY_NAMES.get(why or "", ""))


@register.filter
def why_details(why: str | None, details: str) -> str:
    """What exactly it was: the condition, or the environment."""
    return details_words(why or "", details)
