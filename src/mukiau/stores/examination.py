"""What `mukiau doctor` reads of a state file: people, the last events, what cannot be read any more."""

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import zstandard

from mukiau.core.normalizing.times import parse_time
from mukiau.stores.dictionaries import Dictionaries
from mukiau.stores.payloads import FindDictionary, unpack
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, Error, connect

# Enough to see a habit, few enough to read at once.
LAST_EVENTS = 2_000
MAX_EVENTS_A_SOURCE = 100
UNREADABLE = (LookupError, ValueError, zstandard.ZstdError)

_PEOPLE = "SELECT count(*), coalesce(sum(is_superuser), 0) FROM auth_user WHERE is_active"
_LAST = "SELECT source_id, received_ms, occurred_ms, payload, payload_codec FROM event ORDER BY id DESC LIMIT ?"
_NEWEST = "SELECT received_ms FROM event ORDER BY id DESC LIMIT 1"
_SOURCES = """
SELECT source.id, project.name, source.label FROM source JOIN project ON project.id = source.project_id
ORDER BY source.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTimes:
    """How far a source's last events lie from their arrival."""

    project: str
    label: str
    offsets_ms: tuple[int, ...]
    """Of each event, what it says of its time minus when it arrived: positive for the future."""


def count_people(data: Path) -> tuple[int, int]:
    """Return how many people can sign in, and how many of them are administrators."""
    with closing(connect(data / STATE_FILE, readonly=True)) as state:
        people, admins = state.execute(_PEOPLE).fetchone()
    return int(people), int(admins)


def newest_arrival_ms(data: Path) -> int:
    """Return when the event digested last arrived, 0 without events."""
    with closing(connect(data / STATE_FILE, readonly=True)) as state:
        row = state.execute(_NEWEST).fetchone()
    return int(row[0]) if row else 0


def read_source_times(data: Path) -> tuple[SourceTimes, ...]:
    """Return each source that sent one of the last events."""
    offsets: defaultdict[int, list[int]] = defaultdict(list)
    with closing(connect(data / STATE_FILE, readonly=True)) as state:
        find = Dictionaries(state).find
        for source_id, received_ms, occurred_ms, payload, payload_codec in state.execute(_LAST, (LAST_EVENTS,)):
            if len(offsets[source_id]) < MAX_EVENTS_A_SOURCE:
                said_ms = _said_ms(_kept(payload, payload_codec, find)) if occurred_ms == received_ms else None
                offsets[source_id].append((occurred_ms if said_ms is None else said_ms) - received_ms)
        sources = state.execute(_SOURCES).fetchall()
    return tuple(
        SourceTimes(project=project, label=label, offsets_ms=tuple(offsets[source_id]))
        for source_id, project, label in sources
        if source_id in offsets
    )


def _kept(payload: bytes, payload_codec: int, find: FindDictionary) -> dict[str, object]:
    try:
        return unpack(payload, payload_codec, find)
    except UNREADABLE:
        return {}


def _said_ms(kept: dict[str, object]) -> int | None:
    """Return the time an event gave before arrival stood in for it; None when it gave none."""
    problems = kept.get("problems")
    for problem in problems if isinstance(problems, list) else ():
        if problem.get("kind") == "clock" and problem.get("path") == "timestamp":
            said = parse_time(problem.get("given"))
            return int(said.timestamp() * 1000) if said else None
    return None


def find_unreadable(data: Path) -> tuple[str, ...]:
    """Return in a few words each what cannot be read: dictionaries, and the newest event of each way it is packed."""
    with closing(connect(data / STATE_FILE, readonly=True)) as state:
        return (*_bad_dictionaries(state), *_bad_payloads(state))


def _bad_dictionaries(state: Connection) -> list[str]:
    rows = state.execute("SELECT id, body FROM payload_dictionary ORDER BY id")
    return [f"dictionary {key}" for key, body in rows if zstandard.ZstdCompressionDict(body).dict_id() != key]


def _bad_payloads(state: Connection) -> list[str]:
    find = Dictionaries(state).find
    newest = {codec: payload for *_, payload, codec in reversed(state.execute(_LAST, (LAST_EVENTS,)).fetchall())}
    found = []
    for codec, payload in newest.items():
        if not _kept(payload, codec, find):
            found.append(f"events packed with dictionary {codec}")
    return found


def find_corruption(path: Path) -> str:
    """Return what SQLite's quick check says against a file, empty for nothing. Reads all of it."""
    try:
        with closing(connect(path, readonly=True)) as connection:
            said = [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)")]
    except Error as error:
        return str(error)
    return "" if said == ["ok"] else "; ".join(said)
