"""One handling as it is stored, with the issue it belongs to now."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from mukiau.stores.sqlite import Connection
from mukiau.work.handling import OPEN_STATES, Kind, Outcome, Snapshot, State

COLUMNS = (
    "h.id, h.project_id, h.fingerprint_id, f.issue_id, f.title, h.environment, h.service, h.kind, h.key, h.state, "
    "h.assignee_id, h.team_id, h.opened_ms, h.started_ms, h.closed_ms, h.closed_by, h.closed_by_id, "
    "h.runbook_version_id, h.minutes, h.outcome, h.note, h.result, h.ticks, h.snapshot, h.occurrence_count, h.first_ms, "
    "h.last_ms, h.version"
)
"""Of `OF_HANDLINGS`, in the order of `FoundHandling`."""
OF_HANDLINGS = "handling h JOIN fingerprint f ON f.id = h.fingerprint_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHandling:
    """A handling."""

    id: int
    project_id: int
    fingerprint_id: int
    issue_id: int
    """Where its fingerprint is now."""
    title: str
    environment: str
    service: str
    kind: Kind
    key: str
    state: State
    assignee_id: int | None
    team_id: int | None
    opened_ms: int
    started_ms: int | None
    closed_ms: int | None
    closed_by: str
    closed_by_id: int | None
    runbook_version_id: int | None
    minutes: int | None
    outcome: Outcome | None
    note: str
    result: str
    ticks: str
    """As the column holds it; see `ticked`."""
    snapshot: str
    """As the column holds it; see `kept`."""
    occurrence_count: int
    first_ms: int
    last_ms: int
    version: int

    @property
    def is_open(self) -> bool:
        """Somebody has still to do something."""
        return self.state in OPEN_STATES

    @property
    def ticked(self) -> "dict[int, Tick]":
        """Return step → who ticked it."""
        told = json.loads(self.ticks) if self.ticks else {}
        return {int(step): Tick(who=who, at_ms=at_ms) for step, (who, at_ms) in told.items()}

    @property
    def kept(self) -> Snapshot | None:
        """Return what is kept of its first occurrence; None while it was never closed."""
        if not self.snapshot:
            return None
        known = {field.name for field in fields(Snapshot)}
        return Snapshot(**{name: value for name, value in json.loads(self.snapshot).items() if name in known})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A step that was done."""

    who: str
    at_ms: int


def find_handling(connection: Connection, handling_id: int) -> FoundHandling | None:
    """Return one handling."""
    query = f"SELECT {COLUMNS} FROM {OF_HANDLINGS} WHERE h.id = ?"  # noqa: S608
    row = connection.execute(query, (handling_id,)).fetchone()
    return None if row is None else handling_of(row)


def handling_of(row: tuple[Any, ...]) -> FoundHandling:
    """Return a row of COLUMNS by name."""
    values = dict(zip(FoundHandling.__slots__, row, strict=True))
    values |= {"kind": Kind(values["kind"]), "state": State(values["state"])}
    return FoundHandling(**{**values, "outcome": Outcome(values["outcome"]) if values["outcome"] else None})


def ticks_to_text(ticks: dict[int, Tick]) -> str:
    """Return what the column holds."""
    told = {str(step): [tick.who, tick.at_ms] for step, tick in sorted(ticks.items())}
    return json.dumps(told, ensure_ascii=False) if told else ""


def snapshot_to_text(snapshot: Snapshot) -> str:
    """Return what the column holds."""
    return json.dumps(asdict(snapshot), ensure_ascii=False)
