"""Any text at all: nothing raises, time is linear, ordinary lines are not taken for traces."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mukiau.core.traces import text as text_limits
from mukiau.core.traces.registry import RUNTIMES, classify_line, find_trace, find_trace_in_text
from mukiau.core.traces.trace import LineKind

from .golden import case_files, read_case

LINES = sorted({line for path in case_files() for line in read_case(path).split("\n")})

ORDINARY = [
    "2026-10-08 11:44:38.837  INFO 1 --- [   scheduling-1] c.a.orders.Job : IOException was retried",
    '{"level":30,"msg":"Error rate is 0"}',
    "INFO  no ERROR and no Exception: all fine",
    "E, [2026-10-15T14:55:21.122+09:00 #1] ERROR -- : Error performing job",
    "[2026-10-18T19:09:17.820+09:00] notification.INFO: done",
    "info: Microsoft.AspNetCore.Routing.EndpointMiddleware[0]",
    "      Executed endpoint 'Orders.List (Orders)'",
    "level=info ts=2026-01-01 caller=main.go:12 msg=done",
    "GET /api/orders 200 12ms",
    "Starting: the error page is at /error.html",
    "at 12:30 (UTC) the job starts",
    "in Tokyo (main) all is well",
    "from orders o where o.id = 3",
    "Warning: low stock",
    "Caused by the customer",
    "1: first step",
    "/healthz is up",
    "... and 12 more orders",
    "",
    "   ",
]

STARTS = [
    "Traceback (most recent call last):",
    "  + Exception Group Traceback (most recent call last):",
    'Exception in thread "main" java.lang.IllegalStateException: no',
    "java.io.IOException: closed",
    "com.acme.OrderException",
    "KeyError: 'sku'",
    "TypeError [ERR_INVALID_ARG_TYPE]: no",
    "(node:7) UnhandledPromiseRejectionWarning: Error: late",
    "Unhandled exception. System.InvalidOperationException: no",
    "panic: runtime error: index out of range [5] with length 1",
    "fatal error: concurrent map writes",
    "thread 'main' (7) panicked at src/main.rs:4:5:",
    "PHP Fatal error:  Uncaught Exception: no in /srv/a.php:5",
    "** (ArithmeticError) bad argument in arithmetic expression",
]

BODIES = [
    "\tat com.acme.Orders.place(Orders.java:12) ~[app.jar:1.2]",
    "\tat java.base@17.0.1/java.lang.Thread.run(Thread.java:840)",
    "\tat com.acme.Orders$$Lambda/0x0000000800c03000.run(Unknown Source)",
    "Caused by: java.io.IOException: closed",
    "\t... 12 common frames omitted",
    "\t... 3 more",
    '  File "/srv/a.py", line 7, in run',
    "         ~~~^^^",
    "  | ValueError: a",
    "    at Object.place [as order] (/srv/a.js:4:43)",
    "    at async /srv/a.js:4:43",
    "  [cause]: TypeError: no",
    "   at Acme.Orders.Place(String id) in /src/Orders.cs:line 61",
    "   bei Acme.Orders.Place(String id) in C:\\src\\Orders.cs:Zeile 61.",
    "   場所 Acme.Orders.Place(String id) 場所 C:\\src\\Orders.cs:行 61",
    "   в Acme.Orders.Place(String id) в C:\\src\\Orders.cs:строка 61",
    "   --- End of inner exception stack trace ---",
    " ---> System.TimeoutException: slow",
    "goroutine 1 [running]:",
    "\t/srv/m.go:12 +0x1d",
    "created by main.main in goroutine 1",
    "\tfrom a.rb:7:in `top'",
    "#0 /srv/a.php(3): Acme\\C->top()",
    "   4: app::main",
    "             at ./src/main.rs:3:197",
]


@pytest.mark.parametrize("line", ORDINARY)
def test_an_ordinary_line_is_no_part_of_a_trace(line: str) -> None:
    assert classify_line(line) is LineKind.NONE


@pytest.mark.parametrize("line", STARTS)
def test_a_line_that_begins_a_trace_is_a_start(line: str) -> None:
    assert classify_line(line) is LineKind.START


@pytest.mark.parametrize("line", BODIES)
def test_a_line_that_only_continues_a_trace_is_body(line: str) -> None:
    assert classify_line(line) is LineKind.BODY


@given(st.text(max_size=2000))
def test_any_text_is_read_without_raising(text: str) -> None:
    find_trace_in_text(text)
    classify_line(text)


@settings(max_examples=300)
@given(st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=40)), max_size=40))
def test_any_mixture_of_trace_lines_is_read_without_raising(lines: list[str]) -> None:
    trace = find_trace(lines)

    if trace is not None:
        assert 0 <= trace.first_line < trace.end_line <= len(lines)
        assert trace.exceptions[0].parent is None
        assert all(e.parent is not None and e.parent < i for i, e in enumerate(trace.exceptions) if i)


@given(st.lists(st.sampled_from(LINES), max_size=30))
def test_every_runtime_alone_reads_lines_of_all_others_without_raising(lines: list[str]) -> None:
    for runtime in RUNTIMES:
        runtime.parse_trace(lines)


def test_a_trace_on_one_line_with_escaped_newlines_is_read() -> None:
    trace = find_trace_in_text(
        r"ERROR failed java.io.IOException: no\r\n\tat com.acme.A.b(A.java:1)\r\n\tat com.acme.A.c(A.java:2)"
    )

    assert trace is not None
    assert (trace.exceptions[0].type, trace.exceptions[0].message) == ("java.io.IOException", "no")
    assert [frame.function for frame in trace.exceptions[0].frames] == ["c", "b"]


def test_terminal_colours_are_not_part_of_a_trace() -> None:
    trace = find_trace_in_text("\x1b[31mError: no\x1b[0m\n\x1b[90m    at f (/srv/a.js:1:2)\x1b[39m")

    assert trace is not None
    assert trace.exceptions[0].message == "no"


def test_of_two_traces_the_first_with_a_header_is_taken() -> None:
    tail, whole = ["\tat com.acme.Old.run(Old.java:1)", ""], ["KeyError: 'a'"]
    lines = [*tail, "Traceback (most recent call last):", '  File "/srv/a.py", line 7, in run', *whole]

    trace = find_trace(lines)

    assert trace is not None
    assert trace.language == "python"


def test_frames_without_their_exception_are_a_headless_trace() -> None:
    trace = find_trace(
        ["\tat com.acme.A.b(A.java:1)", "Caused by: java.io.IOException: no", "\tat com.acme.A.c(A.java:2)"]
    )

    assert trace is not None
    assert trace.is_headless
    assert [e.type for e in trace.exceptions] == ["", "java.io.IOException"]


def test_an_exception_without_message_has_none_however_the_logger_prints_it() -> None:
    printed = find_trace(["java.lang.NullPointerException", "\tat com.acme.A.b(A.java:1)"])
    logged = find_trace(["java.lang.NullPointerException: null", "\tat com.acme.A.b(A.java:1)"])

    assert printed is not None
    assert printed == logged


HOSTILE: dict[str, Callable[[int], str]] = {
    "jvm frames": lambda n: "java.lang.Error: x\n" + "\tat a.B.c(D.java:1)\n" * n,
    "causes": lambda n: "java.lang.Error: x\n\tat a.B.c(D.java:1)\n" + "Caused by: a.B: c\n\t... 1 more\n" * n,
    "suppressed": lambda n: "java.lang.Error: x\n\tat a.B.c(D.java:1)\n" + "\tSuppressed: a.B: c\n" * n,
    "wrapped": lambda n: "java.lang.Error: x\n\tat a.B.c(D.java:1)\n" + "Wrapped by: a.B: c\n\t... 1 more\n" * n,
    "message": lambda n: "java.lang.Error: x\n" + "word: text\n" * n + "\tat a.B.c(D.java:1)\n",
    "python chain": lambda n: (
        (
            'Traceback (most recent call last):\n  File "a", line 1, in f\nE: x\n\n'
            "During handling of the above exception, another exception occurred:\n\n"
        )
        * n
    ),
    "python tracebacks": lambda n: "Traceback (most recent call last):\n" * n,
    "group": lambda n: (
        "  + Exception Group Traceback (most recent call last):\n  | ExceptionGroup: x\n"
        "  +-+---------------- 1 ----------------\n" + "    | E: x\n    +---------------- 2 ----------------\n" * n
    ),
    "javascript frames": lambda n: "Error: x\n" + "    at f (/a.js:1:2)\n" * n,
    "javascript folding": lambda n: "Error: x\n" + "    at f (/a.js:1:2)\ntext\n" * n,
    "javascript causes": lambda n: "Error: x\n    at f (/a.js:1:2) {\n" + "  [cause]: Error: y\n" * n,
    "dotnet arrows": lambda n: "A.BException: x" + " ---> A.BException: x" * n + "\n   at A.B.C(String d)\n",
    "dotnet members": lambda n: "A.BException: x\n   at A.B.C()\n" + "---> (Inner Exception #0) A.B: x<---\n" * n,
    "go goroutines": lambda n: (
        "panic: x\n\ngoroutine 1 [running]:\n" + "main.f()\n\t/a.go:1 +0x1\n\ngoroutine 2 [x]:\n" * n
    ),
    "go panics": lambda n: "panic: x\n" * n,
    "go values": lambda n: "text\nmain.f\n\t/a.go:1\n" * n,
    "ruby": lambda n: "a.rb:1:in `f': x (E)\n" + "\tfrom a.rb:1:in `f'\n" * n,
    "php": lambda n: "PHP Fatal error:  Uncaught E: x in /a.php:1\nStack trace:\n" + "#0 /a.php(1): f()\n" * n,
    "php nexts": lambda n: "E: x in /a.php:1\nStack trace:\n" + "Next E: x in /a.php:1\nStack trace:\n" * n,
    "rust": lambda n: "thread 'a' panicked at a.rs:1:1:\nx\nstack backtrace:\n" + "   0: a::b\n" * n,
    "spaces": lambda n: " " * n * 20,
    "brackets": lambda n: "at " + "(" * n * 20,
    "dots": lambda n: "a." * n * 10,
    "colons": lambda n: "A: " * n * 10 + "\n\tat a.B.c(D.java:1)\n",
    "slashes": lambda n: "\tat " + "a/" * n * 10 + ".b(C.java:1)",
    "quotes": lambda n: '  File "' + "a" * n * 20 + '", line 1',
    "ins": lambda n: "a:1:in `" * n * 5,
    "on lines": lambda n: "PHP Warning:  x" + " in x on line 1 " * n,
    "colours": lambda n: "\x1b[" + "1;" * n * 10,
    "escapes": lambda n: "\\n\\tat a.B.c(D.java:1)" * n,
}


def _seconds(text: str) -> float:
    best = float("inf")
    for _ in range(3):
        begin = time.process_time()
        find_trace_in_text(text)
        for line in text.split("\n")[:2000]:
            classify_line(line)
        best = min(best, time.process_time() - begin)
    return best


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_length_of_the_text(name: str) -> None:
    make = HOSTILE[name]

    short, long = _seconds(make(1500)), _seconds(make(6000))

    # Four times the text: linear is 4, quadratic 16; the constant keeps tiny times out of it.
    assert long <= 9 * short + 0.02


def test_a_trace_of_a_million_frames_is_read_up_to_the_limit() -> None:
    lines = ["java.lang.StackOverflowError", *["\tat a.B.c(D.java:1)"] * 1_000_000]

    trace = find_trace(lines)

    assert trace is not None
    assert trace.end_line == text_limits.MAX_TRACE_LINES
