"""How far digest has come, what was counted on the way, and what was set aside."""

from dataclasses import dataclass
from pathlib import Path

from mukiau.stores import sqlite
from mukiau.stores.queries.rows import Row, find_row, read_rows
from mukiau.stores.spool import SPOOL_FILE

MAX_SHOWN_SET_ASIDE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A count by name and reason."""

    name: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Digest's place in the spool and the size of what it made."""

    digested_items: int
    heartbeat_ms: int
    waiting_items: int
    """Accepted and not digested yet."""
    issues: int
    events: int
    set_aside: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideItem:
    """An item that could not be digested."""

    id: int
    kind: str
    source_label: str
    received_ms: int
    reason: str
    event_id: str
    body_bytes: int
    excerpt: str
    """The first characters of a plain body; empty when it is compressed."""


def read_progress(folder: Path) -> Progress:
    """Return how far digest has come."""
    position, items, heartbeat, issues, events, set_aside = find_row(
        """
        SELECT position, digested_items, heartbeat_ms, (SELECT COUNT(*) FROM issue),
               (SELECT COALESCE(SUM(event_count), 0) FROM issue), (SELECT COUNT(*) FROM set_aside)
        FROM digest_state WHERE id = 1
        """
    ) or (0, 0, 0, 0, 0, 0)
    waiting = _read_spool(folder, "SELECT COUNT(*) FROM item WHERE position > ?", (position,))
    return Progress(
        digested_items=items,
        heartbeat_ms=heartbeat,
        waiting_items=waiting[0][0] if waiting else 0,
        issues=issues,
        events=events,
        set_aside=set_aside,
    )


def read_counters(folder: Path) -> tuple[Counter, ...]:
    """Return the door's and digest's counters, by name and reason."""
    sql = "SELECT name, reason, count FROM {} ORDER BY name, reason"
    rows = [*_read_spool(folder, sql.format("counter")), *read_rows(sql.format("digest_counter"))]
    return tuple(Counter(name=name, reason=reason, count=count) for name, reason, count in sorted(rows))


def read_set_aside() -> tuple[SetAsideItem, ...]:
    """Return the items set aside, latest first."""
    rows = read_rows(
        f"""
        SELECT a.id, a.kind, COALESCE(s.label, ''), a.received_ms, a.reason, a.event_id, length(a.body),
               CASE WHEN a.encoding = '' THEN substr(a.body, 1, 300) ELSE '' END
        FROM set_aside a LEFT JOIN source s ON s.id = a.source_id ORDER BY a.id DESC LIMIT {MAX_SHOWN_SET_ASIDE}
        """  # noqa: S608
    )
    return tuple(
        SetAsideItem(
            id=pk,
            kind=kind,
            source_label=label,
            received_ms=received,
            reason=reason,
            event_id=event_id,
            body_bytes=size,
            excerpt=excerpt if isinstance(excerpt, str) else bytes(excerpt).decode("utf-8", "replace"),
        )
        for pk, kind, label, received, reason, event_id, size, excerpt in rows
    )


def _read_spool(folder: Path, sql: str, parameters: tuple[int, ...] = ()) -> list[Row]:
    """Read the spool, which belongs to another process; it is not there before the first start of intake."""
    if not (folder / SPOOL_FILE).exists():
        return []
    spool = sqlite.connect(folder / SPOOL_FILE, readonly=True)
    try:
        return spool.execute(sql, parameters).fetchall()
    except sqlite.OperationalError:
        return []
    finally:
        spool.close()
