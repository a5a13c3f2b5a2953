"""What flows through: processes, digest's progress, refusals, and sources whose times are hours off."""

from collections import Counter
from collections.abc import Iterator, Sequence

from mukiau.cli.doctor.finding import Finding, Patient, fine, note, wrong
from mukiau.intake.condition import MAX_HEARTBEAT_AGE_MS
from mukiau.stores.examination import read_source_times
from mukiau.stores.locks import RoleLock
from mukiau.stores.reader import Status, read_status

MAX_PENDING = 100_000
MAX_LAG_MS = 5 * 60_000
MIN_REFUSED, REFUSED_SHARE = 10, 0.05
# Zones differ by quarters of an hour; what a source sends comes within minutes.
QUARTER_MS, ARRIVAL_MS = 15 * 60_000, 3 * 60_000
MIN_OFFSET_MS, MAX_OFFSET_MS = 30 * 60_000, 14 * 3_600_000
MIN_EVENTS, SAME_SHARE = 10, 0.8


def look_at_processes(patient: Patient) -> Iterator[Finding]:
    if not patient.has_state:
        return
    running = [role for role in ("intake", "digest", "web") if _is_played(patient, role)]
    for role in running:
        yield fine(role, f"running (process {RoleLock(patient.folder, role).find_holder()})")
    missing = [role for role in ("intake", "digest", "web") if role not in running]
    todo = "Start `mukiau serve`." if not running else "Look at mukiau's log for why it ends."
    for role in missing:
        yield wrong(role, "not running", why=_MISSED[role], todo=todo)


_MISSED = {
    "intake": "Nothing is accepted, and no page answers.",
    "digest": "What is accepted is kept, but does not become visible.",
    "web": "No page answers; events are accepted.",
}


def _is_played(patient: Patient, role: str) -> bool:
    lock = RoleLock(patient.folder, role)
    is_free = lock.acquire()
    lock.release()
    return not is_free


def look_at_progress(patient: Patient) -> Iterator[Finding]:
    if not patient.has_state:
        return
    status = read_status(patient.folder)
    yield from _heartbeat(patient, status)
    yield from _backlog(patient, status)
    if status.set_aside:
        found = f"{status.set_aside:,} requests could not be digested"
        todo = 'Look at the page "Set aside": it has the reasons, and can digest them again.'
        yield wrong("set aside", found, why="What is in them is on no page.", todo=todo)
    else:
        yield fine("set aside", "nothing")
    yield from _refused(status)


def _heartbeat(patient: Patient, status: Status) -> Iterator[Finding]:
    if not _is_played(patient, "digest"):
        return  # said already
    age_ms = patient.now_ms - status.heartbeat_ms
    if abs(age_ms) < MAX_HEARTBEAT_AGE_MS:
        yield fine("heartbeat", f"{max(0, age_ms) // 1000} s ago")
    elif age_ms > 0:
        found = f"digest runs, but was last alive {age_ms // 1000:,} s ago" if status.heartbeat_ms else "never"
        todo = "Look at mukiau's log for lines of digest; restart mukiau. Nothing accepted is lost."
        yield wrong("heartbeat", found, why="It hangs, or the disk does.", todo=todo)
    else:
        found = f"digest was last alive {-age_ms // 1000:,} s in the future"
        yield wrong("heartbeat", found, why="The clock was set back.", todo="Set the clock by NTP and restart mukiau.")


def _backlog(patient: Patient, status: Status) -> Iterator[Finding]:
    lag_ms = patient.now_ms - status.oldest_waiting_ms if status.oldest_waiting_ms else 0
    found = f"{status.pending:,} wait to be digested"
    if status.pending > MAX_PENDING or lag_ms > MAX_LAG_MS:
        todo = (
            "See whether digest runs and what is so loud; a burst passes by itself, more than digest can take does not."
        )
        found += f", the oldest for {lag_ms // 1000:,} s"
        yield wrong("backlog", found, why="Events become visible late; a full spool refuses more.", todo=todo)
    else:
        yield fine("backlog", found)


def _refused(status: Status) -> Iterator[Finding]:
    if not status.refused:
        return
    reason, count = max(status.refused.items(), key=lambda item: item[1])
    if count >= MIN_REFUSED and count > REFUSED_SHARE * (status.accepted + count):
        found = f"{count:,} requests beside {status.accepted:,} accepted: {reason}"
        todo = "Somebody sends with an old DSN or in a way mukiau does not take; the reference of the doors has each reason."
        yield note("refused", found, why="What is in them is lost.", todo=todo)


def look_at_zones(patient: Patient) -> Iterator[Finding]:
    if not patient.has_state:
        return
    sources = read_source_times(patient.folder)
    is_fine = True
    for source in sources:
        if offset_ms := find_zone_offset(source.offsets_ms):
            is_fine = False
            yield _zone_mistake(f"{source.label} ({source.project})", len(source.offsets_ms), offset_ms)
    if sources and is_fine:
        yield fine("time zones", "the last events happened shortly before they arrived, or at no one distance")


def _zone_mistake(source: str, count: int, offset_ms: int) -> Finding:
    hours = f"{abs(offset_ms) / 3_600_000:g} h"
    side, cure = ("after", f"+{hours[:-2]}") if offset_ms > 0 else ("before", f"-{hours[:-2]}")
    why = f"Its times seem to be written in a zone {cure} h from UTC without saying so, and are read as UTC."
    if offset_ms > 0:
        why += " As they lie in the future, arrival stands in for them."
    todo = "Let the logger write UTC, or the zone (+09:00); or run the service with TZ=UTC."
    return wrong(
        "time zones", f"{source}: nearly all of {count} events say {hours} {side} they arrived", why=why, todo=todo
    )


def find_zone_offset(offsets_ms: Sequence[int]) -> int:
    """Return by how much a source's times are off when nearly all are by the same quarter-hours, else 0.

    `offsets_ms` are each event's own time minus its arrival. Old events brought in at once are off by as many amounts.
    """
    near = Counter(
        quarters
        for offset in offsets_ms
        if abs(offset - (quarters := round(offset / QUARTER_MS)) * QUARTER_MS) <= ARRIVAL_MS
    )
    if not near or len(offsets_ms) < MIN_EVENTS:
        return 0
    quarters, count = near.most_common(1)[0]
    offset_ms = quarters * QUARTER_MS
    is_zone = MIN_OFFSET_MS <= abs(offset_ms) <= MAX_OFFSET_MS
    return offset_ms if is_zone and count >= SAME_SHARE * len(offsets_ms) else 0
