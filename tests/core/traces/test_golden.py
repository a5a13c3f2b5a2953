"""Real traces of real run times, whole: a case is a text and what is read from it."""

import json
from pathlib import Path

import pytest

from mukiau.core.traces.registry import classify_line, find_trace, find_trace_in_text
from mukiau.core.traces.text import split_lines
from mukiau.core.traces.trace import LineKind, Trace

from .golden import CASES, case_files, describe_trace, read_case
from .main_chain import main_chain

FILES = case_files()
IDS = [f"{path.parent.name}/{path.stem}" for path in FILES]
LABELS = json.loads((CASES / "labels.json").read_text())

MAIN_LANGUAGES = {"java", "python", "javascript", "csharp", "go"}

# What the text does not say: Python leaves `__main__` out, Go and PHP print no such type, a plain line is no trace.
NOT_IN_TEXT = {
    "python/py311_quiet.txt": ["Quiet"],
    "javascript/node20_str.txt": [""],
    "javascript/node20_obj.txt": [""],
    "go/go_debugstack.txt": ["panic"],
    "go/go_http.txt": ["panic"],
    "go/go_fatal.txt": None,
    "php/php82_trait.txt": ["Fatal error"],
    "rust/rust_main.txt": None,
}


def outline(trace: Trace | None) -> list[tuple[object, ...]]:
    assert trace is not None
    return [(e.type, e.message, e.relation, e.parent, e.frames) for e in trace.exceptions]


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_trace_is_read_as_reviewed(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text())

    assert describe_trace(find_trace_in_text(read_case(path))) == expected


@pytest.mark.parametrize("name", [name for name in LABELS if not name.startswith("jsonlogs/")])
def test_the_main_chain_is_the_labelled_one(name: str) -> None:
    expected = NOT_IN_TEXT.get(name, LABELS[name]["chain_types"])

    trace = find_trace_in_text(read_case(CASES / name))

    assert (trace and [link.type for link in main_chain(trace.exceptions)]) == expected


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_line_ends_of_windows_change_nothing(path: Path) -> None:
    text = read_case(path)

    assert describe_trace(find_trace_in_text(text.replace("\n", "\r\n"))) == describe_trace(find_trace_in_text(text))


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_an_indent_of_all_lines_changes_nothing(path: Path) -> None:
    text = read_case(path)
    trace = find_trace_in_text(text)
    if trace is None:
        return
    indented = "\n".join("      " + line for line in text.split("\n"))

    assert outline(find_trace_in_text(indented)) == outline(trace)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_log_message_above_and_a_log_line_below_change_nothing(path: Path) -> None:
    lines = split_lines(read_case(path))
    trace = find_trace(lines)
    if trace is None:
        return
    block = lines[trace.first_line : trace.end_line]
    above, below = "2026-11-24 10:00:00 ERROR [main] could not place the order", "2026-11-24 10:00:01 INFO [main] next"

    found = find_trace([above, *block, below])

    assert outline(found) == outline(trace)
    assert found is not None
    assert (found.first_line, found.end_line) == (1, len(block) + 1)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_lines_of_a_trace_are_classified_as_such_or_belong_to_a_message_or_a_source_line(path: Path) -> None:
    lines = split_lines(read_case(path))
    trace = find_trace(lines)
    if trace is None or trace.language not in MAIN_LANGUAGES or not trace.exceptions[0].type:
        return
    told = "\n".join(
        text for e in trace.exceptions for text in (e.type, e.message, *(f.context_line for f in e.frames))
    )

    unknown = [
        line.partition(" ---> ")[0].strip("| ")
        for line in lines[trace.first_line + 1 : trace.end_line]
        if line.strip() and classify_line(line) is LineKind.NONE and not line.startswith(("  ", "\t"))
    ]

    assert [line for line in unknown if line.partition(": ")[0] not in told and not line.endswith(")")] == []


@pytest.mark.parametrize("name", sorted(path.name for path in (CASES / "jsonlogs").glob("*.jsonl")))
def test_stacks_inside_json_records_are_read(name: str) -> None:
    for line in (CASES / "jsonlogs" / name).read_text().splitlines():
        for stack in _stacks(json.loads(line)):
            trace = find_trace_in_text(stack)

            assert trace is not None, stack
            assert trace.exceptions[0].frames


def _stacks(value: object) -> list[str]:
    """Strings that hold a stack, anywhere in a record."""
    if isinstance(value, str):
        return [value] if "\n    at " in value or '\n  File "' in value else []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [stack for each in inner for stack in _stacks(each)]
