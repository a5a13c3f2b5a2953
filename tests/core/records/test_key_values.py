"""key=value lines: their error is the cause, not part of the words."""

from mukiau.core.event import ExceptionInfo
from mukiau.core.records.formats import read_fields


def test_the_error_of_a_logfmt_line_is_its_exception_without_type() -> None:
    fields = read_fields(
        ['time="2026-11-24T10:00:07Z" level=error msg="failed to reconcile" error="pq: too many clients"']
    )

    assert fields.message == "failed to reconcile"
    assert fields.exceptions == (ExceptionInfo(type="", message="pq: too many clients"),)
