"""The door for envelopes: what every current SDK sends."""

from mukiau import codec
from mukiau.core.dsn import MISSING_AUTH, join_envelope_dsn, parse_auth
from mukiau.core.envelope import Envelope, parse_envelope, parse_event_id
from mukiau.core.limits import MAX_ENVELOPE_BYTES
from mukiau.core.refusal import Refused
from mukiau.intake.answers import Answer, RefusedRequest, accepted
from mukiau.intake.asgi import Request
from mukiau.intake.doorway import METHOD_NOT_ALLOWED, Doorway, read_project
from mukiau.intake.ports import ItemKind

# An event, or the client's account of what it did not send. Whatever comes beside them is counted by digest.
WANTED = {"event", "client_report"}

BAD_EVENT = Refused(reason="invalid event: not a JSON object", status=400)


async def take_envelope(doorway: Doorway, request: Request, project: str) -> Answer:
    """Keep an envelope with something in it that digest reads; acknowledge and drop one without."""
    if request.method != "POST":
        raise RefusedRequest(METHOD_NOT_ALLOWED)
    auth = parse_auth(request.headers, request.query)
    # The key in the envelope's first line serves only when there is no other; all others are refused unread.
    key = None if auth == MISSING_AUTH else await doorway.admit(auth, project)
    body = await doorway.read(request, max_bytes=MAX_ENVELOPE_BYTES)
    envelope = parse_envelope(body.text, loads=codec.loads)
    if isinstance(envelope, Refused):
        raise RefusedRequest(envelope)
    if key is None or envelope.header.get("dsn") is not None:
        auth = join_envelope_dsn(auth, envelope.header.get("dsn"), project_id=read_project(project))
        if isinstance(auth, Refused):
            raise RefusedRequest(auth)
    if key is None:
        key = await doorway.admit(auth, project)
    if not any(item.type in WANTED for item in envelope.items):
        return _drop(doorway, envelope)
    event_id = event_id_of(doorway, envelope)
    del envelope  # its items are copies
    await doorway.keep(ItemKind.ENVELOPE, body, key, event_id=event_id)
    return accepted(event_id)


def event_id_of(doorway: Doorway, envelope: Envelope) -> str:
    """Return the id the envelope's event goes by; empty when it has no event. Refuses an event that is no JSON object."""
    item = envelope.event_item
    if item is None:
        return ""
    try:
        payload_id = codec.read_event_id(item.payload)
    except ValueError:
        raise RefusedRequest(BAD_EVENT) from None
    return envelope.event_id or parse_event_id(payload_id) or doorway.new_event_id()


def _drop(doorway: Doorway, envelope: Envelope) -> Answer:
    """Count what nobody here reads, and answer as if it had been kept: a client could do nothing about it."""
    for item in envelope.items:
        doorway.spool.count("dropped", f"unsupported:{item.type if item.is_known else 'unknown'}")
    return accepted(envelope.event_id, unwanted=[item.type for item in envelope.items])
