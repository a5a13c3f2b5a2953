"""Text from outside on a terminal: what would move the cursor, colour, hide, reorder or forge lines is shown, not done.

A log line may hold whatever its writer's user sent: escape sequences that rewrite the screen or the clipboard, returns
that overwrite what stands before them, marks that turn the reading direction around.
"""

import json

_DIRECTIONS = (0x061C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF)
_LINE_ENDS = (0x2028, 0x2029)
# Escaped as JSON writes it, so that the table serves texts and JSON alike; in JSON the first 32 are escaped already.
_SHOWN = {code: f"\\u{code:04x}" for code in (*range(0x20), *range(0x7F, 0xA0), *_DIRECTIONS, *_LINE_ENDS)} | {
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
}


def one_line(text: str) -> str:
    r"""Return a text that is one line and does nothing.

    >>> one_line("a\x1b[31mb\nc")
    'a\\u001b[31mb\\nc'
    """
    return text.translate(_SHOWN)


def block(text: str, *, indent: str) -> str:
    """Return a text of several lines, each below the first one indented: none looks like a line of our own."""
    return f"\n{indent}".join(one_line(line.rstrip("\r").expandtabs(4)) for line in text.split("\n"))


def json_line(value: object) -> str:
    """Return a value as JSON on one line, in its own letters."""
    return json.dumps(value, ensure_ascii=False).translate(_SHOWN)


def counted(count: int, word: str) -> str:
    """Return how many there are of something.

    >>> counted(1, "issue"), counted(2_000, "log line")
    ('1 issue', '2,000 log lines')
    """
    return f"{count:,} {word}{'' if count == 1 else 's'}"
