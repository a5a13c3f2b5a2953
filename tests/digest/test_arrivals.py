"""Where records came from is told by the same names as events have."""

from mukiau.core.limits import MAX_ENVIRONMENT_CHARS, MAX_NAME_CHARS
from mukiau.core.normalizing.fields import cut
from mukiau.core.records.log_groups import compile_table
from mukiau.core.records.record import Record
from mukiau.digest.arrivals import ArrivedRecords


def test_names_are_as_long_as_those_of_events_at_most() -> None:
    arrived = ArrivedRecords(compile_table(""))
    record = Record(record_id="1", message="x", service="s" * 300, environment="e" * 300)

    arrived.note([record], project_id=1, received_ms=5, defaults=None)

    (one,) = arrived.take()
    assert one.service == "s" * MAX_NAME_CHARS
    assert one.environment == cut("e" * 300, MAX_ENVIRONMENT_CHARS)
