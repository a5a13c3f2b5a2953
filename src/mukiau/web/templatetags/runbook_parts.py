"""Parts of runbooks: the HTML of a part, and words for states, reviews, aspects and what was not filled in."""

from django import template
from django.utils.safestring import SafeString

from mukiau.web.runbooks.words import ASPECTS, COMMENTS, PROPOSALS, REVIEWS, STATES, unfilled_words
from mukiau.work.runbooks.filling import Code, Unfilled
from mukiau.work.runbooks.rendering import Prose
from mukiau.work.runbooks.rules import Aspect

register = template.Library()


@register.simple_tag
def part_html(part: Prose | Code) -> SafeString:
    """Write a rendered part. The renderer escapes all that comes from outside, and cleans what it made by a list of what
    a runbook may hold; nothing else of a runbook reaches a page unescaped."""
    return SafeString(part.html)


@register.filter
def runbook_state(state: str) -> str:
    """`In force`."""
    return str(STATES.get(state, state))


@register.filter
def review_name(review: str) -> str:
    """`Reviewed`."""
    return str(REVIEWS.get(review, review))


@register.filter
def comment_kind(kind: str) -> str:
    """`Did not help`."""
    return str(COMMENTS.get(kind, kind))


@register.filter
def proposal_name(decision: str) -> str:
    """`Handle every occurrence`."""
    return str(PROPOSALS.get(decision, decision))


@register.filter
def aspect_name(aspect: str) -> str:
    """`Exception type`."""
    return str(ASPECTS[Aspect(aspect)])


@register.filter
def why_unfilled(one: Unfilled) -> str:
    """`This occurrence has no such value.`"""
    return unfilled_words(one)
