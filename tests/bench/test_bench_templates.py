"""The measures of templates: right only when a group is exactly the true one."""

from statistics import mean

import pytest
from bench.template_lines import LabelledLine, LabelledSet, generated_sets
from bench.templates import How, confused, score


def labelled(*lines: tuple[str, str]) -> LabelledSet:
    return LabelledSet(name="t", lines=tuple(LabelledLine(text=text, template=template) for text, template in lines))


def test_exact_groups_with_the_true_words_score_full() -> None:
    found = score(labelled(("disk 1 full", "disk <*> full"), ("disk 2 full", "disk <*> full"), ("bye", "bye")))

    assert (found.grouping_accuracy, found.group_f1, found.template_f1) == (1.0, 1.0, 1.0)
    assert (found.pair_precision, found.pair_f1) == (1.0, 1.0)


def test_a_split_log_call_is_wrong_in_all_of_its_lines() -> None:
    split = labelled(("user ada gone", "user <*> gone"), ("user bob gone", "user <*> gone"), ("bye", "bye"))

    found = score(split)

    assert found.grouping_accuracy == pytest.approx(1 / 3)
    assert found.pair_precision == 1.0
    assert confused(split) == {"user <*> gone": ["user ada gone", "user bob gone"]}


def test_two_log_calls_in_one_group_are_both_wrong() -> None:
    joined = labelled(("error 7", "error 7"), ("error 8", "error 8"))

    assert score(joined).grouping_accuracy == 0.0
    assert score(joined).pair_precision == 0.0


def test_generated_lines_are_of_many_systems_and_the_same_each_time() -> None:
    sets = list(generated_sets(seed=3))

    assert len(sets) >= 12
    assert sets == list(generated_sets(seed=3))
    assert all("{" not in line.template.replace("{<*>", "") for one in sets for line in one.lines)


def test_ten_names_in_one_place_are_learned_as_the_product_does_with_its_defaults() -> None:
    names = "ada bob cleo dan eve finn gus hal ida jon".split()
    seats = labelled(*((f"no seat for {name} in hall", "no seat for <*> in hall") for name in names), ("bye", "bye"))

    assert score(seats).grouping_accuracy == 1.0
    assert score(seats, How.TEMPLATES).grouping_accuracy == pytest.approx(1 / 11)
    assert score(seats, How.ACCEPTED).grouping_accuracy == 1.0


@pytest.mark.slow
def test_by_itself_lines_of_many_systems_are_grouped_right_and_none_wrongly() -> None:
    scores = [score(one) for one in generated_sets(seed=2)]

    assert mean(one.grouping_accuracy for one in scores) >= 0.85
    assert min(one.pair_precision for one in scores) == 1.0
