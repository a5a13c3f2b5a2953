"""How many records a body holds and what of it is none: the doors read each body once to say so.

Digest reads the records again, from the body as it came.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from mukiau import codec
from mukiau.core.limits import MAX_REJECTIONS_LISTED
from mukiau.core.records.bodies import READERS
from mukiau.core.records.record import Record
from mukiau.intake.doorway import UNPACK_HERE_BYTES
from mukiau.intake.ports import ItemKind, Spool


@dataclass(slots=True)
class Found:
    """What a body holds, without holding it."""

    accepted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    rejected: list[tuple[int, str]] = field(default_factory=list)
    """The first ones: index and reason."""

    def report(self, spool: Spool) -> None:
        """Add what was rejected to the server's counters."""
        for reason, quantity in self.reasons.items():
            spool.count("rejected_records", reason, quantity)


async def count_records(kind: ItemKind, text: bytes, *, here_bytes: int = UNPACK_HERE_BYTES) -> Found:
    """Read an unpacked body: beside the event loop when it is longer than `here_bytes`."""
    return _count(kind, text) if len(text) <= here_bytes else await asyncio.to_thread(_count, kind, text)


def _count(kind: ItemKind, text: bytes) -> Found:
    found = Found()
    for line in READERS[kind](text, loads=codec.loads, item=""):
        if isinstance(line, Record):
            found.accepted += 1
            continue
        found.reasons[line.reason] += 1
        if len(found.rejected) < MAX_REJECTIONS_LISTED:
            found.rejected.append((line.index, line.reason))
    return found
