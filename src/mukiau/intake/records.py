"""The door for log records: JSON lines and what CloudWatch Logs delivers.

The lines are read here once to say which ones are no records; digest reads them again from the body as it came. A
request counts as one against the key's quota: how many events are in it is known only when its lines are assembled.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from mukiau import codec
from mukiau.core.dsn import parse_auth
from mukiau.core.limits import MAX_REJECTIONS_LISTED
from mukiau.core.records.payloads import MAX_UNPACKED_BYTES, iter_records
from mukiau.core.records.record import Record
from mukiau.intake.answers import Answer, RefusedRequest, accepted_records
from mukiau.intake.asgi import Request
from mukiau.intake.doorway import METHOD_NOT_ALLOWED, UNPACK_HERE_BYTES, Doorway
from mukiau.intake.ports import ItemKind


async def take_records(doorway: Doorway, request: Request, project: str) -> Answer:
    """Keep a body of records; say which of its lines are none."""
    if request.method != "POST":
        raise RefusedRequest(METHOD_NOT_ALLOWED)
    key = await doorway.admit(parse_auth(request.headers, request.query, accepts_bearer=True), project)
    body = await doorway.read(request, max_bytes=MAX_UNPACKED_BYTES, here_bytes=UNPACK_HERE_BYTES)
    found = await _look(body.text)
    if found.accepted:
        await doorway.keep(ItemKind.RECORDS, body, key, record_count=found.accepted)
    for reason, quantity in found.reasons.items():
        doorway.spool.count("rejected_records", reason, quantity)
    return accepted_records(found.accepted, found.rejected)


@dataclass(slots=True)
class _Found:
    """What a body holds, without holding it."""

    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    rejected: list[tuple[int, str]] = field(default_factory=list)
    """The first ones."""


async def _look(text: bytes) -> _Found:
    return _count(text) if len(text) <= UNPACK_HERE_BYTES else await asyncio.to_thread(_count, text)


def _count(text: bytes) -> _Found:
    found = _Found()
    for line in iter_records(text, loads=codec.loads, item=""):
        if isinstance(line, Record):
            found.accepted += 1
            continue
        found.reasons[line.reason] += 1
        if len(found.rejected) < MAX_REJECTIONS_LISTED:
            found.rejected.append((line.index, line.reason))
    return found
