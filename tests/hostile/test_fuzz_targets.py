"""The fuzzing targets keep their promises on their seeds and on everything that was once a finding."""

import pytest
from fuzz import seeds
from fuzz.targets import TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_passes_its_seeds_and_old_findings(target: str) -> None:
    for seed in seeds.seeds_of(target):
        TARGETS[target](seed)


def test_the_words_for_mutations_can_be_read_by_the_fuzzer() -> None:
    lines = seeds.dictionary().splitlines()

    assert len(lines) > 50
    assert all(line.isascii() and line.startswith('"') and line.endswith('"') for line in lines)
