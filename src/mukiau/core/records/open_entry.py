"""A log entry while its records are still arriving; mutable, saved as JSON between batches."""

from collections.abc import Callable

from mukiau.core.event import JSONObject, Level
from mukiau.core.records.record import Record
from mukiau.core.records.saving import record_from_json, record_to_json
from mukiau.core.traces.trace import LineKind

MAX_LINES = 1_000
"""Of a longer entry the middle is left out: a stack overflow repeats itself, its ends name it."""
MAX_CHARS = 524_288
MAX_RECORD_IDS = 5_000
_HEAD_LINES = 600


class OpenEntry:
    """The records of one log entry so far and what is needed to tell whether a line continues it."""

    __slots__ = ("chars", "context", "cut_at", "cut_lines", "emitted", "fed_ms", "first", "has_frames", "has_header", "has_trace", "is_changed",
                 "is_cut_short", "is_json", "last_kind", "last_line", "last_ms", "level", "lines", "record_ids",
                 "touched")  # fmt: skip

    def __init__(self, first: Record, *, level: Level | None, context: tuple[str, ...] = ()) -> None:
        self.first = first
        self.level = level
        """The level its header states; None for none (or a JSON line, read only when the entry closes)."""
        self.context = context
        self.record_ids: list[str] = []
        self.lines: list[str] = []
        self.chars = 0
        self.cut_lines = 0
        """Lines of the middle that were left out."""
        self.cut_at = 0
        """Where in `lines` they stood."""
        self.last_line = ""
        self.last_kind = LineKind.NONE
        self.last_ms = first.timestamp_ms
        self.has_header = False
        """It began with a line that states time or level: a trace or more of its message may follow."""
        self.has_trace = False
        self.has_frames = False
        self.is_json = False
        self.is_cut_short = False
        """Its last line is a piece; the next record goes on with it."""
        self.is_changed = True
        """Something was added since it was given out last."""
        self.emitted = 0
        """How many times it was given out."""
        self.touched = 0
        """The stream's line counter when a line was added last."""
        self.fed_ms = 0
        """The caller's clock at that moment."""

    def add(self, record: Record, lines: list[str], kind: LineKind) -> None:
        """Append a record's lines."""
        self._note(record)
        for line in lines:
            self._append(line)
        self.last_line = lines[-1] if lines else ""
        self.note_kind(kind)

    def note_kind(self, kind: LineKind) -> None:
        """Note what the last line is to a trace."""
        self.last_kind = kind
        self.has_trace = self.has_trace or kind is not LineKind.NONE
        self.has_frames = self.has_frames or kind is LineKind.BODY

    def rename(self, text: str) -> None:
        """Replace the first line, which turned out to have a prefix before the beginning of a trace."""
        self.chars += len(text) - len(self.lines[0])
        self.lines[0] = text
        if len(self.lines) == 1:
            self.last_line, self.last_kind = text, LineKind.START
        self.has_trace = self.is_changed = True

    def strip(self, off: Callable[[str], str]) -> None:
        """Take a prefix off every line."""
        self.lines = list(map(off, self.lines))
        self.chars = _count_chars(self.lines)
        self.last_line, self.is_changed = self.lines[-1], True

    def add_blank(self, record: Record) -> None:
        """Append an empty line; what was expected next still is."""
        self._note(record)
        self._append("")

    def extend_last_line(self, record: Record, text: str) -> None:
        """Append the next piece of a line that the runtime had cut."""
        self._note(record)
        if self.chars + len(text) > 4 * MAX_CHARS:
            self.cut_lines += 1
            return
        first, *rest = text.split("\n")
        self.lines[-1] += first
        self.chars += len(first)
        for line in rest:
            self._append(line)
        self.last_line = self.lines[-1][-400:]

    def _note(self, record: Record) -> None:
        if len(self.record_ids) < MAX_RECORD_IDS:
            self.record_ids.append(record.record_id)
        if record.timestamp_ms is not None:
            self.last_ms = record.timestamp_ms
        self.is_changed = True

    def _append(self, line: str) -> None:
        self.lines.append(line)
        self.chars += len(line) + 1
        while len(self.lines) > MAX_LINES or (self.chars > MAX_CHARS and len(self.lines) > 2):
            at = min(_HEAD_LINES, len(self.lines) // 2)
            self.chars -= len(self.lines[at]) + 1
            del self.lines[at]
            self.cut_lines += 1
            self.cut_at = at

    @property
    def raw(self) -> str:
        """Its text; a line of our own says where and how many lines are missing."""
        if not self.cut_lines:
            return "\n".join(self.lines)
        mark = f"[… {self.cut_lines:,} lines left out …]"
        return "\n".join([*self.lines[: self.cut_at], mark, *self.lines[self.cut_at :]])

    def to_json(self) -> JSONObject:
        """Everything a restart needs to go on."""
        return {
            "first": record_to_json(self.first, has_message=False),  # its lines are kept
            "level": self.level,
            "context": list(self.context),
            "record_ids": self.record_ids,
            "lines": self.lines,
            "cut_lines": self.cut_lines,
            "cut_at": self.cut_at,
            "last_line": self.last_line,
            "last_kind": int(self.last_kind),
            "last_ms": self.last_ms,
            "flags": [
                self.has_header,
                self.has_trace,
                self.has_frames,
                self.is_json,
                self.is_cut_short,
                self.is_changed,
            ],
            "emitted": self.emitted,
            "touched": self.touched,
            "fed_ms": self.fed_ms,
        }

    @classmethod
    def from_json(cls, value: JSONObject, stream: tuple[str, str, str]) -> "OpenEntry":
        """Rebuild what `to_json` gave."""
        record_id, timestamp_ms, *rest = value["first"]
        if isinstance(rest[0], bool):
            rest = ["", *rest]  # older states name no message
        first = record_from_json([record_id, timestamp_ms, *rest], stream)
        entry = cls(first, level=Level(value["level"]) if value["level"] else None, context=tuple(value["context"]))
        entry.record_ids, entry.lines = list(value["record_ids"]), list(value["lines"])
        entry.chars = _count_chars(entry.lines)
        entry.cut_lines, entry.cut_at = value["cut_lines"], value.get("cut_at", 0)
        entry.last_line = value["last_line"]
        entry.last_kind, entry.last_ms = LineKind(value["last_kind"]), value["last_ms"]
        entry.has_header, entry.has_trace, entry.has_frames, entry.is_json, entry.is_cut_short, entry.is_changed = (
            value["flags"]
        )
        entry.emitted, entry.touched, entry.fed_ms = value["emitted"], value["touched"], value["fed_ms"]
        return entry


def _count_chars(lines: list[str]) -> int:
    return sum(len(line) + 1 for line in lines)
