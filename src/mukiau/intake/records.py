"""The door for log records: JSON lines and what CloudWatch Logs delivers.

The lines are read here once to say which ones are no records; digest reads them again from the body as it came. A
request counts as one against the key's quota: how many events are in it is known only when its lines are assembled.
"""

from collections import Counter

from mukiau import codec
from mukiau.core.dsn import parse_auth
from mukiau.core.records.payloads import MAX_UNPACKED_BYTES, RecordsBatch, parse_records
from mukiau.intake.answers import Answer, RefusedRequest, accepted_records
from mukiau.intake.asgi import Request
from mukiau.intake.doorway import METHOD_NOT_ALLOWED, UNPACK_HERE_BYTES, Doorway
from mukiau.intake.ports import ItemKind


async def take_records(doorway: Doorway, request: Request, project: str) -> Answer:
    """Keep a body of records; say which of its lines are none."""
    if request.method != "POST":
        raise RefusedRequest(METHOD_NOT_ALLOWED)
    key = await doorway.admit(parse_auth(request.headers, request.query, accepts_bearer=True), project)
    body = await doorway.read(request, max_bytes=MAX_UNPACKED_BYTES)
    batch = await _read_lines(doorway, body.text)
    if batch.records:
        await doorway.keep(ItemKind.RECORDS, body, key, record_count=len(batch.records))
    for reason, quantity in Counter(line.reason for line in batch.rejected).items():
        doorway.spool.count("rejected_records", reason, quantity)
    return accepted_records(len(batch.records), [(line.index, line.reason) for line in batch.rejected])


async def _read_lines(doorway: Doorway, text: bytes) -> RecordsBatch:
    if len(text) <= UNPACK_HERE_BYTES:
        return parse_records(text, loads=codec.loads, item="")
    return await doorway.run_large(parse_records, text, loads=codec.loads, item="")
