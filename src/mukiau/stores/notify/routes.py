"""Routes as they are stored: made, changed and switched by people, read by the process that tells."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mukiau.notify.cause import CauseKind
from mukiau.notify.channels.registry import CHANNELS
from mukiau.notify.planning import first_summary_day
from mukiau.notify.route import Address, Route
from mukiau.stores import state_file
from mukiau.stores.notify.outbox import last_id
from mukiau.stores.notify.wanted import mark_wanted
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect

SUMMARY = "summary"
"""Stands among a route's kinds where it tells the daily summary."""
_COLUMNS = (
    "id, name, channel, address, secret, kinds, purposes, services, team_ids, language, time_zone, person_id, is_active, "
    "cursor, planned_ms, told_count, summary_day, created_ms, created_by"
)
_MAIL_ADDRESSES = "SELECT id, email FROM auth_user WHERE is_active AND email <> ''"
_INSERT = """
INSERT INTO notify_route (
  name, channel, address, secret, kinds, purposes, services, team_ids, language, time_zone, person_id, cursor, summary_day,
  created_ms, created_by
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_UPDATE = """
UPDATE notify_route SET
  name = ?, channel = ?, address = ?, secret = ?, kinds = ?, purposes = ?, services = ?, team_ids = ?, language = ?,
  time_zone = ?, person_id = ?
WHERE id = ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRoute:
    """A route, and how far it has come."""

    name: str
    route: Route
    is_active: bool = True
    cursor: int = 0
    planned_ms: int = 0
    told_count: int = 0
    summary_day: str = ""
    created_ms: int = 0
    created_by: str = ""

    @property
    def id(self) -> int:
        return self.route.id


def list_routes(connection: Connection) -> tuple[StoredRoute, ...]:
    """Return every route, oldest first."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM notify_route ORDER BY id")  # noqa: S608
    return tuple(_route(row) for row in rows)


def list_routes_in_use(connection: Connection) -> tuple[StoredRoute, ...]:
    """Return the routes that are told now. Somebody's own leads to the address their account has; who cannot sign in, or
    has no address, is told nothing."""
    addresses = dict(connection.execute(_MAIL_ADDRESSES).fetchall())
    used = (stored for stored in list_routes(connection) if stored.is_active)
    return tuple(
        stored if stored.route.person_id is None else _addressed(stored, addresses[stored.route.person_id])
        for stored in used
        if stored.route.person_id is None or stored.route.person_id in addresses
    )


def _addressed(stored: StoredRoute, address: str) -> StoredRoute:
    return replace(stored, route=replace(stored.route, address=Address(to=address)))


def find_route(connection: Connection, route_id: int) -> StoredRoute | None:
    """Return a route; None when there is none (any more)."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM notify_route WHERE id = ?", (route_id,)).fetchone()  # noqa: S608
    return None if row is None else _route(row)


@contextmanager
def reading(data: Path) -> Iterator[Connection]:
    """Open a data folder's state to look at routes."""
    with closing(connect(data / STATE_FILE, readonly=True)) as connection:
        yield connection


@contextmanager
def changing(data: Path) -> Iterator[Connection]:
    """Change routes in one transaction; the supervisor learns whether there is one in use."""
    with state_file.changing(data) as connection:
        yield connection
    with reading(data) as connection:
        mark_wanted(data, connection)


def add_route(connection: Connection, name: str, route: Route, *, by: str, now_ms: int) -> int:
    """Make a route (its own id is not looked at); it is told of what happens from now on. Return its id."""
    started = (last_id(connection), first_summary_day(route.time_zone, now_ms=now_ms), now_ms, by)
    row_id = connection.execute(_INSERT, (*_values(name, route), *started)).lastrowid
    assert row_id is not None
    return row_id


def save_route(connection: Connection, name: str, route: Route, *, now_ms: int) -> None:
    """Change a route; where its summary was off until now, the first one comes at the next nine o'clock."""
    before = find_route(connection, route.id)
    connection.execute(_UPDATE, (*_values(name, route), route.id))
    if before is not None and not before.route.tells_summary:
        _begin_summaries(connection, route.id, route.time_zone, now_ms=now_ms)


def switch_route(connection: Connection, stored: StoredRoute, *, is_active: bool, now_ms: int) -> None:
    """Switch a route on or off; what happened in between is not told."""
    cursor = last_id(connection) if is_active else stored.cursor
    connection.execute("UPDATE notify_route SET is_active = ?, cursor = ? WHERE id = ?", (is_active, cursor, stored.id))
    if is_active:
        _begin_summaries(connection, stored.id, stored.route.time_zone, now_ms=now_ms)


def delete_route(connection: Connection, route_id: int) -> None:
    """Delete a route and what became of its messages."""
    for statement in (
        "DELETE FROM notify_told WHERE route_id = ?",
        "DELETE FROM delivery WHERE route_id = ?",
        "DELETE FROM notify_route WHERE id = ?",
    ):
        connection.execute(statement, (route_id,))


def with_secret(route: Route, secret: str) -> Route:
    """Return a route that signs with this secret."""
    return replace(route, address=replace(route.address, secret=secret))


def _begin_summaries(connection: Connection, route_id: int, time_zone: str, *, now_ms: int) -> None:
    day = first_summary_day(time_zone, now_ms=now_ms)
    connection.execute("UPDATE notify_route SET summary_day = ? WHERE id = ?", (day, route_id))


def _values(name: str, route: Route) -> tuple[str | int | None, ...]:
    kinds = [kind.value for kind in route.kinds] + [SUMMARY] * route.tells_summary
    return (
        name,
        route.channel,
        route.address.to,
        route.address.secret if CHANNELS[route.channel].signs else "",
        " ".join(sorted(kinds)),
        " ".join(sorted(route.purposes)),
        "\n".join(sorted(route.services)),
        " ".join(str(team) for team in sorted(route.team_ids)),
        route.language,
        route.time_zone,
        route.person_id,
    )


def _route(row: tuple[Any, ...]) -> StoredRoute:
    got = dict(zip(_COLUMNS.split(", "), row, strict=True))
    kinds = got["kinds"].split()
    route = Route(
        id=got["id"],
        channel=got["channel"],
        address=Address(to=got["address"], secret=got["secret"]),
        kinds=frozenset(kind for kind in CauseKind if kind in kinds),
        tells_summary=SUMMARY in kinds,
        purposes=frozenset(got["purposes"].split()),
        services=frozenset(got["services"].splitlines()),
        team_ids=frozenset(int(team) for team in got["team_ids"].split()),
        language=got["language"],
        time_zone=got["time_zone"],
        person_id=got["person_id"],
    )
    own = ("name", "cursor", "planned_ms", "told_count", "summary_day", "created_ms", "created_by")
    return StoredRoute(route=route, is_active=bool(got["is_active"]), **{name: got[name] for name in own})
