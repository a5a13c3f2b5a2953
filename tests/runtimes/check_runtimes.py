"""Real runtimes fail, and the chain read from what they print is what they threw: `make runtimes`.

No part of `make test`: the name is none that pytest collects by itself. What is not installed is skipped and named.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.core.traces.main_chain import main_chain

from mukiau.core.records.assemble import Assembler
from mukiau.core.records.entry import LogEntry
from mukiau.core.records.record import Record

PROGRAMS = Path(__file__).parent / "programs"
HOW = ("crash", "logged", "lines")
"""Uncaught; caught and printed; caught and printed with a message of two lines."""
TIMEOUT_SECONDS = 120

Build = Callable[[Path], list[str]]


def _compiled(program: str, compiler: str, *options: str) -> Build:
    def build(folder: Path) -> list[str]:
        target = folder / "failures"
        subprocess.run([compiler, *options, f"{folder}/failures", PROGRAMS / program], check=True, capture_output=True)
        return [str(target)]

    return build


def _mono(folder: Path) -> list[str]:
    subprocess.run(["mcs", "-debug", f"-out:{folder}/failures.exe", PROGRAMS / "Failures.cs"], check=True)
    return ["mono", "--debug", f"{folder}/failures.exe"]


def _run_by(*command: str) -> Build:
    return lambda _: [*command[:-1], str(PROGRAMS / command[-1])]


RUNTIMES: dict[str, tuple[tuple[str, ...], Build]] = {
    "java": (("java",), _run_by("java", "Failures.java")),
    "javascript": (("node",), _run_by("node", "failures.js")),
    "python": (("python3",), _run_by("python3", "failures.py")),
    "ruby": (("ruby",), _run_by("ruby", "failures.rb")),
    "php": (("php",), _run_by("php", "failures.php")),
    "go": (("go",), _compiled("failures.go", "go", "build", "-o")),
    "rust": (("rustc",), _compiled("failures.rs", "rustc", "-g", "-o")),
    "csharp": (("mcs", "mono"), _mono),
    "elixir": (("elixir",), _run_by("elixir", "failures.exs")),
}
"""Language → the programs it needs, and what makes a command of its source."""


@pytest.fixture(scope="module", params=RUNTIMES)
def command(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str]]:
    language = str(request.param)
    needed, build = RUNTIMES[language]
    missing = [name for name in needed if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{language} is not tried: {', '.join(missing)} is not installed")
    return language, build(tmp_path_factory.mktemp(language))


@pytest.mark.parametrize("how", HOW)
def test_the_chain_read_is_what_the_program_threw(command: tuple[str, list[str]], how: str) -> None:
    language, arguments = command
    environment = {**os.environ, "RUST_BACKTRACE": "1", "LANG": "C.UTF-8", "GOCACHE": "/tmp/go-cache"}

    ran = subprocess.run(
        [*arguments, how],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
        env=environment,
    )
    entries = _assemble(ran.stderr)

    assert [entry.language for entry in entries] == [language], ran.stderr
    links = main_chain(entries[0].exceptions)
    assert [[link.type, link.message] for link in links] == json.loads(ran.stdout), ran.stderr
    assert any(frame.in_app for frame in links[0].frames), ran.stderr


def _assemble(text: str) -> list[LogEntry]:
    assembler = Assembler()
    records = [Record(record_id=str(at), message=line) for at, line in enumerate(text.split("\n"))]
    return assembler.feed(records) + assembler.flush_all()
