"""A platform the rules were not made for: every failure is found, and grouped well enough to be trusted."""

from pathlib import Path

import pytest
from bench.unseen.__main__ import group, render, score_all, write
from bench.unseen.cutting import cut_some, fate_of_cut
from bench.unseen.generate import generate
from bench.unseen.platform import read_platform


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_other_services_languages_and_failures_are_grouped_as_well(tmp_path: Path, seed: int) -> None:
    occurrences = list(generate(read_platform(), occurrences=1_500, seed=seed))
    write(occurrences, tmp_path)

    scores = score_all(occurrences, tmp_path)

    ours = scores["mukiau"]
    assert ours["detection"]["recall"] == 1.0
    assert ours["grouping"]["pairwise_f1"] >= 0.97, ours["grouping"]
    assert ours["mixed"] == 0
    assert scores["exception-name"]["grouping"]["pairwise_f1"] < ours["grouping"]["pairwise_f1"], render(scores)


def test_the_platform_has_many_kinds_in_many_languages_and_formats() -> None:
    kinds = read_platform()

    assert len({kind.name for kind in kinds}) == len(kinds) >= 100
    assert len({kind.service.language for kind in kinds}) >= 10
    assert len({kind.service.format for kind in kinds}) >= 12


def test_the_same_seed_makes_the_same_logs() -> None:
    kinds = read_platform()[:5]

    once, again = (list(generate(kinds, occurrences=40, seed=7)) for _ in range(2))

    assert once == again


def test_errors_that_lose_their_end_come_to_the_right_issue_or_stay_apart() -> None:
    made = list(generate(read_platform(), occurrences=700, seed=3))
    occurrences = list(cut_some(made, share=0.3, seed=3))
    grouped = group(occurrences)
    homes = {one["fingerprint"]: one["group"] for one in grouped if one["fingerprint"] != one["group"]}

    fates = fate_of_cut(occurrences, grouped, homes)

    assert fates["right, joined"] > 0
    assert fates["wrong, joined"] == 0
    assert sum(fates.values()) == sum(one.truth.get("truncated", False) for one in occurrences) > 30
