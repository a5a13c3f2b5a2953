"""A policy's text: the defaults are written out, and every mistake is named with its line."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.grouping.default_text import DEFAULT_TEXT
from mukiau.core.grouping.policy import DEFAULT, Policy, SourceKind
from mukiau.core.grouping.policy_lines import lines_of
from mukiau.core.grouping.policy_mistakes import render_mistake
from mukiau.core.grouping.policy_text import MAX_POLICY_CHARS, MAX_RULES, parse_policy


def mistakes(text: str) -> list[str]:
    parsed = parse_policy(text)
    assert parsed.policy is None
    return [render_mistake(mistake) for mistake in parsed.mistakes]


def policy(text: str) -> Policy:
    parsed = parse_policy(f"defaults = 1\n{text}")
    assert parsed.mistakes == ()
    assert parsed.policy is not None
    return parsed.policy


def test_the_text_of_the_defaults_is_the_defaults() -> None:
    assert parse_policy(DEFAULT_TEXT).policy == DEFAULT
    assert parse_policy("defaults = 1").policy == DEFAULT


def test_every_example_in_the_text_of_the_defaults_is_sound() -> None:
    lines = [line.removeprefix("# ") for line in DEFAULT_TEXT.splitlines() if line.startswith("# ")]
    examples = [line for line in lines if re.match(r"\[\[|[a-z.]+ = ", line)]
    before, rules = examples[: examples.index("[[rules]]")], examples[examples.index("[[rules]]") :]
    also, include, exclude, variables, keep, wordings = before

    found = policy("\n".join([also, "[in_app]", include, exclude, "[templates]", variables, keep, wordings, *rules]))

    assert [rule.name for rule in found.rules] == ["carrier answers", "nightly import"]
    assert found.rules[0].counting.frames == 0


def test_the_text_names_everything_that_can_be_named() -> None:
    assert [kind for kind in SourceKind if kind.value not in DEFAULT_TEXT] == []


def test_all_mistakes_are_named_at_once_in_the_order_of_their_lines() -> None:
    text = """\
defaults = 1
[count]
frames = 99
links = "rot"
servce = true
[templates]
variables = [
  "SKU-{digits}",
  "a{number}",
]
[[rules]]
name = "one"
when.environment = "prod"
also = ["tag:code", "tgs:code", "tag:host"]
[[rules]]
name = "one"
when = { level = ["error", "eror"], hash = "abc" }
title = "{{ tag:x"
fingerprint = ["{{ typ }}"]
"""

    splits = "an issue spans all environments, hosts and releases, so these are no condition and no part."
    here = "service, links, order, frames, way_in, messages, codes, ignored_codes, logger, client_fingerprint or see_through"
    sources = (
        "service, type, root_type, types, message, root_message, function, entry, frames:1…20, codes, logger, level"
    )
    sources += ", platform, transaction, call_site, tag:NAME or value:KEY"
    placeholders = "{digits}, {letters}, {hex}, {word}, {any}"
    levels = "debug, info, warning, error or fatal"

    assert mistakes(text) == [
        "line 3: count.frames must be a whole number from 0 to 20, not 99.",
        "line 4: count.links cannot be rot; allowed is all, root or outermost. Did you mean root?",
        f"line 5: There is no count.servce; here may stand {here}. Did you mean service?",
        f"line 9: templates.variables.2 is no shape of a variable. There is no {{number}}; allowed are {placeholders}.",
        f"line 13: rules.1.when.environment names environment: {splits}",
        f"line 14: rules.1.also.2 cannot be tgs:code; allowed is {sources}. Did you mean tag:code?",
        f"line 14: rules.1.also names host: {splits}",
        "line 16: rules.2.name: another rule is called one.",
        f"line 17: rules.2.when.level.2 cannot be eror; allowed is {levels}. Did you mean error?",
        "line 17: rules.2.when.hash.1 cannot be abc; allowed is 32 hex digits.",
        "line 18: rules.2.title.1 has braces that do not close: {{ tag:x.",
        f"line 19: rules.2.fingerprint.1 cannot be typ; allowed is {sources}. Did you mean type?",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: defaults is missing; allowed is defaults = 1."),
        ("defaults = 2", "line 1: defaults must be 1, not 2."),
        ('defaults = "1"', "line 1: defaults must be 1, not 1."),
        ("defaults = 1\ncount = 7", "line 2: count must be a table, not 7."),
        ("defaults = 1\nalso = [1]", "line 2: also must be a text or a list of texts, not [1]."),
        ("defaults = 1\n[count]\nservice = 1", "line 3: count.service must be true or false, not 1."),
        ("defaults = 1\nrules = 1", "line 2: rules must be tables, each under [[rules]], not 1."),
        ('defaults = 1\n[[rules]]\nname = "a"\nwhen = {}', "line 4: rules.1.when is empty."),
        ("defaults = 1\nalso = ['']", "line 2: also.1 is empty."),
    ],
)
def test_a_mistake_is_told_in_a_sentence(text: str, said: str) -> None:
    assert mistakes(text) == [said]


def test_what_is_no_toml_is_told_with_its_line() -> None:
    (said,) = mistakes("defaults = 1\n[count\n")

    assert said.startswith("line 2: This is no TOML: ")


def test_a_text_beyond_its_bounds_is_refused() -> None:
    rule = '[[rules]]\nname = "{}"\nwhen.service = "a"\n'
    many = "defaults = 1\n" + "".join(rule.format(number) for number in range(MAX_RULES + 1))

    assert mistakes("#" * (MAX_POLICY_CHARS + 1)) == [
        f"line 1: the policy is too long: it may have at most {MAX_POLICY_CHARS:,} characters."
    ]
    assert next(said for said in mistakes(many) if "rules" in said).endswith("there may be at most 200.")
    assert mistakes(f'defaults = 1\n[in_app]\ninclude = "{"a" * 201}"')[0].endswith(
        "it may have at most 200 characters."
    )


def test_keys_entries_and_tables_have_their_lines() -> None:
    text = '''\
a = """
b = 1
""" # c = 2
[t."quoted key"]
list = [
  [1, 2], # ]
  { x = "}", y = ["#"] },
]
[[r]]
w.s = 1
[r.more]
k = 1
[[r]]
k = 2
'''

    lines = lines_of(text)

    assert {path: lines[path] for path in lines if path[-1] in {"y", "k", "s"}} == {
        ("t", "quoted key", "list", 1, "y"): 7,
        ("r", 0, "w", "s"): 10,
        ("r", 0, "more", "k"): 12,
        ("r", 1, "k"): 14,
    }
    assert (lines["a",], lines["t", "quoted key", "list", 0, 1], lines["r", 1]) == (1, 6, 13)


@given(st.text(st.sampled_from("ab=[]{}\"'\n.#, 1_\\"), max_size=60) | st.text(max_size=60))
def test_any_text_is_a_policy_or_has_mistakes(text: str) -> None:
    parsed = parse_policy(f"defaults = 1\n{text}")

    assert (parsed.policy is None) == bool(parsed.mistakes)
    assert all(mistake.line >= 1 and render_mistake(mistake) for mistake in parsed.mistakes)
