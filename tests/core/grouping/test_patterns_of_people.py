"""Globs and shapes that people write: they mean what they say, and no text or pattern makes them slow."""

import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.grouping.globs import Glob, Globs, tokens_of
from mukiau.core.grouping.policy import Counting
from mukiau.core.grouping.shapes import MAX_TAKEN_CHARS, PLACEHOLDERS, ShapeError, Shapes, check_shape
from mukiau.core.templates import template_of


def template(message: str, *variables: str, kept: tuple[str, ...] = ()) -> str:
    return Counting(shapes=Shapes(variables=variables, kept=kept)).template(message)


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("com.acme.**", ["com.acme.A", "com.acme.pay.A"], ["com.acme", "com.acmes.A", "org.com.acme.A"]),
        ("com.*.Client", ["com.acme.Client"], ["com.acme.pay.Client", "com.Client"]),
        ("**.*b", ["x.a.y.ab", "a.b"], ["b", "a.bc"]),
        ("/srv/*/app.py", ["/srv/shop/app.py"], ["/srv/shop/x/app.py"]),
        ("E??", ["E12"], ["E1", "E123"]),
        ("App\\Domain\\**", ["App\\Domain\\Order"], ["App\\Other"]),
        ("在庫*", ["在庫サービス"], ["出庫"]),
    ],
)
def test_a_glob_stands_for_names(pattern: str, fitting: list[str], others: list[str]) -> None:
    glob = Glob(pattern)

    assert [text for text in [*fitting, *others] if glob.fits(text)] == fitting


@given(st.text("ab*?.", max_size=12), st.text("ab.", max_size=20))
def test_in_words_a_star_is_what_shells_take_it_for(pattern: str, text: str) -> None:
    assert Glob(pattern, in_names=False).fits(text) == fnmatchcase(text, pattern)


@given(st.text("ab*?.", max_size=8), st.text("ab.", max_size=12))
def test_in_names_a_star_stays_within_an_element(pattern: str, text: str) -> None:
    said = {"?": "(?s:.)", "*": r"[^./\\:]*", "**": "(?s:.*)"}
    meant = "".join(said.get(token) or re.escape(token) for token in tokens_of(pattern, in_names=True))

    assert Glob(pattern).fits(text) == (re.fullmatch(meant, text) is not None)


def test_several_globs_fit_where_one_does() -> None:
    globs = Globs(("java.lang.Error", "com.acme.*"))

    assert [text for text in ("java.lang.Error", "com.acme.A", "java.lang.Errors") if globs.fit(text)] == [
        "java.lang.Error",
        "com.acme.A",
    ]


class Counted(str):
    """A text that counts how often its characters are asked for."""

    asked = 0

    def __iter__(self):  # type: ignore[no-untyped-def]
        for char in str(self):
            Counted.asked += 1
            yield char


@pytest.mark.parametrize("pattern", ["*a" * 60 + "b", "**a*" * 49 + "b", "?*" * 99 + "b", "**.**.**.x"])
def test_a_hostile_glob_looks_at_every_character_once(pattern: str) -> None:
    Counted.asked = 0

    assert not Glob(pattern).fits(Counted("a" * 5_000))
    assert Counted.asked <= 5_000


def test_a_shape_makes_what_it_stands_for_a_variable() -> None:
    assert template("no SKU-abc, SKU-def", "SKU-{letters}") == "no <var>"
    assert template("tenant alice not found", "tenant {word}") == "<var> not found"
    assert template("pool:<main> is full", "pool:{any}") == "<var> is full"


def test_a_shape_stands_alone() -> None:
    assert template("xSKU-abc SKU-abcé SKU-ab_c", "SKU-{letters}") == "xSKU-abc <var>é SKU-ab_c"


def test_what_is_never_a_variable_stays() -> None:
    assert template_of("phase-7 failed for o-12") == "<num> failed for <num>"
    assert template("phase-7 failed for o-12", kept=("phase-{digits}",)) == "phase-7 failed for <num>"
    assert template("step=phase-7 failed", kept=("phase-{digits}",)) == "step=phase-7 failed"


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ("{digits}", "needs some text"),
        ("a{number}", "no {number}"),
        ("a{word}{digits}", "{word} takes all"),
        ("a" * 101, "at most 100"),
        ("a{digits}-" * 9, "at most 8"),
    ],
)
def test_what_is_no_shape_is_told_why(shape: str, says: str) -> None:
    with pytest.raises(ShapeError, match=re.escape(says)):
        check_shape(shape)


fragments = st.sampled_from([*("{" + name + "}" for name in PLACEHOLDERS), "a", "-", "7", " ", "x_", "é", "."])


@given(st.lists(fragments, min_size=1, max_size=8).map("".join), st.text("a7-_ xé.<", max_size=200))
def test_any_sound_shape_leaves_the_rest_of_a_text_as_it_was(shape: str, text: str) -> None:
    try:
        shapes = Shapes(variables=(shape,))
    except ShapeError:
        return

    pieces = list(shapes.pieces_of(text))

    kept = "".join(re.escape(known) if not stands else "(?s:.+)" for known, stands in pieces)
    assert re.fullmatch(kept, text) is not None


@pytest.mark.parametrize(
    "shape", ["a{any}b{any}c{any}d", "{hex}-{hex}-{hex}-{hex}z", "a{letters}{digits}{letters}{digits}!"]
)
def test_a_hostile_text_is_not_tried_in_many_ways(shape: str) -> None:
    """No way back into a placeholder: what is behind it was decided when it was taken."""
    pattern = Shapes(variables=(shape,))._pattern

    assert pattern is not None
    assert re.findall(r"\{\d+,\d+\}(?!\+)", pattern.pattern) == []
    assert f"{{1,{MAX_TAKEN_CHARS}}}+" in pattern.pattern
    assert list(Shapes(variables=(shape,)).pieces_of("ab" * 5_000 + "a1" * 5_000))[-1][1] == ""
