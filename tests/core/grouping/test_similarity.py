"""Similar issues are found, with reasons, and quickly; unlike ones are not suggested."""

from random import Random

import pytest

from mukiau.core.event import ExceptionInfo, Frame
from mukiau.core.grouping.explanation import Part
from mukiau.core.grouping.similarity import Difference, Portrait, Reason, SimilarIssues, portrait_of, words_of


def crash(function: str, *, root: str = "IOException", template: str = "", service: str = "shop") -> Part:
    leaves = [Part(name="type", value=root), Part(name="function", value=function)]
    leaves += [Part(name="template", value=template)] if template else []
    exceptions = Part(name="exceptions", parts=(Part(name="exception", parts=tuple(leaves)),))
    return Part(name="event", parts=(Part(name="service", value=service), exceptions))


def log_call(template: str, *, logger: str = "shop.orders", service: str = "shop") -> Part:
    parts = (Part(name="logger", value=logger), Part(name="template", value=template))
    return Part(name="event", parts=(Part(name="service", value=service), Part(name="log_call", parts=parts)))


def index_of(*trees: Part) -> SimilarIssues:
    index = SimilarIssues()
    for issue_id, tree in enumerate(trees, 1):
        index.add(issue_id, portrait_of(tree))
    return index


OTHERS = [crash(f"Other{n} run", root=f"Other{n}", template=f"other thing {n}") for n in range(20)]


def test_the_same_crash_with_other_words_is_suggested_with_its_reasons() -> None:
    index = index_of(crash("Store read", template="disk gone"), crash("Store read", template="cable pulled"), *OTHERS)

    (found,) = index.find(1)

    assert found.issue_id == 2
    assert found.reasons == (Reason.SAME_ROOT_TYPE, Reason.SAME_CRASH_FUNCTION)
    assert found.differences == ()


def test_a_renamed_function_is_found_by_its_type_and_words() -> None:
    one, other = (crash(name, template="store <ip> did not answer") for name in ("Store read", "Store fetch"))

    (found,) = index_of(one, other, *OTHERS).find(1)

    assert found.reasons == (Reason.SAME_ROOT_TYPE, Reason.SIMILAR_MESSAGE)
    assert found.differences == (Difference.OTHER_CRASH_FUNCTION,)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tanaka was not found in region <num>", "Suzuki was not found in region <num>"),
        ("会員田中さんの住所が登録されていません", "会員鈴木さんの住所が登録されていません"),
        ("konto von Meyer konnte nicht belastet werden", "konto von Schmidt konnte nicht belastet werden"),
    ],
)
def test_messages_that_differ_in_a_name_are_similar_in_every_language(one: str, other: str) -> None:
    (found,) = index_of(log_call(one), log_call(other), *OTHERS).find(1)

    assert Reason.SIMILAR_MESSAGE in found.reasons
    assert Reason.SAME_LOGGER in found.reasons


def test_another_error_code_makes_two_issues_less_alike_and_is_said() -> None:
    same, other = (log_call(f"carrier refused order: code={code}") for code in ("E1", "E2"))
    index = index_of(same, log_call("carrier refused an order: code=E1"), other, *OTHERS)

    nearest, further = index.find(1)

    assert (nearest.issue_id, further.issue_id) == (2, 3)
    assert Reason.SAME_CODE in nearest.reasons
    assert Difference.OTHER_CODE in further.differences


def test_another_service_is_only_found_when_asked_for() -> None:
    index = index_of(crash("Store read"), crash("Store read", service="stock"), *OTHERS)

    assert index.find(1) == ()
    assert [found.differences for found in index.find(1, across_services=True)] == [(Difference.OTHER_SERVICE,)]


def test_what_every_issue_has_makes_none_similar() -> None:
    trees = [
        crash(f"Api{n} post", root="RuntimeException", template=f"failed {'abcdefghij'[n] * 3}") for n in range(10)
    ]

    assert index_of(*trees).find(1) == ()


def test_callers_of_the_event_count_where_they_are_at_hand() -> None:
    frames = tuple(Frame(module="shop", function=name, in_app=True) for name in ("main", "confirm", "read"))
    exceptions = (ExceptionInfo(type="IOException", frames=frames),)

    portrait = portrait_of(crash("shop read"), exceptions=exceptions)

    assert portrait.functions == ("shop read", "shop confirm", "shop main")


def test_an_issue_taken_away_or_replaced_is_not_found_as_it_was() -> None:
    index = index_of(crash("Store read"), crash("Store read"), crash("Store read"), *OTHERS)
    index.remove(2)
    index.add(3, portrait_of(crash("Menu draw", root="KeyError")))

    assert index.find(1) == ()
    with pytest.raises(KeyError):
        index.find(2)


def test_the_order_of_adding_changes_nothing() -> None:
    portraits = [portrait_of(log_call(f"order {word} failed at {place}")) for word in "abc" for place in ("x1", "y2")]
    numbered = list(enumerate(portraits))
    forwards, backwards = SimilarIssues(), SimilarIssues()
    for issue_id, portrait in numbered:
        forwards.add(issue_id, portrait)
    for issue_id, portrait in reversed(numbered):
        backwards.add(issue_id, portrait)

    assert [forwards.find(issue_id) for issue_id, _ in numbered] == [
        backwards.find(issue_id) for issue_id, _ in numbered
    ]


def test_one_question_among_thousands_compares_few() -> None:
    """Bounded work instead of time: what is compared in full does not grow with the issues."""
    rng = Random(1)
    compared: list[int] = []

    class Counting(SimilarIssues):
        def _similarity(self, one: int, other: int) -> float:
            compared.append(other)
            return super()._similarity(one, other)

    index = Counting()
    for issue_id in range(3_000):
        words = frozenset(f"w{rng.randint(0, 300)}" for _ in range(8))
        index.add(issue_id, Portrait(service="shop", types=(f"T{rng.randint(0, 20)}",), words=words))

    index.find(7)

    assert 0 < len(compared) <= 60


def test_japanese_words_are_pairs_of_characters() -> None:
    assert words_of("支店<num>の残高不足") == {"支店", "の残", "残高", "高不", "不足"}
