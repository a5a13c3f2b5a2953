"""The periods of the scope bar, and the bars a list draws for each.

Bars are whole days of the viewer's zone, today last; the last 24 hours are drawn by hour. The day of a change to or
from summer time still has 24 hours, as on the issue page: a bar is then an hour off.
"""

from enum import StrEnum

from django.utils import timezone

from mukiau.stores.queries.issue_list import Chart

DAY_HOURS = 24


class Period(StrEnum):
    """With the values of the URL."""

    DAY = "24h"
    WEEK = "7d"
    FORTNIGHT = "14d"
    MONTH = "30d"
    ALL = ""


_DAYS = {Period.WEEK: 7, Period.FORTNIGHT: 14, Period.MONTH: 30, Period.ALL: 14}


def parse_period(given: str) -> Period:
    """Read the URL's value; what is unknown is all time."""
    return Period(given) if given in set(Period) else Period.ALL


def chart_of(period: Period) -> Chart:
    """Return the bars that end now; of all time the last 14 days are drawn."""
    now = timezone.localtime()
    if period is Period.DAY:
        return Chart(start_hour=int(now.timestamp()) // 3600 - DAY_HOURS + 1, bar_hours=1, bars=DAY_HOURS)
    midnight = int(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp())
    days = _DAYS[period]
    return Chart(start_hour=midnight // 3600 - (days - 1) * DAY_HOURS, bar_hours=DAY_HOURS, bars=days)
