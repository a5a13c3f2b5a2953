"""What digest set aside, for its page."""

from dataclasses import dataclass

from mukiau.stores.queries.rows import read_rows

MAX_SHOWN_SET_ASIDE = 200


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
    is_requested: bool
    """Digest will try it again."""
    excerpt: str
    """The first characters of a plain body; empty when it is compressed."""


def read_set_aside() -> tuple[SetAsideItem, ...]:
    """Return the items set aside, latest first."""
    rows = read_rows(
        f"""
        SELECT a.id, a.kind, COALESCE(s.label, ''), a.received_ms, a.reason, a.event_id, length(a.body), a.is_requested,
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
            is_requested=bool(requested),
            excerpt=excerpt if isinstance(excerpt, str) else bytes(excerpt).decode("utf-8", "replace"),
        )
        for pk, kind, label, received, reason, event_id, size, requested, excerpt in rows
    )
