"""Which patterns are learned by themselves, and how they stand in a policy's text."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.event import Origin
from mukiau.core.event_builder import build_event
from mukiau.core.grouping.default_text import DEFAULT_TEXT
from mukiau.core.grouping.explanation import Part, leaves_of
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.globs import Glob
from mukiau.core.grouping.learned_text import glob_of, is_learned, with_learned, wording_of, wordings_in
from mukiau.core.grouping.learning import (
    KnownIssue,
    Learnable,
    find_learnable,
    learned_reason,
    least_of,
    names_acts,
)
from mukiau.core.grouping.policy_text import parse_policy
from mukiau.core.grouping.suggestion import RuleKind, SuggestedRule

NAMES = "Abe Baba Chiba Doi Endo Fujii Goto Honda Inoue Jinbo Kato Mori".split()
PATTERN = "Failed password for {word} from <ip>"


def known(*templates: str, service: str = "sshd", logger: str = "auth", first: int = 1) -> list[KnownIssue]:
    return [
        KnownIssue(
            issue=number,
            tree=Part(
                name="fingerprint",
                parts=(
                    Part(name="service", value=service),
                    Part(name="logger", value=logger),
                    Part(name="template", value=template),
                ),
            ),
        )
        for number, template in enumerate(templates, first)
    ]


def failed(names: list[str]) -> list[str]:
    return [f"Failed password for {name} from <ip>" for name in names]


def patterns(found: tuple[Learnable, ...]) -> list[str]:
    return [one.rule.pattern for one in found]


def test_as_many_different_words_as_are_asked_for_are_learned_and_one_less_are_not() -> None:
    enough, too_few = (find_learnable(known(*failed(NAMES[:count])), least=10) for count in (10, 9))

    assert patterns(enough) == [PATTERN]
    assert enough[0].issues == tuple(range(1, 11))
    assert (enough[0].rule.service, enough[0].rule.logger) == ("sshd", "auth")
    assert too_few == ()


def test_as_many_issues_are_asked_for_as_words() -> None:
    """Fingerprints that are one issue already are joined by what people said, and show nothing."""
    merged = [KnownIssue(issue=1, tree=one.tree) for one in known(*failed(NAMES))]

    assert find_learnable(merged, least=10) == ()


def test_words_of_several_loggers_are_not_counted_together() -> None:
    apart = [*known(*failed(NAMES[:6])), *known(*failed(NAMES[6:]), logger="other", first=7)]

    assert find_learnable(apart, least=10) == ()


def test_what_was_taken_back_is_not_learned_again_nor_what_would_join_the_same() -> None:
    issues = known(*failed(NAMES))

    assert find_learnable(issues, least=10, taken_back=[PATTERN]) == ()
    assert find_learnable(issues, least=10, taken_back=["Failed {words} from <ip>"]) == ()
    assert patterns(find_learnable(issues, least=10, taken_back=["something else"])) == [PATTERN]


@pytest.mark.parametrize(
    "pattern",
    [
        "Job {word} failed",
        "The {word} task of <num> was cancelled",
        "failed to {word} the order",
        "Could not {word} the order",
        "Error while {word} the order",
        "顧客情報の{word}に失敗しました",
        "ジョブ「{word}」が異常終了しました",
        "{word}処理でエラーが発生しました",
        "受注{word}を中断しました",
    ],
)
def test_a_place_that_says_what_was_done_is_left_to_people(pattern: str) -> None:
    assert names_acts(pattern, [])


@pytest.mark.parametrize(
    "pattern",
    [
        PATTERN,
        "failed to connect to {word} in time",
        "{word} invited <email> but the invitation expired",
        "no live upstreams while connecting to upstream {word}",
        "{word} 様のご予約を受け付けられません",
        "店舗{word}の在庫がありません",
    ],
)
def test_a_place_that_says_for_whom_or_with_what_is_learned(pattern: str) -> None:
    assert not names_acts(pattern, [])


def test_words_that_end_as_acts_do_are_left_to_people() -> None:
    acts = "Validation Reservation Cancellation Settlement Shipping Billing Parsing Refund Import Export".split()
    topics = "orders billing users stock ledger invoice audit session catalog member shipping".split()

    assert find_learnable(known(*(f"{one} of order <num> broke" for one in acts)), least=10) == ()
    assert len(find_learnable(known(*(f"topic {one} has no leader" for one in topics)), least=10)) == 1


def test_the_reason_says_how_many_words_and_is_read_again() -> None:
    assert least_of(learned_reason(10)) == 10
    assert least_of("I learned it by myself") is None


def learnable(pattern: str, *, service: str = "sshd", logger: str = "auth") -> Learnable:
    rule = SuggestedRule(kind=RuleKind.VARIABLE_WORDS, service=service, logger=logger, pattern=pattern)
    return Learnable(rule=rule, issues=(1, 2))


OWN_TEXT = """\
defaults = 1

# what we know of sshd
[[rules]]
name = "ours"
when.service = "sshd"
also = ["tag:code"]
"""


@pytest.mark.parametrize("text", [DEFAULT_TEXT, OWN_TEXT, "defaults = 1\n", "defaults = 1\n[in_app]\ninclude = []\n"])
def test_a_learned_rule_stands_behind_the_text_that_was_there(text: str) -> None:
    longer, kept = with_learned(text, [learnable(PATTERN)])

    before, after = parse_policy(text).policy, parse_policy(longer).policy
    assert before is not None
    assert after is not None
    assert longer.startswith(text.rstrip("\n"))
    assert after.rules[:-1] == before.rules
    assert (after.counting, after.in_app) == (before.counting, before.in_app)
    assert is_learned(after.rules[-1])
    assert wording_of(after.rules[-1]) == PATTERN
    assert patterns(kept) == [PATTERN]


def test_of_learned_rules_the_one_with_most_words_of_its_own_acts_first() -> None:
    longest = "Failed password for invalid user {word} from <ip>"

    text, _ = with_learned(OWN_TEXT, [learnable(PATTERN)])
    text, _ = with_learned(text, [learnable(longest), learnable("{word} left")])

    policy = parse_policy(text).policy
    assert policy is not None
    assert [rule.name for rule in policy.rules] == [
        "ours",
        *(f"learned: {one}" for one in (longest, PATTERN, "{word} left")),
    ]
    assert wordings_in(text) == {longest, PATTERN, "{word} left"}


def test_a_rule_that_is_there_is_not_added_again_but_may_be_learned_elsewhere() -> None:
    text, _ = with_learned("defaults = 1\n", [learnable(PATTERN)])

    _, again = with_learned(text, [learnable(PATTERN)])
    _, elsewhere = with_learned(text, [learnable(PATTERN, service="vpn")])

    assert (again, len(elsewhere)) == ((), 1)


def test_what_a_policy_cannot_hold_is_left_out() -> None:
    text, kept = with_learned("defaults = 1\n", [learnable("x" * 300 + " {word}"), learnable(PATTERN)])

    assert patterns(kept) == [PATTERN]
    assert wordings_in(text) == {PATTERN}


def test_rules_of_long_patterns_have_names_of_their_own() -> None:
    long = [learnable(f"{'very ' * 20}{{word}} {end}") for end in ("one", "two")]

    _, kept = with_learned("defaults = 1\n", long)

    assert len(kept) == 2


def test_the_condition_fits_the_messages_of_the_pattern() -> None:
    glob = Glob(glob_of(PATTERN), in_names=False)

    assert glob.fits("Failed password for  tanaka from 10.0.0.7 port 22")
    assert not glob.fits("Accepted password for tanaka from 10.0.0.7")


@given(st.text(max_size=80), st.text(max_size=300))
def test_any_pattern_makes_a_sound_text_or_none(service: str, pattern: str) -> None:
    text, kept = with_learned(OWN_TEXT, [learnable(pattern, service=service)])

    assert parse_policy(text).policy is not None
    assert (text == OWN_TEXT) is (not kept)


def test_the_template_that_a_learned_rule_has_made_names_the_rule() -> None:
    text, _ = with_learned("defaults = 1\n", [learnable(PATTERN)])
    policy = parse_policy(text).policy
    assert policy is not None
    payload = {
        "logentry": {"formatted": "Failed password for mori from 10.0.0.7"},
        "logger": "auth",
        "tags": {"service": "sshd"},
    }
    event = build_event(
        payload, origin=Origin(project_id=1, source_id=1), received_at=datetime(2026, 12, 1, tzinfo=UTC)
    )

    leaves = {leaf.name: leaf for leaf in leaves_of(fingerprint_of(event, policy).explanation)}

    assert (leaves["template"].value, leaves["template"].reason) == (PATTERN, f"rule:learned: {PATTERN}")
