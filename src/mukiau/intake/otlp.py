"""The door for OpenTelemetry's logs over HTTP, in protobuf or JSON, as the protocol (OTLP 1.x) has it.

Answers come in the encoding of the request: nothing where all was kept, a partial success that says how much was not, or a
status. An exporter tries again after 429 and 503, and after nothing else.
"""

from mukiau import codec
from mukiau.core.dsn import parse_auth
from mukiau.core.refusal import Refused
from mukiau.intake.answers import Answer, RefusedRequest, answer_of, refusal_headers
from mukiau.intake.asgi import Request
from mukiau.intake.counting import Found, count_records
from mukiau.intake.doorway import EMPTY_BODY, METHOD_NOT_ALLOWED, UNPACK_HERE_BYTES, Doorway
from mukiau.intake.ports import ItemKind

KEY_HEADER = "x-mukiau-key"
MAX_OTLP_BYTES = 16 * 1024**2
"""Unpacked; exporters send some hundred log records at a time, a collector up to 8,192 by default."""
PROTOBUF, JSON = "application/x-protobuf", "application/json"
_KINDS = {PROTOBUF: ItemKind.OTLP, JSON: ItemKind.OTLP_JSON}

NOT_OTLP = Refused(reason="not an export of logs: what comes does not fit its content type", status=400)
UNKNOWN_TYPE = Refused(reason="content type is neither application/x-protobuf nor application/json", status=415)


async def take_otlp(doorway: Doorway, request: Request, project: str) -> Answer:
    """Keep an export of logs; say how many of its log records could not be read."""
    if request.method != "POST":
        raise RefusedRequest(METHOD_NOT_ALLOWED)
    auth = parse_auth(request.headers, request.query, accepts_bearer=True, key_header=KEY_HEADER)
    key = await doorway.admit(auth, project)
    kind = _KINDS.get(_content_type(request))
    if kind is None:
        raise RefusedRequest(UNKNOWN_TYPE)
    try:
        body = await doorway.read(request, max_bytes=MAX_OTLP_BYTES, here_bytes=UNPACK_HERE_BYTES)
    except RefusedRequest as refusal:
        if refusal.refused != EMPTY_BODY:
            raise
        return _answer(request, 200, b"")  # an export of nothing
    found = await count_records(kind, body.text)
    if not found.accepted and found.reasons["not_otlp"]:
        raise RefusedRequest(NOT_OTLP)
    if found.accepted:
        await doorway.keep(kind, body, key, record_count=found.accepted)
    found.report(doorway.spool)
    return _partial_success(request, found) if found.reasons else _answer(request, 200, b"")


def refuse_otlp(_doorway: Doorway, request: Request, refusal: Refused) -> Answer:
    """Say no with a `google.rpc.Status`."""
    if _content_type(request) == JSON:
        body = codec.dumps({"message": refusal.reason})
    else:
        body = _length_delimited(2, refusal.reason.encode())
    return _answer(request, refusal.status, body, *refusal_headers(refusal))


def _partial_success(request: Request, found: Found) -> Answer:
    rejected = found.reasons.total() - found.reasons["cut"]
    message = ", ".join(f"{reason}: {quantity}" for reason, quantity in found.reasons.items())
    if _content_type(request) == JSON:
        said = {"partialSuccess": {"rejectedLogRecords": str(rejected), "errorMessage": message}}
        return _answer(request, 200, codec.dumps(said))
    partial = b"\x08" + _varint(rejected) + _length_delimited(2, message.encode())
    return _answer(request, 200, _length_delimited(1, partial))


def _answer(request: Request, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> Answer:
    if _content_type(request) == JSON:
        return answer_of(JSON, status, body or b"{}", *headers)
    return answer_of(PROTOBUF, status, body, *headers)


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _length_delimited(field: int, value: bytes) -> bytes:
    """Write a field of bytes in protobuf; its number is below 16."""
    return bytes([field << 3 | 2]) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    written = bytearray()
    while number >= 0x80:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*written, number])
