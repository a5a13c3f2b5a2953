"""What every runtime of the registry keeps to, whatever text it is given."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mukiau.core.traces.chain import MAX_CHAIN_LINKS, MAX_LINK_FRAMES, MAX_MESSAGE_CHARS
from mukiau.core.traces.registry import RUNTIMES, classify_line
from mukiau.core.traces.trace import LineKind, Runtime, Trace

DATA = Path(__file__).parents[2] / "data"
TEXTS = [path.read_bytes().decode() for path in sorted((*DATA.glob("traces/*/*.txt"), *DATA.glob("written/*/*.txt")))]
TRACES = [[line.rstrip("\r") for line in text.split("\n")] for text in TEXTS]
LINES = sorted({line for lines in TRACES for line in lines})
NAMES = [runtime.__name__.rpartition(".")[2] for runtime in RUNTIMES]


def read(runtime: Runtime, lines: list[str]) -> list[tuple[list[str], Trace]]:
    """The texts that the runtime reads a headed trace in, with what it reads."""
    trace = runtime.parse_trace(lines)
    return [(lines, trace)] if trace is not None and not trace.is_headless else []


def frames(trace: Trace | None) -> int:
    return sum(len(link.frames) for link in trace.exceptions) if trace is not None else 0


def assert_is_well_formed(trace: Trace | None, lines: list[str]) -> None:
    if trace is None:
        return
    links = trace.exceptions
    assert 0 <= trace.first_line < trace.end_line <= len(lines)
    assert 1 <= len(links) <= MAX_CHAIN_LINKS
    assert links[0].parent is None
    assert all(link.parent is not None and link.parent < at for at, link in enumerate(links) if at)
    assert all(len(link.frames) <= 2 * MAX_LINK_FRAMES and len(link.message) <= MAX_MESSAGE_CHARS for link in links)


@pytest.mark.parametrize("runtime", RUNTIMES, ids=NAMES)
@settings(max_examples=60)
@given(lines=st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=60)), max_size=30))
def test_any_lines_are_read_without_raising_into_a_well_formed_chain(runtime: Runtime, lines: list[str]) -> None:
    lines = [part for line in lines for part in line.split("\n")]

    trace = runtime.parse_trace(lines)
    kinds = [runtime.kind_of(line) for line in lines]

    assert_is_well_formed(trace, lines)
    assert all(kind in LineKind for kind in kinds)


@pytest.mark.parametrize("runtime", RUNTIMES, ids=NAMES)
def test_long_texts_are_read_up_to_the_limits(runtime: Runtime) -> None:
    for lines in TRACES:
        long = lines * (3_000 // len(lines) + 1) + ["x" * 100_000]

        trace = runtime.parse_trace(long)

        assert_is_well_formed(trace, long)


@pytest.mark.parametrize("runtime", RUNTIMES, ids=NAMES)
def test_a_line_the_runtime_knows_is_shown_to_it(runtime: Runtime) -> None:
    known = [line for line in LINES if runtime.kind_of(line[:2_048]) and not line[:1].isdigit()]

    assert [line for line in known if classify_line(line) is LineKind.NONE] == []


@pytest.mark.parametrize("runtime", RUNTIMES, ids=NAMES)
def test_of_a_trace_cut_short_what_is_there_is_read(runtime: Runtime) -> None:
    cases = [case for lines in TRACES for case in read(runtime, lines) if frames(case[1]) > 2]

    assert cases
    for lines, whole in cases:
        cut = lines[: whole.first_line + (whole.end_line - whole.first_line) * 3 // 4]
        trace = runtime.parse_trace(cut)
        assert_is_well_formed(trace, cut)
        assert frames(trace) > 0, "\n".join(cut)
