"""The processes that play the roles on a data folder, as Linux tells of them below /proc; elsewhere nothing is known."""

import os
from pathlib import Path

from mukiau.intake.condition import ProcessUse
from mukiau.stores.locks import RoleLock

ROLES = ("serve", "intake", "digest", "web")
_PROC = Path("/proc")


def read_processes(folder: Path) -> dict[str, ProcessUse]:
    """Return by role what each process that runs takes of the machine."""
    found = {role: _read_use(pid) for role in ROLES if (pid := find_process(folder, role)) is not None}
    digest = find_process(folder, "digest")
    for maker in _children(digest) if digest else ():
        found["digest"] = _sum(found.get("digest"), _read_use(maker))
    return {role: use for role, use in found.items() if use is not None}


def _children(pid: int) -> list[int]:
    """Digest's makers: they are its children, and roles of nobody."""
    try:
        return [int(child) for child in (_PROC / str(pid) / "task" / str(pid) / "children").read_text().split()]
    except OSError:
        return []


def _sum(of: ProcessUse | None, by: ProcessUse | None) -> ProcessUse | None:
    if of is None or by is None:
        return of
    return ProcessUse(
        resident_bytes=of.resident_bytes + by.resident_bytes,
        cpu_seconds=of.cpu_seconds + by.cpu_seconds,
        started_at=of.started_at,
    )


def find_process(folder: Path, role: str) -> int | None:
    """Return the process that plays a role; None when nobody does. Its lock is not touched."""
    pid = RoleLock(folder, role).find_holder()
    try:
        # A number is given again; what is no mukiau now is not the one that wrote it.
        return pid if pid and b"mukiau" in (_PROC / str(pid) / "cmdline").read_bytes() else None
    except OSError:
        return None


def _read_use(pid: int) -> ProcessUse | None:
    """Read proc(5): in stat, after the name in brackets, fields 14 and 15 are its time, 22 is its start since boot."""
    ticks = os.sysconf("SC_CLK_TCK")
    try:
        stat = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        resident_pages = int((_PROC / str(pid) / "statm").read_text().split()[1])
        boot = next(line for line in (_PROC / "stat").read_text().splitlines() if line.startswith("btime"))
    except (OSError, StopIteration):
        return None
    return ProcessUse(
        resident_bytes=resident_pages * os.sysconf("SC_PAGE_SIZE"),
        cpu_seconds=(int(stat[11]) + int(stat[12])) / ticks,
        started_at=int(boot.split()[1]) + int(stat[19]) / ticks,
    )
