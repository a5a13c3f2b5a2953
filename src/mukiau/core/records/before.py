"""The lines before the next one that are no entry: those shown with an error, and the quiet header more may belong to."""

from collections import deque

from mukiau.core.event import JSONObject
from mukiau.core.records.record import Record
from mukiau.core.records.saving import record_from_json, record_to_json

MAX_CONTEXT = 20
_MAX_CONTEXT_CHARS = 600


class Before:
    """What one stream has seen last; positions are those of the stream's line counter."""

    def __init__(self) -> None:
        self._context: deque[str] = deque(maxlen=MAX_CONTEXT)
        self.quiet: Record | None = None
        """The last header, when it was a quiet one that further lines may belong to."""
        self._quiet_at = -1

    @property
    def context(self) -> tuple[str, ...]:
        """Up to 20 lines, oldest first."""
        return tuple(self._context)

    def see(self, text: str) -> None:
        """Remember a line for the error that may follow."""
        self._context.append(text[:_MAX_CONTEXT_CHARS])

    def see_below(self, text: str) -> None:
        """Add to the last line: the first one under a header that is a line of its own is mostly the message."""
        if self._context and "\n" not in self._context[-1]:
            self._context[-1] = f"{self._context[-1]}\n{text.strip()}"[:_MAX_CONTEXT_CHARS]

    def forget_last(self) -> None:
        """Take back what was seen last."""
        if self._context:
            self._context.pop()

    def see_quiet(self, at: int, text: str, record: Record | None) -> None:
        """Remember a line below error; None for a record that no line can belong to."""
        self.see(text)
        self.quiet, self._quiet_at = record, at

    def follows_quiet(self, at: int) -> bool:
        """Whether the line directly before was a quiet header or more of one."""
        return self.quiet is not None and self._quiet_at == at - 1

    def go_on_quietly(self, at: int) -> None:
        """Note that the line is more of the quiet one before it."""
        if self._quiet_at == at - 1:
            self._quiet_at = at

    def is_quiet_last(self, at: int) -> bool:
        """Whether the stream's last line was such a one."""
        return self.quiet is not None and self._quiet_at == at

    def to_json(self) -> JSONObject:
        """What a restart needs; the lines before an error are not part of it."""
        quiet = record_to_json(self.quiet) if self.quiet is not None else None
        return {"quiet": quiet, "quiet_at": self._quiet_at}

    @classmethod
    def from_json(cls, value: JSONObject, key: tuple[str, str, str]) -> "Before":
        """Rebuild what `to_json` gave."""
        before = cls()
        before.quiet = record_from_json(value["quiet"], key) if value["quiet"] is not None else None
        before._quiet_at = value["quiet_at"]
        return before
