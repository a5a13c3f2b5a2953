"""Deploys: which release of which service runs where since when, as people, pipelines and commands tell it.

Told twice is told once. A deploy may be of a time before now, or be taken back when it was a mistake; what was decided by
it meanwhile (a regression, an environment awaiting the fix) stays as it was decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mukiau.stores.batch_memory import ADD_ENVIRONMENT, ADD_SERVICE
from mukiau.stores.sqlite import Connection
from mukiau.stores.work.issue_work import Who, record_history
from mukiau.stores.work.resolutions import settle_deploy

PAGE_DEPLOYS = 100
MAX_AHEAD_MS = 3_600_000
"""So far ahead a clock may be; further it is a mistake."""

_RECORD = """
INSERT INTO deploy (project_id, service, environment, "release", at_ms, actor, recorded_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""
_COLUMNS = 'id, project_id, service, environment, "release", at_ms, actor, recorded_ms'
_SAME = f"""
SELECT {_COLUMNS} FROM deploy
WHERE project_id = ? AND environment = ? AND service = ? AND at_ms = ? AND "release" = ?
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploy:
    """A release runs in an environment."""

    id: int
    project_id: int
    service: str
    """Empty: all services of the environment."""
    environment: str
    release: str
    at_ms: int
    actor: str
    recorded_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What is told of a deploy."""

    project_id: int
    service: str
    environment: str
    release: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployFilter:
    """What to list; empty means all."""

    project_id: int
    service: str = ""
    environment: str = ""
    release: str = ""


def record_deploy(connection: Connection, told: Deployed, *, actor: str, now_ms: int) -> tuple[Deploy, bool]:
    """Keep a deploy, in the transaction at hand; return it, and whether it is new."""
    place = (told.project_id, told.service, told.environment, told.release, told.at_ms)
    is_new = connection.execute(_RECORD, (*place, actor, now_ms)).rowcount > 0
    if is_new:
        # A service or environment is known from its first deploy on, also before its first error.
        if told.service:
            connection.execute(ADD_SERVICE, (told.project_id, told.service))
        connection.execute(ADD_ENVIRONMENT, (told.project_id, told.environment))
        _settle(connection, told, actor=actor, now_ms=now_ms)
    same = (told.project_id, told.environment, told.service, told.at_ms, told.release)
    return _deploy(connection.execute(_SAME, same).fetchone()), is_new


def _settle(connection: Connection, told: Deployed, *, actor: str, now_ms: int) -> None:
    """Issues that awaited this deploy are resolved in its environment."""
    settled = settle_deploy(
        connection,
        told.project_id,
        environment=told.environment,
        service=told.service,
        release=told.release,
        at_ms=told.at_ms,
    )
    details = {"environment": told.environment, "release": told.release}
    for issue in settled:
        record_history(connection, issue, "deployed", details, who=Who(name=actor), at_ms=now_ms)


def remove_deploy(connection: Connection, deploy_id: int) -> Deploy | None:
    """Take a deploy back; return what it was, None when there is none (any more)."""
    row = connection.execute(f"DELETE FROM deploy WHERE id = ? RETURNING {_COLUMNS}", (deploy_id,)).fetchone()  # noqa: S608
    return None if row is None else _deploy(row)


def list_deploys(
    connection: Connection, wanted: DeployFilter, *, before: tuple[int, int] | None = None, limit: int = PAGE_DEPLOYS
) -> tuple[Deploy, ...]:
    """Return up to `limit` deploys, the latest first; `before` is (at_ms, id) of the last one of the page before."""
    conditions, parameters = ["project_id = ?"], list[Any]([wanted.project_id])
    for column in ("service", "environment", "release"):
        if value := getattr(wanted, column):
            conditions.append(f'"{column}" = ?')
            parameters.append(value)
    if before is not None:
        conditions.append("(at_ms, id) < (?, ?)")
        parameters += before
    sql = f"SELECT {_COLUMNS} FROM deploy WHERE {' AND '.join(conditions)} ORDER BY at_ms DESC, id DESC LIMIT ?"  # noqa: S608
    return tuple(_deploy(row) for row in connection.execute(sql, (*parameters, limit)))


def _deploy(row: Sequence[Any]) -> Deploy:
    return Deploy(**dict(zip(Deploy.__slots__, row, strict=True)))
