"""Stored events are read back as far as grouping looks, and as they were when they were digested."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mukiau import codec
from mukiau.core.event_builder import build_chain
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect
from mukiau.stores.stored_events import _EVENTS, event_of, read_document


def stack(*functions: str, **more: Any) -> dict[str, Any]:
    frames = [{"function": name, "module": "quill.bill", "lineno": 7, "in_app": True, **more} for name in functions]
    return {"frames": frames}


CHAINS: list[list[dict[str, Any]]] = [
    [{"type": "TaxError", "value": "no quote", "stacktrace": stack("write", "quote")}],
    [{"type": "TaxError", "value": "no quote", "stacktrace": stack("write", vars={"bill": "B-100177"})}],
    [{"type": "TaxError", "value": "no quote", "stacktrace": stack("write", vars={"bill": "B" * 20_000})}],
    [
        {"type": "TaxError", "value": "no quote", "stacktrace": None},
        {"type": "BillError", "value": "", "module": "quill"},
    ],
    [],
]


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("times", [1, 2])
def test_an_event_has_the_chain_it_was_digested_with_also_where_its_stack_is_known(
    chain: list[dict[str, Any]], times: int
) -> None:
    text = codec.dumps({"payload": {"exception": {"values": chain}}, "origin": {"language": "python"}})

    for _ in range(times):
        found = event_of(read_document(text), service="billing").exceptions

    told = [
        (link.type, link.message, link.module, [(at.function, at.module, at.in_app) for at in link.frames])
        for link in found
    ]
    meant = build_chain(chain)
    assert told == [
        (link.type, link.message, link.module, [(at.function, at.module, at.in_app) for at in link.frames])
        for link in meant
    ]


@pytest.mark.parametrize(
    "broken", [b"", b"[]", b'{"payload": {"exception": {"values": [{"stacktrace": {"frames": 7}}]}}}']
)
def test_what_cannot_be_read_is_a_value_error(broken: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_document(broken)


def test_a_range_of_events_is_read_by_their_ids_and_not_by_walking_the_project(data_folder: Path) -> None:
    with closing(connect(data_folder / STATE_FILE, readonly=True)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {_EVENTS}", (0, 2_000, 1)).fetchall()

    assert [step[3] for step in plan] == ["SEARCH event USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"]
