"""What somebody wrote into a log does nothing to the terminal it is shown on."""

import json
import unicodedata
from typing import Any

import pytest

from mukiau.cli.terminal import block, json_line, one_line

HOSTILE = (
    "\x1b[2J\x1b[31mred", "\x1b]0;title\x07", "\x1b]52;c;cm0gLXJm\x07", "\x9b31mred", "over\rwritten", "back\x08\x08space",
    "\u202egnp.exe", "\u2066isolate\u2069", "zero\u200bwidth", "\u2028line\u2029end", "bell\x07", "\x7f", "\x00", "\x85next",
    "two\nERROR  forged line", "\x0b\x0c", "\ufeffmark",
)  # fmt: skip


def _does_nothing(text: str) -> bool:
    """Only letters and line ends that we made: nothing a terminal acts on."""
    return all(char == "\n" or unicodedata.category(char) not in {"Cc", "Cf", "Zl", "Zp", "Cs"} for char in text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_on_one_line_and_does_nothing(text: str) -> None:
    shown = one_line(text)

    assert _does_nothing(shown)
    assert "\n" not in shown
    assert json.loads(json_line({text: text})) == {text: text}
    assert _does_nothing(json_line(text))


def test_a_line_of_a_text_never_stands_where_a_line_of_ours_would() -> None:
    assert block("a\nERROR  b\r\nc", indent="    ").split("\n") == ["a", "    ERROR  b", "    c"]


def test_japanese_and_emoji_stay_as_they_are() -> None:
    assert one_line("注文 118 の請求に失敗 👩‍💻 é") == "注文 118 の請求に失敗 👩‍💻 é"


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("command", [("parse", "-"), ("parse", "-", "--json"), ("group", "-")], ids=" ".join)
def test_what_commands_print_of_a_hostile_log_does_nothing(mukiau: Any, command: tuple[str, ...], text: str) -> None:
    record = {"log_group": f"/ecs/prod/{text}", "log_stream": text, "id": text}
    message = f'2026-11-20 10:12:07,311 ERROR [{text}] {text} - {text}\nTraceback (most recent call last):\n  File "{text}"\nE: {text}'

    printed = mukiau(*command, text=json.dumps({**record, "message": message}) + "\n").output

    assert _does_nothing(printed)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_line_of_a_text_looks_like_an_event_of_its_own(mukiau: Any, text: str) -> None:
    record = {"log_group": "/ecs/prod/shop", "log_stream": "s", "id": "1"}
    message = f"2026-11-20 10:12:07,311 ERROR [main] a.B - first\nERROR  forged\n{text}"

    printed = mukiau("parse", "-", text=json.dumps({**record, "message": message}) + "\n").output

    assert [line for line in printed.split("\n") if line.startswith("ERROR  ")] == printed.split("\n")[:1]
