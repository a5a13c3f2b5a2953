"""Whole traces behind prefixes that nobody told the code of: what share is captured whole, with the chain that was thrown.

`python -m tests.core.records.test_unseen_prefixes` prints the table, kind by kind.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.core.records.unseen_prefixes import DEVELOPED, HELD_OUT, Prefix, made_up
from tests.core.traces.main_chain import main_chain

from mukiau.core.records.assemble import Assembler
from mukiau.core.records.entry import LogEntry
from mukiau.core.records.record import Record
from mukiau.core.traces.registry import find_trace

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[2] / "data"
MADE_UP = {f"made up {seed}": made_up(seed) for seed in range(40)}
"""Developed on."""
MADE_UP_HELD_OUT = {f"made up {seed}": made_up(seed) for seed in range(100_000, 100_040)}
NOISE = ("GET /health 200 in 3 ms", "cache warmed, 412 entries", "user 77 logged in")


class Case(NamedTuple):
    """A trace as it stands in a file."""

    lines: list[str]
    types: list[str]
    own: list[int]
    """Indexes of its own lines."""


class Share(NamedTuple):
    """Of the traces behind one kind of prefix."""

    whole: float
    chain: float


def assemble(lines: Sequence[str]) -> list[LogEntry]:
    assembler = Assembler()
    records = [Record(record_id=str(at), message=line) for at, line in enumerate(lines)]
    return assembler.feed(records) + assembler.flush_all()


def types_of(entry: LogEntry) -> list[str]:
    return [link.type for link in main_chain(entry.exceptions)]


def read_cases() -> Iterator[Case]:
    """The labelled traces with frames that are read right without any prefix."""
    for folder in (DATA / "written", DATA / "traces"):
        for name, label in json.loads((folder / "labels.json").read_text()).items():
            lines = (folder / name).read_bytes().decode().replace("\r\n", "\n").rstrip("\n").split("\n")
            types = [link["type"] for link in label["chain"]] if "chain" in label else label["chain_types"]
            trace = find_trace(lines)
            entries = [one for one in assemble(lines) if types_of(one) == types]
            if len(lines) > 1 and trace is not None and any(link.frames for e in entries for link in e.exceptions):
                ids = max(entries, key=lambda one: len(one.record_ids)).record_ids
                own = [at for at in range(trace.first_line, trace.end_line) if lines[at].strip() and str(at) in ids]
                yield Case(lines, types, own)


CASES = list(read_cases())


def measure(prefix: Prefix) -> Share:
    """Every other trace has other lines of its stream before and behind it."""
    wholes = chains = 0
    for number, case in enumerate(CASES):
        noise = NOISE if number % 2 else ()
        lines = [prefix(at) + line for at, line in enumerate((*noise, *case.lines, *noise))]
        entries = assemble(lines)
        own = {str(len(noise) + at) for at in case.own}
        wholes += any(own <= set(entry.record_ids) for entry in entries)
        chains += any(types_of(entry) == case.types for entry in entries)
    return Share(wholes / len(CASES), chains / len(CASES))


def mean(shares: Sequence[Share]) -> Share:
    return Share(*(sum(values) / len(shares) for values in zip(*shares, strict=True)))


# The floors are a little below what is measured; docs/reference/traces.md says how much that is.
@pytest.mark.parametrize(
    ("kinds", "whole", "chain"),
    [
        pytest.param(DEVELOPED, 0.94, 0.95, id="developed on"),
        pytest.param(HELD_OUT, 0.94, 0.95, id="held out"),
        pytest.param(MADE_UP, 0.95, 0.96, id="made up"),
        pytest.param(MADE_UP_HELD_OUT, 0.95, 0.96, id="made up, held out"),
    ],
)
def test_traces_behind_unseen_prefixes_are_captured_whole(
    kinds: Mapping[str, Prefix], whole: float, chain: float
) -> None:
    share = mean([measure(prefix) for prefix in kinds.values()])

    assert len(CASES) > 150
    assert share.whole >= whole
    assert share.chain >= chain


def main() -> None:
    """Print the share of every kind."""
    for title, kinds in (
        ("developed on", DEVELOPED | MADE_UP),
        ("held out", HELD_OUT),
        ("held out, made up", MADE_UP_HELD_OUT),
    ):
        shares = {name: measure(prefix) for name, prefix in kinds.items()}
        print(f"\n{title}: {len(kinds)} kinds x {len(CASES)} traces\n")
        for name, share in {**shares, "all": mean(list(shares.values()))}.items():
            print(f"{name:34} whole {share.whole:7.2%}  chain {share.chain:7.2%}")


if __name__ == "__main__":
    main()
