"""What Fluent Bit and Fluentd post over HTTP, as records: JSON objects in a list, in lines, or one behind the other.

An object is a line with what the shipper knows of it. `log` (or a `message` with nothing of a logger beside it) is the line
as it was printed; an object that a parser made of the line is the line as JSON. Kubernetes' and FireLens' own fields say
whose it is:

| from | log group | stream | service |
| --- | --- | --- | --- |
| `kubernetes` | /kubernetes/NAMESPACE/SERVICE | pod/container | label `app.kubernetes.io/name` or `app`, else the container |
| `ecs_…` | /firelens/CLUSTER/FAMILY | task/container | the family of the task definition |
| neither | none | container, host and file | none |
"""

import json
from collections.abc import Iterator

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.records.decoding import Loads
from mukiau.core.records.moments import read_moment
from mukiau.core.records.naming import Names
from mukiau.core.records.payloads import MAX_RECORD_CHARS, Line, Reader, Unread, documents_of, find_text
from mukiau.core.records.record import Record
from mukiau.core.records.wrappers import OWN_KEYS

_TEXT_KEYS = ("log", "MESSAGE", "message", "msg")
_TIME_KEYS = ("date", "@timestamp", "timestamp", "time")
_SHIPPERS = ("kubernetes", "docker", "container_", "ecs_", "ec2_", "partial_", "date", "source", "stream", "logtag", "_p", "tag",
             "host", "file", *_TIME_KEYS)  # fmt: skip
"""What fields that a shipper adds begin with."""
_LOGGERS = OWN_KEYS | {"severity"}
_PARTIAL = ("partial_message", "logtag", "_p")
_LABELS = ("app.kubernetes.io/name", "app", "k8s-app")
_STREAM_KEYS = ("container_id", "container_name", "host", "hostname", "file", "filename", "filepath", "tag")


def iter_fluent(body: bytes, *, loads: Loads = json.loads, item: str) -> Iterator[Line]:
    """Read a body object by object; never raises."""
    names, reader = Names(), Reader(item, loads)
    for value in _objects(body, loads):
        if reader.is_full:
            yield from reader.reject_rest()
            return
        message = _message(value) if isinstance(value, dict) else ""
        if message:
            record = _record(value, message[:MAX_RECORD_CHARS], names, reader.made_id)
            yield from reader.keep(record, is_cut=len(message) > MAX_RECORD_CHARS)
        else:
            yield reader.reject(_reason(value))


def _objects(body: bytes, loads: Loads) -> Iterator[JSONValue]:
    for document in documents_of(body, loads):
        if isinstance(document, list):
            yield from document
        else:
            yield document


def _reason(value: JSONValue) -> str:
    if isinstance(value, Unread):
        return value.reason
    return "no_message" if isinstance(value, dict) else "not_an_object"


def _record(value: JSONObject, message: str, names: Names, made_id: str) -> Record:
    at_ms = next((at for key in _TIME_KEYS if (at := read_moment(value.get(key))) is not None), None)
    account, log_group, log_stream, service = _place(value)
    return Record(
        record_id=made_id if at_ms is None else names.name(f"{value.get('date')} {at_ms} {log_stream} {message}"),
        message=message,
        timestamp_ms=at_ms,
        account=account,
        log_group=log_group,
        log_stream=log_stream,
        service=service,
        has_source_id=at_ms is not None,
    )


def _message(value: JSONObject) -> str:
    """The line as it was printed, else as JSON; a piece of a line keeps what tells that it is one."""
    is_merged = not value.keys().isdisjoint(_LOGGERS)
    key = next((key for key in _TEXT_KEYS if value.get(key)), "")
    line = value.get(key)
    if isinstance(line, dict):
        return _as_json(line)
    own = {name: given for name, given in value.items() if not name.startswith(_SHIPPERS)}
    is_whole = not any(name in value for name in _PARTIAL)
    if isinstance(line, str) and is_whole and not is_merged and (key in ("log", "MESSAGE") or own.keys() <= {key}):
        return line.rstrip("\r\n")
    if not is_whole:
        return _as_json(value)
    return _as_json(own) if own else ""


def _as_json(value: JSONObject) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _place(value: JSONObject) -> tuple[str, str, str, str]:
    """Return account, log group, log stream and service."""
    kubernetes = value.get("kubernetes")
    if isinstance(kubernetes, dict):
        container = find_text(kubernetes, "container_name")
        labels = kubernetes.get("labels")
        service = (find_text(labels, *_LABELS) if isinstance(labels, dict) else "") or container
        group = f"/kubernetes/{find_text(kubernetes, 'namespace_name')}/{service}"
        return "", group, _path(find_text(kubernetes, "pod_name"), container), service
    if task := find_text(value, "ecs_task_arn"):
        service = find_text(value, "ecs_task_definition").partition(":")[0]
        cluster = find_text(value, "ecs_cluster").rpartition("/")[2]
        stream = _path(task.rpartition("/")[2], find_text(value, "container_name"))
        return _account(task), f"/firelens/{cluster}/{service}", stream, service
    return "", "", _path(*(find_text(value, key) for key in _STREAM_KEYS)), ""


def _account(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 else ""


def _path(*parts: str) -> str:
    return "/".join(part.strip("/") for part in parts if part)
