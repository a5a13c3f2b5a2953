"""One id in many dresses is one; what is no id ties nothing."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.core.event import Origin
from mukiau.core.event_builder import build_event
from mukiau.core.normalize import normalize_payload
from mukiau.core.trace_ids import canonical_id

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
HEX = "5759e988bd862e3fe1be46a994272793"


def trace_of(**payload: Any) -> str:
    normalized = normalize_payload(payload, received_at=NOON).payload
    return build_event(normalized, origin=Origin(), received_at=NOON).trace_id


@pytest.mark.parametrize(
    "dressed",
    [
        HEX,
        HEX.upper(),
        f" {HEX} ",
        str(UUID(HEX)),
        f"00-{HEX}-00f067aa0ba902b7-01",
        "1-5759e988-bd862e3fe1be46a994272793",
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
    ],
)
def test_one_id_is_written_the_same_whatever_it_wore(dressed: str) -> None:
    assert canonical_id(dressed) == HEX


def test_a_short_id_is_the_same_padded_to_the_length_of_a_long_one() -> None:
    assert canonical_id("0000000000000000463ac35c9f6413ad") == canonical_id("463ac35c9f6413ad")


@pytest.mark.parametrize(
    "text",
    [
        "", "-", "0", "null", "undefined", "unknown-request", "none", "main", "42", "20261005", "req-17", "request-123456",
        "0" * 32, "00000000-0000-0000-0000-000000000000", "11111111-1111-1111-1111-111111111111", "x" * 5_000, None, 7, [],
    ],
)  # fmt: skip
def test_what_is_no_id_ties_nothing(text: object) -> None:
    assert canonical_id(text) == ""


@given(st.uuids(version=4))
def test_every_random_uuid_is_an_id(uuid: UUID) -> None:
    assert canonical_id(str(uuid)) == canonical_id(uuid.hex) != ""


@given(st.text(max_size=250))
def test_what_is_written_once_stays_as_it_is(text: str) -> None:
    assert canonical_id(canonical_id(text)) == canonical_id(text)


def test_an_event_goes_by_its_trace_before_its_request() -> None:
    request = {"request_id": "9f0c1d2e-0000-4000-8000-123456789abc"}

    assert trace_of(contexts={"trace": {"trace_id": HEX}}, tags=request) == HEX
    assert trace_of(contexts={"trace": {"trace_id": "0" * 32}}, tags=request) == "9f0c1d2e000040008000123456789abc"
    assert trace_of(message="x") == ""
