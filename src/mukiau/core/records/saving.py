"""A record as JSON, for the saved state of a stream."""

from mukiau.core.event import JSONValue
from mukiau.core.records.record import Record


def record_to_json(record: Record, *, has_message: bool = True) -> JSONValue:
    """Return what a restart needs of a record, its message whole: any line may turn out to begin an error. Its stream is
    known from where it is saved."""
    message = record.message if has_message else ""
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
