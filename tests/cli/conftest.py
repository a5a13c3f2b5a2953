"""Runs commands on a data folder of their own: in this process, or apart where a command starts others."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mukiau.cli.main import main


@dataclass(frozen=True, slots=True)
class Mukiau:
    """The command line."""

    data: Path

    def __call__(self, *arguments: str | Path, text: str | bytes | None = None) -> Result:
        """Run a command; it must not end in an exception of its own."""
        environment = {"MUKIAU_DATA": str(self.data)}
        result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=text, env=environment)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    def lines(self, *arguments: str | Path, text: str | bytes | None = None) -> list[dict[str, Any]]:
        """Run a command that succeeds and prints JSON lines."""
        result = self(*arguments, "--json", text=text)
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    def apart(
        self, *arguments: str | Path, text: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a process of its own: one that migrates, or starts a server."""
        return subprocess.run(
            [sys.executable, "-m", "mukiau", *arguments],
            env=os.environ | {"MUKIAU_DATA": str(self.data)} | environment,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def mukiau(tmp_path: Path) -> Mukiau:
    """Without a data folder."""
    return Mukiau(tmp_path / "none")


@pytest.fixture
def mukiau_on(data_folder: Path) -> Mukiau:
    """With a data folder that has one project and no events."""
    return Mukiau(data_folder)
