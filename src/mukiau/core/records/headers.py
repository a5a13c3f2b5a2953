"""The head of a plain-text log line: time, level, thread, logger, in whatever layout the logger was given.

Nothing here knows a single framework. A line is an ordinary log line when it begins with a time, or with a level, or
with a time and a level among a few header-like words; the rest is punctuation. Two readings, because one is needed for
every line and the other only for errors: `sniff` (one or two anchored matches) says whether a line is a header, its
level and where the message begins; `read_header` also names thread, logger, pid and call site.

Every pattern is anchored and its repeats are bounded, so a line costs the same whatever it holds.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from mukiau.core.event import Level
from mukiau.core.records.bracketed import find_request, read_brackets
from mukiau.core.records.levels import level_of_word
from mukiau.core.records.moments import read_time
from mukiau.core.traces.header import is_exception_name
from mukiau.core.traces.registry import classify_line
from mukiau.core.traces.trace import LineKind

_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_CLOCK = r"\d{1,2}:\d{2}:\d{2}(?:[.,:]\d{1,9})?"
_ZONE = r"(?: ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}|[A-Z][A-Za-z]{2,12}/[A-Za-z_]{2,20}))?"
_STAMP = (
    rf"(?:\d{{4}}[-/.]\d{{2}}[-/.]\d{{2}}[T _]{_CLOCK}{_ZONE}"  # 2026-10-05T12:00:00.123+09:00
    rf"|\d{{1,2}}[-/ ](?:{_MONTHS})[-/ ]\d{{4}}[ :]{_CLOCK}{_ZONE}"  # 17-Oct-2026 14:47:11 Asia/Tokyo
    rf"|(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:{_MONTHS}) {{1,2}}\d{{1,2}},?(?: \d{{4}})? {_CLOCK}(?: [AP]M)?(?: \d{{4}})?"
    rf"|\d{{1,2}}[-/.]\d{{1,2}}(?:[-/.]\d{{4}})?,? {_CLOCK}(?: [AaPp]\.?[Mm]\.?)?"  # 10-05 12:00:00.123, 10/5/2026, 2:10:01 PM
    rf"|{_CLOCK}"
    r"|\d{10}(?:\.\d{1,9}|\d{3})?(?=[ \]|:]))"
)
_UPPER = (
    "TRACE|DEBUG|INFO|INFORMATION|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|CRIT|FATAL|ALERT|EMERG|EMERGENCY|PANIC|"
    "TRC|DBG|INF|WRN|ERR|FTL|FINE|FINER|FINEST|CONFIG|VERBOSE|LOG"
)
_LOWER = (
    "trace|trce|debug|dbug|info|information|notice|warn|warning|error|err|fail|severe|critical|crit|fatal|alert|emerg|"
    "emergency|panic|verbose|dpanic"
)
_ANY = f"{_UPPER}|{_LOWER}|Trace|Debug|Info|Information|Notice|Warn|Warning|Error|Critical|Fatal"

# `E, [2026-10-05T…` (Ruby) and `E1005 12:00:00.123456   1 file.go:12]` (glog).
_LETTER_HEAD = re.compile(rf"([DIWEFT]), \[({_STAMP})[^\]]{{0,20}}\](?:\s{{1,4}}[A-Z]{{3,7}} (?=-- ))?")
_GLOG_HEAD = re.compile(rf"([DIWEF])(\d{{4}} {_CLOCK})\s{{1,8}}(\d{{1,10}}) ([\w./-]{{1,120}}):(\d{{1,7}})\] ?")
_LOGCAT_HEAD = re.compile(r"([VDIWEF])/([\w.$ -]{1,60}?) ?\( ?\d{1,8}\): ")
_STAMP_HEAD = re.compile(rf"[\[(<|]?({_STAMP})[\])>|]?[:,]?\s{{0,8}}")
# Before the time: an application's name in brackets, a pid, a dash (`[Shop] 12  - 10/05/2026, …`).
_LEAD_IN = re.compile(
    r"(?:\[[\w.:/ -]{1,40}\]|\d{1,8}|-)(?:\s{1,4}(?:\[[\w.:/ -]{1,40}\]|\d{1,8}|-)){0,3}\s{1,4}(?=[\[(]?\d)"
)
# Between time and level: brackets, a pid, a thread, a logger, dashes and bars; at most five of them.
_BETWEEN = r"(?:(?:\[[^\]\n]{0,80}\]|\([^)\n]{0,80}\)|[-|:#*]{1,3}|[^\s\[\]:]{1,80}:?)\s{1,8}){0,5}?"
_TOUCHING = r"(?:\[[^\]\n]{0,40}\](?=\[)){0,3}?"
_LEVEL_AFTER = re.compile(
    rf"(?P<pre>{_TOUCHING}{_BETWEEN})(?:"
    rf"[\[(<|]{{1,2}}\s{{0,3}}(?:[\w.-]{{1,40}}:)?(?P<bracketed>{_ANY})(?=[\s\]:)>|/])[^\]\n]{{0,60}}?[\])>|]"
    rf"|(?:[\w-]{{1,40}}\.)?(?P<upper>{_UPPER})(?=[\s\]:)|/,-]|$)[:,]?[\])]?"
    rf"|(?<!Stack )(?!panic: )(?P<lower>{_LOWER}):(?=\s|$)"  # PHP's `Stack trace:`, Go's `panic: …`
    r")"
)
_LEVEL_HEAD = re.compile(
    rf"[\[(<]\s{{0,3}}(?P<bracketed>{_ANY})\s{{0,5}}[\])>]:?"
    rf"|(?P<upper>{_UPPER})(?=[:|]| {{1,8}}[\[(|:\w-])(?: {{0,6}}[:|])?"
    rf"|(?!panic: )(?P<lower>{_LOWER})(?::(?=\s)|:$)"  # Go's `panic: …` is a trace's own line
)
_PAIRS_HEAD = re.compile(r"(?:time|ts|timestamp|level|lvl|severity)=")
_PAIR_LEVEL = re.compile(r"(?:^|\s)(?:level|lvl|severity)=\"?([A-Za-z]{3,11})\b")
# PHP's own words for less than an error; its errors are traces (`PHP Fatal error:  Uncaught …`).
_PHP_NOTE = re.compile(r"(?:PHP )?(Notice|Deprecated|Warning|Strict Standards):  (?=\S)")
_HEAD_CHARS = 260


class Head(NamedTuple):
    """What `sniff` found at the start of a line; a tuple because one is made for every line."""

    level: Level | None
    message_at: int
    """Index where the text after time and level begins."""
    has_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderFields:
    """A header line, taken apart as far as its layout tells."""

    level: Level | None = None
    occurred_ms: int | None = None
    thread: str = ""
    logger: str = ""
    call_site: str = ""
    trace_id: str = ""
    request_id: str = ""
    service: str = ""
    message: str = ""


def sniff(line: str) -> Head | None:
    """Say whether the line begins a log entry; None for a line without time and level at its start.

    >>> sniff("2026-10-05 12:00:00 ERROR [main] a.B - boom").level
    <Level.ERROR: 'error'>
    >>> sniff("    at Object.run (x.js:1:2)") is None
    True
    """
    first = line[:1]
    if first in " \t" or not first:
        return None
    head = line[:_HEAD_CHARS]
    if stamp := _STAMP_HEAD.match(head):
        return _after_stamp(head, stamp.end())
    if first in "DIWEFTV" and (
        letter := _LETTER_HEAD.match(head) or _GLOG_HEAD.match(head) or _LOGCAT_HEAD.match(head)
    ):
        return Head(level_of_word(letter[1]), letter.end(), True)
    if found := _LEVEL_HEAD.match(head):
        return Head(_level_in(found), found.end(), False)
    if first == "[" and (stamp := _stamp_behind_name(head)):
        return _after_stamp(head, stamp.end())
    if first in "PNDWS" and (note := _PHP_NOTE.match(head)):
        return Head(_level_of_note(note), note.end(), False)
    if _PAIRS_HEAD.match(head):
        level = _PAIR_LEVEL.search(head)
        return Head(level_of_word(level[1]) if level else None, 0, True)
    return None


def _stamp_behind_name(head: str) -> re.Match[str] | None:
    lead_in = _LEAD_IN.match(head)
    return _STAMP_HEAD.match(head, lead_in.end()) if lead_in else None


def _after_stamp(head: str, at: int) -> Head:
    if head[at : at + 1] in "PNWD" and (note := _PHP_NOTE.match(head, at)):
        return Head(_level_of_note(note), note.end(), True)
    found = _LEVEL_AFTER.match(head, at)
    if found is None or _is_prose(found["pre"]) or (found["lower"] and _is_start(head[at:])):
        return Head(None, at, True)
    return Head(_level_in(found), found.end(), True)


def _level_of_note(note: re.Match[str]) -> Level:
    return Level.WARNING if note[1] == "Warning" else Level.INFO


def _is_start(text: str) -> bool:
    """`panic: runtime error: …` and `** (ErlangError) Erlang error: …` begin a trace; the word is no level."""
    return classify_line(text) is LineKind.START


def _is_prose(between: str) -> bool:
    """`12:00:00 request ended with ERROR …` says nothing about the line's own level."""
    return sum(word.isalpha() and word.islower() for word in between.split()) >= 2


def _level_in(found: re.Match[str]) -> Level | None:
    return level_of_word(found["bracketed"] or found["upper"] or found["lower"])


_JUNK = re.compile(r"[\s:|,/-]{1,40}(?:\d{1,10}(?=\s))?|\d{1,10}\s|#\d{1,10}\s|\d{1,8}#\d{1,8}:\s|<\d{1,3}>")
_BRACKETS = re.compile(r"\[([^\]\n]{0,120})\]|\(([\w-]{1,40}|[\w -]{1,40}-\d{1,5})\)(?=\s)")
_LOGGER_FORMS = (
    re.compile(r"([\w.$/:<>\[\]@-]{1,160})\s{1,60}(?:[-:|]|--)\s{1,4}"),  # a.b.C  : message, mod:func:12 - message
    re.compile(r"-- ([^:\n]{0,80}): "),  # -- program: message
    re.compile(r"([\w.$/-]{1,160})\[\d{1,6}\]$"),  # Category[0] and the message on the next line
    re.compile(  # crate::module: message, my_crate: message
        r"(?=[a-zA-Z][\w$-]{0,60}(?:_[\w$-]|::|\.))([a-zA-Z][\w$-]{0,120}(?:(?:::|\.)[\w$-]{1,60}){0,12}):\s"
    ),
    re.compile(r"([\w.-]{1,120}):(?=[^\s:])"),  # root:message
)
_DOTTED = re.compile(r"(?:[\w$]{1,60}\.){1,12}[\w$]{1,80}")
_PAIRS = re.compile(r"(?:[\w.]{1,40}=[^\s=]{0,100}\s{1,4}){1,10}")
_METHOD = re.compile(r"((?:[a-z][\w$]{0,40}\.){1,10}[A-Z][\w$]{0,80}\.[\w$<>]{1,80})\s")  # java.util.logging, one line
_CLOSING = re.compile(r"([\w:.$/-]{0,100})\]\s{0,4}")
_WORD = re.compile(r"(?:^|\s)([A-Za-z_][\w.$-]{1,120})(?=\s)")
_ID = re.compile(r"[0-9A-Fa-f]{8}-[0-9A-Fa-f-]{27}|[0-9a-f]{12,64}")
_CHANNEL = re.compile(r"([\w-]{1,40})\.[A-Z]{3,9}[:\s]")
_CALL_SITE = re.compile(r"([\w./<>-]{1,120}):([\w<>.]{1,80}):\d{1,7}$")
_TABBED = re.compile(
    r"(?:([\w.$/-]{1,160})\t)?([\w./@<>-]{1,200}\.\w{1,4}):\d{1,7}\t"
)  # zap's console: logger, file:line, message
_FILE_LINE = re.compile(r"([\w./-]{1,120}\.[a-z]{1,4}):\d{1,7}:?\s")


def read_header(line: str) -> HeaderFields:
    """Take a header line apart; a line that is none is all message."""
    head = sniff(line)
    if head is None:
        return HeaderFields(message=line)
    before = line[: head.message_at]
    behind, rest = _split_brackets(_without_time(line[head.message_at :]))
    is_inside = before.count("[") > before.count("]")
    if classify_line(line[head.message_at :]) is LineKind.START:
        logger, message = "", line[head.message_at :]  # `a.rb:4:in 'top': …` is no logger's name
    else:
        logger, message = (_split_bracketed(rest) if is_inside else None) or _split_logger(rest)
    if "|" in line[head.message_at - 1 : head.message_at + 1] and (barred := _split_bars(message)):
        *words, message = barred
        behind, logger = words[:-1], words[-1]
    call_site = ""
    if "\t" in rest and (found := _TABBED.match(rest)):
        logger, call_site, message = found[1] or "", found[2], rest[found.end() :]
    elif found := _CALL_SITE.match(logger):
        logger, call_site = found[1], f"{found[1]}:{found[2]}"
    elif found := _FILE_LINE.match(message) or _FILE_LINE.match(rest):
        call_site = found[1]
    channel = _CHANNEL.search(before)
    ahead = [found[1] for found in _BRACKETS.finditer(before) if found[1] and _is_thread(found[1])]
    told = read_brackets(ahead, behind, is_spring="--- [" in line[:_HEAD_CHARS])
    is_class = told.logger and logger
    return HeaderFields(
        level=head.level,
        occurred_ms=read_time(line[:_HEAD_CHARS]),
        thread=told.thread or (told.logger if is_class else ""),
        logger=logger or told.logger or (channel[1] if channel else _logger_before(before)),
        call_site=call_site,
        trace_id=told.trace_id,
        request_id=told.request_id or find_request(before),
        service=told.service,
        message=message.strip(),
    )


def _without_time(rest: str) -> str:
    """Drop a time that follows the level (`[ERROR] 2026-10-05 15:52:24.361 …`)."""
    text = rest.lstrip()
    stamp = _STAMP_HEAD.match(text[:_HEAD_CHARS])
    return text[stamp.end() :] if stamp else rest


def _logger_before(before: str) -> str:
    """Find a logger between time and level (`2026-… - shop.orders - ERROR`)."""
    stamp = _STAMP_HEAD.match(before)
    words = _WORD.findall(before[stamp.end() :]) if stamp else []
    return next((word for word in reversed(words) if level_of_word(word) is None and not _ID.fullmatch(word)), "")


def _split_brackets(rest: str) -> tuple[list[str], str]:
    threads: list[str] = []
    at = 0
    for _ in range(8):
        found = _JUNK.match(rest, at)
        if found is None or found.end() == at:
            found = _BRACKETS.match(rest, at)
            if found is None:
                break
            threads.append((found[1] or found[2] or "").strip())
        at = found.end()
    start = rest.rfind("-- ", 0, at)
    return threads, rest[start:] if start >= 0 and rest[start - 1 : start] != "-" else rest[at:]


def _is_thread(text: str) -> bool:
    words = text.replace(":", " ").replace("/", " ").split()
    return sniff(text) is None and not text.strip().isdigit() and all(level_of_word(word) is None for word in words)


def _split_bracketed(rest: str) -> tuple[str, str] | None:
    """`[time level logger] message`: the bracket that opened before the time closes behind the logger."""
    found = _CLOSING.match(rest)
    return (found[1], rest[found.end() :]) if found else None


def _split_bars(message: str) -> list[str]:
    """`thread|logger|message`, where bars stand between all fields; empty for a message with a bar in it."""
    parts = message.split("|", 2)
    is_barred = len(parts) == 3 and _DOTTED.fullmatch(parts[1]) and "  " not in parts[0]
    return parts if is_barred else []


def _split_logger(rest: str) -> tuple[str, str]:
    for form in _LOGGER_FORMS:
        if (found := form.match(rest)) and not is_exception_name(found[1]):
            return found[1].rstrip(":"), rest[found.end() :]
    pairs = _PAIRS.match(rest)
    if pairs and (found := _LOGGER_FORMS[0].match(rest, pairs.end())) and _DOTTED.fullmatch(found[1]):
        return found[1], rest[found.end() :]  # a context's pairs stand before the logger
    if found := _METHOD.match(rest):
        return found[1], rest[found.end() :]
    return "", rest
