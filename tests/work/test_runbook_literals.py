"""A literal is exactly the value, to the program that reads it, or there is none; judges: SQLite, bash, shlex, json."""

import json
import re
import shlex
import sqlite3
import subprocess
import unicodedata
from contextlib import closing
from pathlib import Path

import pytest
from hostile_values import INJECTIONS
from hypothesis import given
from hypothesis import strategies as st

from mukiau.work.runbooks.characters import is_backslash_like, is_control, is_hidden, is_quote_like, visible
from mukiau.work.runbooks.literals import MAX_VALUE_CHARS, Language, Refusal, language_of, literal

VALUES = (
    st.text(st.characters(), max_size=40) | st.text("'\"\\`$();-*/#\n {}ab", max_size=20) | st.sampled_from(INJECTIONS)
)


@given(VALUES)
def test_sqlite_reads_the_literal_as_the_value(value: str) -> None:
    made = literal(Language.SQL, value)

    if not isinstance(made, Refusal):
        with closing(sqlite3.connect(":memory:")) as database:
            assert database.execute(f"SELECT {made}, {made}").fetchall() == [(value, value)]
        assert "\\" not in made


@given(VALUES, st.booleans())
def test_a_shell_reads_the_literal_as_one_word(value: str, has_pattern: bool) -> None:
    made = literal(Language.SHELL, value, has_pattern=has_pattern)

    if not isinstance(made, Refusal):
        assert shlex.split(f"grep --id={made} {made}") == ["grep", f"--id={value}", value]
        assert has_pattern or not value.startswith("-")


_PLAIN = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/@%+=,-")


@given(VALUES | st.text(st.sampled_from(sorted(_PLAIN)), min_size=1))
def test_a_command_is_given_plain_values_unless_the_runbook_says_which_it_means(value: str) -> None:
    made = literal(Language.SHELL, value)

    is_plain = bool(value) and set(value) <= _PLAIN and not value.startswith("-")
    assert isinstance(made, Refusal) is not (is_plain and len(value) <= MAX_VALUE_CHARS)


def test_bash_prints_what_was_sent_and_does_nothing_else(tmp_path: Path) -> None:
    made = [(value, literal(Language.SHELL, value, has_pattern=True)) for value in INJECTIONS]
    passed = [(value, one) for value, one in made if not isinstance(one, Refusal)]

    script = "printf '%s\\0' " + " ".join(one for _, one in passed)
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, check=True)

    assert done.stdout.decode().split("\0")[:-1] == [value for value, _ in passed]
    assert done.stderr == b""
    assert list(tmp_path.iterdir()) == []
    assert len(passed) > 15


@given(VALUES)
def test_json_reads_the_literal_as_the_value_and_it_is_plain_ascii(value: str) -> None:
    made = literal(Language.JSON, value)

    if not isinstance(made, Refusal):
        assert json.loads(f'{{"id": {made}}}') == {"id": value}
        assert made.isascii()
        assert not set(made) & set("<>&'\n")


@given(VALUES, st.sampled_from(list(Language)))
def test_what_nobody_sees_is_in_no_literal(value: str, language: Language) -> None:
    made = literal(language, value)

    if not isinstance(made, Refusal):
        assert not any(is_control(char) or is_hidden(char) for char in made)


@pytest.mark.parametrize(
    ("language", "value", "refusal"),
    [
        (Language.SQL, "a\\", Refusal.BACKSLASH),
        (Language.SQL, "a\nb", Refusal.CONTROL),
        (Language.SQL, "a\x00", Refusal.CONTROL),
        (Language.SQL, "a\u202eb", Refusal.HIDDEN),
        (Language.SQL, "a\u200db", Refusal.HIDDEN),
        (Language.SQL, "\ud800", Refusal.HIDDEN),
        (Language.SQL, "O\u02bcBrien", Refusal.QUOTE_LIKE),
        (Language.SQL, "\uff07", Refusal.QUOTE_LIKE),
        (Language.SQL, "\u00a5", Refusal.BACKSLASH_LIKE),
        (Language.SQL, "\uff3c' OR 1=1", Refusal.BACKSLASH_LIKE),
        (Language.SQL, "\u20a9", Refusal.BACKSLASH_LIKE),
        (Language.SQL, "a\u203e", Refusal.QUOTE_LIKE),
        (Language.SHELL, "a\uffe5", Refusal.BACKSLASH_LIKE),
        (Language.SHELL, "\uff02", Refusal.QUOTE_LIKE),
        (Language.SHELL, "\u2019", Refusal.QUOTE_LIKE),
        (Language.SHELL, "-rf", Refusal.HYPHEN),
        (Language.SHELL, "a\\'b", Refusal.BACKSLASH),
        (Language.SHELL, "a\tb", Refusal.CONTROL),
        (Language.SHELL, "$(id)", Refusal.NOT_PLAIN),
        (Language.SHELL, "a b", Refusal.NOT_PLAIN),
        (Language.SHELL, "注文", Refusal.NOT_PLAIN),
        (Language.SHELL, "~root", Refusal.NOT_PLAIN),
        (Language.SHELL, "a\u2028b", Refusal.CONTROL),
        (Language.JSON, "x" * 1_001, Refusal.TOO_LONG),
    ],
)
def test_a_refusal_says_why(language: Language, value: str, refusal: Refusal) -> None:
    assert literal(language, value) == refusal


_CODECS = (
    "shift_jis shift_jis_2004 shift_jisx0213 cp932 euc_jp euc_jis_2004 iso2022_jp iso2022_jp_2004 gbk gb18030 big5 cp950 hz euc_kr cp949 johab "
    "cp437 cp850 cp1252 latin-1"
).split()
_ESCAPES = re.compile(rb"\x1b\$?\(?[@-Z]|~[{}]")
_BEST_FITS = {
    "'": "\u02b9\u02bc\u02c8\u2032\u2019\u00b4",
    '"': "\u00a8\u02ba\u030e\u201c\u201d",
    "`": "\u0300\u02cb\u2035\u2018",
}
"""Of Windows (437 and 1252); Python's codecs have none."""


def _meant(char: str) -> set[str]:
    """Return the ASCII characters that a character alone becomes in some character set or normal form."""
    made = {_ESCAPES.sub(b"", char.encode(codec, "ignore")) for codec in _CODECS}
    folded = {one.decode() for one in made if len(one) == 1 and one.isascii()}
    fits = {ascii_ for ascii_, chars in _BEST_FITS.items() if char in chars}
    return folded | fits | set(unicodedata.normalize("NFKC", char)) | set(unicodedata.normalize("NFC", char))


def test_no_character_that_folds_to_a_quote_or_a_backslash_is_let_through() -> None:
    characters = [chr(number) for number in range(0x80, 0x10000)]

    meant = {char: _meant(char) for char in characters}

    assert [char for char in characters if "\\" in meant[char] and not is_backslash_like(char)] == []
    assert [char for char in characters if meant[char] & set("'\"`") and not is_quote_like(char)] == []
    assert _meant("\u00a5") >= {"\\"}  # the judge sees what it is here for


def test_a_double_byte_character_that_ends_as_a_backslash_does_is_a_value_like_others() -> None:
    value = "表能ソ十"

    assert "表".encode("shift_jis")[1:] == b"\\"
    assert literal(Language.SQL, value) == f"'{value}'"


def test_a_hyphen_in_front_needs_a_runbook_that_means_it() -> None:
    assert literal(Language.SHELL, "-5", has_pattern=True) == "'-5'"


@given(VALUES, st.booleans())
def test_what_a_second_shell_reads_means_itself(value: str, has_pattern: bool) -> None:
    made = literal(Language.SHELL, value, has_pattern=has_pattern, is_read_again=True)

    if not isinstance(made, Refusal):
        assert shlex.split(shlex.split(made)[0]) == [value]
        assert not set(value) & set("$`;&|<>(){}*?[]~!#\\\"' \n")


@given(st.text())
def test_visible_text_holds_nothing_unseen(text: str) -> None:
    assert not any(is_hidden(char) for char in visible(text))


@pytest.mark.parametrize(
    ("info", "language"),
    [
        ("sql", Language.SQL),
        ("PostgreSQL title=x", Language.SQL),
        ("{.bash}", Language.SHELL),
        ("json", Language.JSON),
        ("text", None),
        ("", None),
        ("powershell", None),
        ("fish", None),
    ],
)
def test_a_block_is_of_the_language_it_names(info: str, language: Language | None) -> None:
    assert language_of(info) is language
