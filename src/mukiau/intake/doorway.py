"""What all doors have in common: who knocks, how much they may, and their body read and unpacked under caps."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from mukiau import codec
from mukiau.core.dsn import AuthResult
from mukiau.core.limits import LARGE_BODIES_AT_ONCE, MAX_BODY_BYTES
from mukiau.core.refusal import Refused
from mukiau.intake.answers import RefusedRequest
from mukiau.intake.asgi import BodyTooLongError, Request, read_body
from mukiau.intake.keys import KeyRing
from mukiau.intake.ports import ItemKind, Key, KeySourceError, Spool, SpoolFull, SpoolItem
from mukiau.intake.quotas import Quotas

# Unpacking more than this takes longer than an event loop may be held (1 ms): it goes to a thread. So does what unpacks
# to more than a megabyte, however small it comes.
UNPACK_HERE_BYTES = 128 * 1024
UNPACKED_HERE_BYTES = 1024**2
# One after the other: several at once would take turns at the interpreter's lock, and hold all their memory meanwhile.
UNPACKING_AT_ONCE = 1
SPOOL_FULL_SECONDS = 10

_PROJECT = re.compile(r"[0-9]{1,18}")

BAD_PROJECT = Refused(reason="invalid project id", status=400)
UNKNOWN_KEY = Refused(reason="event submission rejected with_reason: unknown or disabled key", status=403)
KEYS_UNREADABLE = Refused(reason="the keys cannot be read now", status=503, retry_after_seconds=2)
OTHER_PROJECTS_KEY = Refused(reason="event submission rejected with_reason: key of another project", status=403)
TOO_LARGE = Refused(reason="request body is too large", status=413)
EMPTY_BODY = Refused(reason="empty request body", status=400)
METHOD_NOT_ALLOWED = Refused(reason="method not allowed", status=405)


@dataclass(slots=True)
class Body:
    """A body as received, and unpacked."""

    packed: bytes
    encoding: str
    text: bytes
    """Let go of when the body is kept: requests that wait for the disk are many."""


class Doorway:
    """Checks and keeps for every door."""

    def __init__(
        self,
        *,
        spool: Spool,
        keys: KeyRing,
        quotas: Quotas,
        now_ms: Callable[[], int],
        new_event_id: Callable[[], str],
    ) -> None:
        self.spool = spool
        self.now_ms = now_ms
        self.new_event_id = new_event_id
        self.keys = keys
        self.quotas = quotas
        self._large = asyncio.Semaphore(LARGE_BODIES_AT_ONCE)
        self._unpacking = asyncio.Semaphore(UNPACKING_AT_ONCE)

    async def admit(self, auth: AuthResult | Refused, project: str) -> Key:
        """Return the key of a request that may come in; `project` is the URL's, empty when it has none."""
        if isinstance(auth, Refused):
            raise RefusedRequest(auth)
        project_id = read_project(project)
        try:
            key = await self.keys.find(auth.public_key)
        except KeySourceError:
            raise RefusedRequest(KEYS_UNREADABLE) from None
        if key is None:
            raise RefusedRequest(UNKNOWN_KEY)
        if project_id is not None and project_id != key.project_id:
            raise RefusedRequest(OTHER_PROJECTS_KEY)
        if wait := self.quotas.spend(key):
            raise RefusedRequest(Refused(reason="over quota", status=429, retry_after_seconds=wait))
        return key

    async def read(self, request: Request, *, max_bytes: int, here_bytes: int = UNPACKED_HERE_BYTES) -> Body:
        """Return the body, unpacked to at most `max_bytes`.

        One that unpacks to more than `here_bytes` has the place for large ones until its request is answered.
        """
        with refusing_bad_bodies():

            async def before_large() -> None:
                await request.held.enter_async_context(self._large)

            packed = await read_body(request, max_bytes=MAX_BODY_BYTES, before_large=before_large)
            if not packed:
                raise RefusedRequest(EMPTY_BODY)
            encoding = codec.content_encoding(request.headers.get("content-encoding", ""), packed)
            if len(packed) <= UNPACK_HERE_BYTES:
                with suppress(codec.BodyTooLarge):
                    return Body(
                        packed, encoding, codec.decompress(packed, encoding, max_bytes=min(here_bytes, max_bytes))
                    )
            await request.held.enter_async_context(self._unpacking)
            text = await asyncio.to_thread(codec.decompress, packed, encoding, max_bytes=max_bytes)
            return Body(packed, encoding, text)

    async def keep(self, kind: ItemKind, body: Body, key: Key, *, event_id: str = "", record_count: int = 0) -> None:
        """Return once the body is on disk as it came."""
        body.text = b""
        item = self.item(kind, body.packed, body.encoding, key, event_id=event_id, record_count=record_count)
        try:
            await self.spool.append(item)
        except SpoolFull as full:
            raise RefusedRequest(refusal_of(full)) from full

    def item(
        self, kind: ItemKind, packed: bytes, encoding: str, key: Key, *, event_id: str = "", record_count: int = 0
    ) -> SpoolItem:
        """Return what is to be kept of a body that came now."""
        return SpoolItem(
            kind=kind,
            project_id=key.project_id,
            source_id=key.source_id,
            received_ms=self.now_ms(),
            body=packed,
            encoding=encoding,
            event_id=event_id,
            record_count=record_count,
        )


def refusal_of(full: SpoolFull) -> Refused:
    """Return what a client is told that the spool takes nothing."""
    return Refused(reason=full.reason, status=503, retry_after_seconds=SPOOL_FULL_SECONDS)


def read_project(text: str) -> int | None:
    """Return the project id in a URL, None where it has none."""
    if text and not _PROJECT.fullmatch(text):
        raise RefusedRequest(BAD_PROJECT)
    return int(text) if text else None


@contextmanager
def refusing_bad_bodies() -> Iterator[None]:
    """Turn what can be wrong with a body into its refusal."""
    try:
        yield
    except (BodyTooLongError, codec.BodyTooLarge):
        raise RefusedRequest(TOO_LARGE) from None
    except codec.UnknownEncoding as error:
        raise RefusedRequest(Refused(reason=str(error), status=415)) from None
    except codec.BodyError as error:
        raise RefusedRequest(Refused(reason=str(error), status=400)) from None
