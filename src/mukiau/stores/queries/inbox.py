"""The inbox: issues by what is to be done about them, with what a person needs in order to decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from mukiau.stores.queries.issue_list import Chart, read_bars, read_environments_of
from mukiau.stores.queries.rows import marks, own_connection, read_rows
from mukiau.stores.work.handlings import IS_OPEN
from mukiau.stores.work.matching import FoundRunbook, find_runbooks_of
from mukiau.stores.work.registered import Environments

PAGE_ROWS = 50


class InboxView(StrEnum):
    """With the values of the URL."""

    NEEDED = "needed"
    MINE = "mine"
    WAITING = "waiting"
    WATCHED = "watched"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFilter:
    """Which issues of a project to read; what is empty lets all through."""

    project_id: int
    view: InboxView
    user_id: int
    service: str = ""
    team_id: int | None = None
    """0: no team's."""
    customer: str = ""
    purpose: str = ""
    environment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """One issue of the inbox."""

    id: int
    project_id: int
    title: str
    template: str
    subtitle: str
    service: str
    culprit: str
    level: str
    event_count: int
    last_seen_ms: int
    decision: str
    needs_decision: bool
    why: str
    why_details: str
    needed_since_ms: int
    team: str
    assignee: str
    version: int
    environments: tuple[str, ...]
    customers: tuple[str, ...]
    """Hit at any time, by name."""
    bars: tuple[int, ...]
    open_handlings: int
    open_occurrences: int
    runbook: FoundRunbook | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxPlaces:
    """The services and environments of a project, and what the filters offer."""

    services: tuple[str, ...]
    environments: tuple[tuple[str, str, str], ...]
    """(name, customer, purpose); the customer of an environment that names none is the environment itself."""

    @property
    def customers(self) -> tuple[str, ...]:
        """Each once, in alphabetical order."""
        return tuple(sorted({customer for _, customer, _ in self.environments}))

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the environments."""
        return tuple(name for name, _, _ in self.environments)

    @property
    def purposes(self) -> frozenset[str]:
        """Those that some environment has."""
        return frozenset(purpose for _, _, purpose in self.environments)

    def find_names(self, wanted: InboxFilter) -> tuple[str, ...] | None:
        """Return the environments that a filter lets through; None where it asks for none."""
        asked = (wanted.environment, wanted.customer, wanted.purpose)
        if not any(asked):
            return None
        return tuple(
            place[0]
            for place in self.environments
            if all(one in ("", known) for one, known in zip(asked, place, strict=True))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxPage:
    """One page of a view."""

    rows: tuple[InboxRow, ...]
    has_more: bool
    counts: dict[str, int]
    """Issues in the views that somebody waits for."""
    places: InboxPlaces


_COLUMNS = """
i.id, i.project_id, i.title, i.template, i.subtitle, i.service, i.culprit, i.level, i.event_count, i.last_seen_ms, w.decision,
w.needs_decision, w.why_needed, w.why_details, w.needed_since_ms, coalesce(t.name, ''), coalesce(u.username, ''), w.version
"""
_NAMES = "LEFT JOIN team t ON t.id = w.team_id LEFT JOIN auth_user u ON u.id = w.assignee_id"
_ISSUES = "issue i CROSS JOIN issue_work w ON w.issue_id = i.id"
"""SQLite walks the issues in the order of the list."""
_WORK = "issue_work w CROSS JOIN issue i ON i.id = w.issue_id"
"""SQLite walks a partial index of the work: few issues are somebody's, and those that need a decision stand in its order."""
_IS_WAITING = """
i.id IN (SELECT f.issue_id FROM handling h CROSS JOIN fingerprint f ON f.id = h.fingerprint_id WHERE h.state = 'waiting')
"""
"""Begins with what waits, of which there is little, by an index of its own."""
_CONDITIONS = {
    InboxView.NEEDED: "w.needs_decision",
    InboxView.MINE: "w.assignee_id IS NOT NULL AND w.assignee_id = %s",
    InboxView.WAITING: _IS_WAITING,
    InboxView.WATCHED: "w.decision = 'watch' AND NOT w.needs_decision",
    InboxView.ALL: "true",
}
_LATEST = "i.last_seen_ms DESC, i.id DESC"
_ORDERS = {InboxView.NEEDED: "w.needed_since_ms DESC, w.issue_id DESC"}
_TABLES = {InboxView.NEEDED: _WORK, InboxView.MINE: _WORK}
_SHOWN = "i.project_id = %s AND +i.event_count > 0"
_OF_SERVICE = "+i.id IN (SELECT issue_id FROM fingerprint WHERE project_id = %s AND service = %s)"
_IN_ENVIRONMENTS = (
    "EXISTS (SELECT 1 FROM issue_environment e WHERE e.issue_id = i.id AND e.environment IN ({marks}) AND e.count > 0)"
)
_OPEN = f"""
SELECT f.issue_id, count(*), sum(h.occurrence_count)
FROM fingerprint f CROSS JOIN handling h INDEXED BY handling_open ON h.fingerprint_id = f.id
WHERE f.issue_id IN ({{marks}}) AND {IS_OPEN} GROUP BY f.issue_id
"""  # noqa: S608 - a constant


def read_inbox(wanted: InboxFilter, *, chart: Chart, offset: int = 0) -> InboxPage:
    """Return a page of a view: what needs a decision by since when, everything else by when it was seen last."""
    registered = Environments(own_connection())
    places = _read_places(registered, wanted.project_id)
    condition, values = _where(wanted, places, wanted.view)
    query = (
        f"SELECT {_COLUMNS} FROM {_TABLES.get(wanted.view, _ISSUES)} {_NAMES} WHERE {condition} "  # noqa: S608 - constants
        f"ORDER BY {_ORDERS.get(wanted.view, _LATEST)} LIMIT %s OFFSET %s"
    )
    found = read_rows(query, [*values, PAGE_ROWS + 1, offset])
    return InboxPage(
        rows=tuple(_rows(found[:PAGE_ROWS], chart, registered)),
        has_more=len(found) > PAGE_ROWS,
        counts={one.value: _count(*_where(wanted, places, one)) for one in (InboxView.NEEDED, InboxView.MINE)},
        places=places,
    )


def _read_places(registered: Environments, project_id: int) -> InboxPlaces:
    names = registered.read_all(project_id)
    services = read_rows("SELECT name FROM service WHERE project_id = %s AND name <> '' ORDER BY name", (project_id,))
    return InboxPlaces(
        services=tuple(name for (name,) in services),
        environments=tuple(
            (name, registered.customer(project_id, name) or name, registered.purpose(project_id, name).value)
            for name in names
        ),
    )


def _where(wanted: InboxFilter, places: InboxPlaces, view: InboxView) -> tuple[str, list[Any]]:
    """Return the condition of a filter in a view, and its values."""
    given: list[tuple[str, tuple[Any, ...]]] = [(_SHOWN, (wanted.project_id,))]
    given.append((_CONDITIONS[view], (wanted.user_id,) if view is InboxView.MINE else ()))
    if wanted.service:
        given.append((_OF_SERVICE, (wanted.project_id, wanted.service)))
    if wanted.team_id is not None:
        given.append(("w.team_id IS %s", (wanted.team_id or None,)))
    if (names := places.find_names(wanted)) is not None:
        given.append((_IN_ENVIRONMENTS.format(marks=marks(names)), names))
    return " AND ".join(condition for condition, _ in given), [value for _, values in given for value in values]


def find_inbox_row(issue_id: int, chart: Chart) -> InboxRow | None:
    """Return one issue as the inbox shows it."""
    found = read_rows(f"SELECT {_COLUMNS} FROM {_ISSUES} {_NAMES} WHERE i.id = %s AND i.event_count > 0", (issue_id,))  # noqa: S608
    return next(iter(_rows(found, chart, Environments(own_connection()))), None)


def _count(condition: str, values: list[Any]) -> int:
    query = f"SELECT count(*) FROM {_WORK} WHERE {condition}"  # noqa: S608 - constants and marks
    return int(read_rows(query, values)[0][0])


def _rows(found: Sequence[tuple[Any, ...]], chart: Chart, registered: Environments) -> list[InboxRow]:
    ids = [row[0] for row in found]
    if not ids:
        return []
    environments = read_environments_of(ids, since_hour=0)
    bars = read_bars(ids, "", chart)
    waiting = {row[0]: row[1:] for row in read_rows(_OPEN.format(marks=marks(ids)), ids)}
    runbooks = find_runbooks_of(own_connection(), ids)
    rows = []
    for issue, project, *rest in found:
        names = environments.get(issue, ())
        customers = dict.fromkeys(registered.customer(project, name) or name for name in names)
        handlings, occurrences = waiting.get(issue, (0, 0))
        rows.append(
            InboxRow(
                **dict(zip(_FIELDS, (issue, project, *rest), strict=True)),
                environments=names,
                customers=tuple(customers),
                bars=bars[issue],
                open_handlings=handlings,
                open_occurrences=occurrences,
                runbook=next(iter(runbooks.get(issue, ())), None),
            )
        )
    return rows


_FIELDS = (
    "id",
    "project_id",
    "title",
    "template",
    "subtitle",
    "service",
    "culprit",
    "level",
    "event_count",
    "last_seen_ms",
    "decision",
    "needs_decision",
    "why",
    "why_details",
    "needed_since_ms",
    "team",
    "assignee",
    "version",
)
"""Of InboxRow, in the order of the columns."""


# --- History ------------------------------------------------------------------------------------------------------

_LINES = """
SELECT id, at_ms, actor, kind, details, undone_ms, undone_by FROM issue_history WHERE issue_id = %s
ORDER BY at_ms DESC, id DESC LIMIT %s
"""


class HistoryRow(NamedTuple):
    """One line of an issue's history."""

    id: int
    at_ms: int
    actor: str
    kind: str
    details: str
    """JSON; empty for none."""
    undone_ms: int | None
    undone_by: str


def read_history_lines(issue_id: int, *, limit: int) -> tuple[HistoryRow, ...]:
    """Return what people and mukiau did about an issue, the latest first."""
    return tuple(HistoryRow(*row) for row in read_rows(_LINES, (issue_id, limit)))
