"""What a tree of processes uses, read from /proc (Linux)."""

import os
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_MIB = 1024


@dataclass(frozen=True, slots=True)
class Usage:
    """Of a process and everything it started."""

    pss_mib: float
    """Memory; a page shared by n processes counts a nth in each."""
    cpu_seconds: float
    """So far, user and system, with children that have ended."""
    processes: int


def read_usage(root: int) -> Usage:
    """Return what the tree below (and with) a process uses now."""
    pids = find_tree(root)
    pss_kib = sum(_read_pss_kib(pid) for pid in pids)
    ticks = sum(_read_ticks(pid) for pid in pids)
    return Usage(pss_kib / _MIB, ticks / os.sysconf("SC_CLK_TCK"), len(pids))


def read_role_seconds(root: int, role: str) -> float:
    """Return the CPU seconds so far of the processes that play a role (an argument of their command line)."""
    return sum(_read_ticks(pid) for pid in find_role(root, role)) / os.sysconf("SC_CLK_TCK")


def find_role(root: int, role: str) -> list[int]:
    """Return the ids of the processes below `root` that play a role; a fork of one plays it, too."""
    return [pid for pid in find_tree(root) if role in _read_arguments(pid)]


def find_tree(root: int) -> set[int]:
    """Return the ids of a process and all its living descendants."""
    parents = {int(entry.name): _read_parent(int(entry.name)) for entry in _PROC.iterdir() if entry.name.isdigit()}
    found = {root} & set(parents)
    while new := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= new
    return found


def _read_stat(pid: int) -> list[str]:
    """The fields after the command's name, from the third (state) on; none for a process that has ended."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []


def _read_arguments(pid: int) -> list[str]:
    try:
        return (_PROC / str(pid) / "cmdline").read_text().split("\0")
    except OSError:
        return []


def _read_parent(pid: int) -> int:
    fields = _read_stat(pid)
    return int(fields[1]) if fields else 0


def _read_ticks(pid: int) -> int:
    return sum(int(ticks) for ticks in _read_stat(pid)[11:15])


def _read_pss_kib(pid: int) -> int:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
