"""What speaks for and against joining two issues, and why a policy was changed, as a line of words."""

from collections.abc import Iterable

from django import template
from django.utils.translation import gettext

from mukiau.core.grouping.similarity import Difference, Reason
from mukiau.stores.lab.policies import SavedPolicy
from mukiau.web.grouping.lab_words import reason_words
from mukiau.web.grouping.words import DIFFERENCES, REASONS

register = template.Library()


@register.filter
def policy_reason(policy: SavedPolicy) -> str:
    """Why a version of the grouping policy was made."""
    return reason_words(policy)


@register.filter
def like(reasons: Iterable[Reason]) -> str:
    """What two issues have in common."""
    return gettext(", ").join(str(REASONS[one]) for one in reasons)


@register.filter
def unlike(differences: Iterable[Difference]) -> str:
    """What they have not."""
    return gettext(", ").join(str(DIFFERENCES[one]) for one in differences)
