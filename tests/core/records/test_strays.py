"""Prefixes nobody told us of: learned from the traces behind them, taken off, and never lines lost for it."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.records.assemble import Assembler
from mukiau.core.records.entry import LogEntry
from mukiau.core.records.learned import find_cuts
from mukiau.core.records.open_entry import OpenEntry
from mukiau.core.records.record import Record
from mukiau.core.traces.registry import find_trace
from mukiau.core.traces.trace import LineKind

TRACES = Path(__file__).parents[2] / "data" / "traces"
COLOUR = "\x1b[36m{}\x1b[0m"

# As tools print them, none of them known to the code by name.
PREFIXES: dict[str, Callable[[int], str]] = {
    "compose without number": lambda _: "gateway  | ",
    "syslog without pid": lambda _: "Nov 24 10:00:00 host-a api: ",
    "clock": lambda _: "[10:00:00] ",
    "iso": lambda at: f"2026-11-24T10:00:00.{100 + at:03d}Z ",
    "comma": lambda at: f"2026-11-24 10:00:00,{100 + at:03d} ",
    "logcat": lambda _: "E/AndroidRuntime( 4711): ",
    "logcat with threads": lambda _: "11-24 10:00:00.104  4711  4730 E AndroidRuntime: ",
    "npm": lambda _: "npm ERR! ",
    "kubectl": lambda _: "[pod/api-7c9d8f-x2x4z/api] ",
    "sbt": lambda _: "[error] ",
    "stern": lambda _: "api-7c9d8f-x2x4z api ",
    "standard error of a server": lambda at: f"10:00:00,{100 + at:03d} ERROR [stderr] (default task-1) ",
    "foreman": lambda _: "10:00:00 web.1   | ",
    "heroku": lambda at: f"2026-11-24T10:00:00.{100 + at:03d}000+00:00 app[web.1]: ",
    "turbo": lambda _: "@shop/api:dev: ",
}
FORMS: dict[str, Callable[[str, str], str]] = {
    "plain": lambda prefix, line: prefix + line,
    "windows": lambda prefix, line: f"{prefix}{line}\r",
    "coloured": lambda prefix, line: COLOUR.format(prefix.rstrip()) + prefix[len(prefix.rstrip()) :] + line,
}


def assemble(lines: Sequence[str], *, at_ms: int | None = None) -> list[LogEntry]:
    assembler = Assembler()
    records = [Record(record_id=str(at), message=line, timestamp_ms=at_ms) for at, line in enumerate(lines)]
    return assembler.feed(records) + assembler.flush_all()


def main_entry(lines: Sequence[str]) -> tuple[LogEntry, set[str]] | None:
    """The event that lines make without any prefix, and the ids of its trace's own lines."""
    trace = find_trace(lines)
    entries = assemble(lines)
    if trace is None or not any(link.frames for link in trace.exceptions) or not entries:
        return None
    entry = max(entries, key=lambda one: (len(one.exceptions), len(one.record_ids)))
    own = {str(at) for at in range(trace.first_line, trace.end_line) if lines[at].strip()}
    return (entry, own & set(entry.record_ids)) if entry.exceptions else None


FILES = [
    path.read_bytes().decode().replace("\r\n", "\n").rstrip("\n").split("\n") for path in sorted(TRACES.glob("*/*.txt"))
]
CASES = [(lines, found) for lines in FILES if (found := main_entry(lines)) is not None]
VARIANTS = [*((name, "plain") for name in PREFIXES), ("clock", "windows"), ("foreman", "windows"), ("npm", "coloured")]


def chain(entry: LogEntry) -> list[str]:
    return [link.type for link in entry.exceptions]


@pytest.mark.parametrize(("name", "form"), VARIANTS)
def test_traces_behind_an_unknown_prefix_are_captured_whole_and_read_right(name: str, form: str) -> None:
    chains, wholes = [], []

    for lines, (expected, own) in CASES:
        entries = assemble([FORMS[form](PREFIXES[name](at), line) for at, line in enumerate(lines)])
        chains.append(any(chain(entry) == chain(expected) for entry in entries))
        wholes.append(any(own <= set(entry.record_ids) for entry in entries))

    # Lost is what no reader could tell: the second line of a last message, flush left behind a time of its own.
    assert len(CASES) > 120
    assert sum(chains) / len(chains) >= 0.90
    assert sum(wholes) / len(wholes) >= 0.82


JAVA = [
    "java.lang.IllegalStateException: session 7 is closed",
    "\tat shop.cart.Cart.open(Cart.java:31)",
    "\tat shop.cart.Api.post(Api.java:12)",
]


def test_once_learned_a_prefix_is_taken_off_lines_without_traces_too() -> None:
    lines = [f"gateway  | {line}" for line in (*JAVA, "2026-11-24 10:00:00 ERROR [main] a.B - no stock")]

    first, second = assemble(lines)

    assert first.message == "session 7 is closed"
    assert (second.level, second.message) == ("error", "no stock")


def test_json_behind_a_prefix_is_read() -> None:
    lines = [f'gateway  | {{"level":"error","msg":"boom {at}"}}' for at in range(4)]

    entries = assemble(lines)

    assert [entry.message for entry in entries] == [f"boom {at}" for at in range(4)]


def test_lines_of_the_same_prefix_before_a_trace_are_no_part_of_it() -> None:
    lines = [f"[10:00:0{at}] GET /orders/{at} 200" for at in range(5)] + [f"[10:00:06] {line}" for line in JAVA]

    (entry,) = assemble(lines)

    assert entry.record_ids == ("5", "6", "7")


def test_a_level_before_each_line_of_a_trace_makes_one_event() -> None:
    (entry,) = assemble([f"[error] {line}" for line in JAVA])

    assert chain(entry) == ["java.lang.IllegalStateException"]
    assert entry.level == "error"


@pytest.mark.parametrize("head", ["[10:00:00] ", "[error] "])
def test_a_head_before_each_line_of_a_message_makes_one_event(head: str) -> None:
    lines = ["SQLException: no such", "table: orders", "\tat a.B.c(B.java:1)", "\tat a.B.d(B.java:2)"]

    (entry,) = assemble([head + line for line in lines])

    assert entry.exceptions[0].message == "no such\ntable: orders"


def test_the_state_of_a_stream_keeps_what_it_has_learned() -> None:
    lines = [Record(record_id=str(at), message=f"gateway  | {line}") for at, line in enumerate([*JAVA, *JAVA])]
    assembler, entries = Assembler(), []

    for record in lines:
        entries += assembler.feed([record])
        states = json.loads(json.dumps(list(assembler.snapshot().values())))
        assembler = Assembler()
        assembler.restore(dict.fromkeys([record.stream], states[0]))
    entries += assembler.flush_all()

    assert [entry.record_ids for entry in entries] == [("0", "1", "2"), ("3", "4", "5")]


@pytest.mark.parametrize(
    ("text", "cuts"),
    [
        ("web.1   |     at run (a.js:1:2)", [9]),
        ('api File "/srv/a.py", line 3, in run', [3]),
        ("在庫：goroutine 1 [running]:", [3]),
        ("    at run (a.js:1:2)", []),
        ("GET /a at 12:00", []),
        ('gateway  |   |   File "/srv/a.py", line 3, in run', [7, 10, 14]),
    ],
)
def test_a_line_gives_all_places_where_its_prefix_may_end(text: str, cuts: list[int]) -> None:
    assert list(find_cuts(text)) == cuts


@pytest.mark.parametrize(
    "prefix", ["gateway  | ", "在庫：", "shop-api\t", "<shop>:  ", "msg=", "[10:00:00] ", "1795000000.100000 "]
)
def test_the_bars_and_indents_of_an_exception_group_are_not_its_prefix(prefix: str) -> None:
    lines = (TRACES / "python" / "py311_group.txt").read_text().rstrip("\n").split("\n")

    (entry,) = assemble([prefix + line for line in lines])

    assert chain(entry) == chain(assemble(lines)[0])
    assert len(entry.record_ids) == len(lines)


@pytest.mark.parametrize(
    "head", ["2026-11-24T10:00:00.{:03d}Z app[web.1]: ", "<131>1 2026-11-24T10:00:00.{:03d}Z web01 shop 7 - - "]
)
def test_the_second_line_of_a_message_goes_with_it_by_its_time(head: str) -> None:
    trace = ["Traceback (most recent call last):", '  File "/srv/a.py", line 3, in run', "    raise ValueError(7)"]
    lines = [*trace, "ValueError: no such order", "line two", "listening on 8080"]

    first, *_ = assemble([head.format(at + 100 * (line == lines[-1])) + line for at, line in enumerate(lines)])

    assert first.exceptions[0].message == "no such order\nline two"


@pytest.mark.parametrize("line", ["panic: runtime error: index out of range", "fatal error: all goroutines are asleep"])
def test_a_panic_behind_a_time_is_no_word_of_a_level(line: str) -> None:
    lines = [line, "", "goroutine 1 [running]:", "main.main()", "\t/srv/m.go:7 +0x3a9"]

    entries = assemble([f"2026-11-24T10:00:00.001Z {line}" for line in lines])

    assert [link.type for entry in entries for link in entry.exceptions] == [line.partition(":")[0]]


@pytest.mark.parametrize("prefix", ["[0001] ", "2026-11-24T10:00:00.000Z\t8f3a1c52-1111\tERROR\t"])
def test_a_header_that_was_told_through_its_prefix_loses_it_with_its_trace(prefix: str) -> None:
    lines = ["2026-11-24 10:00:00 ERROR [main] a.B - no stock", *JAVA] if prefix.startswith("[") else JAVA

    (entry,) = assemble([prefix + line for line in lines])

    assert chain(entry) == ["java.lang.IllegalStateException"]
    assert [len(link.frames) for link in entry.exceptions] == [2]


def test_a_quiet_header_that_a_trace_makes_an_error_loses_its_prefix_too() -> None:
    lines = [*JAVA, "2026-11-24 10:00:00 order 7", "\n".join(JAVA)]

    _, entry = assemble([f"gateway  | {line}" for line in lines], at_ms=1_795_000_000_000)

    assert entry.record_ids == ("3", "4")
    assert entry.raw == "2026-11-24 10:00:00 order 7\n" + "\n".join(JAVA)


FRAMES = "\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)"


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(["[10:00:00] x.Bad: no", f"[10:00:00] {FRAMES}"], id="head learned"),
        pytest.param(
            ["[10:00:00] x.Bad: no", "[10:00:00] \tat a.B.a(B.java:9)", f"[10:00:00] {FRAMES}"], id="head known"
        ),
        pytest.param([f"gateway  | {JAVA[0]}", f"gateway  | {FRAMES}"], id="prefix learned"),
        pytest.param(
            [f"gateway  | {JAVA[0]}", "gateway  | " + FRAMES.replace("\n", "\ngateway  | ")], id="on each line"
        ),
        pytest.param(["[0001] 2026-11-24 10:00:00 ERROR no", f"[0001] {FRAMES}"], id="prefix of the entry above"),
        pytest.param(["2026-11-24 10:00:00 ERROR no", JAVA[0], f"2026-11-24 10:00:00 {FRAMES}"], id="time of its own"),
    ],
)
def test_a_record_of_several_lines_keeps_them_all_when_its_prefix_goes(lines: list[str]) -> None:
    (entry,) = assemble(lines)

    frames = [frame.lineno for frame in entry.exceptions[0].frames]
    assert {1, 2} <= set(frames)
    assert entry.raw.endswith(FRAMES.strip())


@pytest.mark.parametrize("prefix", ["[error] ", "[10:00:00] ", "2026-11-24 10:00:00 ", "gateway  | "])
def test_a_record_of_several_lines_that_taught_its_prefix_is_one_event_with_what_follows(prefix: str) -> None:
    (entry,) = assemble([f"{prefix}{JAVA[0]}\n{JAVA[1]}", prefix + JAVA[2]])

    assert entry.record_ids == ("0", "1")
    assert entry.raw.endswith("\n".join(JAVA))


def test_an_entry_counts_its_characters_alike_before_and_behind_a_restart() -> None:
    entry = OpenEntry(Record(record_id="0", message=""), level=None)
    entry.add(entry.first, [f"api {line}" for line in JAVA], LineKind.START)

    entry.strip(lambda line: line.removeprefix("api "))

    assert entry.chars == OpenEntry.from_json(entry.to_json(), ("", "", "")).chars == len("\n".join(JAVA)) + 1


PIECES = st.sampled_from(
    ["gateway  | ", "[10:00:00] ", "\n", "\r", " ", "\t", "[req-12345] ", *JAVA, "x", '{"a":1}', "ERROR no"]
)


@given(st.lists(st.lists(PIECES, max_size=6).map("".join), max_size=12))
def test_lines_with_learned_prefixes_and_newlines_anywhere_never_raise(lines: list[str]) -> None:
    learned = [f"{prefix}{line}" for prefix in ("gateway  | ", "[10:00:00] ") for line in JAVA]

    entries = assemble([*learned, *lines, "gateway  | \nfoo", *lines])

    assert ["java.lang.IllegalStateException"] in [chain(entry) for entry in entries]
