"""What is said about a runbook that was found."""

from django import template

register = template.Library()


@register.filter
def as_percent(share: float) -> str:
    """Never 0%: what shares nothing is not found."""
    return f"{max(1, round(100 * share))}%"
