"""Words that vary are seen in many templates together, and proposed; what tells failures apart never is."""

from random import Random

import pytest

from mukiau.core.grouping.varying import find_patterns
from mukiau.core.grouping.wording import matches

NAMES = ("Tanaka", "Suzuki", "Mori", "Abe", "Li Wei")


@pytest.mark.parametrize(
    ("templates", "pattern"),
    [
        ([f"user {name} was not found" for name in NAMES[:4]], "user {word} was not found"),
        ([f"user {name} was not found" for name in NAMES], "user {words} was not found"),
        ([f"会員{name}の住所が不正です" for name in ("田中", "鈴木", "森", "阿部")], "{word}の住所が不正です"),
        ([f"konto von {name} ist gesperrt" for name in NAMES[:4]], "konto von {word} ist gesperrt"),
        ([f"topic {topic}: {n} lost" for topic in ("a", "b", "c", "d") for n in ("<num>",)], None),
        (
            [f"secret {one} of volume {two} not found" for one in NAMES[:4] for two in NAMES[:4]],
            "secret {word} of volume {word} not found",
        ),
    ],
)
def test_a_place_with_many_words_becomes_a_variable(templates: list[str], pattern: str | None) -> None:
    found = find_patterns(templates)

    assert found == ((pattern,) if pattern else ())
    assert all(matches(one, template) for one in found for template in templates)


@pytest.mark.parametrize(
    "templates",
    [
        [f"user {name} was not found" for name in NAMES[:3]],
        [f"the carrier answered {code} for it" for code in ("E4031", "E5002", "E17", "E900")],
        [f"the plugin threw {name} again" for name in ("TypeError", "RangeError", "KeyError", "OSError")],
        [f"the session was {word} by peer" for word in ("opened", "closed", "started", "stopped")],
        [f"store state is {name} now" for name in ("DISK_FULL", "READ_ONLY", "NO_QUORUM", "BAD_MAGIC")],
        [f"注文を受け付け{ending}" for ending in ("ました", "ません", "られない", "るところ")],
        [f"{word} failed" for word in ("Import", "Export", "Backup", "Restore")],
    ],
)
def test_few_words_codes_classes_verbs_and_endings_are_no_variable(templates: list[str]) -> None:
    assert find_patterns(templates) == ()


def test_a_word_that_many_names_begin_with_is_no_name() -> None:
    known = [f"failed password for {name} from <ip>" for name in ("admin", "deploy", "git", "guest")]
    unknown = [template.replace("for ", "for invalid user ") for template in known]

    assert find_patterns(known + unknown) == (
        "failed password for invalid user {word} from <ip>",
        "failed password for {word} from <ip>",
    )


def test_a_name_in_quotes_is_one_thing_with_its_quotes() -> None:
    templates = [
        *(f'relation "{name}" does not exist' for name in ("orders", "stock", "users")),
        "relation <str> does not exist",
    ]

    assert find_patterns(templates) == ("relation {words} does not exist",)


def test_letters_of_other_languages_are_letters() -> None:
    templates = [f"user {name} was not found" for name in ("Müller", "O'Brien", "Šimek", "Ångström")]

    assert find_patterns(templates) == ("user {word} was not found",)


def test_neither_order_nor_number_changes_what_is_proposed() -> None:
    templates = [f"user {name} of team {team} left" for name in NAMES for team in ("red", "blue", "green", "grey")]
    shuffled = Random(1).sample(templates * 3, len(templates) * 3)

    assert find_patterns(templates) == find_patterns(shuffled) != ()


def test_what_was_proposed_once_is_proposed_again_among_more_templates() -> None:
    templates = [f"user {name} was not found" for name in NAMES[:4]]
    others = [f"disk {name} of {place} is full" for name in NAMES for place in NAMES]

    assert set(find_patterns(templates)) <= set(find_patterns([*templates, *others]))
