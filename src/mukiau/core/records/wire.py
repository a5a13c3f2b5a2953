"""A log entry as an event of the wire protocol, so that logs and SDKs share one road from here."""

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mukiau.core.event import ExceptionInfo, Frame, JSONObject, Level, Origin, Relation
from mukiau.core.records.breadcrumbs import breadcrumb
from mukiau.core.records.log_groups import DEFAULT, LogGroupTable, Place

if TYPE_CHECKING:
    from mukiau.core.records.entry import LogEntry

_PLATFORMS = frozenset(
    (
        "java",
        "python",
        "node",
        "javascript",
        "csharp",
        "go",
        "ruby",
        "php",
        "rust",
        "elixir",
        "erlang",
        "dart",
        "native",
    )
)


def entry_to_payload(
    entry: "LogEntry", *, project_id: int, source_id: int, table: LogGroupTable = DEFAULT
) -> tuple[JSONObject, Origin, str]:
    """Return the payload, the origin and the event's id (32 hex digits, from project, stream and first record)."""
    place = table.read(entry.log_group, account=entry.account, log_stream=entry.log_stream)
    origin = Origin(
        project_id=project_id,
        source_id=source_id,
        service=place.service,
        environment=place.environment,
        account=entry.account,
        log_group=entry.log_group,
        log_stream=entry.log_stream,
        record_ids=entry.record_ids,
        call_site=entry.call_site,
        language=entry.language,
        raw=entry.raw,
    )
    event_id = event_id_of(entry, project_id)
    return _payload(entry, event_id, place), origin, event_id


def event_id_of(entry: "LogEntry", project_id: int) -> str:
    """The same records give the same event, however often and in whatever batches they come."""
    first = entry.record_ids[0]
    key = f"{project_id}|{entry.account}|{entry.log_group}|{entry.log_stream}|{first}"
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]


def _payload(entry: "LogEntry", event_id: str, place: Place) -> JSONObject:
    level = entry.level or (Level.FATAL if not entry.exceptions else Level.ERROR)
    payload: JSONObject = {
        "event_id": event_id,
        "level": str(level),
        "platform": entry.language if entry.language in _PLATFORMS else "other",
        "tags": dict(_tags(entry, place)),
    }
    if entry.occurred_ms is not None:
        payload["timestamp"] = entry.occurred_ms / 1000
    if entry.logger:
        payload["logger"] = entry.logger
    if entry.message or not entry.exceptions:
        payload["logentry"] = _logentry(entry)
    if entry.environment:
        payload["environment"] = entry.environment
    if entry.exceptions:
        payload["exception"] = {"values": chain_to_values(entry.exceptions)}
    if entry.context:
        payload["breadcrumbs"] = {"values": [breadcrumb(line) for line in entry.context]}
    if entry.fields:
        payload["extra"] = dict(entry.fields)
    if entry.trace_id:
        payload["contexts"] = {"trace": {"trace_id": entry.trace_id}}
    return payload


def _logentry(entry: "LogEntry") -> JSONObject:
    formatted = entry.message or entry.raw.partition("\n")[0]
    return {"message": entry.template, "formatted": formatted} if entry.template else {"formatted": formatted}


def _tags(entry: "LogEntry", place: Place) -> Iterator[tuple[str, str]]:
    for name in ("service", "thread", "trace_id", "request_id"):
        value = getattr(entry, name)
        if value:
            yield name, value[:200]
    for name in ("customer", "purpose"):
        if value := getattr(place, name):
            yield name, value[:200]


def chain_to_values(chain: tuple[ExceptionInfo, ...]) -> list[JSONObject]:
    """The wire's `exception.values`, oldest cause first; each link says by its mechanism how it hangs on its parent."""
    return [_value(chain, at) for at in range(len(chain) - 1, -1, -1)]


def _value(chain: tuple[ExceptionInfo, ...], at: int) -> JSONObject:
    link = chain[at]
    value: JSONObject = {"type": link.type, "value": link.message, "mechanism": _mechanism(chain, at)}
    if link.module:
        value["module"] = link.module
    if link.frames:
        value["stacktrace"] = {"frames": [_frame(frame) for frame in link.frames]}
    return value


def _mechanism(chain: tuple[ExceptionInfo, ...], at: int) -> JSONObject:
    link = chain[at]
    mechanism: JSONObject = {
        "type": "chained" if at else "log",
        "handled": link.handled is not False,
        "exception_id": at,
    }
    if link.parent is not None:
        siblings = [
            n for n, other in enumerate(chain) if other.parent == link.parent and other.relation is link.relation
        ]
        mechanism |= {"parent_id": link.parent, "source": _source(link, siblings.index(at))}
    if any(other.parent == at and other.relation in _MEMBERS for other in chain):
        mechanism["is_exception_group"] = True
    return mechanism


_MEMBERS = (Relation.GROUP_MEMBER, Relation.AGGREGATE_MEMBER)


def _source(link: ExceptionInfo, nth: int) -> str:
    sources = {
        Relation.CAUSE: "__cause__",
        Relation.CONTEXT: "__context__",
        Relation.SUPPRESSED: f"suppressed[{nth}]",
        Relation.GROUP_MEMBER: f"exceptions[{nth}]",
        Relation.AGGREGATE_MEMBER: f"aggregate[{nth}]",
    }
    return sources.get(link.relation, "cause")


def _frame(frame: Frame) -> JSONObject:
    value: JSONObject = {"function": frame.function, "in_app": frame.in_app}
    for name in ("module", "filename", "abs_path", "lineno", "colno", "context_line"):
        given = getattr(frame, name)
        if given:
            value[name] = given
    return value
