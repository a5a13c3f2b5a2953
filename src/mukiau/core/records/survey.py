"""What the lines of a log look like, before anybody asks what they mean: for a first look at a file.

The assembler knows which line continues which; this only looks at lines one by one, and counts. Of a long log every line
is counted, but after a while only one in so many is looked at.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from mukiau.core.event import Level
from mukiau.core.records.decoding import Loads, find_value
from mukiau.core.records.formats import looks_like_object
from mukiau.core.records.headers import read_header, sniff
from mukiau.core.records.json_fields import Fields, read_summary
from mukiau.core.records.prefixes import clean
from mukiau.core.records.record import Record
from mukiau.core.traces.registry import classify_line

LOOKED_AT_ALL = 20_000
"""Lines from the first one on that are all looked at."""
LOOKED_AT_ONE_IN = 10
"""Of those behind."""
MAX_SAMPLES = 3
MAX_SAMPLE_CHARS = 300
MAX_NAMES = 1_000
_TIME_ONE_IN = 50


class Shape(StrEnum):
    """What a line is by its own looks."""

    JSON = "json"
    TIME_AND_LEVEL = "time and level"
    TIME = "time"
    LEVEL = "level"
    TRACE = "trace"
    """A line of a stack trace."""
    OTHER = "other"
    """It continues the line above, or nobody knows."""
    BLANK = "blank"


class Trouble(StrEnum):
    """Why a line cannot be read as it was meant."""

    BROKEN_JSON = "broken JSON"
    UNDECODABLE = "undecodable"
    """Characters that are none in the encoding it was read with."""
    STRAY = "stray"
    """Neither time nor level, nor a trace; and it does not continue a line that has them."""


@dataclass(slots=True)
class Survey:
    """Counts of what was seen; `note` each record in order."""

    loads: Loads = json.loads
    lines: int = 0
    looked_at: int = 0
    shapes: Counter[Shape] = field(default_factory=Counter)
    levels: Counter[Level | None] = field(default_factory=Counter)
    """Of lines that begin a log entry; None: it states none."""
    services: Counter[str] = field(default_factory=Counter)
    log_groups: Counter[str] = field(default_factory=Counter)
    wrapped: int = 0
    """Lines with something a container runtime or a tool had put in front."""
    troubles: Counter[Trouble] = field(default_factory=Counter)
    samples: dict[Trouble, list[tuple[str, str]]] = field(default_factory=dict)
    """The first ones: a record's id and text."""
    _first_ms: int | None = None
    _last_ms: int | None = None
    _last_timed: str = ""
    _is_in_entry: bool = False

    @property
    def period(self) -> tuple[int | None, int | None]:
        """The earliest and the latest time that was seen, in unix milliseconds."""
        if self._last_timed:
            self._note_time(read_header(self._last_timed).occurred_ms)
        return self._first_ms, self._last_ms

    def note(self, record: Record) -> None:
        """Look at one record."""
        self.lines += 1
        if self.lines > LOOKED_AT_ALL and self.lines % LOOKED_AT_ONE_IN:
            return
        self.looked_at += 1
        if record.log_group and (record.log_group in self.log_groups or len(self.log_groups) < MAX_NAMES):
            self.log_groups[record.log_group] += 1
        self._note_time(record.timestamp_ms)
        text = clean(record.message, loads=self.loads).text
        self.wrapped += len(text) < len(record.message.rstrip("\r\n"))
        line = text.partition("\n")[0]
        if "\ufffd" in text:
            self._note_trouble(Trouble.UNDECODABLE, record)
        shape = self._json(text, record) if looks_like_object(line) else self._text(line, record)
        self.shapes[shape] += 1
        self._is_in_entry = shape not in (Shape.OTHER, Shape.BLANK) or self._is_in_entry

    def _json(self, text: str, record: Record) -> Shape:
        value = find_value(text, self.loads)
        if not isinstance(value, dict):
            self._note_trouble(Trouble.BROKEN_JSON, record)
            return Shape.JSON
        self._note_fields(read_summary(value))
        return Shape.JSON

    def _text(self, line: str, record: Record) -> Shape:
        if not line.strip():
            return Shape.BLANK
        head = sniff(line)
        if head is None:
            if classify_line(line):
                return Shape.TRACE
            if not self._is_in_entry:
                self._note_trouble(Trouble.STRAY, record)
            return Shape.OTHER
        self.levels[head.level] += 1
        if head.has_time:
            self._last_timed = line  # reading a time takes longer than seeing one
            if self._last_ms is None or self.looked_at % _TIME_ONE_IN == 0:
                self._note_time(read_header(line).occurred_ms)
        if head.level is None:
            return Shape.TIME
        return Shape.TIME_AND_LEVEL if head.has_time else Shape.LEVEL

    def _note_fields(self, fields: Fields) -> None:
        self.levels[fields.level] += 1
        if fields.service and (fields.service in self.services or len(self.services) < MAX_NAMES):
            self.services[fields.service] += 1
        self._note_time(fields.occurred_ms)

    def _note_time(self, at_ms: int | None) -> None:
        if at_ms is not None:
            self._first_ms = at_ms if self._first_ms is None else min(self._first_ms, at_ms)
            self._last_ms = at_ms if self._last_ms is None else max(self._last_ms, at_ms)

    def _note_trouble(self, trouble: Trouble, record: Record) -> None:
        self.troubles[trouble] += 1
        samples = self.samples.setdefault(trouble, [])
        if len(samples) < MAX_SAMPLES:
            samples.append((record.record_id, record.message[:MAX_SAMPLE_CHARS]))
