"""Reports of anyhow and eyre: a list of causes, then a place or a backtrace."""

import pytest

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
