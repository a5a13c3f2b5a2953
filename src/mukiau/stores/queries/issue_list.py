"""The issue list: filtered, sorted, in pages that cost the same however deep they are.

With an environment chosen, counts and times are those of that environment: the same columns come from
`issue_environment` instead of `issue`. With a period chosen, the list holds what was seen in it and counts are those of
the period, from the roll-up by hour. Paging is by key, not by offset: a cursor is the sort value and the id of the last
row, and each order is one an index can walk. The exception is most events within a period: no index knows those sums,
so they are added up for the issues seen in the period.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mukiau.stores.queries.rows import marks, read_rows
from mukiau.stores.search import match_expression

PAGE_ROWS = 50
MAX_PAGE_ROWS = 500
"""Rows at once, when a reader comes back to a list of which more than one page was open."""
PALETTE_ROWS = 6
HOUR_MS = 3_600_000


class Sort(StrEnum):
    """The orders of the list, with the values of its URL."""

    LAST_SEEN = "last"
    FIRST_SEEN = "first"
    COUNT = "count"
    TITLE = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueFilter:
    """What the list shows; empty means all."""

    project_id: int
    search: str = ""
    service: str = ""
    environment: str = ""
    level: str = ""
    since_hour: int = 0
    """Only what was seen since the beginning of this hour (counted from 1970-01-01 UTC); 0 for any time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The bars beside a row: equal spans of time, the oldest first."""

    start_hour: int
    """Hours since 1970-01-01 UTC at which the first bar begins."""
    bar_hours: int
    bars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The last row of the page before."""

    value: int | str
    issue_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRow:
    """One line of the list."""

    id: int
    service: str
    title: str
    subtitle: str
    culprit: str
    """Where it failed: place and function, else the logger."""
    template: str
    level: str
    logger: str
    language: str
    first_seen_ms: int
    last_seen_ms: int
    event_count: int
    """In the environment and the period, where one is chosen."""
    environments: tuple[str, ...]
    """Those it was seen in within the period, most events first."""
    bars: tuple[int, ...]
    """Events by the spans of the chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueMention:
    """An issue where only its name is needed."""

    id: int
    service: str
    title: str
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePage:
    """One page of the list."""

    rows: tuple[IssueRow, ...]
    next: Cursor | None
    total: int
    """Issues the filter lets through, on all pages."""
    environment_count: int
    """Environments the project's events were seen in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """How far the store was when a list was shown: everything with a higher id came later."""

    issue_id: int
    event_pk: int


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What the filter lets through of what came since a marker."""

    new: int
    changed: int


@dataclass(frozen=True, slots=True)
class _Order:
    in_all: str
    in_environment: str
    direction: str
    id_direction: str


# Direction of the id as in the index of the same name, so that SQLite walks it and sorts nothing.
_ORDERS = {
    Sort.LAST_SEEN: _Order("i.last_seen_ms", "e.last_seen_ms", "DESC", "ASC"),
    Sort.FIRST_SEEN: _Order("i.first_seen_ms", "e.first_seen_ms", "DESC", "DESC"),
    Sort.COUNT: _Order("i.event_count", "e.count", "DESC", "DESC"),
    Sort.TITLE: _Order("i.title", "i.title", "ASC", "ASC"),
}
_END_OF_TIME = 2**31
"""An hour after all others."""
# A sum of its own for every span walks the roll-up in its order; grouping by spans sorts all of its rows first, which
# takes four times as long.
_BARS = """
WITH spans(bar, first, past) AS (VALUES {spans})
SELECT f.issue_id, s.bar, (
  SELECT SUM(h.count) FROM fingerprint_hour h
  WHERE h.fingerprint_id = f.id AND h.hour >= s.first AND h.hour < s.past {only}
) FROM fingerprint f CROSS JOIN spans s WHERE f.issue_id IN ({marks})
"""
_HOURS = "fingerprint f CROSS JOIN fingerprint_hour h ON h.fingerprint_id = f.id"
_COLUMNS = "i.id, i.service, i.title, i.subtitle, i.culprit, i.template, i.level, i.logger, i.language"
_FIGURES = "i.first_seen_ms, i.last_seen_ms, i.event_count"
_FIGURES_IN_ENVIRONMENT = "e.first_seen_ms, e.last_seen_ms, e.count"


def read_issue_page(
    wanted: IssueFilter, *, sort: Sort, chart: Chart, after: Cursor | None = None, limit: int = PAGE_ROWS
) -> IssuePage:
    """Return up to `limit` rows after a cursor, with the bars of a chart."""
    selection = _select(wanted)
    sql = f"SELECT COUNT(*) FROM {selection.tables} WHERE {selection.conditions}"  # noqa: S608
    total = read_rows(sql, selection.parameters)[0][0]
    found, following = _read_page(selection, sort=sort, after=after, limit=limit)
    ids = [row[0] for row in found]
    environments = read_environments_of(ids, since_hour=wanted.since_hour)
    bars = read_bars(ids, wanted.environment, chart)
    rows = tuple(
        _row(
            row,
            environments=environments.get(row[0], ()),
            bars=bars[row[0]],
            is_of_period=wanted.since_hour > 0,
        )
        for row in found
    )
    return IssuePage(rows=rows, next=following, total=total, environment_count=_count_environments(wanted.project_id))


def read_mentions(wanted: IssueFilter) -> tuple[IssueMention, ...]:
    """Return the issues seen last, one more than the palette shows so that it knows of further ones."""
    selection = _select(wanted)
    sql = (
        f"SELECT i.id, i.service, i.title, i.level FROM {selection.tables} WHERE {selection.conditions} "  # noqa: S608
        f"ORDER BY i.last_seen_ms DESC, i.id LIMIT {PALETTE_ROWS + 1}"
    )
    rows = read_rows(sql, selection.parameters)
    return tuple(IssueMention(id=pk, service=service, title=title, level=level) for pk, service, title, level in rows)


def read_marker() -> Marker:
    """Return how far the store is now."""
    row = read_rows("SELECT (SELECT COALESCE(MAX(id), 0) FROM issue), (SELECT COALESCE(MAX(id), 0) FROM event)")[0]
    return Marker(issue_id=row[0], event_pk=row[1])


def read_news(wanted: IssueFilter, since: Marker) -> News:
    """Count the issues that appeared or got events since the marker (looks at 5,000 events at most)."""
    selection = _select(wanted)
    touched = "SELECT fingerprint_id FROM event WHERE id > %s ORDER BY id LIMIT 5000"
    sql = (
        f"SELECT COALESCE(SUM(i.id > %s), 0), COUNT(*) FROM {selection.tables} "  # noqa: S608
        f"WHERE {selection.conditions} AND i.id IN (SELECT issue_id FROM fingerprint WHERE id IN ({touched}))"
    )
    row = read_rows(sql, [since.issue_id, *selection.parameters, since.event_pk])[0]
    return News(new=row[0], changed=row[1] - row[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Selection:
    """A filter as SQL: FROM, WHERE and their parameters in the order of the marks."""

    tables: str
    conditions: str
    parameters: tuple[Any, ...]
    in_environment: bool
    since_hour: int


def _select(wanted: IssueFilter) -> _Selection:
    tables, conditions = "issue i", "i.project_id = %s AND +i.event_count > 0"
    parameters: list[Any] = [wanted.project_id]
    if wanted.environment:
        tables += " JOIN issue_environment e ON e.issue_id = i.id AND e.environment = %s"
        parameters.insert(0, wanted.environment)
    if wanted.service:
        # The sign keeps SQLite from beginning with these issues and sorting them afterwards.
        conditions += " AND +i.id IN (SELECT issue_id FROM fingerprint WHERE project_id = %s AND service = %s)"
        parameters += [wanted.project_id, wanted.service]
    if wanted.level:
        conditions += " AND i.level = %s"
        parameters.append(wanted.level)
    if wanted.since_hour:
        conditions += f" AND {'e' if wanted.environment else 'i'}.last_seen_ms >= %s"
        parameters.append(wanted.since_hour * HOUR_MS)
    if wanted.search.strip():
        found = "SELECT rowid FROM fingerprint_search WHERE fingerprint_search MATCH %s"
        conditions += f" AND i.id IN (SELECT issue_id FROM fingerprint WHERE id IN ({found}))"  # noqa: S608
        # A query of signs only has no words, so nothing holds them.
        parameters.append(match_expression(wanted.search) or '""')
    return _Selection(
        tables=tables,
        conditions=conditions,
        parameters=tuple(parameters),
        in_environment=bool(wanted.environment),
        since_hour=wanted.since_hour,
    )


def _sort_key(selection: _Selection, sort: Sort) -> str:
    if sort is Sort.COUNT and selection.since_hour:
        only = " AND h.environment = e.environment" if selection.in_environment else ""
        since = f"f.issue_id = i.id AND h.hour >= {selection.since_hour:d}"
        return f"(SELECT COALESCE(SUM(h.count), 0) FROM {_HOURS} WHERE {since}{only})"  # noqa: S608
    return _ORDERS[sort].in_environment if selection.in_environment else _ORDERS[sort].in_all


def _read_page(
    selection: _Selection, *, sort: Sort, after: Cursor | None, limit: int
) -> tuple[list[tuple[Any, ...]], Cursor | None]:
    order = _ORDERS[sort]
    key = _sort_key(selection, sort)
    figures = _FIGURES_IN_ENVIRONMENT if selection.in_environment else _FIGURES
    conditions, parameters = selection.conditions, list(selection.parameters)
    if after is not None:
        further, further_id = ("<" if d == "DESC" else ">" for d in (order.direction, order.id_direction))
        conditions += f" AND {key} {further}= %s AND ({key} {further} %s OR i.id {further_id} %s)"
        parameters += [after.value, after.value, after.issue_id]
    sql = (
        f"SELECT {_COLUMNS}, {figures}, {key} FROM {selection.tables} WHERE {conditions} "  # noqa: S608
        f"ORDER BY {key} {order.direction}, i.id {order.id_direction} LIMIT {limit + 1}"
    )
    rows = read_rows(sql, parameters)
    page = rows[:limit]
    following = Cursor(value=page[-1][-1], issue_id=page[-1][0]) if len(rows) > limit else None
    return page, following


def _count_environments(project_id: int) -> int:
    rows = read_rows("SELECT COUNT(*) FROM environment WHERE project_id = %s AND name <> ''", [project_id])
    return int(rows[0][0])


def read_environments_of(ids: list[int], *, since_hour: int) -> dict[int, tuple[str, ...]]:
    """Return the environments of issues, most events first, that were seen since the beginning of an hour."""
    found: dict[int, tuple[str, ...]] = {}
    sql = f"""SELECT issue_id, environment FROM issue_environment
              WHERE issue_id IN ({marks(ids)}) AND last_seen_ms >= %s AND environment <> ''
              ORDER BY issue_id, count DESC, environment"""  # noqa: S608
    for issue_id, environment in read_rows(sql, [*ids, since_hour * HOUR_MS]):
        found[issue_id] = (*found.get(issue_id, ()), environment)
    return found


def read_bars(ids: list[int], environment: str, chart: Chart) -> dict[int, tuple[int, ...]]:
    """Return the events of issues by the spans of a chart, in one environment or (empty) in all."""
    only = "AND h.environment = %s" if environment else ""
    query = _BARS.format(spans=", ".join(map(str, _spans(chart))), only=only, marks=marks(ids))
    rows = read_rows(query, [*([environment] if environment else []), *ids])
    found = {issue_id: [0] * chart.bars for issue_id in ids}
    for issue_id, bar, count in rows:
        found[issue_id][bar] += count or 0
    return {issue_id: tuple(counts) for issue_id, counts in found.items()}


def _spans(chart: Chart) -> list[tuple[int, int, int]]:
    """Return (bar, its first hour, the hour past it); what a sender's clock puts into the future counts as now."""
    firsts = [chart.start_hour + bar * chart.bar_hours for bar in range(chart.bars)]
    return list(zip(range(chart.bars), firsts, [*firsts[1:], _END_OF_TIME], strict=True))


def _row(row: tuple[Any, ...], *, environments: tuple[str, ...], bars: tuple[int, ...], is_of_period: bool) -> IssueRow:
    pk, service, title, subtitle, culprit, template, level, logger, language, first, last, count, _key = row
    return IssueRow(
        id=pk,
        service=service,
        title=title,
        subtitle=subtitle,
        culprit=culprit,
        template=template,
        level=level,
        logger=logger,
        language=language,
        first_seen_ms=first,
        last_seen_ms=last,
        event_count=sum(bars) if is_of_period else count,
        environments=environments,
        bars=bars,
    )
