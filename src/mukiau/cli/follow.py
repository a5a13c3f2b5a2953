"""`mukiau ingest --follow`: log files are brought in as they grow, until somebody says stop.

Where each file's reading stands is kept in the data folder behind every request that was accepted, so a restart goes on
there. What was sent and not noted down before a crash is sent again under the same names and counts nothing.
"""

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import click

from mukiau.cli.files import find_files
from mukiau.cli.followed_file import FollowedFile, Position
from mukiau.cli.terminal import counted, one_line
from mukiau.core.records.record import Record

FOLDER = "followed"
"""In the data folder: a file for each log file."""
POLL_SECONDS = 1.0
ROUNDS_BETWEEN_LOOKS = 10
"""For files that are new under a glob."""

Send = Callable[[list[Record]], int]


class Follower:
    """Follows the files of some patterns; `round` once in a while."""

    def __init__(self, patterns: tuple[str, ...], folder: Path, send: Send, *, log_group: str, encoding: str) -> None:
        self._patterns = patterns
        self._folder = folder / FOLDER
        self._send = send
        self._log_group = log_group
        self._encoding = encoding or "utf-8"
        self._files: dict[Path, FollowedFile] = {}
        self.accepted = 0
        """Lines since the start."""

    def look(self) -> None:
        """Take up files that are there now and were not before."""
        for path in _paths(self._patterns):
            if path not in self._files:
                position = self._load(path)
                self._files[path] = FollowedFile(path, position)
                at = f"goes on at byte {position.offset:,}" if position else "from its beginning"
                _say(path, f"followed, {at}")

    def round(self) -> bool:
        """Bring in what is new; say whether anything was."""
        is_busy = False
        for file in self._files.values():
            before, lines = file.position, file.read()
            if file.news:
                _say(file.path, file.news)
            if lines:
                records = [self._record(file.path, line.name, line.text) for line in lines]
                self.accepted += self._send(records)
                is_busy = True
            if file.position is not None and file.position != before:
                self._save(file.path, file.position)
        return is_busy

    def close(self) -> None:
        for file in self._files.values():
            file.close()

    def _record(self, path: Path, name: str, text: bytes) -> Record:
        return Record(
            record_id=name,
            message=text.decode(self._encoding, "replace"),
            log_group=self._log_group,
            log_stream=str(path),
        )

    def _load(self, path: Path) -> Position | None:
        with suppress(OSError, ValueError, TypeError):
            return Position(**json.loads(self._position_file(path).read_text(encoding="utf-8")))
        return None

    def _save(self, path: Path, position: Position) -> None:
        """Write it whole or not at all."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        file = self._position_file(path)
        new = file.with_suffix(".new")
        new.write_text(json.dumps(asdict(position)), encoding="utf-8")
        new.replace(file)

    def _position_file(self, path: Path) -> Path:
        return self._folder / f"{sha256(str(path).encode('utf-8', 'surrogateescape')).hexdigest()[:24]}.json"


def follow(follower: Follower) -> None:
    """Follow until Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service manager stops it as a person does
    click.echo("Lines are brought in as they are written; Ctrl-C ends it.", err=True)
    rounds = 0
    try:
        while True:
            if rounds % ROUNDS_BETWEEN_LOOKS == 0:
                follower.look()
            rounds += 1
            if not follower.round():
                time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        click.echo(f"{counted(follower.accepted, 'log line')} accepted. The next start goes on from here.", err=True)
    finally:
        follower.close()


def _paths(patterns: tuple[str, ...]) -> Iterator[Path]:
    for pattern in patterns:
        with suppress(click.ClickException):  # it may come later
            yield from (Path(name).resolve() for name in find_files((pattern,)))


def _say(path: Path, what: str) -> None:
    click.echo(one_line(f"{path}: {what}."), err=True)
