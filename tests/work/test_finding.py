"""Runbooks are found by words, in Japanese too, whatever varies; what is found is told with its reasons."""

import time
from random import Random

import pytest
from blind_runbooks import CASES, UNRELATED
from hypothesis import given
from hypothesis import strategies as st

from mukiau.work.finding.failure import Failure, failure_in_text
from mukiau.work.finding.index import MIN_SUGGESTED, IndexedText, RunbookIndex
from mukiau.work.finding.runbook_words import indexed_text
from mukiau.work.finding.terms import tokens_of
from mukiau.work.runbooks.front_matter import parse_runbook

TEXTS = st.text(alphabet=st.sampled_from("abcXYZ 0189-_:{}\"'<>\n在庫更新失敗しました。エラー（Ａ１"), max_size=120)
FAILURES = TEXTS.map(failure_in_text)


def index_of(*texts: IndexedText) -> RunbookIndex:
    index = RunbookIndex()
    for at, text in enumerate(texts):
        index.put(at, text)
    return index


def test_half_and_full_width_are_the_same_words() -> None:
    assert tokens_of("ＥＣＯＮＮＲＥＦＵＳＥＤ ﾀｲﾑｱｳﾄ") == tokens_of("ECONNREFUSED タイムアウト")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("order OD20261 was not charged", "order OD99999 was not charged"),
        ("在庫 KNB-16055 の更新に失敗 (12 ms)", "在庫 ABC-1 の更新に失敗 (99 ms)"),
        ("job 660cf04a-20d1-4dab-8531-289be76a4ba3 died", "job 11111111-20d1-4dab-8531-289be76a4ba3 died"),
        ("file from 2026-11-30T12:00:00Z", "file from 2027-01-01T01:02:03Z"),
    ],
)
def test_what_varies_between_two_occurrences_is_no_word(one: str, other: str) -> None:
    assert tokens_of(one) == tokens_of(other)


def test_japanese_is_found_by_parts_of_words() -> None:
    index = index_of(IndexedText(title="在庫更新の失敗"), IndexedText(title="会員登録の手順"))

    found = index.find(Failure(sentences=("在庫の更新に失敗しました",)))

    assert [one.runbook_id for one in found] == [0]
    assert "更新" in found[0].words


def test_words_in_common_are_told_as_the_error_writes_them() -> None:
    index = index_of(IndexedText(title="Cart store: connect econnrefused"), IndexedText(title="Cannot connect"))

    found = index.find(failure_in_text("Error: connect ECONNREFUSED 127.0.0.1:6379"))

    assert found[0].words[:2] == ("ECONNREFUSED", "connect")


def test_a_runbook_for_another_service_comes_after_one_for_this_service() -> None:
    text = {"title": "Connection refused"}
    index = index_of(IndexedText(**text, services=("point",)), IndexedText(**text, services=("cart",)))

    found = index.find(Failure(service="cart", sentences=("Connection refused",)))

    assert [(one.runbook_id, one.is_other_service) for one in found] == [(1, False), (0, True)]


def test_of_two_runbooks_with_the_words_the_narrower_one_is_first() -> None:
    index = index_of(
        IndexedText(title="Delivery failed because the template of the shop is missing"),
        IndexedText(title="Delivery failed"),
    )

    found = index.find(Failure(sentences=("Delivery failed",)))

    assert [one.runbook_id for one in found] == [1, 0]


def test_a_new_text_takes_the_place_of_the_old_one() -> None:
    index = index_of(IndexedText(title="deadlock detected"))

    index.put(0, IndexedText(title="disk full"))

    assert index.find(Failure(sentences=("deadlock",))) == ()
    assert [one.runbook_id for one in index.find(Failure(sentences=("disk full",)))] == [0]


def test_nothing_is_found_among_no_runbooks_and_for_no_words() -> None:
    assert RunbookIndex().find(Failure(sentences=("deadlock",))) == ()
    assert index_of(IndexedText(title="deadlock")).find(Failure()) == ()


@pytest.mark.parametrize(
    ("pasted", "types", "sentence"),
    [
        ('{"level":"error","msg":"charge failed","service":"pay"}', (), "charge failed"),
        ('{"level":"error","msg":"charge failed","error":"no mon', (), "charge failed"),
        ('"msg":"charge failed","error":"no mon', (), '"msg":"charge failed","error":"no mon'),
        ("A: x\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException: reset", ("java.io.IOException",), "reset"),
        ("2026-11-30 10:00:00 ERROR [main] a.B - order 12 lost", (), "order 12 lost"),
        ("lost again, anyone?", (), "lost again, anyone?"),
    ],
)
def test_a_pasted_text_is_read_as_a_log(pasted: str, types: tuple[str, ...], sentence: str) -> None:
    failure = failure_in_text(pasted)

    assert failure.types[-1:] == types
    assert sentence in failure.sentences


@given(TEXTS)
def test_whatever_is_pasted_is_read(text: str) -> None:
    failure_in_text(text)


@given(st.lists(TEXTS, min_size=1, max_size=6), FAILURES, st.randoms())
def test_order_and_replacing_do_not_change_what_is_found(titles: list[str], failure: Failure, random: Random) -> None:
    plain = index_of(*(IndexedText(title=title) for title in titles))
    other = RunbookIndex()
    for at in random.sample(range(len(titles)), len(titles)):
        other.put(at, IndexedText(title="put before", examples=titles[0]))
    other.put(99, IndexedText(title=titles[0]))
    for at in random.sample(range(len(titles)), len(titles)):
        other.put(at, IndexedText(title=titles[at]))
    other.remove(99)

    assert other.find(failure) == plain.find(failure)


@given(st.lists(TEXTS, max_size=6), FAILURES)
def test_shares_fall_and_stay_between_0_and_1(titles: list[str], failure: Failure) -> None:
    found = index_of(*(IndexedText(title=title) for title in titles)).find(failure)

    assert all(0 < one.share <= 1 for one in found)
    assert [one.share for one in found] == sorted((one.share for one in found), reverse=True)


def test_of_errors_and_runbooks_written_apart_the_right_one_is_first() -> None:
    index = index_of(*(case.text for case in CASES))

    missed = [
        pasted
        for at, case in enumerate(CASES)
        for pasted in case.pasted
        if [one.runbook_id for one in index.find(failure_in_text(pasted), limit=1)] != [at]
    ]

    assert missed == []


def test_nothing_is_suggested_for_errors_no_runbook_speaks_of() -> None:
    index = index_of(*(case.text for case in CASES))

    suggested = [text for text in UNRELATED if index.find(failure_in_text(text), at_least=MIN_SUGGESTED)]

    assert suggested == []


def test_one_of_500_runbooks_is_found_in_under_30_ms() -> None:
    words = [token.shown for case in CASES for token in tokens_of(case.text.meaning + case.text.examples)]
    random = Random(6)
    texts = [CASES[at % len(CASES)].text for at in range(500)]
    index = index_of(*(IndexedText(title=text.title, meaning=" ".join(random.sample(words, 100))) for text in texts))
    failures = [failure_in_text(pasted) for case in CASES for pasted in case.pasted]

    seconds = sorted(_seconds(index, failure) for failure in failures)

    assert seconds[len(seconds) // 2] < 0.03


def _seconds(index: RunbookIndex, failure: Failure) -> float:
    begun = time.process_time()
    index.find(failure)
    return time.process_time() - begun


def test_a_runbook_is_found_by_its_meaning_and_examples_and_not_by_its_steps() -> None:
    text = (
        "---\ntitle: Orders\nkeywords: [二重注文]\nmatch: [{message: '*no stock*'}]\n---\n"
        "## 3. 原因：\nTwo writers.\n```sh\n# Meaning of a comment\n```\n## Steps\n1. Restart everything.\n## 例\nlost order\n"
    )

    indexed = indexed_text(parse_runbook(text))

    assert indexed.meaning == "Two writers.\n```sh\n# Meaning of a comment\n```"
    assert indexed.examples == "lost order"
    assert (indexed.keywords, indexed.rules) == (("二重注文",), (" no stock ",))


def test_a_text_without_known_sections_is_looked_through_whole() -> None:
    indexed = indexed_text(parse_runbook("# Disk full\nDelete.\n## Background\nLogs.\n"))

    assert indexed.meaning.split() == ["Disk", "full", "Delete.", "Background", "Logs."]
