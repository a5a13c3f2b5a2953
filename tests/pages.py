"""Examples in the documentation: files that a page shows, commands, and what they are said to print."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FILE = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
_SESSION = re.compile(r"```console\n(.*?)```", re.DOTALL)
_ELLIPSIS = "..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command and its output as the page shows it; `...` stands for any text."""

    line: str
    output: str

    def prints(self, printed: str) -> bool:
        """Say whether a real output is what the page shows."""
        pattern = ".*?".join(re.escape(part) for part in self.output.split(_ELLIPSIS))
        return re.fullmatch(pattern, printed, re.DOTALL) is not None


def write_files(page: Path, folder: Path) -> None:
    """Write the files that a page shows below `<!-- file: NAME -->`."""
    for name, text in _FILE.findall(page.read_text(encoding="utf-8")):
        folder.joinpath(name).write_text(text, encoding="utf-8")


def commands(page: Path) -> Iterator[Command]:
    """Yield the commands of the page's console sessions, in order."""
    for session in _SESSION.findall(page.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
            line, _, output = part.partition("\n")
            yield Command(line=line, output=output)
