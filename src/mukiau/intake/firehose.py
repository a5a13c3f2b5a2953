"""The door for Amazon Data Firehose: the contract it has with HTTP endpoints.

Every answer, a refusal too, is `{"requestId", "timestamp"[, "errorMessage"]}`. What is not answered with 200 is sent again
for as long as the stream is told to, and then put into its backup bucket; only after a 413 Firehose throws the data away at
once. So what is too large is answered with 400 here: it can be found in the bucket.
"""

import gzip

from mukiau import codec
from mukiau.core.dsn import parse_auth
from mukiau.core.records.payloads import MAX_UNPACKED_BYTES
from mukiau.core.refusal import Refused
from mukiau.intake.answers import Answer, RefusedRequest, json_answer, refusal_headers
from mukiau.intake.asgi import Request
from mukiau.intake.counting import count_records
from mukiau.intake.doorway import METHOD_NOT_ALLOWED, Body, Doorway
from mukiau.intake.ports import ItemKind

KEY_HEADER = "x-amz-firehose-access-key"
_REQUEST_ID_HEADER = "x-amz-firehose-request-id"
_ATTRIBUTES_HEADER = "x-amz-firehose-common-attributes"
_ATTRIBUTES = ("log_group", "log_stream")
_MAX_ID_CHARS = 200

NOT_FIREHOSE = Refused(reason="not a request of Firehose: a JSON object with records is expected", status=400)
TOO_MUCH = Refused(reason="too much in one request: make the buffer of the Firehose stream smaller", status=400)


async def take_firehose(doorway: Doorway, request: Request, project: str) -> Answer:
    """Keep a request of Firehose as a whole, or nothing of it; records in it that nobody can read are counted."""
    if request.method != "POST":
        raise RefusedRequest(METHOD_NOT_ALLOWED)
    key = await doorway.admit(parse_auth(request.headers, request.query, key_header=KEY_HEADER), project)
    body = await doorway.read(request, max_bytes=MAX_UNPACKED_BYTES, here_bytes=0)
    found = await count_records(ItemKind.FIREHOSE, body.text, here_bytes=0)
    if found.reasons["not_firehose"]:
        raise RefusedRequest(NOT_FIREHOSE)
    if found.reasons["too_many"]:
        raise RefusedRequest(TOO_MUCH)
    if found.accepted:
        _put_in_front(body, _read_attributes(request))
        await doorway.keep(ItemKind.FIREHOSE, body, key, record_count=found.accepted)
    found.report(doorway.spool)
    return _answer(doorway, request, 200)


def refuse_firehose(doorway: Doorway, request: Request, refusal: Refused) -> Answer:
    """Say no as Firehose reads it, never with 413."""
    status = 400 if refusal.status == 413 else refusal.status
    return _answer(doorway, request, status, *refusal_headers(refusal), message=refusal.reason)


def _answer(
    doorway: Doorway, request: Request, status: int, *headers: tuple[bytes, bytes], message: str = ""
) -> Answer:
    said: dict[str, object] = {"requestId": request.headers.get(_REQUEST_ID_HEADER, "")[:_MAX_ID_CHARS]}
    said["timestamp"] = doorway.now_ms()
    if message:
        said["errorMessage"] = message
    return json_answer(status, codec.dumps(said), *headers)


def _read_attributes(request: Request) -> dict[str, str]:
    """Return what the stream's owner said its lines belong to."""
    try:
        given = codec.loads(request.headers.get(_ATTRIBUTES_HEADER, ""))["commonAttributes"]
        return {name: given[name] for name in _ATTRIBUTES if isinstance(given.get(name), str)}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _put_in_front(body: Body, attributes: dict[str, str]) -> None:
    """Keep attributes with the body: a line before a plain one, a member before a gzipped one."""
    if not attributes:
        return
    line = codec.dumps(attributes) + b"\n"
    if body.encoding == "gzip":
        body.packed = gzip.compress(line, 1, mtime=0) + body.packed
    else:
        body.packed, body.encoding = line + body.text, ""
