"""The audit log: who did what to what, when and from where. Lines are added and read, never changed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from mukiau.stores.queries.rows import read_rows

PAGE_LINES = 100
MAX_TARGET_CHARS = 200
_COLUMNS = "id, at_ms, actor_id, actor, address, via, action, target, before, after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did something, and from where."""

    id: int | None = None
    name: str = ""
    address: str = ""
    via: str = ""
    """`session`, `token <prefix>`, `console`; empty for somebody who is not signed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One thing that was done."""

    id: int
    at_ms: int
    actor_id: int | None
    actor: str
    address: str
    via: str
    action: str
    target: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What to read; empty means all."""

    action: str = ""
    actor: str = ""


def record_line(
    who: Actor,
    action: str,
    *,
    at_ms: int,
    target: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add a line, in the caller's transaction if there is one. Give it no secrets: what stands here stays."""
    changes = [json.dumps(dict(side or {}), ensure_ascii=False) for side in (before, after)]
    values = (at_ms, who.id, who.name, who.address, who.via, action, target[:MAX_TARGET_CHARS], *changes)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (at_ms, actor_id, actor, address, via, action, target, before, after) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            values,
        )


def read_lines(wanted: AuditFilter, *, before_id: int | None = None, limit: int = PAGE_LINES) -> tuple[AuditLine, ...]:
    """Return up to `limit` lines, latest first; `before_id` is the last one of the page before."""
    conditions, parameters = ["1 = 1"], list[Any]()
    for condition, value in (("action = %s", wanted.action), ("actor = %s", wanted.actor), ("id < %s", before_id)):
        if value:
            conditions.append(condition)
            parameters.append(value)
    sql = f"SELECT {_COLUMNS} FROM audit_entry WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT %s"  # noqa: S608
    return tuple(_line(row) for row in read_rows(sql, [*parameters, limit]))


def iter_lines(wanted: AuditFilter) -> Iterator[AuditLine]:
    """Yield every line, latest first, a page at a time: a writer never waits for a slow reader."""
    before_id = None
    while page := read_lines(wanted, before_id=before_id, limit=1000):
        yield from page
        before_id = page[-1].id


def _line(row: tuple[Any, ...]) -> AuditLine:
    values = dict(zip(AuditLine.__slots__, row, strict=True))
    return AuditLine(**{**values, "before": json.loads(values["before"]), "after": json.loads(values["after"])})
