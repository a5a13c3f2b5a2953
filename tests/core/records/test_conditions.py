"""Real conditions: what transport, terminals and busy containers do to the lines of one log call."""

import itertools
import json
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.records.test_assemble import GO, JAVA, NODE, PYTHON, START_MS, assemble, header, numbers, records

from mukiau.core.event import Level
from mukiau.core.records.assemble import Assembler
from mukiau.core.records.entry import LogEntry
from mukiau.core.records.ordering import in_order
from mukiau.core.records.record import Record
from mukiau.core.traces.registry import classify_line
from mukiau.core.traces.trace import LineKind

TRACES = {"java": JAVA, "python": PYTHON, "go": GO, "node": NODE}
LOGGED = {name: ([] if name == "go" else [header()]) + trace for name, trace in TRACES.items()}
"""What one log call writes; a panic is never part of one."""
NOISE = header("INFO", "GET /health 200", thread="exec-9")


def cloudwatch(lines: Iterable[str], *, first: int = 0, step: int = 1) -> list[Record]:
    """Records with the ids of CloudWatch Logs, which count up."""
    return [
        Record(record_id=f"{n:056}", message=line, timestamp_ms=START_MS + n * step, log_stream="s")
        for n, line in enumerate(lines, first)
    ]


def types_of(entry: LogEntry) -> list[str]:
    return [link.type for link in entry.exceptions]


# -- order -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [0, 1, 7])
@pytest.mark.parametrize("name", TRACES)
def test_a_batch_that_overtakes_the_one_before_it_gives_the_same_event(name: str, step: int) -> None:
    lines = [header("INFO", "before"), *LOGGED[name], header("INFO", "after"), header("INFO", "later")]
    written = cloudwatch(lines, step=step)
    (expected,) = assemble(written)

    ends = [at for at, line in enumerate(lines) if classify_line(line) is not LineKind.NONE]
    for cut in range(2, max(ends)):  # a tail of lines that only their neighbours explain is nobody's
        assembler = Assembler()
        entries = assembler.feed(written[cut:], now_ms=10) + assembler.feed(written[:cut], now_ms=20)
        entries += assembler.flush_all()

        assert [types_of(entry) for entry in entries] == [types_of(expected)], cut
        assert set(expected.record_ids) - set(entries[0].record_ids) <= _source_lines(written, cut), cut


def _source_lines(written: Sequence[Record], cut: int) -> set[str]:
    """Lines at the beginning of a batch that say nothing of themselves; only they may be missing."""
    opening = itertools.takewhile(lambda one: classify_line(one.message) is LineKind.NONE, written[cut:])
    return {record.record_id for record in opening}


def test_a_tail_given_out_before_its_head_came_stays_an_event() -> None:
    written = cloudwatch([header(), *JAVA])
    assembler = Assembler()

    early = assembler.feed(written[3:], now_ms=0) + assembler.flush_idle(5_000, 1_000)
    late = assembler.feed(written[:3], now_ms=60_000) + assembler.flush_idle(99_000, 1_000)

    assert [len(entry.record_ids) for entry in early + late] == [4, 3]


def test_a_tail_waits_for_its_head_across_a_restart() -> None:
    written = cloudwatch([header(), *JAVA, NOISE])
    entries: list[LogEntry] = []
    saved: object = {}

    for part in (written[3:], written[:2], written[2:3]):
        assembler = Assembler()
        assembler.restore({("", "", "s"): json.loads(json.dumps(saved))} if saved else {})
        entries += assembler.feed(part)
        saved = assembler.snapshot()["", "", "s"]
    entries += assembler.flush_idle(5_000, 1_000)

    assert [len(entry.record_ids) for entry in entries] == [7]


def test_whose_a_waiting_tail_is_outlives_a_restart() -> None:
    noise, *tail = [replace(one, service="shop", environment="prod") for one in cloudwatch([NOISE, *JAVA])]
    entries: list[LogEntry] = []
    saved: object = {}

    for part in (tail[:2], [noise], tail[2:]):
        assembler = Assembler()
        assembler.restore({("", "", "s"): json.loads(json.dumps(saved))} if saved else {})
        entries += assembler.feed(part)
        saved = assembler.snapshot()["", "", "s"]
    entries += assembler.flush_all()

    assert [(entry.service, entry.environment) for entry in entries] == [("shop", "prod")]


@pytest.mark.parametrize("place", [[], ["shop", "prod"]])
def test_an_open_entry_that_an_earlier_version_saved_is_read(place: list[str]) -> None:
    before, after = Assembler(), Assembler()
    first, *further = records(JAVA)
    before.feed([replace(first, service=(place or [""])[0])])
    saved = before.snapshot()[first.stream]

    saved["entries"][0]["first"] = [first.record_id, first.timestamp_ms, True, *place]
    after.restore({first.stream: json.loads(json.dumps(saved))})
    after.feed(further)
    (entry,) = after.flush_all()

    assert (entry.service, entry.environment) == (tuple(place) or ("", ""))
    assert len(entry.record_ids) == len(JAVA)


def test_records_of_one_body_are_put_in_order_when_their_ids_tell_it() -> None:
    written = cloudwatch([header(), *JAVA])
    shuffled = random.Random(1).sample(written, len(written))

    assert list(in_order(shuffled)) == written
    assert list(in_order(written)) == written


def test_records_with_other_ids_are_left_as_they_came() -> None:
    backwards = records(JAVA, step=5)[::-1]

    assert list(in_order(backwards)) == backwards


# -- threads ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_two_threads_are_told_apart_by_the_request_in_front_of_their_lines(seed: int) -> None:
    ids = ("[7f3a-0001] ", "[9c2e-0002] ")
    heads = [f"2026-10-05 12:00:00.000 ERROR {ids[n]}shop.Api - failed {n}" for n in range(2)]
    left = [[heads[n], *(ids[n] + line for line in JAVA)] for n in range(2)]
    lines: list[str] = []
    picking = random.Random(seed)
    while any(left):
        lines.append(picking.choice([one for one in left if one]).pop(0))

    entries = assemble(records(lines))

    assert sorted(entry.message for entry in entries) == ["failed 0", "failed 1"]
    for entry in entries:
        assert types_of(entry) == ["java.lang.IllegalStateException", "java.net.SocketTimeoutException"]
        assert all(ids[int(entry.message[-1])].strip() in lines[number] for number in numbers(entry))


# -- loss ------------------------------------------------------------------------------------------------------------


PYTHON_SEAMS = {2, 6}
"""Without its only frame, or the sentence that joins two tracebacks, they are two."""


@pytest.mark.parametrize("name", TRACES)
def test_a_trace_with_a_hole_is_one_event(name: str) -> None:
    logged = LOGGED[name]
    holes = set(range(2, len(logged))) - (PYTHON_SEAMS if name == "python" else set())
    for hole in holes:
        lines = [*logged[:hole], *logged[hole + 1 :], NOISE]

        entries = assemble(records(lines))

        assert [numbers(entry) for entry in entries] == [list(range(len(lines) - 1))], logged[hole]


@pytest.mark.parametrize("name", TRACES)
def test_a_trace_cut_off_anywhere_is_one_event(name: str) -> None:
    for end in range(1, len(LOGGED[name])):
        entries = assemble(records(LOGGED[name][:end]))

        assert [numbers(entry) for entry in entries] == [list(range(end))], LOGGED[name][end - 1]


@pytest.mark.parametrize(
    ("name", "begin"), [("java", 1), ("java", 3), ("python", 1), ("python", 5), ("go", 1), ("node", 1)]
)
def test_a_tail_without_its_head_is_one_event(name: str, begin: int) -> None:
    lines = [*TRACES[name][begin:], NOISE]

    (entry,) = assemble(records(lines))

    assert numbers(entry) == list(range(len(lines) - 1))


# -- text ------------------------------------------------------------------------------------------------------------

_BROKEN = ("", " \ufffd\ufffd")
SPOILED: dict[str, Callable[[str], str]] = {
    "crlf": lambda line: f"{line}\r\n",
    "colours": lambda line: f"\x1b[31m{line}\x1b[0m",
    "invalid UTF-8": lambda line: line + _BROKEN[": " in line and not line[0].isspace()],
    "byte order mark": lambda line: f"\ufeff{line}",
}


@pytest.mark.parametrize("spoil", SPOILED)
@pytest.mark.parametrize("name", TRACES)
def test_spoiled_lines_are_one_event_with_the_whole_chain(name: str, spoil: str) -> None:
    (expected,) = assemble(records(LOGGED[name]))

    (entry,) = assemble(records([SPOILED[spoil](line) for line in [*LOGGED[name], NOISE]]))

    assert len(entry.record_ids) == len(LOGGED[name])
    assert types_of(entry) == types_of(expected)


@pytest.mark.parametrize("width", [80, 100, 132])
def test_lines_wrapped_hard_by_a_terminal_are_joined_again(width: int) -> None:
    package = "com.example.platform.checkout.internal.pipeline.stages"
    trace = [
        f"{package}.PaymentAuthorizationFailedException: gateway said no",
        f"    at {package}.AuthorizationStage$DefaultHandler.handleAuthorizationRequest(AuthorizationStage.java:214)",
        f"    at {package}.AbstractPipelineStageExecutorSupport.execute(AbstractPipelineStageExecutorSupport.java:88)",
        "Caused by: java.net.SocketTimeoutException: Read timed out",
        f"    at {package}.client.RestPaymentGatewayClientWithRetries.exchange(RestPaymentGatewayClientWithRetries.java:41)",
    ]
    lines = [line[at : at + width] for line in [header(), *trace] for at in range(0, len(line), width)]
    (expected,) = assemble(records([header(), *trace]))

    quiet = [NOISE.ljust(width, ".")] * 2  # two lines were cut before: so the width is known
    (entry,) = assemble(records([*quiet, *lines, NOISE]))

    assert numbers(entry) == list(range(2, len(lines) + 2))
    assert entry.exceptions == expected.exceptions


# -- what is no error, and messages that look like traces ------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        header("INFO", "retrying after java.io.IOException: reset"),
        header("INFO", "0 errors, 3 warnings"),
        header("WARN", "error rate is 2 %"),
        header("DEBUG", "Traceback (most recent call last): is printed below"),
        '{"level":30,"msg":"ERROR: none"}',
        '{"severity":"INFO","message":"fatal error: none"}',
        'time=2026-10-05T12:00:00Z level=info msg="panic: no"',
    ],
)
def test_errors_in_what_is_said_are_none(line: str) -> None:
    assert assemble(records([line, NOISE])) == []


@pytest.mark.parametrize("name", ["java", "python", "node"])
def test_a_warning_with_a_trace_is_an_event_of_that_level(name: str) -> None:
    (entry,) = assemble(records([header("WARN", "slow"), *TRACES[name], NOISE]))

    assert entry.level is Level.WARNING
    assert len(entry.record_ids) == len(TRACES[name]) + 1


@pytest.mark.parametrize(
    "message",
    [
        "could not parse: Caused by: nothing at all",
        "mail bounced: at example.org (port 25)",
        'template says File "a.txt", line 3, in x',
        "said: goroutine 1 [running]: is fine",
    ],
)
def test_frames_belong_to_the_real_header_below_a_message_that_looks_like_one(message: str) -> None:
    (entry,) = assemble(records([header(message=message), *JAVA, NOISE]))

    assert types_of(entry) == ["java.lang.IllegalStateException", "java.net.SocketTimeoutException"]
    assert [len(link.frames) for link in entry.exceptions] == [2, 3]
    assert entry.message == message


# -- properties ------------------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        [header(), *JAVA],
        [header("WARN", "slow"), *NODE],
        PYTHON,
        GO,
        JAVA[3:],
        [NOISE],
        [header(message="alone")],
        ['{"level":50,"msg":"json"}'],
        ["stray print"],
        [f"2026-10-05T12:00:00.1Z stderr F {line}" for line in NODE],
        [json.dumps({"log": line, "container_id": "c", "source": "stderr"}) for line in PYTHON],
        [json.dumps({"MESSAGE": line, "PRIORITY": "3", "__REALTIME_TIMESTAMP": "1791209701000000"}) for line in NODE],
    ]
)


def facts(entries: Iterable[LogEntry]) -> dict[str, tuple[tuple[str, ...], str, list[str]]]:
    return {entry.record_ids[0]: (entry.record_ids, entry.raw, types_of(entry)) for entry in entries}


@settings(max_examples=60)
@given(
    pieces=st.lists(PIECES, max_size=8),
    steps=st.lists(st.integers(0, 1_500), max_size=8),
    cuts=st.lists(st.integers(1, 9), max_size=30),
    is_saved=st.booleans(),
)
def test_any_split_into_batches_gives_the_same_events(
    pieces: list[list[str]], steps: list[int], cuts: list[int], *, is_saved: bool
) -> None:
    lines = [(line, sum(steps[: at + 1])) for at, piece in enumerate(pieces) for line in piece]
    written = [
        Record(record_id=f"{n:056}", message=line, timestamp_ms=START_MS + at, log_stream="s")
        for n, (line, at) in enumerate(lines)
    ]
    expected = facts(assemble(written))

    assembler, entries, left = Assembler(), list[LogEntry](), list(written)
    for now, cut in enumerate([*cuts, len(written)]):
        entries += assembler.feed(left[:cut], now_ms=now)
        left = left[cut:]
        if is_saved:
            saved = json.loads(json.dumps([[list(key), state] for key, state in assembler.snapshot().items()]))
            assembler = Assembler()
            assembler.restore({(key[0], key[1], key[2]): state for key, state in saved})
    entries += assembler.flush_all()

    assert facts(entries) == expected


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=40), PIECES.map("\n".join), st.binary(max_size=30).map(lambda b: b.decode("latin-1"))
        )
    )
)
def test_nothing_raises_whatever_comes(messages: list[str]) -> None:
    assemble(cloudwatch(messages))
    assemble([Record(record_id=str(n), message=message) for n, message in enumerate(messages)])


def test_a_message_that_begins_with_empty_lines_is_read_from_its_first_word() -> None:
    entries = assemble(records([header(), "\n\n" + "\n".join(NODE), "\n0"]))

    assert [types_of(entry) for entry in entries] == [["TypeError"]]


@pytest.mark.parametrize("name", TRACES)
def test_twice_the_lines_take_twice_the_calls(name: str) -> None:
    lines = [NOISE, header(), *TRACES[name]]

    once, twice = (_calls(lambda n=n: assemble(records(lines * n, step=3))) for n in (60, 120))

    assert twice < 2.3 * once


def _calls(work: Callable[[], object]) -> int:
    """Count the function calls of some work: its time, without the machine's speed in it."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
