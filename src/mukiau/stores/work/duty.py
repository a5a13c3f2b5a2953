"""Duty rosters as they are kept: rotations, days given to others, and the note each week leaves to the next."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from mukiau.stores.sqlite import Connection
from mukiau.work.roster import Override, Roster, Rotation, on_duty

MAX_NOTE_CHARS = 5_000
MAX_PEOPLE = 50
"""Of a rotation: in a year nobody has two turns."""

_ZONE = "SELECT time_zone FROM team WHERE id = ?"
_ROTATIONS = "SELECT start, people FROM duty_rotation WHERE team_id = ? AND removed_ms IS NULL ORDER BY id"
_OVERRIDES = """
SELECT id, first, last, user_id FROM duty_override WHERE team_id = ? AND removed_ms IS NULL ORDER BY id
"""
_PRESENT = """
SELECT m.user_id FROM team_member m JOIN auth_user u ON u.id = m.user_id WHERE m.team_id = ? AND u.is_active
"""
_NOTES = (
    "SELECT week, text, author, at_ms, version FROM duty_note WHERE team_id = ? AND week IN ({marks}) ORDER BY week"
)
_PUT_NOTE = """
INSERT INTO duty_note (team_id, week, text, author, at_ms) VALUES (:team, :week, :text, :author, :at_ms)
ON CONFLICT (team_id, week) DO UPDATE SET text = :text, author = :author, at_ms = :at_ms, version = version + 1
WHERE version = :version
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the duty of a week leaves to the next."""

    week: date
    text: str
    author: str
    at_ms: int
    version: int


def load_roster(connection: Connection, team_id: int) -> Roster:
    """Return a team's roster; whoever left the team or was switched off is away."""
    rotations = tuple(
        Rotation(start=date.fromisoformat(start), people=tuple(json.loads(people)))
        for start, people in connection.execute(_ROTATIONS, (team_id,))
    )
    overrides = tuple(
        Override(id=pk, first=date.fromisoformat(first), last=date.fromisoformat(last), person=person)
        for pk, first, last, person in connection.execute(_OVERRIDES, (team_id,))
    )
    people = {person for rotation in rotations for person in rotation.people}
    people |= {override.person for override in overrides}
    present = {row[0] for row in connection.execute(_PRESENT, (team_id,))}
    zone = connection.execute(_ZONE, (team_id,)).fetchone()
    return Roster(
        zone=ZoneInfo(zone[0] if zone else "UTC"),
        rotations=rotations,
        overrides=overrides,
        away=frozenset(people - present),
    )


def find_on_duty(connection: Connection, team_id: int, at_ms: int) -> int | None:
    """Return who of a team is on duty at a time: what nobody took is theirs; None where nobody is."""
    return on_duty(load_roster(connection, team_id), datetime.fromtimestamp(at_ms / 1000, UTC))


def add_rotation(connection: Connection, team_id: int, rotation: Rotation, *, actor: str, at_ms: int) -> int:
    """Let people take turns from a week on; return the rotation's id."""
    values = (team_id, rotation.start.isoformat(), json.dumps(rotation.people), at_ms, actor)
    sql = "INSERT INTO duty_rotation (team_id, start, people, created_ms, created_by) VALUES (?, ?, ?, ?, ?)"
    rotation_id = connection.execute(sql, values).lastrowid
    assert rotation_id is not None
    return rotation_id


def remove_rotation(connection: Connection, team_id: int, rotation_id: int, *, at_ms: int) -> bool:
    """Take a rotation back: what was before it holds again."""
    sql = "UPDATE duty_rotation SET removed_ms = ? WHERE id = ? AND team_id = ? AND removed_ms IS NULL"
    return bool(connection.execute(sql, (at_ms, rotation_id, team_id)).rowcount)


def add_override(connection: Connection, team_id: int, override: Override, *, actor: str, at_ms: int) -> int:
    """Give some days to somebody; return the override's id."""
    values = (team_id, override.person, override.first.isoformat(), override.last.isoformat(), at_ms, actor)
    sql = "INSERT INTO duty_override (team_id, user_id, first, last, created_ms, created_by) VALUES (?, ?, ?, ?, ?, ?)"
    override_id = connection.execute(sql, values).lastrowid
    assert override_id is not None
    return override_id


def remove_override(connection: Connection, team_id: int, override_id: int, *, at_ms: int) -> Override | None:
    """Take an override back; return it, None when it was taken back before."""
    found = next((one for one in load_roster(connection, team_id).overrides if one.id == override_id), None)
    if found is not None:
        connection.execute("UPDATE duty_override SET removed_ms = ? WHERE id = ?", (at_ms, override_id))
    return found


def load_notes(connection: Connection, team_id: int, weeks: Collection[date]) -> dict[date, Note]:
    """Return the notes of some weeks."""
    names = [week.isoformat() for week in weeks]
    rows = connection.execute(_NOTES.format(marks=", ".join("?" * len(names))), (team_id, *names))
    notes = (
        Note(week=date.fromisoformat(week), text=text, author=author, at_ms=at_ms, version=version)
        for week, text, author, at_ms, version in rows
    )
    return {note.week: note for note in notes}


def put_note(
    connection: Connection, team_id: int, week: date, text: str, *, version: int, actor: str, at_ms: int
) -> bool:
    """Write the note of a week; False when somebody else changed it since `version` (0: there was none)."""
    values = {
        "team": team_id,
        "week": week.isoformat(),
        "text": text[:MAX_NOTE_CHARS],
        "author": actor,
        "at_ms": at_ms,
        "version": version,
    }
    return bool(connection.execute(_PUT_NOTE, values).rowcount)
