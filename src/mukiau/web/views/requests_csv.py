"""Requests as a file for a spreadsheet: what the list shows, with the texts whole."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from mukiau.stores.queries.requests import iter_requests
from mukiau.stores.work.request_rows import FoundRequest
from mukiau.web.audit import Action, record
from mukiau.web.requests.acts import turns_of
from mukiau.web.requests.board import parse_query
from mukiau.web.views.audit_log import Echo, without_formula

COLUMNS = (
    *("id", "kind", "state", "side", "title", "service", "customer", "environment", "due"),
    *("requester", "approver", "executor", "verifier", "created", "updated", "closed"),
    *("statement", "expected_rows", "actual_rows", "rollback", "body", "evidence", "result"),
)


@never_cache
def as_csv(request: HttpRequest) -> HttpResponseBase:
    """Answer all requests that the filter lets through."""
    wanted = parse_query(request.GET, turns_of(request.user)).wanted
    record(request, Action.REQUESTS_EXPORTED)
    response = StreamingHttpResponse(csv_rows(iter_requests(wanted)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="mukiau-requests.csv"'
    return response


def csv_rows(found: Iterator[FoundRequest]) -> Iterator[str]:
    """Yield the file line by line, after the mark by which spreadsheets recognise UTF-8."""
    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow(COLUMNS)
    for one in found:
        times = {"due": one.due_ms, "created": one.created_ms, "updated": one.updated_ms, "closed": one.closed_ms}
        cells = (_time(times[name]) if name in times else getattr(one, name) for name in COLUMNS)
        yield writer.writerow(["" if cell is None else without_formula(str(cell)) for cell in cells])


def _time(ms: int | None) -> str:
    return "" if ms is None else datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds")
