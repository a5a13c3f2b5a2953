"""What digest needs of the world outside: a spool to read, a store that keeps, and what it knows of the sources."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from mukiau.digest.batch import Batch, SeenRecord, SetAside, StreamState, Written
from mukiau.digest.policies import GroupedBy


class StoreBusy(Exception):  # noqa: N818 - a state that passes
    """The store cannot keep anything now: a lock is held too long, the disk is full. Nothing was kept; try again."""


class PolicyChanged(StoreBusy):
    """The events were grouped by policies that are not in force any more. Nothing was kept; make them again."""


class AnotherDigester(Exception):  # noqa: N818 - says what was found
    """The store's position is not the one the batch follows: somebody else digests the same spool."""


class MakerLost(Exception):  # noqa: N818 - this process has to end, too
    """A maker process ended by itself."""


class Item(Protocol):
    """One item of the spool; `position` orders items by acceptance."""

    @property
    def position(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def project_id(self) -> int: ...
    @property
    def source_id(self) -> int: ...
    @property
    def received_ms(self) -> int: ...
    @property
    def encoding(self) -> str: ...
    @property
    def event_id(self) -> str: ...
    @property
    def body(self) -> bytes: ...


class SpoolReader(Protocol):
    """Reads what intake accepted."""

    def read(self, after: int, *, max_items: int, max_bytes: int) -> Sequence[Item]:
        """Return the items after a position, oldest first."""
        ...


class StateStore(Protocol):
    """Keeps what digest made."""

    def position(self) -> int:
        """Return the position of the last item that is digested."""
        ...

    def records_done(self) -> int:
        """Return how many records of the item behind that position are digested, too."""
        ...

    def count_trial(self, what: str, position: int, records_done: int) -> int:
        """Note, to outlive the process, that something (`start`, `item`) is tried at this point; return how many times
        in a row it was this point."""
        ...

    def load_streams(self) -> Sequence[StreamState]:
        """Return every stream that was saved."""
        ...

    def load_requested(self, *, max_items: int) -> Sequence[tuple[int, SetAside]]:
        """Return items set aside that somebody asked to digest again, each with its id, oldest first."""
        ...

    def find_seen(self, records: Collection[SeenRecord]) -> frozenset[SeenRecord]:
        """Return those of the records that are remembered."""
        ...

    def load_policies(self) -> GroupedBy:
        """Return what events are to be grouped by now."""
        ...

    def write(self, batch: Batch) -> Written:
        """Keep all of the batch or, when it raises, nothing of it. Raises StoreBusy, PolicyChanged, AnotherDigester."""
        ...

    def beat(self, now_ms: int, *, steady_ms: int = 0) -> None:
        """Say that digest is alive, and remember the steady clock."""
        ...

    def prune_seen(self, before_ms: int, *, max_rows: int) -> int:
        """Forget records of days that were last written before a time; return how many were forgotten."""
        ...


class Keeper(Protocol):
    """A chore that is done between two batches, such as deleting what need not be kept any longer."""

    def step(self, steady_ms: int) -> None:
        """Do a little of it, in one short transaction at most, where there is something to do."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDefaults:
    """What the key's owner said about everything that is sent with it."""

    service: str = ""
    environment: str = ""


class Sources(Protocol):
    """Knows the keys."""

    def find_defaults(self, source_id: int) -> SourceDefaults | None:
        """Return the defaults of a source, None for an unknown one."""
        ...
