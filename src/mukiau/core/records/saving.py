"""A record as JSON, for the saved state of a stream."""

from mukiau.core.event import JSONValue
from mukiau.core.records.record import Record

MAX_SAVED_CHARS = 600
"""A single quiet line is kept for its header; what lies behind does not decide."""


def record_to_json(record: Record, *, max_chars: int | None = MAX_SAVED_CHARS) -> JSONValue:
    """Return what a restart needs of a record, its message cut; its stream is known from where it is saved."""
    message = record.message[:max_chars]
    return [record.record_id, record.timestamp_ms, message, record.has_source_id, record.service, record.environment]


def record_from_json(value: JSONValue, key: tuple[str, str, str]) -> Record:
    """Rebuild what `record_to_json` gave; `key` is the stream (account, log group, log stream)."""
    record_id, timestamp_ms, message, has_source_id, *place = value  # older states name no place
    account, log_group, log_stream = key
    return Record(
        record_id=record_id,
        message=message,
        timestamp_ms=timestamp_ms,
        account=account,
        log_group=log_group,
        log_stream=log_stream,
        has_source_id=has_source_id,
        service=place[0] if place else "",
        environment=place[1] if place else "",
    )
