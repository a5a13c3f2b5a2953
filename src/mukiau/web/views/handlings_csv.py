"""Handlings that were closed in a period as a file for a spreadsheet."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.cache import never_cache

from mukiau.stores.queries.handlings import HandlingRow, View, iter_handlings, read_places
from mukiau.web.audit import Action, record
from mukiau.web.handlings.queue import parse_query
from mukiau.web.views.audit_log import Echo, without_formula

COLUMNS = (
    *("id", "issue_id", "title", "service", "environment", "kind", "key", "occurrence_count", "state", "outcome"),
    *("minutes", "assignee", "team", "first", "opened", "started", "closed", "closed_by", "note", "result"),
)


@never_cache
def as_csv(request: HttpRequest) -> HttpResponseBase:
    """Answer those closed from one day (`from`) to another (`to`), both included and in the viewer's zone."""
    wanted = replace(
        parse_query(request.GET, request, read_places()).wanted,
        view=View.CLOSED,
        since_ms=_midnight(request.GET.get("from", ""), days=0),
        until_ms=_midnight(request.GET.get("to", ""), days=1),
    )
    record(request, Action.HANDLINGS_EXPORTED)
    response = StreamingHttpResponse(csv_rows(iter_handlings(wanted)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="mukiau-handlings.csv"'
    return response


def csv_rows(found: Iterator[HandlingRow]) -> Iterator[str]:
    """Yield the file line by line, after the mark by which spreadsheets recognise UTF-8."""
    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow(COLUMNS)
    for row in found:
        one = row.handling
        times = {"first": one.first_ms, "opened": one.opened_ms, "started": one.started_ms, "closed": one.closed_ms}
        known = {"assignee": row.assignee, "team": row.team, **{name: _time(ms) for name, ms in times.items()}}
        cells = (known[name] if name in known else getattr(one, name) for name in COLUMNS)
        yield writer.writerow(["" if cell is None else without_formula(str(cell)) for cell in cells])


def _time(ms: int | None) -> str:
    return "" if ms is None else datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds")


def _midnight(text: str, *, days: int) -> int | None:
    """Return when a day begins (or the one after), None for no day."""
    try:
        day = parse_date(text)
        if day is None:
            return None
        moment = datetime.combine(day + timedelta(days=days), time(), timezone.get_current_timezone())
        return int(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
