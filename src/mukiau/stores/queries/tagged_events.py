"""The events of an issue that have a value in a tag.

Environment, release and level are columns; any other tag stands in the packed payload. An index of every tag of every
event would cost more disk than the events themselves, so a search goes back through the events a stretch at a time and
says how far it has come: the tag's distribution, which is kept, tells beforehand how many there are to be found.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mukiau import codec
from mukiau.stores.payloads import unpack_text
from mukiau.stores.queries.event import LISTED, PAGE_EVENTS, EventRow, find_dictionary
from mukiau.stores.queries.event_order import Place, read_in_order
from mukiau.stores.queries.rows import Row, find_row

MAX_UNPACKED = 500
"""Payloads one request looks into: 92 µs each on the busy 2-core machine."""
MAX_ROWS = 5_000
"""Rows one request looks at when a column tells: 9 µs each there."""
_COLUMNS = {"environment": "environment", "release": '"release"', "level": "level"}
# Not counted where the value may be among the rarer ones of one of the fingerprints.
_COUNTED = """
SELECT iif(min(is_told), sum(counted), NULL) FROM (
  SELECT sum(iif(t.value = %s, t.count, 0)) AS counted, max(t.value = %s) AS is_told
  FROM fingerprint f CROSS JOIN fingerprint_tag t ON t.fingerprint_id = f.id
  WHERE f.issue_id = %s AND t."key" = %s GROUP BY f.id HAVING is_told OR min(t.value) = '')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedEvents:
    """What one stretch of the search found."""

    rows: tuple[EventRow, ...]
    searched: int
    """Events looked at."""
    total: int | None
    """Events of the issue that have the value, found now, before or later; None when that is not counted."""
    next: Place | None
    """The event behind which the search goes on; None at the end."""


def find_tagged_events(issue_id: int, key: str, value: str, *, before: Place | None = None) -> TaggedEvents:
    """Return up to 50 events with this value, latest first; `before` is `next` of the stretch before."""
    column = _COLUMNS.get(key)
    limit = MAX_ROWS if column else MAX_UNPACKED
    told = f"{column} = %s" if column else "payload, payload_codec, %s"
    rows = read_in_order(issue_id, f"{LISTED}, {told}", parameters=[value], before=before, limit=limit)
    found: list[Row] = []
    searched = 0
    for row in rows:
        if len(found) == PAGE_EVENTS:
            break
        searched += 1
        if row[-1] if column else _has_tag(row, key, value):
            found.append(row)
    is_done = searched == len(rows) < limit
    last = rows[searched - 1] if searched else None
    return TaggedEvents(
        rows=tuple(EventRow(**dict(zip(EventRow.__slots__, row, strict=False))) for row in found),
        searched=searched,
        total=_counted(issue_id, key, value),
        next=None if is_done or last is None else (last[2], last[0]),
    )


def _has_tag(row: Row, key: str, value: str) -> bool:
    payload, payload_codec, _ = row[-3:]
    return any(pair == [key, value] for pair in _tags(bytes(payload), payload_codec))


def _tags(payload: bytes, payload_codec: int) -> Iterator[object]:
    yield from codec.read_tags(unpack_text(payload, payload_codec, find_dictionary))


def _counted(issue_id: int, key: str, value: str) -> int | None:
    if key == "environment":
        row = find_row(
            "SELECT count FROM issue_environment WHERE issue_id = %s AND environment = %s", (issue_id, value)
        )
    else:
        row = find_row(_COUNTED, (value, value, issue_id, key))
    return None if row is None else row[0]
