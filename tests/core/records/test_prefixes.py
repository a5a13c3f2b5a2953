"""What runtimes and tools put in front of lines."""

import pytest

from mukiau.core.records.prefixes import CleanLine, clean, is_piece


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("plain\r\n", "plain"),
        ("\ufeffplain", "plain"),
        ("\x1b[31mERROR\x1b[0m boom", "ERROR boom"),
        ("2026-10-05T12:00:00.123456789Z stdout F boom", "boom"),
        ("2026-10-05T12:00:00.1+09:00 stderr F     at run (a.js:1:2)", "    at run (a.js:1:2)"),
        ('{"log":"boom\\n","stream":"stderr","time":"2026-10-05T12:00:00Z"}', "boom"),
        ("orders-1  | boom", "boom"),
        ("orders-1  |     at run (a.js:1:2)", "    at run (a.js:1:2)"),
        ("0|api      | boom", "boom"),
        ("Oct  5 12:00:00 host-1 orders[12]: boom", "boom"),
        ("<34>1 2026-10-05T12:00:00Z host orders 1 - - boom", "boom"),
        ("2026-10-05T12:00:00.1234567Z boom", "boom"),
    ],
)
def test_a_prefix_is_taken_off(message: str, text: str) -> None:
    assert clean(message).text == text


@pytest.mark.parametrize(
    "message",
    [
        "  | 1 | 2 |",
        "a | b | c d",
        '{"log":"text","level":"info"}',
        "  + Exception Group Traceback",
        "12:00:00 x",
        "ERROR    | boom boom",
        "2026-10-05T12:00:00Z ERROR worker[3]: boom",
    ],
)
def test_ordinary_text_keeps_what_looks_like_a_prefix_only_at_a_glance(message: str) -> None:
    assert clean(message).text.endswith(message[-6:])
    assert len(clean(message).text) >= len(message) - 4


def test_partial_lines_are_marked() -> None:
    assert clean("2026-10-05T12:00:00Z stdout P half") == CleanLine(
        "half", is_partial=True, time="2026-10-05T12:00:00Z"
    )
    assert clean('{"log":"half","stream":"stdout","time":"t"}') == CleanLine("half", is_partial=True, time="t")


def test_a_piece_is_told_by_its_size_in_bytes() -> None:
    assert is_piece("x" * 16_384)
    assert is_piece("あ" * 5_460 + "xxxx")
    assert not is_piece("x" * 16_000)
    assert not is_piece("x" * 20_000)
