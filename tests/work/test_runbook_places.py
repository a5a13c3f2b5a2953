"""A variable stands where its literal is read as one, whatever the dialect; else the block is refused."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mukiau.work.runbooks.literals import Language, Refusal, literal
from mukiau.work.runbooks.places import MAX_CODE_CHARS, MAX_VARIABLES, places_in
from mukiau.work.runbooks.problems import ProblemKind
from mukiau.work.runbooks.variables import CLOSE, MARK, OPEN, lift

X = f"{OPEN}0{CLOSE}"
IN_QUOTES, TOUCHES = ProblemKind.VARIABLE_IN_QUOTES, ProblemKind.VARIABLE_TOUCHES


def problem_of(language: Language, code: str) -> ProblemKind | None:
    return places_in(language, lift(code).text)[-1].problem


@pytest.mark.parametrize(
    "code",
    [
        "SELECT * FROM orders WHERE id = {{ x }};",
        "UPDATE o SET a = 'b', c = {{ x }} WHERE d = \"e\" AND f IN ({{ x }}, {{ x }})",
        "-- the order\nSELECT {{ x }}::text",
        "/* it is */ DELETE FROM o WHERE id={{ x }}",
        "SELECT 'it''s', {{ x }}",
    ],
)
def test_sql_may_hold_a_variable_as_a_value(code: str) -> None:
    assert problem_of(Language.SQL, code) is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("SELECT '{{ x }}'", IN_QUOTES),
        ("SELECT 'a {{ x }} b'", IN_QUOTES),
        ('SELECT "{{ x }}"', IN_QUOTES),
        ("SELECT `a {{ x }}`", IN_QUOTES),
        ("SELECT 'it\\'s', {{ x }}, '", IN_QUOTES),
        ("SELECT 'a\\', {{ x }}", IN_QUOTES),
        ("-- it's\nSELECT ' {{ x }} '", IN_QUOTES),
        ("# it's\nSELECT ' {{ x }} '", IN_QUOTES),
        ("/* it's */ SELECT ' {{ x }} '", IN_QUOTES),
        ("/* {{ x }} */", IN_QUOTES),
        ("/* /* */ {{ x }} */", IN_QUOTES),
        ("/*! SELECT {{ x }} */", IN_QUOTES),
        ("SELECT 1 -- {{ x }}", IN_QUOTES),
        ("SELECT $$ {{ x }} $$", IN_QUOTES),
        ("SELECT $a$ ' $a$, ' {{ x }} '", IN_QUOTES),
        ("SELECT q'[it's]', ' {{ x }} '", IN_QUOTES),
        ("SELECT [it's], ' {{ x }} '", IN_QUOTES),
        ("SELECT '' {{ x }} ''' {{ x }}", IN_QUOTES),
        ("SELECT E{{ x }}", TOUCHES),
        ("SELECT N{{ x }}", TOUCHES),
        ("SELECT _utf8{{ x }}", TOUCHES),
        ("SELECT 'a'{{ x }}", TOUCHES),
        ("SELECT {{ x }}'a'", TOUCHES),
        ("SELECT {{ x }}{{ x }}", TOUCHES),
        ("SELECT $1{{ x }}", TOUCHES),
        ("SELECT ${{ x }}", TOUCHES),
        ("SELECT U&{{ x }}", TOUCHES),
        ("SELECT :{{ x }}", TOUCHES),
        ("SELECT \\{{ x }}", TOUCHES),
        ("SELECT 注{{ x }}", TOUCHES),
    ],
)
def test_sql_refuses_a_variable_where_some_dialect_would_not_read_it_as_a_value(code: str, kind: ProblemKind) -> None:
    assert problem_of(Language.SQL, code) is kind


@pytest.mark.parametrize(
    "code",
    [
        "grep {{ x }} app.log",
        "mukiau --id={{ x }}",
        "cat logs/{{ x }}.log | wc -l",
        "# it's\nprintf %s {{ x }}",
        "a \\\n  {{ x }}",
    ],
)
def test_a_shell_line_may_hold_a_variable_as_a_word(code: str) -> None:
    assert problem_of(Language.SHELL, code) in {None, IN_QUOTES if "'" in code else None}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("echo '{{ x }}'", IN_QUOTES),
        ('echo "{{ x }}"', IN_QUOTES),
        ('echo "$(grep " {{ x }} ")"', IN_QUOTES),
        ("echo `cat {{ x }}`", IN_QUOTES),
        ("cat <<EOF\n{{ x }}\nEOF", IN_QUOTES),
        ("# don't\necho ' {{ x }} '", IN_QUOTES),
        ("echo $'it\\'s' ' {{ x }} '", IN_QUOTES),
        ("echo ${a:- {{ x }}}", IN_QUOTES),
        ("diff <(sort {{ x }})", IN_QUOTES),
        ("echo '' # ' {{ x }}", IN_QUOTES),
        ("echo ${{ x }}", TOUCHES),
        ("echo 'a'{{ x }}", TOUCHES),
        ("echo {{ x }}{{ x }}", TOUCHES),
        ("curl -d '{\"id\": {{ x }}}'", IN_QUOTES),
    ],
)
def test_a_shell_line_refuses_a_variable_within_anything(code: str, kind: ProblemKind) -> None:
    assert problem_of(Language.SHELL, code) is kind


@pytest.mark.parametrize("code", ['{"id": {{ x }}}', "[{{ x }}, 1]", "{{ x }}"])
def test_json_may_hold_a_variable_as_a_value(code: str) -> None:
    assert problem_of(Language.JSON, code) is None


@pytest.mark.parametrize(
    "code", ['{"id": "{{ x }}"}', '{"id": "\\" {{ x }}"}', "{'id': ' {{ x }} '}", "// {{ x }}", "a{{ x }}"]
)
def test_json_refuses_a_variable_elsewhere(code: str) -> None:
    assert problem_of(Language.JSON, code) is not None


@pytest.mark.parametrize(
    "code",
    [
        "ssh host rm {{ x }}",
        "ssh host \\\n  rm {{ x }}",
        "sh -c {{ x }}",
        "eval {{ x }}",
        "echo {{ x }} | xargs rm",
        "echo {{ x }} | sh",
        "sudo -u app sh -c {{ x }}",
        "psql -c {{ x }}",
        "kubectl exec pod -- bash -c {{ x }}",
        "[[ {{ x }} -eq 1 ]]",
        "sed s/a/{{ x }}/ f",
        "awk {{ x }} f",
        "/usr/bin/env {{ x }}",
        "FOO=1 python3 x.py {{ x }}",
        'id={{ x }}\neval "rm $id"',
        'set -- {{ x }}\nssh host "rm $1"',
        "scp {{ x }} host:",
    ],
)
def test_a_block_that_is_read_again_is_known(code: str) -> None:
    assert places_in(Language.SHELL, lift(code).text)[-1].is_read_again


def test_a_block_that_is_read_once_is_known_too() -> None:
    code = "ls /var/log\ngrep {{ x }} app.log"

    assert not places_in(Language.SHELL, lift(code).text)[-1].is_read_again


@pytest.mark.parametrize(
    ("language", "code"),
    [
        (Language.SQL, "SELECT * FROM o WHERE id LIKE {{ x }}"),
        (Language.SQL, "DELETE FROM o WHERE id like\n{{ x }}"),
        (Language.SQL, "DELETE FROM o WHERE id NOT ILIKE {{ x }}"),
        (Language.SQL, "DELETE FROM o WHERE id LIKE CONCAT('a and b;', {{ x }}, '%')"),
        (Language.SQL, "DELETE FROM o WHERE id LIKE '%' || {{ x }}"),
        (Language.SQL, "DELETE FROM o WHERE id LIKE ANY (ARRAY[{{ y }}, {{ x }}])"),
        (Language.SQL, "DELETE FROM o WHERE id LIKE -- this and that\n {{ x }}"),
        (Language.SQL, "DELETE FROM o WHERE id GLOB {{ x }}"),
        (Language.SQL, "DELETE FROM o WHERE id SIMILAR TO {{ x }}"),
        (Language.SQL, "DELETE FROM o WHERE id REGEXP {{ x }}"),
        (Language.SQL, "DELETE FROM o WHERE regexp_like(id, {{ x }})"),
        (Language.SQL, "DELETE FROM o WHERE id ~* {{ x }}"),
        (Language.SHELL, "grep -r {{ x }} ."),
        (Language.SHELL, "cat a | egrep -v \\\n  {{ x }}"),
        (Language.SHELL, "find . -name {{ x }} -delete"),
        (Language.SHELL, "pkill -f {{ x }}"),
        (Language.SHELL, "docker ps --filter name={{ x }}"),
        (Language.JSON, '{"query": {"wildcard": {"id": {{ x }}}}}'),
        (Language.JSON, '{"query": {"query_string": {"query": {{ x }}}}}'),
        (Language.JSON, '{"id": {"$regex": {{ x }}}}'),
    ],
)
def test_a_place_where_a_pattern_is_read_is_known(language: Language, code: str) -> None:
    wildcards = places_in(language, lift(code).text)[-1].wildcards

    assert "*" in wildcards
    assert literal(language, "a*", has_pattern=True, wildcards=wildcards) is Refusal.WILDCARD
    assert literal(language, ".", has_pattern=True, wildcards=wildcards) is Refusal.WILDCARD
    assert not isinstance(literal(language, "OD-1", wildcards=wildcards), Refusal)


@pytest.mark.parametrize("value", ["%", "a%", "a_b", "*", "[a-z]"])
def test_like_is_given_no_wildcard(value: str) -> None:
    (place,) = places_in(Language.SQL, lift("DELETE FROM o WHERE id LIKE {{ x }}").text)

    assert literal(Language.SQL, value, wildcards=place.wildcards) is Refusal.WILDCARD


@pytest.mark.parametrize(
    ("language", "code"),
    [
        (Language.SQL, "SELECT * FROM o WHERE id = {{ x }} AND name LIKE 'a%'"),
        (Language.SQL, "SELECT * FROM o WHERE name LIKE 'a%' AND id = {{ x }}"),
        (Language.SQL, "SELECT name LIKE 'a%' FROM o; SELECT {{ x }}"),
        (Language.SHELL, "grep a b\nls {{ x }}"),
        (Language.SHELL, "grep -rF {{ x }} ."),
        (Language.SHELL, "grep a b | cut -d {{ x }}"),
        (Language.JSON, '{"query": {"term": {"id": {{ x }}}}}'),
        (Language.JSON, '{"wildcard": {"a": "b*"}, "id": {{ x }}}'),
    ],
)
def test_a_place_where_no_pattern_is_read_is_known_too(language: Language, code: str) -> None:
    assert places_in(language, lift(code).text)[-1].wildcards == ""


def test_a_block_too_long_to_be_read_in_every_way_holds_no_variable() -> None:
    assert problem_of(Language.SQL, "SELECT {{ x }}" + " " * MAX_CODE_CHARS) is IN_QUOTES


def test_a_block_of_too_many_variables_is_told_to_be() -> None:
    few, many = (places_in(Language.SQL, lift("SELECT " + "{{ x }}, " * count).text) for count in (200, 201))

    assert {place.problem for place in few} == {None}
    assert {place.problem for place in many} == {ProblemKind.MANY_VARIABLES}
    assert MAX_VARIABLES == 200


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    "piece",
    [
        "/*",
        "/**/",
        "''",
        "'",
        "q'",
        "$a$",
        "$",
        "--\n",
        "[",
        "\\",
        "((",
        "sh ",
        "-c",
        "<",
        " ",
        "like ",
        "~",
        '"like":',
        "grep ",
        " -",
    ],
)
def test_reading_a_block_takes_bounded_time(piece: str, language: Language) -> None:
    variables = f" {X}, " * MAX_VARIABLES
    code = piece * ((MAX_CODE_CHARS - len(variables)) // len(piece)) + variables

    started = time.monotonic()
    places = places_in(language, code)

    assert len(places) == MAX_VARIABLES
    assert time.monotonic() - started < 5


# --- Against the shell itself -----------------------------------------------------------------------------------------

_BASH = shutil.which("bash") or "/bin/bash"
_PIECES = st.sampled_from(
    ["'", '"', "\\", "#", " ", "a", "\n", X, X, "$'", "`", ";", "=", "$(", ")", "${", "}", "<<a\n", "|", "$"]
)
_HOSTILE = "$(: >&2 pwned; echo pwned >&2)'$(echo pwned >&2)' `echo pwned >&2` ; echo pwned >&2 # "


@example([X, " ", '"', "$(", '"', " ", X, " ", '"', ")", '"'])
@example(["#", " ", "'", "\n", "a", " ", "'", " ", X, " ", "'"])
@settings(max_examples=150)
@given(st.lists(_PIECES, min_size=1, max_size=14))
def test_nothing_of_a_value_runs_in_whatever_block_it_was_let_into(pieces: list[str]) -> None:
    code = "".join(pieces)
    places = places_in(Language.SHELL, code)
    word = literal(Language.SHELL, _HOSTILE, has_pattern=True)
    assert not isinstance(word, Refusal)
    if not places or any(place.problem is not None or place.is_read_again for place in places):
        return

    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [_BASH, "--norc", "-c", MARK.sub(lambda _: word, code)],
            cwd=Path(folder),
            env={"PATH": "/nowhere", "LC_ALL": "C", "HOME": os.devnull},
            capture_output=True,
            check=False,
            timeout=20,
            stdin=subprocess.DEVNULL,
        )

    # bash names a command it cannot find, in its own words and with all of the value; what ran says only the one word.
    assert b"pwned" not in done.stderr.splitlines()
