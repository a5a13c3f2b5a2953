"""A request as it is stored, for whoever writes requests and whoever shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mukiau.work.request_content import Content
from mukiau.work.requests import CLOSED, Kind, Side, Standing, State


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRequest:
    """One request, all of it."""

    id: int
    project_id: int
    kind: Kind
    side: Side
    state: State
    title: str
    body: str
    statement: str
    expected_rows: int | None
    rollback: str
    evidence: str
    service: str
    customer: str
    environment: str
    due_ms: int | None
    requester_id: int
    requester: str
    approver_id: int | None
    approver: str
    executor_id: int | None
    executor: str
    verifier_id: int | None
    verifier: str
    result: str
    actual_rows: int | None
    created_ms: int
    updated_ms: int
    closed_ms: int | None
    repeat_key: str
    version: int

    @property
    def content(self) -> Content:
        """What a person wrote."""
        return Content(**{name: getattr(self, name) for name in Content.__slots__})

    @property
    def standing(self) -> Standing:
        """What decides who may do what."""
        names = ("kind", "state", "side", "requester_id", "approver_id", "executor_id", "verifier_id")
        values: dict[str, Any] = {name: getattr(self, name) for name in names}
        return Standing(**values, has_statement=bool(self.statement.strip()))

    @property
    def is_closed(self) -> bool:
        return self.state in CLOSED

    @property
    def is_off(self) -> bool:
        """Other rows were changed than it said it would."""
        return None not in (self.expected_rows, self.actual_rows) and self.expected_rows != self.actual_rows


COLUMNS = ", ".join(FoundRequest.__slots__)


def request_of(row: Sequence[Any]) -> FoundRequest:
    """Return the request of a row of COLUMNS."""
    values = dict(zip(FoundRequest.__slots__, row, strict=True))
    kinds = {"kind": Kind(values["kind"]), "side": Side(values["side"]), "state": State(values["state"])}
    return FoundRequest(**{**values, **kinds})
