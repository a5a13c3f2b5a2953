"""A log file that grows, is rotated and is truncated, read line by line; where reading stands can be kept and taken up again.

* Renamed (logrotate's default): the old file is read to its end first, for some rounds more because its writer may not
  have noticed yet, then the new one from its beginning. After a restart the old file is looked for beside the new one.
* Truncated (copytruncate), or made anew on the same inode: it is shorter than what was read of it, or begins differently,
  or has other bytes where reading stands. Then it is read from its beginning.

A line counts as read when its newline is there. Each line has a name of its own: which file of that path it was in, and at
which byte. Read again after a crash it has the same name, so a server counts it once.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

CHUNK_BYTES = 1024**2
"""Read at a time; a longer line is taken in pieces."""
HEAD_BYTES = 256
TAIL_BYTES = 256
ROUNDS_AFTER_ROTATION = 5
MAX_NEIGHBOURS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where reading stands."""

    device: int
    inode: int
    generation: int
    """How many files there were at this path before this one, as far as was seen."""
    offset: int
    """Bytes that are read."""
    head: str
    """The file's first bytes, as hex digits: what is written over begins differently."""
    tail: str = ""
    """The last bytes that were read, as hex digits: another file with the same banner at its beginning has others there."""

    def is_in(self, status: os.stat_result) -> bool:
        """Say whether it is in the file of this status."""
        return (status.st_dev, status.st_ino) == (self.device, self.inode)


class Line(NamedTuple):
    """A line as it stands in the file, without its newline, and its name."""

    name: str
    text: bytes


class FollowedFile:
    """One path; `read` from time to time."""

    def __init__(self, path: Path, position: Position | None = None) -> None:
        self.path = path
        self.position = position
        self.news = ""
        """What happened to the file in the last round, for people; mostly empty."""
        self._file: BinaryIO | None = None
        self._rounds_left = ROUNDS_AFTER_ROTATION

    def read(self) -> list[Line]:
        """Return what is new, at most CHUNK_BYTES of it; `position` then stands behind it."""
        self.news = ""
        if self._file is None and not self._open():
            return []
        assert self._file is not None
        assert self.position is not None
        self._look_whether_rewritten()
        data = os.pread(self._file.fileno(), CHUNK_BYTES, self.position.offset)
        is_left = self._is_left()
        taken = data.rfind(b"\n") + 1
        if not taken and (len(data) == CHUNK_BYTES or (data and is_left and not self._rounds_left)):
            taken = len(data)  # a line without an end, or the end of a file nobody writes to any more
        if not taken and is_left:
            self._go_on()
        return self._take(data[:taken])

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _take(self, data: bytes) -> list[Line]:
        assert self.position is not None
        lines: list[Line] = []
        offset = self.position.offset
        for text in BytesIO(data):  # split behind each \n; a \r alone ends no line
            name = f"{self.path}\0{self.position.generation}\0{offset}\0".encode() + text
            lines.append(Line(sha256(name).hexdigest()[:24], text.rstrip(b"\r\n")))
            offset += len(text)
        if lines:
            self.position = replace(self.position, offset=offset, tail=data[-TAIL_BYTES:].hex())
        return lines

    def _open(self) -> bool:
        """Open the file where reading stood, wherever it is now, else the one at the path; say whether there is one."""
        stood = self.position
        if stood is None:
            return self._open_new(generation=0)
        for path in self._candidates():
            # Looked at before it is opened: of many neighbours one is it, and opening a pipe waits for its writer.
            with suppress(OSError):
                if stood.is_in(path.stat()):
                    self._file = path.open("rb", buffering=0)
                    if stood.is_in(os.fstat(self._file.fileno())):
                        return True
                    self.close()  # renamed just now
        if self._open_new(generation=stood.generation + 1):
            self.news = "the file read last is gone, with what was written to it since; goes on with the new one"
        return self._file is not None

    def _open_new(self, *, generation: int) -> bool:
        """Open the file at the path and stand at its beginning; where there is none, `position` stays what it is."""
        with suppress(OSError):
            self._file = self.path.open("rb", buffering=0)
            status = os.fstat(self._file.fileno())
            head = os.pread(self._file.fileno(), HEAD_BYTES, 0).hex()
            self.position = Position(
                device=status.st_dev, inode=status.st_ino, generation=generation, offset=0, head=head
            )
            return True
        return False

    def _candidates(self) -> Iterator[Path]:
        yield self.path
        with suppress(OSError):
            alike = (path for path in self.path.parent.iterdir() if path.name.startswith(self.path.stem))
            yield from sorted(alike)[:MAX_NEIGHBOURS]

    def _look_whether_rewritten(self) -> None:
        assert self._file is not None
        assert self.position is not None
        head = os.pread(self._file.fileno(), HEAD_BYTES, 0).hex()
        is_shorter = os.fstat(self._file.fileno()).st_size < self.position.offset
        if is_shorter or not head.startswith(self.position.head) or not self._has_tail():
            self.news = "was truncated or written anew; goes on from its beginning"
            generation = self.position.generation + 1
            self.position = replace(self.position, generation=generation, offset=0, head=head, tail="")
        elif len(head) > len(self.position.head):
            self.position = replace(self.position, head=head)

    def _has_tail(self) -> bool:
        """Say whether what was read last stands where it stood."""
        assert self._file is not None
        assert self.position is not None
        tail = bytes.fromhex(self.position.tail)
        return os.pread(self._file.fileno(), len(tail), self.position.offset - len(tail)) == tail

    def _is_left(self) -> bool:
        """Say whether another file has the path now."""
        assert self.position is not None
        with suppress(OSError):
            return not self.position.is_in(self.path.stat())
        return False

    def _go_on(self) -> None:
        """Nothing more was in the file that lost its path: wait a little, then take the one that has it."""
        assert self.position is not None
        if self._rounds_left:
            self._rounds_left -= 1
            return
        self._rounds_left = ROUNDS_AFTER_ROTATION
        self.close()
        if self._open_new(generation=self.position.generation + 1):
            self.news = "was rotated; goes on with the new file"
