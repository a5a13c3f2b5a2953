"""A record as JSON, for the saved state of a stream."""

from mukiau.core.event import JSONValue
from mukiau.core.records.record import Record

MAX_SAVED_CHARS = 600
"""A single quiet line is kept for its header; what lies behind does not decide."""


def record_to_json(record: Record | None) -> JSONValue:
    """Return what a restart needs of a record; its stream is known from where it is saved."""
    if record is None:
        return None
    return [record.record_id, record.timestamp_ms, record.message[:MAX_SAVED_CHARS], record.has_source_id]


def record_from_json(value: JSONValue, key: tuple[str, str, str]) -> Record | None:
    """Rebuild what `record_to_json` gave; `key` is the stream (account, log group, log stream)."""
    if value is None:
        return None
    record_id, timestamp_ms, message, has_source_id = value
    account, log_group, log_stream = key
    return Record(
        record_id=record_id,
        message=message,
        timestamp_ms=timestamp_ms,
        account=account,
        log_group=log_group,
        log_stream=log_stream,
        has_source_id=has_source_id,
    )
