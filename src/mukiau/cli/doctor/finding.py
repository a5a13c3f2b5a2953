"""What one look finds, and what there is to look at."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mukiau.config import Settings
from mukiau.stores.schema import STATE_FILE


class Level(StrEnum):
    """How a look ended; only `wrong` makes the command fail."""

    FINE = "fine"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one look found."""

    check: str
    """What was looked at, in a word or two."""
    level: Level = Level.FINE
    found: str
    why: str = ""
    """Why it matters; empty when it is fine."""
    todo: str = ""
    """What to do about it; empty when it is fine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One installation."""

    settings: Settings
    environ: Mapping[str, str]
    now_ms: int
    is_thorough: bool = False

    @property
    def folder(self) -> Path:
        return Path(self.settings.data).absolute()

    @property
    def has_state(self) -> bool:
        return (self.folder / STATE_FILE).exists()


Check = Callable[[Patient], Iterator[Finding]]


def wrong(check: str, found: str, *, why: str, todo: str) -> Finding:
    return Finding(check=check, level=Level.WRONG, found=found, why=why, todo=todo)


def note(check: str, found: str, *, why: str, todo: str) -> Finding:
    return Finding(check=check, level=Level.NOTE, found=found, why=why, todo=todo)


def fine(check: str, found: str) -> Finding:
    return Finding(check=check, found=found)
