"""Traces that no parser was written after: each line a record of its own, one event with the labelled chain."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from mukiau.core.event import ExceptionInfo
from mukiau.core.records.assemble import Assembler
from mukiau.core.records.record import Record
from mukiau.core.traces.registry import find_trace_in_text

from .main_chain import main_chain

CASES = Path(__file__).parents[2] / "data" / "written"
LABELS = json.loads((CASES / "labels.json").read_text())


@pytest.mark.parametrize("name", LABELS)
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


@pytest.mark.parametrize("head", ["", "2026/11/20 07:21:00 ", "2026-11-20T07:21:00Z ERROR main - "])
def test_stacks_of_wrapped_errors_in_go_are_one_event_behind_any_head_and_line_by_line(head: str) -> None:
    lines = f"{head}{(CASES / 'go/quarry_pkg_errors_wrapped.txt').read_text()}".rstrip().split("\n")
    assembler = Assembler()

    for at, line in enumerate(lines):
        assembler.feed([Record(record_id=str(at), message=line)])
    (entry,) = assembler.flush_all()

    assert [link.message for link in entry.exceptions] == ["truck 7 refused", "i/o timeout"]
    assert entry.record_ids == tuple(str(at) for at in range(len(lines)))


def test_a_print_between_two_stacks_in_go_stays_out_where_another_line_follows_it() -> None:
    lines = ["2026-11-20T07:21:00Z ERROR boom", "main.run", "\t/src/main.go:12", "truck 7 refused", "truck 8 left"]
    assembler = Assembler()

    entries = assembler.feed([Record(record_id=str(at), message=line) for at, line in enumerate(lines)])
    entries += assembler.flush_all()

    assert [entry.record_ids for entry in entries] == [("0", "1", "2")]


def test_without_a_stack_symfonys_console_names_the_place_and_no_type() -> None:
    trace = find_trace_in_text("In Mailer.php line 31:\n\n  no route  \n\n")

    assert trace is not None
    assert _chain(trace.exceptions) == [{"type": "", "message": "no route", "frames": 1}]
    assert find_trace_in_text("In Mailer.php line 31:\nno route") is None
