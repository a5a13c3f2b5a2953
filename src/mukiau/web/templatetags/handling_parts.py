"""Handlings in people's words: states with their badges, outcomes, how many."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from mukiau.stores.queries.handlings import MAX_COUNTED
from mukiau.stores.work.backlog import BACKLOG_KEY
from mukiau.web.handlings.words import OUTCOME_NAMES, STATE_NAMES, STATE_SIGNS
from mukiau.web.templatetags.show import count, sign
from mukiau.work.handling import Outcome, State

register = template.Library()


@register.simple_tag
def handling_state(state: State) -> SafeString:
    """The badge of a state: a shape, words and only then a colour."""
    shape, colour = STATE_SIGNS[state]
    return format_html('<span class="badge {}">{}{}</span>', colour, sign(shape), STATE_NAMES[state])


@register.filter
def handling_outcome(outcome: Outcome | None) -> str:
    """`It worked`; empty where nobody said."""
    return str(OUTCOME_NAMES[outcome]) if outcome else ""


@register.filter
def up_to(total: int) -> str:
    """`1,000+` of a number that was not counted to its end."""
    return f"{count(MAX_COUNTED)}+" if total > MAX_COUNTED else count(total)


@register.filter
def batch_name(key: str) -> str:
    """The day or hour a batch is of, or that it answers what had come before a decision."""
    return gettext("before the decision") if key.startswith(BACKLOG_KEY) else key
