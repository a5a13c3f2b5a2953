"""Reports of anyhow and eyre: a list of causes, then a place or a backtrace."""

import pytest

from mukiau.core.records.assemble import Assembler
from mukiau.core.records.record import Record
from mukiau.core.traces.registry import find_trace_in_text

ANYHOW = """\
Error: could not load

Caused by:
    0: reading /etc/a.toml
    1: No such file or directory (os error 2)

Stack backtrace:
   0: anyhow::error::Error::new
             at /usr/local/cargo/registry/src/anyhow-1.0.75/src/error.rs:565:25
   1: app::config::load
             at ./src/config.rs:12:5
   2: app::main
             at ./src/main.rs:4:5"""
EYRE = """\
Error: could not load

Caused by:
    No such file or directory (os error 2)

Location:
    src/config.rs:12:5"""
COLOR_EYRE = """\
Error:
   0: could not load
   1: No such file or directory (os error 2)

Location:
   src/config.rs:12

  ━━━━━━━━━━━━━━━━━━━━━━ BACKTRACE ━━━━━━━━━━━━━━━━━━━━━━
                  ⋮ 5 frames hidden ⋮
   6: app::config::load::h0123456789abcdef
      at /src/config.rs:12
   7: app::main::h0123456789abcdef
      at /src/main.rs:4"""


@pytest.mark.parametrize(
    ("text", "messages", "functions"),
    [
        (
            ANYHOW,
            ["Error: could not load", "reading /etc/a.toml", "No such file or directory (os error 2)"],
            ["main", "load"],
        ),
        (EYRE, ["Error: could not load", "No such file or directory (os error 2)"], [""]),
        (COLOR_EYRE, ["could not load", "No such file or directory (os error 2)"], ["main", "load"]),
    ],
    ids=["anyhow", "eyre", "color-eyre"],
)
def test_causes_and_the_stack_below_them_are_read(text: str, messages: list[str], functions: list[str]) -> None:
    trace = find_trace_in_text(text)

    assert trace is not None
    assert [link.message for link in trace.exceptions] == messages
    assert [frame.function for frame in trace.exceptions[0].frames] == functions
    assert trace.exceptions[0].frames[-1].lineno == 12


COLOURED = """\
\x1b[2m2026-10-14T04:02:48.342Z\x1b[0m \x1b[31mERROR\x1b[0m \x1b[2mshop_app\x1b[0m\x1b[2m:\x1b[0m could not load

Caused by:
    0: reading shop=7
    1: connection refused \x1b[3mfile\x1b[0m\x1b[2m=\x1b[0ma.toml \x1b[3mjob.id\x1b[0m\x1b[2m=\x1b[0m7"""


def test_fields_of_tracing_behind_the_last_cause_are_told_from_it_by_their_colours() -> None:
    trace = find_trace_in_text(COLOURED)

    assert trace is not None
    assert [link.message for link in trace.exceptions][1:] == ["reading shop=7", "connection refused"]


def test_line_by_line_the_fields_stay_in_the_text_of_the_entry() -> None:
    lines = [line for line in COLOURED.split("\n") if line]
    assembler = Assembler()

    entries = assembler.feed([Record(record_id=str(at), message=line) for at, line in enumerate(lines)])
    entries += assembler.flush_all()

    assert [[link.message for link in entry.exceptions] for entry in entries] == [
        ["could not load", "reading shop=7", "connection refused"]
    ]
    assert "file=a.toml job.id=7" in entries[0].raw
