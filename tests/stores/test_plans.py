"""What is asked again and again is found by an index, however much there is."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mukiau.stores.notify.deliveries import list_deliveries
from mukiau.stores.notify.summaries import _HANDLINGS
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect
from mukiau.stores.work.resolutions import settle_deploy


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (
            lambda state: settle_deploy(state, 1, environment="acme-prod", service="orders", release="2", at_ms=1),
            "issue_state_awaiting (environment=?)",
        ),
        (lambda state: state.execute(_HANDLINGS), "handling_service"),
        (lambda state: list_deliveries(state, 1, limit=20), "delivery_route (route_id=?)"),
    ],
    ids=["what awaits a deploy", "open handlings of a summary", "the latest messages of a route"],
)
def test_a_question_is_answered_by_its_index(data_folder: Path, ask: Callable[[Connection], Any], index: str) -> None:
    asked: list[str] = []
    with closing(connect(data_folder / STATE_FILE)) as state:
        state.set_trace_callback(asked.append)
        ask(state)
        state.set_trace_callback(None)
        steps = [step for sql in asked for *_, step in state.execute(f"EXPLAIN QUERY PLAN {sql}")]

    assert any(index in step for step in steps), steps
    assert not any("ORDER BY" in step for step in steps), steps
