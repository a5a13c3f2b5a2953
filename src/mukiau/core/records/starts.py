"""Whose the beginning of a trace is: that of a header written at the same moment, a chain that goes on, or nobody's."""

from mukiau.core.records.joining import OWN_STARTS, is_second_start, wants_start
from mukiau.core.records.open_entries import OpenEntries
from mukiau.core.records.open_entry import OpenEntry
from mukiau.core.records.record import Record
from mukiau.core.records.succession import choose, share_words
from mukiau.core.traces.php_console import is_head


def owner_of_start(opened: OpenEntries, record: Record, first: str) -> OpenEntry | None:
    """The entry whose trace begins or goes on with a line that would begin one; None where it begins its own."""
    near = opened.near(record)
    going_on = [entry for entry in near if wants_start(entry, first)]
    if going_on:
        return choose(first, going_on)
    if first.startswith(OWN_STARTS):
        return None
    before = next((entry for entry in near if entry is opened.written_before()), None)
    if before is not None and is_head(first) and is_head(before.lines[0]):
        return before
    headers = [(share_words(first, one.lines[0]), one.touched, one) for one in near if opened.awaits_trace(one, record)]
    words, _, header = max(headers, key=lambda fit: fit[:2]) if headers else (0, 0, None)
    is_second = before is not None and is_second_start(before, first)
    if header is not None or is_second:
        return before if is_second and not words else header
    if first[:1] in " \t" and near:
        return max(near, key=lambda entry: entry.touched)
    return None
