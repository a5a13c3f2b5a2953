"""What people say about environments and services: names, customer, purpose, area. Each change can be taken back."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import connection, transaction

from mukiau.stores.queries.registry import find_change
from mukiau.stores.queries.rows import marks, read_rows

COLUMNS = {"environment": ("display_name", "customer", "purpose"), "service": ("display_name", "area")}
"""Kind of entry, which is its table, → what people may say about it."""
MAX_ENTRIES_A_CHANGE = 1_000
Said = dict[int, dict[str, str]]
"""Id of an entry → what is said about it, by column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """What a change came to."""

    change_id: int
    entries: int
    """How many it changed."""
    before: Said
    after: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What undoing came to."""

    entries: int
    left: int
    """How many stayed as they are, because somebody has changed them since."""


def save_names(
    kind: str, project_id: int, ids: Collection[int], said: Mapping[str, str], *, actor: str, now_ms: int
) -> Renamed | None:
    """Say the same about some entries of a project; None when that changes nothing."""
    with transaction.atomic():
        present = _read(kind, project_id, ids, columns=tuple(said))
        before = {pk: values for pk, values in present.items() if values != dict(said)}
        if not before:
            return None
        after: Said = {pk: dict(said) for pk in before}
        _put(kind, after)
        change_id = _record(kind, project_id, before, after, actor=actor, now_ms=now_ms)
    return Renamed(change_id=change_id, entries=len(before), before=before, after=after)


def undo_change(change_id: int, *, actor: str, now_ms: int) -> Restored | None:
    """Give the entries of a change back what was said before it; None when it is unknown or undone already."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE registry_change SET undone_ms = %s, undone_by = %s WHERE id = %s AND undone_ms IS NULL",
            (now_ms, actor, change_id),
        )
        change = find_change(change_id) if cursor.rowcount else None
        if change is None:
            return None
        columns = tuple(next(iter(change.after.values())))
        present = _read(change.kind, change.project_id, tuple(change.after), columns=columns)
        back = {pk: change.before[pk] for pk, values in present.items() if values == change.after[pk]}
        _put(change.kind, back)
    return Restored(entries=len(back), left=len(change.after) - len(back))


def _read(kind: str, project_id: int, ids: Collection[int], *, columns: tuple[str, ...]) -> Said:
    allowed = [column for column in columns if column in COLUMNS[kind]]
    wanted = list(ids)[:MAX_ENTRIES_A_CHANGE]
    sql = f"SELECT id, {', '.join(allowed)} FROM {kind} WHERE project_id = %s AND id IN ({marks(wanted)}) ORDER BY id"  # noqa: S608
    return {row[0]: dict(zip(allowed, row[1:], strict=True)) for row in read_rows(sql, [project_id, *wanted])}


def _put(kind: str, said: Said) -> None:
    with connection.cursor() as cursor:
        for pk, values in said.items():
            assignments = ", ".join(f"{column} = %s" for column in values)
            cursor.execute(f"UPDATE {kind} SET {assignments} WHERE id = %s", [*values.values(), pk])  # noqa: S608


def _record(kind: str, project_id: int, before: Said, after: Said, *, actor: str, now_ms: int) -> int:
    sides = [json.dumps(side, ensure_ascii=False) for side in (before, after)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registry_change (project_id, kind, actor, at_ms, before, after) VALUES (%s, %s, %s, %s, %s, %s)",
            (project_id, kind, actor, now_ms, *sides),
        )
        return int(cursor.lastrowid or 0)
