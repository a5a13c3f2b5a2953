"""The door for single events, as SDKs of old send them: JSON, perhaps base64 of it, or a query of a GET."""

from urllib.parse import parse_qs

from mukiau import codec
from mukiau.core.dsn import parse_auth
from mukiau.core.envelope import parse_event_id
from mukiau.core.limits import MAX_EVENT_BYTES
from mukiau.core.refusal import Refused
from mukiau.intake.answers import Answer, RefusedRequest, accepted, accepted_pixel
from mukiau.intake.asgi import Request
from mukiau.intake.doorway import EMPTY_BODY, METHOD_NOT_ALLOWED, TOO_LARGE, Body, Doorway, refusing_bad_bodies
from mukiau.intake.envelopes import BAD_EVENT
from mukiau.intake.ports import ItemKind

# base64 makes four bytes of three.
MAX_STORE_BYTES = MAX_EVENT_BYTES * 4 // 3 + 4

TOO_MANY_FIELDS = Refused(reason="too many fields in the query", status=400)


async def take_store(doorway: Doorway, request: Request, project: str) -> Answer:
    """Keep one event."""
    if request.method not in {"POST", "GET"}:
        raise RefusedRequest(METHOD_NOT_ALLOWED)
    key = await doorway.admit(parse_auth(request.headers, request.query), project)
    body = _query_body(request) if request.method == "GET" else await doorway.read(request, max_bytes=MAX_STORE_BYTES)
    event_id = parse_event_id(_read_id(body.text)) or doorway.new_event_id()
    await doorway.keep(ItemKind.STORE, body, key, event_id=event_id)
    return accepted_pixel() if request.method == "GET" else accepted(event_id)


def _query_body(request: Request) -> Body:
    try:
        fields = parse_qs(request.query, max_num_fields=100)
    except ValueError:
        raise RefusedRequest(TOO_MANY_FIELDS) from None
    data = fields.get("sentry_data", [""])[0].encode("utf-8", "replace")
    if not data:
        raise RefusedRequest(EMPTY_BODY)
    return Body(data, "", data)


def _read_id(text: bytes) -> object:
    with refusing_bad_bodies():
        event = codec.decode_store_body(text, max_bytes=MAX_EVENT_BYTES)
    if len(event) > MAX_EVENT_BYTES:
        raise RefusedRequest(TOO_LARGE)
    try:
        return codec.read_event_id(event)
    except ValueError:
        raise RefusedRequest(BAD_EVENT) from None
