"""The matrix of services and environments."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mukiau import clock
from mukiau.stores.queries.places import read_places
from mukiau.stores.queries.registry import (
    customers_of,
    names_in_scope,
    read_environment_names,
    read_service_names,
)
from mukiau.web.matrix import matrix_of
from mukiau.web.period import Period, chart_of, parse_period
from mukiau.web.purpose_names import PURPOSE_NAMES
from mukiau.web.scope import project_scope


def page(request: HttpRequest) -> HttpResponse:
    """Show it; `customer`, `purpose` and `area` narrow it, `period` says what is counted (the last 24 hours)."""
    scope = project_scope(request.GET)
    wanted = {name: request.GET.get(name, "").strip()[:200] for name in ("customer", "purpose", "area")}
    period = parse_period(request.GET.get("period", "")) or Period.DAY
    environments, services = read_environment_names(scope.project_id), read_service_names(scope.project_id)
    names = set(names_in_scope(environments, customer=wanted["customer"], purpose=wanted["purpose"]))
    now_ms = clock.unix_ms()
    matrix = matrix_of(
        [service for service in services if not wanted["area"] or service.area == wanted["area"]],
        [entry for entry in environments if entry.name in names],
        read_places(scope.project_id, since_hour=chart_of(period).start_hour, now_ms=now_ms),
        project_id=scope.project_id,
        period=period,
        now_ms=now_ms,
    )
    context = {
        "scope": scope,
        "wanted": wanted,
        "period": period,
        "matrix": matrix,
        "customers": customers_of(environments),
        "purposes": PURPOSE_NAMES.items(),
        "areas": sorted({service.area for service in services} - {""}),
        "has_any": bool(environments and services),
    }
    return render(request, "matrix/page.html", context)
