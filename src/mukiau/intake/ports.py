"""What intake needs of the world outside: a spool that keeps, keys that open the door, web that shows pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol


class ItemKind(StrEnum):
    """The door a body came through; says how digest reads it."""

    ENVELOPE = "envelope"
    STORE = "store"
    RECORDS = "records"
    FIREHOSE = "firehose"
    FLUENT = "fluent"
    OTLP = "otlp"
    OTLP_JSON = "otlp_json"


class SpoolItem(NamedTuple):
    """One accepted request body."""

    kind: ItemKind
    project_id: int
    source_id: int
    received_ms: int
    body: bytes
    """As received, still compressed."""
    encoding: str = ""
    """`gzip`, `deflate`, `br`, `zstd`, or empty when the body is plain."""
    event_id: str = ""
    """The id that was answered (32 hex): the client's, or made here; empty when the body holds no event."""
    record_count: int = 0
    """Records accepted with this body; 0 for the other kinds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A source's active key as intake needs it."""

    public_key: str
    project_id: int
    source_id: int
    quota_events: int | None = None
    """Events per quota window; 0: no limit; None: the server's own setting."""


class SpoolFull(Exception):  # noqa: N818 - a state of the spool, answered with 503
    """The spool cannot keep the item now: `reason` is `spool_full`, `disk_full` or `spool_failed`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The spool cannot take more now ({reason}); send again later.")
        self.reason = reason


class KeySourceError(Exception):
    """The keys could not be read now; one sentence says why."""


Settle = Callable[[int | SpoolFull], None]
"""Told once what became of an item: its position, now that it is on disk, or why it was not kept."""


class Spool(Protocol):
    """Keeps bodies until digest has read them."""

    def put(self, item: SpoolItem, settle: Settle) -> None:
        """Begin to keep an item; `settle` is called later, from the event loop. Raises SpoolFull where it is known at once."""
        ...

    async def append(self, item: SpoolItem) -> int:
        """Return the item's position once it is on disk; raise SpoolFull when it is not going to be."""
        ...

    def count(self, name: str, reason: str, quantity: int = 1) -> None:
        """Add to a counter that is saved with the next commit."""
        ...


class KeySource(Protocol):
    """Reads keys from where they are kept; every call may block and may raise KeySourceError."""

    def load_keys(self) -> Sequence[Key]:
        """Return all active keys."""
        ...

    def find_key(self, public_key: str) -> Key | None:
        """Return one active key, or None."""
        ...

    def version(self) -> int:
        """Return a number that differs from the last call's when anything was written meanwhile."""
        ...
