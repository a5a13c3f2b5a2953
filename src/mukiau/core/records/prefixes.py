"""What container runtimes and tools put in front of a line, taken off: docker, CRI, compose, pm2, syslog, colours.

A prefix is only taken off where its shape leaves no doubt; everything else is the log's own text.
"""

import json
import re
from collections.abc import Callable
from typing import NamedTuple

from mukiau.core.event import JSONValue, Level
from mukiau.core.records.decoding import Loads, find_value
from mukiau.core.records.levels import level_of_syslog, level_of_word
from mukiau.core.records.wrappers import find_line, severe
from mukiau.core.traces.text import strip_colours

PIECE_BYTES = 16_384
"""Docker, and with it the awslogs driver, cuts longer lines into pieces of this size and marks nothing."""
_PIECE_SLACK = 12
"""A cut through a character of several bytes leaves replacement characters, so pieces are a few bytes off."""
_MIN_PIECE_CHARS = PIECE_BYTES // 4 - _PIECE_SLACK

_CRI = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})) (?:stdout|stderr) ([FP])(?::[^ ]{0,40})? ?"
)
# Only names with a number (`orders-1`): `ERROR | …` is a layout, not a container.
_COMPOSE = re.compile(r"[\w.-]{1,80}[-_]\d{1,4} {1,40}\| ?")
_PM2 = re.compile(r"\d{1,4}\|[\w.-]{1,60} {0,40}\| ?")
_JOURNAL = re.compile(
    r"(?:<\d{1,3}>\d? ?)?(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2} \d{2}:\d{2}:\d{2}"
    r"|\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})) "
    r"(?P<host>[\w.-]{1,80}) (?P<program>[\w./@-]{1,80})(?:\[\d{1,10}\])?: ?"
)
_RFC5424 = re.compile(r"<(\d{1,3})>1 (\S{1,40}) \S{1,120} \S{1,80} \S{1,40} \S{1,40} (?:-|\[[^\]\n]{0,400}\]) ?\ufeff?")
_ACTIONS = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{7}Z ")


class CleanLine(NamedTuple):
    """A record's text without its prefixes; a tuple because one is made for every line."""

    text: str
    is_partial: bool = False
    """The runtime cut the line here; the next record goes on with it."""
    time: JSONValue = None
    """When the runtime read the line, as it writes that."""
    level: Level | None = None
    """ERROR or FATAL where what stands before or around the line says so."""

    def with_first(self, first: str, *, off: Callable[[str], str] = str) -> "CleanLine":
        """The same with another text for its first line; `off` takes something off each of the further ones."""
        return self._replace(text="\n".join([first, *map(off, self.text.split("\n")[1:])]))


def clean(message: str, *, loads: Loads = json.loads) -> CleanLine:
    r"""Take the prefixes, colours, byte order mark and line end off a record's message.

    >>> clean("2026-10-05T12:00:00.1Z stderr F boom\r\n").text
    'boom'
    """
    first = message[:1]
    if first == "\ufeff":
        message = message[1:]
        first = message[:1]
    if first == "{":
        line = find_line(message, loads=loads)
        if line is None:
            return CleanLine(message.rstrip("\r\n"), is_piece(message))
        return CleanLine(strip_colours(line.text).rstrip("\r\n"), line.is_partial, line.time, line.level)
    if message.startswith('"{\\"') and (quoted := _unquoted(message, loads)):
        return CleanLine(quoted)
    text = (strip_colours(message) if "\x1b" in message else message).rstrip("\r\n")
    is_partial = is_piece(message)
    if first.isdigit() or first == "<":
        if found := _CRI.match(text):
            return CleanLine(_strip_tool(text[found.end() :]), found[2] == "P", found[1])
        if found := _RFC5424.match(text):
            return CleanLine(text[found.end() :], is_partial, found[2], severe(level_of_syslog(int(found[1]) & 7)))
        if found := _ACTIONS.match(text) or _PM2.match(text):
            return CleanLine(text[found.end() :], is_partial)
    return CleanLine(_strip_tool(text), is_partial)


def _unquoted(message: str, loads: Loads) -> str:
    """A JSON line that was made a JSON string."""
    value = find_value(message, loads)
    return value if isinstance(value, str) else ""


def _strip_tool(text: str) -> str:
    """Compose's `name-1  | ` and journald's `Oct  5 12:00:00 host program[12]: `, the rare ones last."""
    head = text[:130]
    if "| " in head and (found := _COMPOSE.match(text)):
        return text[found.end() :]
    if "]: " in head or text[:1] == "<":
        found = _JOURNAL.match(text)
        if found is not None and level_of_word(found["host"]) is None:
            return text[found.end() :]
    return text


def is_piece(message: str) -> bool:
    """Tell a cut piece by its size: exactly the runtime's limit, give or take a torn character."""
    if len(message) < _MIN_PIECE_CHARS or len(message) > PIECE_BYTES + _PIECE_SLACK:
        return False
    return abs(len(message.encode("utf-8", "surrogatepass")) - PIECE_BYTES) <= _PIECE_SLACK
