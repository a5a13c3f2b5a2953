"""The record: one log event as a source delivered it, a line or a multi-line message."""

from dataclasses import dataclass

SAME_MOMENT_MS = 1_000
"""Record time within which lines may belong together: those of one trace are written at once."""
_SAME_INSTANT_MS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One log event of one stream."""

    record_id: str
    """The source's id; where it gives none, the door makes one (`spool item:index`, a file's line number)."""
    message: str
    timestamp_ms: int | None = None
    """Milliseconds since 1970-01-01 UTC by the source's clock; None for plain text."""
    account: str = ""
    log_group: str = ""
    log_stream: str = ""
    service: str = ""
    """Whose it is, where the source says so beside the line; not part of what tells streams apart."""
    environment: str = ""
    has_source_id: bool = True
    """False when the id was made by the door: it never comes again, so it need not be remembered."""

    @property
    def stream(self) -> tuple[str, str, str]:
        """The reassembly key: lines of one stream belong to one container."""
        return (self.account, self.log_group, self.log_stream)


def apart_ms(one_ms: int | None, other_ms: int | None) -> int | None:
    """How far two times are apart; None where one is unknown."""
    return None if one_ms is None or other_ms is None else abs(other_ms - one_ms)


def is_same_instant(one_ms: int | None, other_ms: int | None) -> bool:
    """Whether two times are those of one log call, two milliseconds at most apart; unknown ones are not."""
    apart = apart_ms(one_ms, other_ms)
    return apart is not None and apart <= _SAME_INSTANT_MS
