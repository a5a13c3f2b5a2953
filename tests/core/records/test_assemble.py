"""Lines of streams into log entries."""

import json
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mukiau.core.event import Level
from mukiau.core.records import open_entry
from mukiau.core.records.assemble import Assembler
from mukiau.core.records.entry import LogEntry
from mukiau.core.records.open_entries import KEEP_MS
from mukiau.core.records.record import Record

START_MS = 1_791_209_701_000
JAVA = [
    "java.lang.IllegalStateException: session 7 is closed",
    "\tat shop.cart.Cart.open(Cart.java:31)",
    "\tat shop.cart.Api.post(Api.java:12)",
    "Caused by: java.net.SocketTimeoutException: Read timed out",
    "\tat shop.cart.Store.read(Store.java:8)",
    "\t... 2 common frames omitted",
]
PYTHON = [
    "Traceback (most recent call last):",
    '  File "/srv/shop/stock.py", line 12, in reserve',
    '    return rows["sku"]',
    "           ~~~~^^^^^^^",
    "KeyError: 'sku'",
    "The above exception was the direct cause of the following exception:",
    "Traceback (most recent call last):",
    '  File "/srv/shop/api.py", line 40, in post',
    "    stock.reserve(order)",
    "shop.errors.OutOfStock: order 7",
]
GO = [
    "panic: runtime error: index out of range [3] with length 1",
    "goroutine 22 [running]:",
    "shop.example/picker.Pick(...)",
    "\t/go/src/shop.example/picker/picker.go:50",
    "main.worker(0x0?, 0x0?)",
    "\t/go/src/shop.example/main.go:55 +0x79",
    "created by main.main",
    "\t/go/src/shop.example/main.go:96 +0x169c",
]
NODE = [
    "TypeError: Cannot read properties of null (reading 'x')",
    "    at total (/usr/src/app/cart.js:3:26)",
    "    at post (/usr/src/app/api.js:8:2)",
]


def header(level: str = "ERROR", message: str = "request failed", *, thread: str = "exec-1") -> str:
    return f"2026-10-05 12:00:00.000 {level:>5} 1 --- [{thread}] shop.cart.Api : {message}"


def records(lines: Iterable[str], *, stream: str = "s", at: int = START_MS, step: int = 0) -> list[Record]:
    return [
        Record(
            record_id=f"{stream}-{n}",
            message=line,
            timestamp_ms=at + n * step,
            log_group="/ecs/p/shop",
            log_stream=stream,
        )
        for n, line in enumerate(lines)
    ]


def assemble(given_records: Sequence[Record]) -> list[LogEntry]:
    assembler = Assembler()
    return assembler.feed(given_records) + assembler.flush_all()


def numbers(entry: LogEntry) -> list[int]:
    return [int(record_id.rpartition("-")[2]) for record_id in entry.record_ids]


@pytest.mark.parametrize(
    ("trace", "types"),
    [
        (JAVA, ["java.lang.IllegalStateException", "java.net.SocketTimeoutException"]),
        (PYTHON, ["shop.errors.OutOfStock", "KeyError"]),
        (GO, None),
        (NODE, ["TypeError"]),
    ],
    ids=["java", "python", "go", "node"],
)
def test_a_trace_alone_in_a_quiet_stream_is_one_entry(trace: list[str], types: list[str] | None) -> None:
    lines = [header("INFO", "before"), '{"level":30,"msg":"json"}', *trace, header("INFO", "after")]

    (entry,) = assemble(records(lines, step=5))

    assert numbers(entry) == list(range(2, 2 + len(trace)))
    if types:
        assert [link.type for link in entry.exceptions] == types


def test_a_message_and_the_trace_after_it_are_one_entry() -> None:
    (entry,) = assemble(records([header(), *JAVA, header("INFO", "next")]))

    assert numbers(entry) == list(range(7))
    assert (entry.level, entry.logger, entry.thread) == (Level.ERROR, "shop.cart.Api", "exec-1")
    assert entry.message == "request failed"
    assert entry.language == "java"


def test_a_multi_line_record_is_one_entry() -> None:
    (entry,) = assemble(records(["\n".join([header(), *JAVA]), header("INFO")]))

    assert numbers(entry) == [0]
    assert len(entry.exceptions) == 2


def test_the_lines_of_another_thread_do_not_end_a_trace() -> None:
    other = [header("INFO", "hello", thread="exec-2"), header("WARN", "slow", thread="exec-3")]
    lines = [header(), *JAVA[:2], other[0], *JAVA[2:4], other[1], *JAVA[4:]]

    (entry,) = assemble(records(lines))

    assert numbers(entry) == [0, 1, 2, 4, 5, 7, 8]


def chains(entries: list[LogEntry]) -> list[list[str]]:
    return [[link.type for link in entry.exceptions] for entry in entries]


def bill(number: str, thread: str) -> list[str]:
    """A trace with a cause: header, type, eight frames, the cause, its frames."""
    frames = "Ledger.write Proxy.call Ledger$$Fast.invoke Proxy.call Audit.on Web.post Server.run Thread.run".split()
    return [
        header(message=f"bill {number} failed", thread=thread),
        f"ink.quill.BillException: {number}",
        *[f"\tat ink.quill.{name}(Quill.java:{at})" for at, name in enumerate(frames, 10)],
        f"Caused by: ink.quill.TaxException: no quote for {number}",
        "\tat ink.quill.Tax.quote(Tax.java:9)",
        "\t... 7 common frames omitted",
    ]


def in_turns(one: list[str], two: list[str], turns: list[int]) -> list[str]:
    """So many lines of one, so many of the other, and again; at the end what is left of both."""
    lines, rest = [], [list(one), list(two)]
    for at, count in enumerate(turns):
        lines += [rest[at % 2].pop(0) for _ in range(count)]
    return [*lines, *rest[0], *rest[1]]


def test_a_frame_seen_nowhere_goes_to_the_trace_ahead_where_the_other_one_went_alike_so_far() -> None:
    one, two = bill("A-100177", "exec-1"), bill("B-200288", "exec-2")
    # The second runs ahead; the first stops behind it when the second goes on with a frame that none has shown.
    lines = in_turns(one, two, [2, 2, 2, 6, 4, 2, 1, 3])

    assert chains(assemble(records(lines))) == 2 * [["ink.quill.BillException", "ink.quill.TaxException"]]


@pytest.mark.parametrize(
    "turns", [[1, 2, 2, 1, 1, 3, 4, 1, 2], [1, 1, 1, 1, 3, 5, 2, 2, 1, 1, 4, 1], [2, 5, 3, 1, 3, 5]]
)
def test_two_traces_of_one_failure_written_in_turns_keep_a_cause_each(turns: list[int]) -> None:
    lines = in_turns(bill("A-100177", "exec-1"), bill("B-200288", "exec-2"), turns)

    assert chains(assemble(records(lines))) == 2 * [["ink.quill.BillException", "ink.quill.TaxException"]]


def test_a_trace_that_goes_another_way_than_the_complete_one_before_it_keeps_its_frames() -> None:
    one, two = bill("A-100177", "exec-1"), bill("B-200288", "exec-2")
    other_way = [*two[:8], "\tat ink.quill.Job.tick(Job.java:3)", *two[9:]]

    first, second = assemble(records([*one, *other_way]))

    assert (len(first.record_ids), len(second.record_ids)) == (len(one), len(two))


def test_the_marks_under_a_source_line_go_where_the_source_line_went() -> None:
    def count(lot: str) -> list[str]:
        return [
            f"2026-10-05 12:00:00,100 ERROR stock.jobs: lot {lot} failed",
            "Traceback (most recent call last):",
            '  File "/srv/stock/run.py", line 31, in count',
            "    rows = db.read(lot)",
            "           ^^^^^^^^^^^^",
            '  File "/srv/stock/db.py", line 14, in read',
            "    raise LookupError(lot)",
            f"LookupError: {lot}",
        ]

    lines = in_turns(count("77A10201"), count("88B20402"), [4, 3, 1, 1, 3, 4])
    first, second = assemble(records(lines))

    assert numbers(first) == [0, 1, 2, 3, 7, *range(9, 12)]
    assert numbers(second) == [4, 5, 6, 8, *range(12, 16)]


def test_two_traces_written_at_the_same_time_are_told_apart_by_their_lines() -> None:
    one = [
        header(message="order A-1001 failed"),
        "a.FirstError: A-1001",
        "\tat a.One.x(One.java:1)",
        "\tat a.One.y(One.java:2)",
    ]
    two = [
        header(message="order B-2002 failed"),
        "b.OtherError: B-2002",
        "\tat b.Two.x(Two.java:1)",
        "\tat b.Two.y(Two.java:2)",
    ]
    earlier = assemble(records([*one, *two]))
    lines = [one[0], two[0], two[1], one[1], one[2], one[3], two[2], two[3]]

    entries = assemble(records(lines))

    assert sorted(numbers(entry)[:2] for entry in entries) == [[0, 3], [1, 2]]
    assert len(earlier) == 2


def test_numbered_frames_count_on_within_their_own_trace() -> None:
    def php(job: str) -> list[str]:
        return [
            f'[2026-10-05T12:00:00+09:00] mail.ERROR: job {job} failed {{"exception":"[object] (RuntimeException(code: 0): {job} at /app/a.php:3)',
            "[stacktrace]",
            "#0 /app/a.php(31): send()",
            "#1 /app/main.php(50): run()",
            "#2 {main}",
            '"}',
        ]

    one, two = php("A"), php("B")
    lines = [*one[:4], *two[:3], one[4], two[3], one[5], *two[4:]]

    first, second = assemble(records(lines))

    assert numbers(first) == [0, 1, 2, 3, 7, 9]
    assert numbers(second) == [4, 5, 6, 8, 10, 11]


def test_info_is_never_an_error_whatever_it_says() -> None:
    lines = [
        header("INFO", "sent mail: [ERROR] FATAL java.lang.Error: x"),
        '{"level":"info","msg":"ERROR","error":{"type":"X","message":"y","stack":"X: y\\n    at f (/a.js:1:2)"}}',
        "I, [2026-10-11T13:55:20.979+09:00 #1]  INFO -- app: Errors: 0",
        "info: Shop.Api[0]",
        "      ERROR rows=3",
        "plain print of an ERROR",
    ]

    assert assemble(records(lines, step=3_000)) == []


def test_a_trace_written_with_an_info_line_stays_with_it() -> None:
    assert assemble(records([header("INFO", "retry"), *JAVA], step=0)) == []


def test_a_crash_some_time_after_an_info_line_is_its_own_error() -> None:
    (entry,) = assemble([*records([header("INFO", "hello")], stream="s"), *records(PYTHON, at=START_MS + 50)])

    assert entry.level is None
    assert len(entry.record_ids) == len(PYTHON)


def test_a_warning_is_an_event_only_with_a_trace() -> None:
    lines = [header("WARN", "slow"), header("WARN", "odd"), *JAVA]

    (entry,) = assemble(records(lines))

    assert numbers(entry)[0] == 1
    assert entry.level is Level.WARNING


def test_further_lines_of_a_message_belong_to_it() -> None:
    lines = [header(message="bad SQL:"), "select *", "  from orders", header("INFO"), "      of the info line"]

    (entry,) = assemble(records(lines))

    assert entry.message == "bad SQL:\nselect *\nfrom orders"


def test_lines_with_a_time_each_are_one_trace() -> None:
    lines = [f"[12:00:00] {line}" for line in NODE]

    (entry,) = assemble(records(lines))

    assert numbers(entry) == [0, 1, 2]
    assert [link.type for link in entry.exceptions] == ["TypeError"]


def test_the_lines_before_an_error_are_its_context() -> None:
    lines = [header("INFO", f"step {n}") for n in range(30)]

    (entry,) = assemble(records([*lines, header()]))

    assert len(entry.context) == 20
    assert entry.context[-1] == lines[-1]


def test_streams_do_not_mix() -> None:
    one, two = records([header(), *JAVA], stream="a"), records([header(), *PYTHON], stream="b")
    mixed = [record for pair in zip(one, two, strict=False) for record in pair] + two[len(one) :]

    entries = assemble(mixed)

    assert sorted(entry.language for entry in entries) == ["java", "python"]


def test_a_json_error_is_given_out_at_once() -> None:
    assembler = Assembler()

    (entry,) = assembler.feed(records(['{"level":50,"msg":"boom"}']))

    assert entry.message == "boom"
    assert assembler.flush_all() == []


def test_a_line_cut_into_pieces_is_joined() -> None:
    line = json.dumps({"level": "error", "msg": "boom", "body": "x" * 40_000, "code": 7})
    pieces = [line[at : at + 16_384] for at in range(0, len(line), 16_384)]

    (entry,) = assemble(records([*pieces, '{"level":30,"msg":"x"}']))

    assert numbers(entry) == [0, 1, 2]
    assert ("code", 7) in entry.fields


def test_partial_lines_of_a_container_runtime_are_joined() -> None:
    lines = ["2026-10-05T12:00:00Z stderr P 2026-10-05 12:00:00 ERR", "2026-10-05T12:00:00Z stderr F OR half and half"]

    (entry,) = assemble(records(lines))

    assert entry.message == "half and half"


def test_a_very_long_entry_loses_its_middle_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_entry, "MAX_LINES", 50)
    frames = [f"\tat shop.Deep.call{n}(Deep.java:{n})" for n in range(500)]

    (entry,) = assemble(records([header(), JAVA[0], *frames, *JAVA[3:]]))

    assert entry.cut_lines == 505 - 50
    assert len(entry.raw.split("\n")) == 50 + 1
    assert "[… 455 lines left out …]" in entry.raw
    assert [link.type for link in entry.exceptions][-1] == "java.net.SocketTimeoutException"


@pytest.mark.parametrize(
    "line", ["panic: no", "Segmentation fault (core dumped)", "fatal error: all goroutines are asleep - deadlock!"]
)
def test_a_dying_process_is_an_error_without_level_and_trace(line: str) -> None:
    (entry,) = assemble(records(["listening", line]))

    assert entry.raw == line


# -- time and restarts -----------------------------------------------------------------------------------------------


def test_an_idle_entry_is_given_out_and_a_tail_opens_it_again() -> None:
    lines = records([header(), *JAVA])
    assembler = Assembler()

    assembler.feed(lines[:4], now_ms=1_000)
    early = assembler.flush_idle(1_500, 1_000)
    first = assembler.flush_idle(3_000, 1_000)
    again = assembler.flush_idle(9_000, 1_000)
    assembler.feed(lines[4:], now_ms=10_000)
    second = assembler.flush_idle(12_000, 1_000)

    assert early == again == []
    assert [(entry.revision, len(entry.record_ids)) for entry in first + second] == [(0, 4), (1, 7)]
    assert first[0].record_ids[0] == second[0].record_ids[0]
    assert len(second[0].exceptions) == 2


def test_a_tail_minutes_later_still_joins_and_after_the_waiting_time_does_not() -> None:
    def tail_after(ms: int) -> list[LogEntry]:
        assembler = Assembler()
        assembler.feed(records([header(), *JAVA[:2]]))
        tail = [
            Record(record_id="t", message=JAVA[2], timestamp_ms=START_MS + ms, log_group="/ecs/p/shop", log_stream="s")
        ]
        return assembler.feed(tail) + assembler.flush_all()

    assert [len(entry.record_ids) for entry in tail_after(KEEP_MS - 1_000)] == [4]
    assert [len(entry.record_ids) for entry in tail_after(KEEP_MS + 1_000)][:1] == [3]


def test_state_survives_a_restart_as_json() -> None:
    lines = records([header(), *JAVA])
    before, after = Assembler(), Assembler()
    before.feed(lines[:3])

    after.restore({key: json.loads(json.dumps(state)) for key, state in before.snapshot().items()})
    entries = after.feed(lines[3:]) + after.flush_all()

    assert [numbers(entry) for entry in entries] == [list(range(7))]


@pytest.mark.parametrize(
    "first",
    [
        "com.example.OrderError: " + "x" * 5_000,  # nothing is known of it until a frame follows
        "2026-03-01 12:00:00.000 order " + "x" * 5_000,  # a header without a level
    ],
)
def test_a_long_first_line_is_whole_behind_a_restart(first: str) -> None:
    lines = records([first, "\tat com.example.Order.pay(Order.java:7)", "\tat com.example.Main.main(Main.java:3)"])
    whole, before, after = Assembler(), Assembler(), Assembler()
    (expected,) = whole.feed(lines) + whole.flush_all()
    before.feed(lines[:1])

    after.restore({key: json.loads(json.dumps(state)) for key, state in before.snapshot().items()})

    (entry,) = after.feed(lines[1:]) + after.flush_all()
    assert (entry.raw, entry.message, entry.exceptions) == (expected.raw, expected.message, expected.exceptions)


def test_only_streams_that_changed_are_saved() -> None:
    assembler = Assembler()
    assembler.feed(records([header()], stream="a") + records(['{"level":30}'], stream="b"))

    first = assembler.take_changes()
    second = assembler.take_changes()
    assembler.flush_all()
    last = assembler.take_changes()

    assert [key[2] for key in first] == ["a"]
    assert second == {}
    assert [state for key, state in last.items() if key[2] == "a"] == [None]


HEADED = ["[error] AError: no", "[error]     at f (/a.js:1:2)"]
BLOCKS = st.sampled_from(
    [
        [header(), *JAVA],
        [header("INFO", "hello")],
        [header("INFO", "retry"), *JAVA],
        ["Biz: weak beginning", "    at f (/srv/app/a.js:1:2)"],
        [header("WARN", "odd"), *JAVA],
        PYTHON,
        GO,
        ["2026-10-05 12:00:00 http: panic serving 1.2.3.4:5: no", *GO[1:]],
        ['{"level":50,"msg":"boom"}'],
        ['{"level":30,"msg":"fine"}'],
        [header("ERROR", "plain")],
        [
            "fail: Shop.Api[0]",
            "      An error",
            "      System.Exception: no",
            "         at Shop.Api.Run() in /src/A.cs:line 3",
        ],
        ["x" * 16_384, "the rest"],
        ["", "stray line"],
        [f"gateway  | {line}" for line in JAVA],
        [f"[10:00:00] {line}" for line in NODE],
        HEADED,
    ]
)


def facts(entries: Iterable[LogEntry]) -> dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]]:
    """The last form of every event."""
    return {
        entry.record_ids[0]: (entry.record_ids, entry.raw, tuple(link.type for link in entry.exceptions))
        for entry in entries
    }


@settings(max_examples=60)
@given(
    blocks=st.lists(st.tuples(BLOCKS, st.sampled_from(["a", "b"]), st.integers(0, 3_000)), max_size=8),
    cuts=st.lists(st.integers(1, 6), max_size=30),
    is_saved=st.booleans(),
    is_idle=st.booleans(),
)
def test_any_chunking_gives_the_same_entries(
    blocks: list[tuple[list[str], str, int]], cuts: list[int], *, is_saved: bool, is_idle: bool
) -> None:
    at, all_records = START_MS, []
    # A line with a level that has been given out stays an event: it is not taken back into the trace below it.
    for lines, stream, gap in (block for block in blocks if not (is_idle and block[0] == HEADED)):
        at += gap
        for line in lines:
            number = len(all_records)
            all_records.append(Record(record_id=f"r-{number}", message=line, timestamp_ms=at, log_stream=stream))
    expected = facts(assemble(all_records))

    assembler, entries, left, now = Assembler(), [], list(all_records), 0
    saved: dict[str, object] = {}
    for cut in [*cuts, len(all_records)]:
        now += 10_000
        entries += assembler.feed(left[:cut], now_ms=now)
        left = left[cut:]
        if is_idle:
            entries += assembler.flush_idle(now + 5_000, 1_000)
        if is_saved:
            saved |= json.loads(json.dumps({key[2]: state for key, state in assembler.take_changes().items()}))
            assembler = Assembler()
            assembler.restore({("", "", name): state for name, state in saved.items() if state})
    entries += assembler.flush_all()

    assert facts(entries) == expected


@settings(max_examples=100)
@given(st.lists(st.text(max_size=60), max_size=20))
def test_any_lines_are_assembled_without_raising(lines: list[str]) -> None:
    assemble(records(lines))
