"""How often an issue occurs: a sentence, a chart of 14 days, and the same by environment."""

from dataclasses import dataclass
from itertools import accumulate, pairwise

from django.utils import timezone

from mukiau.stores.queries.issue import EnvironmentCount, HourCount
from mukiau.web.templatetags.show import HOUR, bars

DAYS = 14
HOURS_A_BAR = 6
CHART_WIDTH, CHART_HEIGHT = 700, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """One day of the chart, in the viewer's zone."""

    at_ms: int
    """Its first moment."""
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentLine:
    """One environment: all of its events, and those of the last 24 hours and 14 days."""

    environment: str
    count: int
    last_seen_ms: int
    day_count: int
    days: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What the page says about how often."""

    hour_count: int
    day_count: int
    fortnight_count: int
    path: str
    """The bars as an SVG path, 6 hours each."""
    days: tuple[DayCount, ...]
    environments: tuple[EnvironmentLine, ...]


def first_hour() -> int:
    """Return the unix hour at which the chart begins: midnight 13 days ago in the viewer's zone."""
    return _day_edges()[0]


def pulse_of(hours: tuple[HourCount, ...], environments: tuple[EnvironmentCount, ...], *, now_ms: int) -> Pulse:
    """Sum up the hours since `first_hour`."""
    edges = _day_edges()
    now_hour = now_ms // HOUR
    day_lines = {line.environment: [0] * DAYS for line in environments}
    for hour in hours:
        day_lines.setdefault(hour.environment, [0] * DAYS)[_day_index(hour.hour, edges)] += hour.count
    day_totals = [sum(line[i] for line in day_lines.values()) for i in range(DAYS)]
    return Pulse(
        hour_count=_sum(hours, from_hour=now_hour),
        day_count=_sum(hours, from_hour=now_hour - 23),
        fortnight_count=sum(day_totals),
        path=bars(_bar_counts(hours, edges[0]), width=CHART_WIDTH, height=CHART_HEIGHT, gap=2),
        days=tuple(DayCount(at_ms=edges[i] * HOUR, count=total) for i, total in enumerate(day_totals)),
        environments=tuple(
            EnvironmentLine(
                environment=line.environment,
                count=line.count,
                last_seen_ms=line.last_seen_ms,
                day_count=_sum(hours, from_hour=now_hour - 23, environment=line.environment),
                days=tuple(day_lines[line.environment]),
            )
            for line in environments
        ),
    )


def _day_edges() -> list[int]:
    """Return the unix hour at which each of the 14 days begins in the viewer's zone, and the end of the last."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    first = int(today.timestamp()) // 3600 - (DAYS - 1) * 24
    return list(accumulate([first] + [24] * DAYS))


def _day_index(hour: int, edges: list[int]) -> int:
    return next((i for i, (start, end) in enumerate(pairwise(edges)) if start <= hour < end), DAYS - 1)


def _bar_counts(hours: tuple[HourCount, ...], first: int) -> list[int]:
    counts = [0] * (DAYS * 24 // HOURS_A_BAR)
    for hour in hours:
        if 0 <= (index := (hour.hour - first) // HOURS_A_BAR) < len(counts):
            counts[index] += hour.count
    return counts


def _sum(hours: tuple[HourCount, ...], *, from_hour: int, environment: str | None = None) -> int:
    return sum(h.count for h in hours if h.hour >= from_hour and environment in {None, h.environment})
