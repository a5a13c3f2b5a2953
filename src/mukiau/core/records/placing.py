"""Where a line of a stream goes: who continues whom.

Every line is one of these:

* a *header* (time or level at its start, or a JSON object) begins an entry. Headers of quiet lines (INFO, DEBUG, no
  level) are not kept as entries: only the last one is remembered, for a trace may follow it;
* a *start* of a trace joins the header written at the same moment (message first, then the trace), else begins its own;
* a *body* line goes to the entry whose trace it continues, also when other threads' headers stand in between, and for
  15 minutes after (a log cut in two, a reader restarted);
* anything else continues what was written directly before it: a further line of a message.

Which rule applies depends on the records only, never on batches or on when an entry was given out: an entry that was
given out early takes late lines just the same and is given out again. So any chunking gives the same entries.
"""

from collections.abc import Callable, Iterator

from mukiau.core.event import Level
from mukiau.core.records.before import Before
from mukiau.core.records.decoding import Loads
from mukiau.core.records.entry import BARE_FATAL
from mukiau.core.records.formats import looks_like_object
from mukiau.core.records.headers import Head, sniff
from mukiau.core.records.joining import (
    OWN_STARTS,
    find_repeated,
    find_tagged,
    find_whole,
    goes_on,
    is_last_word,
    is_own_line,
    is_written_on,
    is_written_with,
    may_continue,
    may_fail,
    note_kinds,
)
from mukiau.core.records.open_entries import OpenEntries
from mukiau.core.records.open_entry import OpenEntry
from mukiau.core.records.ordering import LateHead
from mukiau.core.records.prefixes import CleanLine, clean
from mukiau.core.records.quiet import is_quiet_json
from mukiau.core.records.record import Record, is_same_instant
from mukiau.core.records.starts import owner_of_start
from mukiau.core.records.strays import MAX_LINES, Above, Lesson, Stray, Strays, trace_above, with_head
from mukiau.core.records.succession import choose, find_wanting, goes_on_in_go, is_go_call, is_wanted
from mukiau.core.records.widths import Widths
from mukiau.core.traces.registry import classify_line
from mukiau.core.traces.trace import LineKind


class Placer:
    """Places the lines of one stream, one by one; knows its open entries and what was seen last."""

    def __init__(self, *, loads: Loads) -> None:
        self._loads = loads
        self.opened = OpenEntries()
        self.before = Before()
        self.strays = Strays()
        self.late_head = LateHead()
        self.widths = Widths()
        self.now_ms = 0
        """The caller's clock, noted on every entry a line is added to."""
        self.is_changed = False
        """Entries came, grew or went since the state was saved."""

    def cleaned(self, message: str) -> CleanLine:
        """The text of a message without what stands before it in every line of the stream."""
        line = clean(message, loads=self._loads)
        text = line.text.lstrip("\r\n")
        if self.strays.prefixes:
            text = self.strays.strip(text).lstrip("\r\n")
        return line if text is line.text else CleanLine(text, *line[1:])

    def place(self, record: Record, line: CleanLine) -> Iterator[OpenEntry]:
        """Give a line to the entry it belongs to; yield the entries that are closed by it."""
        if (piece := self._awaiting_piece(record, line.text)) is not None:
            yield from self._take_piece(piece, record, line)
        elif looks_like_object(line.text):
            yield from self._open_json(record, line)
        elif not line.text.strip():
            self._blank(record)
        else:
            yield from self._place_text(record, line)

    def _awaiting_piece(self, record: Record, text: str) -> OpenEntry | None:
        """The entry whose line was cut, when this record is its next piece and not a line of its own."""
        waiting = [entry for entry in self.opened.entries if entry.is_cut_short and self.opened.is_near(entry, record)]
        if not waiting or is_own_line(text, self._loads):
            return None
        return max(waiting, key=lambda entry: entry.touched)

    def _take_piece(self, entry: OpenEntry, record: Record, line: CleanLine) -> Iterator[OpenEntry]:
        entry.extend_last_line(record, line.text)
        entry.is_cut_short = line.is_partial
        self._touch(entry)
        if entry.is_json and not entry.is_cut_short:
            yield self.retire(entry)

    def _cut_by_terminal(self, first: str, kind: LineKind) -> OpenEntry | None:
        """The entry whose last line goes on with this one, where lines are cut at a terminal's width."""
        entry = self.opened.written_before()
        if entry is None or first[0] in " \t" or not self.widths.is_cut(entry.last_line):
            return None
        is_header = entry.has_header and len(entry.lines) == 1
        return entry if kind is LineKind.NONE or (kind is LineKind.START and not is_header) else None

    def _go_on_line(self, entry: OpenEntry, record: Record, line: CleanLine) -> None:
        entry.extend_last_line(record, line.text)
        entry.note_kind(classify_line(entry.lines[-1]))
        entry.last_line = line.text  # how long this piece is tells whether the line goes on again
        self._touch(entry)

    def _open_json(self, record: Record, line: CleanLine) -> Iterator[OpenEntry]:
        entry = OpenEntry(record, level=None, context=self.before.context)
        entry.is_json = True
        entry.is_cut_short = line.is_partial
        entry.add(record, line.text.split("\n"), LineKind.NONE)
        self.before.see(line.text)
        self.before.quiet = None
        if line.is_partial:
            yield from self._keep(entry)
        else:
            yield entry

    def _open(
        self, record: Record, line: CleanLine, kind: LineKind, level: Level | None, *, has_header: bool = False
    ) -> Iterator[OpenEntry]:
        lines = line.text.split("\n")
        entry = OpenEntry(record, level=level, context=self.before.context)
        entry.is_cut_short = line.is_partial
        entry.add(record, lines, kind)
        if len(lines) > 1:
            note_kinds(entry, lines)
        self.before.see(lines[0])
        self.before.quiet = None
        self.strays.note(self.opened.lines, record, lines[0], is_owned=True)
        entry.has_header = has_header
        yield from self._keep(entry)

    def _keep(self, entry: OpenEntry) -> Iterator[OpenEntry]:
        self._touch(entry)
        yield from self.opened.add(entry)

    def _place_text(self, record: Record, line: CleanLine) -> Iterator[OpenEntry]:
        at, first = self.opened.lines, line.text.partition("\n")[0]
        head = sniff(first)
        is_quiet = head is not None and head.level in (Level.INFO, Level.DEBUG)
        is_below_trace = head is not None and not is_quiet and self.opened.has_trace_above(MAX_LINES)
        if is_below_trace and (rest := self.strays.headed_rest(first)) is not None:
            above = trace_above(self.opened.entries, self.strays, at)
            if above is not None and (
                goes_on(above.entry, rest, is_apart=bool(above.between)) or self._is_of_message(above, first, rest)
            ):
                self.strays.note_head(first.removesuffix(rest))
                yield from self._go_on(above, record, line.with_first(rest))
                return
        kind = classify_line(first) if head is None else LineKind.NONE
        if not is_quiet and not kind and (lesson := self.strays.learn(at, record, first, is_headed=head is not None)):
            yield from self._place_again(lesson, record, line)
        elif head is None and (cut := self._cut_by_terminal(first, kind)) is not None:
            self._go_on_line(cut, record, line)
        elif head is None and not kind and self._strip_above(record, line, first):
            return
        elif head is None:
            yield from self._place_headless(record, line, first, kind)
        else:
            yield from self._place_headed(record, line, first, head)

    def _is_of_message(self, above: Above, first: str, rest: str) -> bool:
        """Whether a line with a head of its own is more of the message above, by the same call."""
        is_text = not above.between and rest.strip() and sniff(rest) is None and may_continue(above.entry, rest)
        return bool(is_text) and self.strays.is_same_call(first.removesuffix(rest))

    def _strip_above(self, record: Record, line: CleanLine, first: str) -> bool:
        """Take a prefix, told by this inner line of a trace, off the entry directly above and add the line to that."""
        last = self.opened.written_before()
        prefix = self.strays.learn_from(last, first) if last is not None and last.has_header else None
        if last is None or prefix is None:
            return False
        last.strip(prefix.off)
        rest = prefix.off(first)
        self._join(last, record, line.with_first(rest, off=prefix.off), classify_line(rest))
        return True

    def _place_headed(self, record: Record, line: CleanLine, first: str, head: Head) -> Iterator[OpenEntry]:
        rest = first[head.message_at :]
        kind = classify_line(rest) if head.level is None or self.opened.entries else LineKind.NONE
        if kind is LineKind.BODY and self.opened.has_trace_near(record):
            # Every line of a trace may carry a time of its own (`[12:00:00]     at run (a.js:1:2)`).
            near = [entry for entry in self.opened.near(record) if entry.has_trace]
            self._join(choose(rest, near), record, line.with_first(rest), kind)
        elif kind is LineKind.START and head.level is None:
            yield from self._open(record, line, kind, head.level, has_header=True)
        else:
            yield from self._begin(record, line, first, head)

    def _begin(self, record: Record, line: CleanLine, first: str, head: Head) -> Iterator[OpenEntry]:
        is_alone = "\n" not in line.text
        rest = first[head.message_at :]
        is_untold = head.level is None and line.level is None
        is_plain = is_untold and is_alone and (not may_fail(rest[:400]) or is_quiet_json(rest.lstrip()))
        may_be_part = head.level is None and ":  " in rest[:200]
        if may_be_part and (whole := find_whole(rest, self.opened.near(record))) is not None:
            self._join(whole, record, line, LineKind.NONE)
        elif (again := find_repeated(first, self.opened.entries)) is not None:
            self._join(again, record, line, LineKind.NONE)
        elif is_plain or head.level in (Level.INFO, Level.DEBUG):
            self.see_quiet(first, record)
            if head.level is None:
                self.strays.note(self.opened.lines, record, first)
        else:
            yield from self._open(record, line, LineKind.NONE, head.level or line.level, has_header=True)

    def _place_headless(self, record: Record, line: CleanLine, first: str, kind: LineKind) -> Iterator[OpenEntry]:
        if first[:1] == "[" and (tagged := find_tagged(line.text, self.opened.near(record))) is not None:
            self._join(tagged[0], record, CleanLine(tagged[1], line.is_partial), classify_line(tagged[1]))
        elif kind is LineKind.NONE:
            yield from self._place_other(record, line, first)
        elif kind is LineKind.START and (owner := owner_of_start(self.opened, record, first)) is None:
            yield from self._open_start(record, line)
        elif kind is LineKind.START and owner is not None:
            self._join(owner, record, line, kind)
        else:
            yield from self._place_body(record, line, first)

    def _place_body(self, record: Record, line: CleanLine, first: str) -> Iterator[OpenEntry]:
        above = self.strays.header_of(self.opened.lines, first)
        near = self.opened.near(record)
        if above:
            yield from self._open(above[0], self.cleaned(above[0].message), LineKind.START, None)
            owner = self.opened.entries[-1]
            self.late_head.note_begin(owner, above[0], self.opened)
            for one in above[1:]:
                self._join(owner, one, self.cleaned(one.message), LineKind.NONE)
            self._join(owner, record, line, LineKind.BODY)
        elif near:
            self._join(choose(first, near), record, line, LineKind.BODY)
        elif head := self.strays.head_above(self.opened.lines):
            yield from self._open(head, self.cleaned(head.message), LineKind.NONE, None, has_header=True)
            self._join(self.opened.entries[-1], record, line, LineKind.BODY)
        elif self.before.follows_quiet(self.opened.lines):
            self._go_on_quietly(first)
        elif tailless := self.opened.last_with_trace():
            self._join(tailless, record, line, LineKind.BODY)
        else:
            yield from self._open(record, line, LineKind.BODY, None)
            self.late_head.note_begin(self.opened.entries[-1], record, self.opened)

    def _place_other(self, record: Record, line: CleanLine, first: str) -> Iterator[OpenEntry]:
        """A line that says nothing of itself: more of a message, a source line in a trace, or a stray print."""
        last = self.opened.written_before()
        if last is not None and is_last_word(last, first):
            self._join(last, record, line, LineKind.NONE)
        elif BARE_FATAL.match(first) or self._is_own_error(record, line, first):
            yield from self._open(record, line, LineKind.NONE, line.level, has_header=line.level is not None)
        elif (owner := self._owner_of_other(record, first)) is not None:
            self._join_message_above(owner, first)
            self._join(owner, record, line, LineKind.NONE)
        elif self.before.follows_quiet(self.opened.lines):
            if is_go_call(first) and self.strays.head_above(self.opened.lines):
                self.strays.note(self.opened.lines, record, first)
            self._go_on_quietly(first)
        else:
            self.before.see(first)
            self.strays.note(self.opened.lines, record, first)
            self.is_changed = True

    def _join_message_above(self, owner: OpenEntry, first: str) -> None:
        """Go prints a further error's message between two stacks: only the function below tells that it is one."""
        stray = self.strays.find(self.opened.lines - 1)
        is_between = owner.touched == self.opened.lines - 2 and goes_on_in_go(owner.last_line, first)
        if stray is not None and is_between and self._take_back(stray):
            self._join(owner, stray.record, self.cleaned(stray.record.message), LineKind.NONE)

    def _is_own_error(self, record: Record, line: CleanLine, first: str) -> bool:
        """Whether what shipped the line calls it an error, and no trace goes on with it."""
        is_told = line.level is not None and first[0] not in " \t"
        last = self.opened.written_before() if is_told else None
        if last is not None and last.has_trace and may_continue(last, first) and is_written_with(last, record):
            return False
        return is_told and not any(is_wanted(first, entry) for entry in self.opened.near(record))

    def _owner_of_other(self, record: Record, first: str) -> OpenEntry | None:
        near = [entry for entry in self.opened.near(record) if may_continue(entry, first)]
        if (wanting := find_wanting(first, near)) is not None:
            return wanting
        last = self.opened.written_before()
        if last is not None and is_written_on(last, record):
            return last
        if not near or self.before.follows_quiet(self.opened.lines):
            return None
        return max(near, key=lambda entry: entry.touched)

    def _place_again(self, lesson: Lesson, record: Record, line: CleanLine) -> Iterator[OpenEntry]:
        """Place the lines a prefix was learned from once more, without it."""
        above = list(lesson.above)
        owner: OpenEntry | None = None
        if lesson.prefix.is_headed:
            first, rest = above.pop(0)
            text = with_head(first.text.removesuffix(rest), rest)
            owner = self.opened.begun_by(first.record)
            if owner is None:
                yield from self._open(first.record, self._whole(first, text), LineKind.START, None, has_header=True)
                owner = self.opened.entries[-1]
            owner.rename(text)
            self._touch(owner)
        for stray, rest in above:
            if self._take_back(stray):
                yield from self._add(owner, stray.record, self._whole(stray, rest, off=lesson.prefix.off))
        self.strays.note_head(lesson.prefix.text)
        yield from self._add(owner, record, line.with_first(lesson.rest, off=lesson.prefix.off))

    def _whole(self, stray: Stray, first: str, *, off: Callable[[str], str] = str) -> CleanLine:
        """A stray with another text for its first line, and with the further ones, which are not remembered apart."""
        return CleanLine(self.cleaned(stray.record.message).text).with_first(first, off=off)

    def _go_on(self, above: Above, record: Record, line: CleanLine) -> Iterator[OpenEntry]:
        """Add to a trace a line with a head of its own, and what of a message stands between."""
        for stray, rest in above.between:
            if self._take_back(stray):
                self._join(above.entry, stray.record, self._whole(stray, rest), LineKind.NONE)
        self._touch(above.entry)
        yield from self._add(above.entry, record, line)

    def _add(self, owner: OpenEntry | None, record: Record, line: CleanLine) -> Iterator[OpenEntry]:
        self.opened.lines += 1
        kind = classify_line(line.text.partition("\n")[0])
        if owner is not None and kind is not LineKind.START and line.text.strip():
            self._join(owner, record, line, kind)
        else:
            yield from self.place(record, line)

    def _take_back(self, stray: Stray) -> bool:
        """Undo what became of a line; False for an entry that was given out, after a second of silence in the trace."""
        begun = self.opened.begun_by(stray.record)
        if begun is not None and not begun.emitted:
            self.retire(begun)
        elif not stray.is_owned:
            self.before.forget_last()
        return not stray.is_owned or (begun is not None and not begun.emitted)

    def _open_start(self, record: Record, line: CleanLine) -> Iterator[OpenEntry]:
        quiet = self.before.quiet
        is_of_quiet = (
            quiet is not None
            and self.before.follows_quiet(self.opened.lines)
            and is_same_instant(quiet.timestamp_ms, record.timestamp_ms)
        )
        if quiet is None or not is_of_quiet or line.text.startswith(OWN_STARTS):
            yield from self._open(record, line, LineKind.START, line.level)
            self.late_head.note_begin(self.opened.entries[-1], record, self.opened)
            return
        header = self.cleaned(quiet.message).text
        head = sniff(header)
        entry = OpenEntry(quiet, level=head.level if head else None, context=self.before.context)
        entry.add(quiet, header.split("\n"), LineKind.NONE)
        self.before.quiet = None
        yield from self._keep(entry)
        self._join(entry, record, line, LineKind.START)

    def _join(self, entry: OpenEntry, record: Record, line: CleanLine, kind: LineKind) -> None:
        lines = line.text.split("\n")
        if kind is LineKind.NONE and len(entry.lines) == 1 and entry.touched == self.opened.lines - 1:
            self.before.see_below(lines[0])
        entry.add(record, lines, kind)
        entry.is_cut_short = line.is_partial
        if len(lines) > 1:
            note_kinds(entry, lines)
        self._touch(entry)
        self.late_head.note_more(entry, record)

    def _touch(self, entry: OpenEntry) -> None:
        self.opened.touch(entry, now_ms=self.now_ms)
        self.is_changed = True

    def _blank(self, record: Record) -> None:
        """An empty line inside a trace stays with it (`direct cause` paragraphs); elsewhere it says nothing."""
        last = self.opened.written_before()
        if last is not None and last.has_trace and self.opened.is_near(last, record):
            last.add_blank(record)
            self._touch(last)
        else:
            self.before.go_on_quietly(self.opened.lines)

    def _go_on_quietly(self, text: str) -> None:
        """The line is more of the quiet one before it."""
        self.before.see_below(text)
        self.before.go_on_quietly(self.opened.lines)
        self.is_changed = True

    def see_quiet(self, text: str, record: Record | None) -> None:
        """Note a line below error; None for a record that no line can belong to."""
        self.is_changed = self.is_changed or record is not None or self.before.quiet is not None
        self.before.see_quiet(self.opened.lines, text, record)

    def retire(self, entry: OpenEntry) -> OpenEntry:
        """Let go of an entry."""
        self.is_changed = True
        return self.opened.retire(entry)
