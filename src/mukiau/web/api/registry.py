"""Environments, services and customers, as the pages show them: read by everybody."""

from typing import Any

from django.http import HttpRequest

from mukiau.stores.queries.registry import customers_of, read_environment_names, read_environments, read_services
from mukiau.web.api.door import Caller
from mukiau.web.api.issues import project_of, time_text


def list_environments(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return the environments of a project, by name."""
    items = [
        {
            "id": entry.id,
            "project": entry.project_id,
            "name": entry.name,
            "display_name": entry.display_name,
            "customer": entry.customer,
            "purpose": entry.purpose,
            "is_customer_said": bool(entry.said_customer),
            "is_purpose_said": bool(entry.said_purpose),
            "event_count": entry.event_count,
            "last_seen": time_text(entry.last_seen_ms) if entry.last_seen_ms else None,
        }
        for entry in read_environments(project_of(request))
    ]
    return {"items": items, "next": None}


def list_services(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return the services of a project, by area and name."""
    items = [
        {
            "id": entry.id,
            "project": entry.project_id,
            "name": entry.name,
            "display_name": entry.display_name,
            "area": entry.area,
            "issue_count": entry.issue_count,
            "event_count": entry.event_count,
            "last_seen": time_text(entry.last_seen_ms) if entry.last_seen_ms else None,
        }
        for entry in read_services(project_of(request))
    ]
    return {"items": items, "next": None}


def list_customers(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return the customers of a project with their environments, by name."""
    entries = read_environment_names(project_of(request))
    items = [
        {"name": name, "environments": [entry.name for entry in entries if entry.customer == name]}
        for name in customers_of(entries)
    ]
    return {"items": items, "next": None}
