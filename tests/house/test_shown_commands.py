"""What the documentation shows is what the commands print."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from source_tree import ROOT

from pages import commands, write_files

PAGES = sorted((ROOT / "docs" / "explanation").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_print_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    write_files(page, tmp_path)

    for command in commands(page):
        program, *arguments = shlex.split(command.line)
        assert program == "mukiau"
        ran = subprocess.run(
            [sys.executable, "-m", "mukiau", *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert command.prints(ran.stdout), f"{command.line} printed:\n{ran.stdout}"
