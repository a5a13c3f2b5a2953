"""The audit log: for administrators, as a page and as a file for a spreadsheet."""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from mukiau.stores.audit import PAGE_LINES, AuditFilter, AuditLine, iter_lines, read_lines
from mukiau.web.accounts.roles import Right, needs
from mukiau.web.audit import ACTION_NAMES, Action, record
from mukiau.web.audit_words import read_changes
from mukiau.web.numbers import parse_number

COLUMNS = ("at", "who", "address", "via", "action", "target", "before", "after")
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


@never_cache
@needs(Right.AUDIT)
def page(request: HttpRequest) -> HttpResponse:
    """Show one page of it; `before` is the last line of the page before."""
    wanted = parse_filter(request.GET)
    found = read_lines(wanted, before_id=parse_number(request.GET.get("before", "")), limit=PAGE_LINES + 1)
    shown = found[:PAGE_LINES]
    context = {
        "wanted": wanted,
        "lines": [(line, _name(line.action), tuple(read_changes(line.before, line.after))) for line in shown],
        "last_id": shown[-1].id if len(found) > PAGE_LINES else None,
        "actions": ACTION_NAMES.items(),
    }
    return render(request, "audit_log.html", context)


@never_cache
@needs(Right.AUDIT)
def as_csv(request: HttpRequest) -> HttpResponseBase:
    """Answer all lines that the filter lets through."""
    wanted = parse_filter(request.GET)
    record(request, Action.AUDIT_EXPORTED)
    response = StreamingHttpResponse(csv_rows(iter_lines(wanted)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="mukiau-audit-log.csv"'
    return response


def parse_filter(given: QueryDict) -> AuditFilter:
    """Read the URL; an action nobody knows counts as not given."""
    action = given.get("action", "")
    return AuditFilter(action=action if action in set(Action) else "", actor=given.get("who", "").strip()[:150])


def csv_rows(lines: Iterator[AuditLine]) -> Iterator[str]:
    """Yield the file line by line, after the mark by which spreadsheets recognise UTF-8."""
    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow(COLUMNS)
    for line in lines:
        at = datetime.fromtimestamp(line.at_ms / 1000, UTC).isoformat(timespec="milliseconds")
        cells = (line.actor, line.address, line.via, line.action, line.target, _pairs(line.before), _pairs(line.after))
        yield writer.writerow((at, *(without_formula(cell) for cell in cells)))


def without_formula(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: what could begin one gets an apostrophe before it.

    >>> without_formula('=HYPERLINK("https://evil.example")')
    '\\'=HYPERLINK("https://evil.example")'
    >>> without_formula("alice")
    'alice'
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _name(action: str) -> str:
    """Return how an action is called; one that a later version wrote has no name here."""
    return str(ACTION_NAMES[Action(action)]) if action in set(Action) else action


def _pairs(values: dict[str, object]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in values.items())


class Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text
