"""The table of figures beside their targets, for the terminal and for docs/reference/benchmarks.md."""

import os
import platform
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.measure import Results
from bench.targets import KINDS, STATIONS, TARGETS, Target
from mukiau import __version__
from mukiau.cli.doctor.machine import is_plain_build
from mukiau.stores import sqlite

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "benchmarks.md"

_HEAD = """# Benchmarks

Written by `make bench`; every figure is from the machine below. Events are what the real sentry-sdk makes of a small shop
that fails in 40 ways (`bench/shop.py`): 22 KB of JSON on average, 4 KB with gzip, with locals, breadcrumbs and request
data. Log lines are those of the demo. *Measured* is the best run and, where there were several, all of them in brackets:
other work on the machine only makes a run worse, and a virtual machine is not equally fast at every hour (*the machine
itself*). Peers are Bugsink 2.6.1 · GlitchTip 5.2 · foxray 0.1.2 with the same
failures on the same kind of machine; `–` joins their slowest and fastest run.

End to end the load generator runs on the same cores as the server, which has digested 300 events before. Stations, and
lines of the core alone, are counted in CPU time of one process.
"""
_PARTS = {
    "events": "Events, end to end",
    "isolation": "Pages and intake beside each other",
    "pages": "Pages, a million events",
    "logs": "Log lines",
    "lab": "The grouping lab, a million events",
    "templates": "Templates of lines, one configuration",
    "forwarder": "The forwarder, in CPU time",
    "stations": "Stations",
    "peer": "foxray 0.1.2 in the same run",
}


def render_table(results: Results, *, part: str) -> str:
    """Return one part's figures as a Markdown table; what was not measured is left out."""
    return _render_stations(results) if part == "stations" else _render_rows(results, part)


def _render_rows(results: Results, part: str) -> str:
    """One row a target."""
    rows = [
        (
            target.what,
            _measured(target, results.values[target.key]),
            _goal(target),
            target.verdict(target.best(results.values[target.key])),
            target.peers,
        )
        for target in TARGETS
        if target.part == part and results.values.get(target.key)
    ]
    head = ("what", "measured", "target", "", "peers")
    columns = [column for column in range(len(head)) if column < 2 or any(row[column] for row in rows)]
    return _table([head, *rows], columns)


def _render_stations(results: Results) -> str:
    """One row a station, one column a kind of event."""
    rows = [(words, *(_station(results, f"{kind}_{name}") for kind, _ in KINDS)) for name, words in STATIONS]
    head = ("µs per event", *(shown for _, shown in KINDS))
    return _table([head, *(row for row in rows if any(row[1:]))], range(len(head)))


def _station(results: Results, key: str) -> str:
    values = results.values.get(key)
    if not values:
        return ""
    target = next(target for target in TARGETS if target.key == key)
    best = target.best(values)
    goal = f" (target {_goal(target)}: {target.verdict(best)})" if target.goal is not None else ""
    return f"{best:.0f}{goal}"


def _table(rows: Sequence[Sequence[str]], columns: Sequence[int]) -> str:
    lines = ["| " + " | ".join(row[column] for column in columns) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(columns), *lines[1:]])


def render_page(results: Results, *, how: str, now: datetime) -> str:
    """Return the whole page; `how` says with which options it was measured."""
    sections = [_HEAD, f"{now.astimezone(UTC):%Y-%m-%d}, mukiau {__version__}, {describe_machine()}. {how}\n"]
    for part, title in _PARTS.items():
        sections.append(f"## {title}\n\n{render_table(results, part=part)}\n")
    sections.append("## Notes\n\n" + "\n".join(f"* {note}" for note in _notes(results)) + "\n")
    return "\n".join(sections)


def describe_machine() -> str:
    """Say what the figures were measured on, without names or paths."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return (
        f"{os.cpu_count()} cores ({_cpu_model()}), {memory_gib:.0f} GiB, {platform.system()}, "
        f"{platform.python_implementation()} {platform.python_version()}{_build()}, SQLite {sqlite.sqlite_version()}"
    )


def _build() -> str:
    is_plain = is_plain_build(sys.base_prefix, sysconfig.get_config_var("CONFIG_ARGS"))
    return " (built without optimization)" if is_plain else ""


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _notes(results: Results) -> Iterator[str]:
    missed = [
        target.what
        for target in TARGETS
        if results.values.get(target.key) and "MISS" in target.verdict(target.best(results.values[target.key]))
    ]
    yield f"Missed: {'; '.join(missed)}." if missed else "No target was missed."
    yield from results.notes


def _measured(target: Target, values: Sequence[float]) -> str:
    best = f"{_number(target.best(values))} {target.unit}".strip().replace(" /s", "/s")
    runs = f" ({', '.join(_number(value) for value in values)})" if len(set(values)) > 1 else ""
    return best + runs


def _goal(target: Target) -> str:
    if target.goal is None:
        return ""
    sign = {"higher": "≥ ", "lower": "≤ ", "equal": ""}[target.better]
    return sign + _number(target.goal)


def _number(value: float) -> str:
    if value == int(value) or abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 100 else f"{value:.0f}"
