"""What speaks for and against joining two issues, as a line of words."""

from collections.abc import Iterable

from django import template
from django.utils.translation import gettext

from mukiau.core.grouping.similarity import Difference, Reason
from mukiau.web.grouping.words import DIFFERENCES, REASONS

register = template.Library()


@register.filter
def like(reasons: Iterable[Reason]) -> str:
    """What two issues have in common."""
    return gettext(", ").join(str(REASONS[one]) for one in reasons)


@register.filter
def unlike(differences: Iterable[Difference]) -> str:
    """What they have not."""
    return gettext(", ").join(str(DIFFERENCES[one]) for one in differences)
