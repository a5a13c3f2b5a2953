"""The events of an issue in the order of time.

An issue has one fingerprint nearly always, some after merges by hand, thousands where a policy joins many. Each has its
events in order in an index; SQLite merges them as they are read, so a page of fifty reads fifty events and not all of them.
It merges so many at a time (SQLITE_MAX_COMPOUND_SELECT); what comes of several times is merged here.
"""

from collections.abc import Sequence
from typing import Any, Literal

from mukiau.stores.queries.rows import Row, read_rows

MERGED_AT_ONCE = 400
Place = tuple[int, int]
"""(occurred_ms, pk) of an event."""


def read_in_order(
    issue_id: int,
    columns: str,
    *,
    limit: int,
    parameters: Sequence[Any] = (),
    before: Place | None = None,
    after: Place | None = None,
) -> list[Row]:
    """Return columns of up to `limit` events: the latest first, before a place; or behind `after`, the earliest first.

    `parameters` are those of the columns' marks.
    """
    fingerprints = [
        row[0] for row in read_rows("SELECT id FROM fingerprint WHERE issue_id = %s ORDER BY id", [issue_id])
    ]
    if not fingerprints:
        return []
    one = f"SELECT occurred_ms, id, {columns} FROM event WHERE fingerprint_id = %s{_beyond('<', before)}{_beyond('>', after)}"  # noqa: S608
    direction: Literal["ASC", "DESC"] = "DESC" if after is None else "ASC"
    found: list[Row] = []
    for start in range(0, len(fingerprints), MERGED_AT_ONCE):
        some = fingerprints[start : start + MERGED_AT_ONCE]
        sql = f"{' UNION ALL '.join([one] * len(some))} ORDER BY 1 {direction}, 2 {direction} LIMIT {limit:d}"
        found += read_rows(sql, [value for fingerprint in some for value in (*parameters, fingerprint)])
    if len(fingerprints) > MERGED_AT_ONCE:
        found.sort(key=lambda row: row[:2], reverse=after is None)
    return [row[2:] for row in found[:limit]]


def _beyond(sign: Literal["<", ">"], place: Place | None) -> str:
    return "" if place is None else f" AND (occurred_ms, id) {sign} ({place[0]:d}, {place[1]:d})"
