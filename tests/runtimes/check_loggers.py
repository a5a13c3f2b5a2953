"""Real loggers log, and what is read of their lines is what the test data of their shape says: `make runtimes`.

The times and the frames of the programs' own surroundings differ from run to run; everything else is compared. What is
not installed is skipped and named.
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.core.records.test_shapes import SHAPES, said_of

PROGRAMS = Path(__file__).parent / "loggers"
JARS = os.environ.get("LOGGERS_JARS", "/usr/share/java/*")
GO = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "-trimpath"}
TIMEOUT_SECONDS = 300

Run = Callable[[Path], None]


def _program(*command: str, **environment: str) -> Run:
    def run(folder: Path) -> None:
        arguments = [*command[:-1], str(PROGRAMS / command[-1]), str(folder)]
        subprocess.run(arguments, check=True, timeout=TIMEOUT_SECONDS, env=environment | os.environ)

    return run


def _java(program: str, setting: str) -> Run:
    def run(folder: Path) -> None:
        sources = [PROGRAMS / "java" / name for name in ("Failure.java", f"{program}.java")]
        classes = folder / "classes"
        subprocess.run(["javac", "-cp", JARS, "-d", classes, *sources], check=True, timeout=TIMEOUT_SECONDS)
        options = [f"-Dfolder={folder}", f"-D{setting}"]
        command = ["java", "-cp", f"{classes}:{JARS}", *options, program]
        subprocess.run(command, check=True, timeout=TIMEOUT_SECONDS)

    return run


LOGGERS: dict[str, Run] = {
    "python": _program(os.environ.get("LOGGERS_PYTHON", "python3"), "python_loggers.py"),
    "node": _program("node", "node_loggers.js"),
    "logback": _java("LogbackScenario", f"logback.configurationFile={PROGRAMS}/java/logback.xml"),
    "log4j2": _java("Log4jScenario", f"log4j2.configurationFile={PROGRAMS}/java/log4j2.xml"),
    "go": _program("go", "run", "go/main.go", **GO),
    "monolog": _program("php", "monolog.php"),
}


@pytest.mark.parametrize("name", LOGGERS)
def test_what_loggers_print_today_is_read_as_their_shapes_say(name: str, tmp_path: Path) -> None:
    try:
        LOGGERS[name](tmp_path)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"{name}: {error}")

    logs = sorted(tmp_path.glob("*.log"))
    if not logs:
        pytest.skip(f"{name}: none of its loggers is installed")
    for log in logs:
        assert list(_plain(said_of(log))) == list(_plain(_expected(log.stem))), log.stem


def _expected(shape: str) -> list[dict[str, object]]:
    (path,) = [path for path in SHAPES if path.stem == shape]
    said: list[dict[str, object]] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return said


def _plain(said: list[dict[str, object]]) -> Iterator[dict[str, object]]:
    for error in said:
        chain = [[kind, message, bool(frames)] for kind, message, frames in error["chain"]]  # type: ignore[attr-defined]
        yield {**error, "time": error["time"] is not None, "chain": chain}
