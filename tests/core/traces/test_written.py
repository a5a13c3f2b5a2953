"""Traces that no parser was written after: each line a record of its own, one event with the labelled chain."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from mukiau.core.event import ExceptionInfo
from mukiau.core.records.assemble import Assembler
from mukiau.core.records.record import Record

from .main_chain import main_chain

CASES = Path(__file__).parents[2] / "data" / "written"
LABELS = json.loads((CASES / "labels.json").read_text())

# What is known to go wrong; a case that is read right is taken out of here.
MISSED = {
    "go/dam_zap_console.txt": "call site and fields stay in the message",
    "php/post_symfony.txt": "the layout of Symfony's console is not read",
    "go/quarry_pkg_errors_wrapped.txt": "the messages above each stack look like any text",
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.xfail(reason=MISSED[name], strict=True)) if name in MISSED else name
        for name in LABELS
    ],
)
def test_each_line_a_record_gives_one_event_with_the_labelled_chain(name: str) -> None:
    lines = (CASES / name).read_text().rstrip("\n").split("\n")
    assembler = Assembler()

    entries = assembler.feed([Record(record_id=str(at), message=line) for at, line in enumerate(lines)])
    entries += assembler.flush_all()

    assert [_chain(entry.exceptions) for entry in entries] == [LABELS[name]["chain"]]
    assert _beside(entries[0].exceptions) == LABELS[name].get("beside", [])


def _chain(exceptions: Sequence[ExceptionInfo]) -> list[dict[str, object]]:
    return [{"type": e.type, "message": e.message, "frames": len(e.frames)} for e in main_chain(exceptions)]


def _beside(exceptions: Sequence[ExceptionInfo]) -> list[str]:
    links = main_chain(exceptions)
    return sorted(e.type for e in exceptions if e not in links)
