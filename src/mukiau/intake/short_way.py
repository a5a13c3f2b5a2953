"""The short way: an ordinary event is kept and answered without a task, a coroutine or a message of ASGI.

Nearly every request is the same: one envelope, small and whole, with a known key. A quarter of the CPU that it took in the
app was its own work (unpacking, framing, a look at the event); the rest were the steps between. Here it takes that work and
little more.

The short way only ever says yes. Whatever is unusual in the least (another door, an unknown key, a large body, anything to
refuse) is left to the app, which begins from its beginning: what is refused, and how, is decided there alone. Both call
the same functions, and a test holds them against each other.
"""

import time
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import NamedTuple

from mukiau import codec
from mukiau.core.dsn import AuthResult, join_envelope_dsn, parse_auth
from mukiau.core.envelope import parse_envelope
from mukiau.core.limits import FREE_BODY_BYTES
from mukiau.core.refusal import Refused
from mukiau.intake.answers import Answer, RefusedRequest, accepted, refused
from mukiau.intake.app import find_door
from mukiau.intake.asgi import Scope
from mukiau.intake.doorway import Doorway, read_project, refusal_of
from mukiau.intake.edge import is_below
from mukiau.intake.envelopes import event_id_of
from mukiau.intake.meter import Meter
from mukiau.intake.ports import ItemKind, SpoolFull, SpoolItem
from mukiau.intake.proxies import TrustedProxies, may_name

DOOR = "envelope"
# Unpacked; what is left to the app was unpacked for nothing.
MAX_TEXT_BYTES = 256 * 1024
# What is remembered of headers is bounded: by their number, and here by their length.
MAX_AUTH_BYTES = 1_024

_AUTH = (b"x-sentry-auth", b"authorization")

Reply = Callable[[Answer], None]


class Head(NamedTuple):
    """What the short way reads of a request before its body; the same for all of a client's."""

    project: int | None
    auth: AuthResult
    encoding: str
    """The Content-Encoding as it was sent."""
    is_named: bool
    """A header may give the request its id."""


class ShortWay:
    """Takes what it can; called from one event loop."""

    def __init__(self, doorway: Doorway, proxies: TrustedProxies, meter: Meter, *, prefix: str = "") -> None:
        """`prefix` is the path everything is below, as the edge has it."""
        self._doorway = doorway
        self._proxies = proxies
        self._meter = meter
        self._prefix = prefix

    def read_head(self, scope: Scope) -> Head | None:
        """Return what counts of a request's head; None where it is not worth waiting for until it is whole."""
        headers: Mapping[bytes, bytes] = dict(scope["headers"])  # of repeated ones the last counts, as at the doors
        length = headers.get(b"content-length", b"")
        is_small = length.isdigit() and len(length) < 8 and int(length) <= FREE_BODY_BYTES
        door, project = self._route(scope) or ("", "")
        auth = _read_auth(headers, scope["query_string"])
        if scope["method"] != "POST" or not is_small or door != DOOR or auth is None:
            return None
        encoding = headers.get(b"content-encoding", b"").decode("latin-1")
        try:
            return Head(read_project(project), auth, encoding, is_named=may_name(headers))
        except RefusedRequest:
            return None

    def take(self, head: Head, scope: Scope, body: bytes, reply: Reply) -> bool:
        """Begin to keep an event, and `reply` when it is on disk; False, and nothing is done, where the app has to answer.

        Whatever it raises is a fault, and the app has to answer then, too.
        """
        began = time.perf_counter()
        item = self._read(head, body)
        if item is None:
            return False
        peer = scope["client"][0] if scope["client"] else ""
        request_id = self._proxies.request_id(peer, scope["headers"] if head.is_named else ())
        self._meter.in_progress += 1
        settle = partial(self._settle, reply, began, item.event_id, request_id.encode())
        try:
            self._doorway.spool.put(item, settle)
        except SpoolFull as full:
            settle(full)
        return True

    def _route(self, scope: Scope) -> tuple[str, str] | None:
        path = scope["path"]
        return find_door(path[len(self._prefix) :] if self._prefix and is_below(self._prefix, path) else path)

    def _read(self, head: Head, packed: bytes) -> SpoolItem | None:
        """Return what is to be kept; None where something is unusual."""
        try:
            return self._find_item(head, packed)
        except (RefusedRequest, codec.BodyError):
            return None

    def _find_item(self, head: Head, packed: bytes) -> SpoolItem | None:
        key = self._doorway.keys.known(head.auth.public_key)
        if key is None or head.project not in {None, key.project_id} or self._doorway.quotas.is_over(key):
            return None
        encoding = codec.content_encoding(head.encoding, packed)
        event_id = self._find_event(codec.decompress(packed, encoding, max_bytes=MAX_TEXT_BYTES), head)
        if not event_id or self._doorway.quotas.spend(key):
            return None
        return self._doorway.item(ItemKind.ENVELOPE, packed, encoding, key, event_id=event_id)

    def _find_event(self, text: bytes, head: Head) -> str:
        """Return the id of an envelope's event; empty where the envelope is to be refused, or has none."""
        envelope = parse_envelope(text, loads=codec.loads)
        if isinstance(envelope, Refused):
            return ""
        dsn = envelope.header.get("dsn")
        if dsn is not None and isinstance(join_envelope_dsn(head.auth, dsn, project_id=head.project), Refused):
            return ""
        return event_id_of(self._doorway, envelope)

    def _settle(self, reply: Reply, began: float, event_id: str, request_id: bytes, outcome: int | SpoolFull) -> None:
        if isinstance(outcome, SpoolFull):
            self._doorway.spool.count("refused", outcome.reason)
            answer = refused(refusal_of(outcome))
        else:
            answer = accepted(event_id)
        self._meter.in_progress -= 1
        self._meter.note(DOOR, answer.status, time.perf_counter() - began)
        reply(Answer(answer.status, (*answer.headers, (b"x-request-id", request_id)), answer.body))


def _read_auth(headers: Mapping[bytes, bytes], query: bytes) -> AuthResult | None:
    given = tuple([(name, headers[name]) for name in _AUTH if name in headers])
    is_long = len(query) + sum([len(value) for _, value in given]) > MAX_AUTH_BYTES
    return None if is_long else _parse_auth(given, query)


@lru_cache(maxsize=1_024)
def _parse_auth(given: tuple[tuple[bytes, bytes], ...], query: bytes) -> AuthResult | None:
    """Clients say the same with every event."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in given}
    auth = parse_auth(headers, query.decode("latin-1"))
    return None if isinstance(auth, Refused) else auth
