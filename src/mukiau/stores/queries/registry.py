"""The environments and services of a project, with what people say about them and what their names say.

Their figures come from the sums that are kept per issue and fingerprint, never from events.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from mukiau.stores.queries.rows import find_row, read_rows
from mukiau.work.purposes import Purpose, customer_of, find_purpose

HISTORY_CHANGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentEntry:
    """An environment that was seen."""

    id: int
    project_id: int
    name: str
    display_name: str
    said_customer: str
    """As people say it; empty where nobody has, as `said_purpose`."""
    said_purpose: str
    event_count: int
    last_seen_ms: int
    """Of its latest event; 0 when none of them is kept any more."""

    @property
    def shown_name(self) -> str:
        return self.display_name or self.name

    @property
    def customer(self) -> str:
        """As people say it, else as the name says it; empty where neither does."""
        return customer_of(self.name, self.said_customer)

    @property
    def purpose(self) -> Purpose | None:
        """As people say it, else as the name says it; None where neither does."""
        return find_purpose(self.name, self.said_purpose)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEntry:
    """A service that was seen."""

    id: int
    project_id: int
    name: str
    display_name: str
    area: str
    event_count: int
    issue_count: int
    last_seen_ms: int

    @property
    def shown_name(self) -> str:
        return self.display_name or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryChange:
    """One change of what people say, of one entry or many."""

    id: int
    project_id: int
    kind: str
    actor: str
    at_ms: int
    before: dict[int, dict[str, str]]
    after: dict[int, dict[str, str]]
    undone_ms: int | None
    undone_by: str


_ENVIRONMENTS = """
SELECT n.id, n.project_id, n.name, n.display_name, n.customer, n.purpose, COALESCE(s.count, 0), COALESCE(s.last_ms, 0)
FROM environment n LEFT JOIN (
  SELECT e.environment, SUM(e.count) AS count, MAX(e.last_seen_ms) AS last_ms
  FROM issue i CROSS JOIN issue_environment e ON e.issue_id = i.id WHERE i.project_id = %s GROUP BY e.environment
) s ON s.environment = n.name
WHERE n.project_id = %s AND n.name <> ''
"""
_SERVICES = """
SELECT n.id, n.project_id, n.name, n.display_name, n.area,
  COALESCE(s.count, 0), COALESCE(s.issues, 0), COALESCE(s.last_ms, 0)
FROM service n LEFT JOIN (
  SELECT service, SUM(event_count) AS count, COUNT(DISTINCT issue_id) AS issues, MAX(last_seen_ms) AS last_ms
  FROM fingerprint WHERE project_id = %s GROUP BY service
) s ON s.service = n.name
WHERE n.project_id = %s AND n.name <> ''
"""
_NAMES = """
SELECT id, project_id, name, display_name, customer, purpose, 0, 0 FROM environment
WHERE project_id = %s AND name <> '' ORDER BY name
"""
_SERVICE_NAMES = """
SELECT id, project_id, name, display_name, area, 0, 0, 0 FROM service
WHERE project_id = %s AND name <> '' ORDER BY area = '', area, name
"""
_CHANGES = "SELECT id, project_id, kind, actor, at_ms, before, after, undone_ms, undone_by FROM registry_change"


def read_environments(project_id: int) -> tuple[EnvironmentEntry, ...]:
    """Return the environments of a project by name, with their figures."""
    rows = read_rows(f"{_ENVIRONMENTS} ORDER BY n.name", (project_id, project_id))
    return tuple(_environment(row) for row in rows)


def read_environment_names(project_id: int) -> tuple[EnvironmentEntry, ...]:
    """Return the environments of a project by name, all figures 0: cheap, for filters and groups."""
    return tuple(_environment(row) for row in read_rows(_NAMES, (project_id,)))


def read_services(project_id: int) -> tuple[ServiceEntry, ...]:
    """Return the services of a project by area and name, those without an area last."""
    order = "ORDER BY n.area = '', n.area, n.name"
    rows = read_rows(f"{_SERVICES} {order}", (project_id, project_id))
    return tuple(_service(row) for row in rows)


def read_service_names(project_id: int) -> tuple[ServiceEntry, ...]:
    """Return the services of a project as `read_services` does, all figures 0: cheap."""
    return tuple(_service(row) for row in read_rows(_SERVICE_NAMES, (project_id,)))


def read_changes(project_id: int, kind: str, *, limit: int = HISTORY_CHANGES) -> tuple[RegistryChange, ...]:
    """Return the latest changes of a kind, the latest first."""
    sql = f"{_CHANGES} WHERE project_id = %s AND kind = %s ORDER BY id DESC LIMIT %s"
    return tuple(_change(row) for row in read_rows(sql, (project_id, kind, limit)))


def find_change(change_id: int) -> RegistryChange | None:
    """Return one change."""
    row = find_row(f"{_CHANGES} WHERE id = %s", (change_id,))
    return None if row is None else _change(row)


def names_in_scope(entries: Iterable[EnvironmentEntry], *, customer: str = "", purpose: str = "") -> tuple[str, ...]:
    """Return the names of the environments of a customer and of a purpose; empty stands for any."""
    return tuple(
        entry.name
        for entry in entries
        if (not customer or entry.customer == customer) and (not purpose or entry.purpose == purpose)
    )


def customers_of(entries: Collection[EnvironmentEntry]) -> tuple[str, ...]:
    """Return the customers of some environments, each once, in alphabetical order."""
    return tuple(sorted({entry.customer for entry in entries} - {""}))


def _environment(row: tuple[Any, ...]) -> EnvironmentEntry:
    return EnvironmentEntry(**dict(zip(EnvironmentEntry.__slots__, row, strict=True)))


def _service(row: tuple[Any, ...]) -> ServiceEntry:
    return ServiceEntry(**dict(zip(ServiceEntry.__slots__, row, strict=True)))


def _change(row: tuple[Any, ...]) -> RegistryChange:
    values = dict(zip(RegistryChange.__slots__, row, strict=True))
    sides = {side: {int(key): said for key, said in json.loads(values[side]).items()} for side in ("before", "after")}
    return RegistryChange(**{**values, **sides})
