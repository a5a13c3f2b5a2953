"""Decisions and the reasons for them, in words."""

from collections.abc import Sequence

from django import template
from django.utils.translation import gettext

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


@register.simple_tag
def customers_hit(hit: Sequence[str], known: Sequence[str]) -> str:
    """`customers 2/5`: how many were hit, of how many there are."""
    return gettext("customers %(hit)s/%(all)s") % {"hit": len(hit), "all": len(known)}
