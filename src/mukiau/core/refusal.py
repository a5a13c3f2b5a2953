"""The refusal: why an input is not accepted, as a value; the door turns it into an HTTP answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An input that is turned away as a whole."""

    reason: str
    """One sentence or phrase for the answer's `detail`; no variable part that could hold a secret."""
    status: int
    """HTTP status."""
    retry_after_seconds: int | None = None
    """When the same input may succeed; None: never."""
