"""The doors for log records: JSON lines and what CloudWatch Logs delivers, and what Fluent Bit and Fluentd collected.

A request counts as one against the key's quota: how many events are in it is known only when its lines are assembled.
"""

from mukiau.core.dsn import parse_auth
from mukiau.core.records.payloads import MAX_UNPACKED_BYTES
from mukiau.core.refusal import Refused
from mukiau.intake.answers import Answer, RefusedRequest, accepted_records
from mukiau.intake.asgi import Request
from mukiau.intake.counting import count_records
from mukiau.intake.doorway import METHOD_NOT_ALLOWED, UNPACK_HERE_BYTES, Doorway
from mukiau.intake.ports import ItemKind

MSGPACK = Refused(reason="msgpack is not read here: set the output's format to json_lines", status=415)


async def take_records(doorway: Doorway, request: Request, project: str) -> Answer:
    """Keep a body of records; say which of its lines are none."""
    return await _take(ItemKind.RECORDS, doorway, request, project)


async def take_fluent(doorway: Doorway, request: Request, project: str) -> Answer:
    """Keep what Fluent Bit or Fluentd collected; say which of its objects are no lines."""
    if "msgpack" in request.headers.get("content-type", "").lower():
        raise RefusedRequest(MSGPACK)
    return await _take(ItemKind.FLUENT, doorway, request, project)


async def _take(kind: ItemKind, doorway: Doorway, request: Request, project: str) -> Answer:
    if request.method != "POST":
        raise RefusedRequest(METHOD_NOT_ALLOWED)
    key = await doorway.admit(parse_auth(request.headers, request.query, accepts_bearer=True), project)
    body = await doorway.read(request, max_bytes=MAX_UNPACKED_BYTES, here_bytes=UNPACK_HERE_BYTES)
    found = await count_records(kind, body.text, here_bytes=0 if _unpacks_more(kind, body.text) else UNPACK_HERE_BYTES)
    if found.accepted:
        await doorway.keep(kind, body, key, record_count=found.accepted)
    found.report(doorway.spool)
    return accepted_records(found.accepted, found.rejected)


def _unpacks_more(kind: ItemKind, text: bytes) -> bool:
    """Say whether a body that is short enough to be read here may be a Lambda event, which holds much more."""
    return kind is ItemKind.RECORDS and len(text) <= UNPACK_HERE_BYTES and b'"awslogs"' in text
