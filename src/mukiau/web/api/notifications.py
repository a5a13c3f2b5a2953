"""Routes of notifications: who is told of what, and whether it got there. No address and no secret is told, but a new one."""

from typing import Any

from django.http import HttpRequest, QueryDict

from mukiau.stores.notify import routes
from mukiau.stores.notify.deliveries import Delivery, list_deliveries
from mukiau.stores.notify.routes import SUMMARY, StoredRoute
from mukiau.web.accounts.roles import Right
from mukiau.web.address import base_url
from mukiau.web.api.bodies import body_of, told_as_form, valid
from mukiau.web.api.door import ApiError, Caller, caller_needs
from mukiau.web.api.issues import time_text
from mukiau.web.notify import acts
from mukiau.web.notify.forms import RouteForm
from mukiau.web.notify.shown import place_of

SHOWN_MESSAGES = 20


@caller_needs(Right.NOTIFY)
def list_all(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return the routes, oldest first; nobody's own are among them."""
    with routes.reading(acts.folder()) as connection:
        stored = [one for one in routes.list_routes(connection) if one.route.person_id is None]
    return {"items": [_route(one) for one in stored], "next": None}


@caller_needs(Right.NOTIFY)
def show(request: HttpRequest, caller: Caller, route_id: int) -> dict[str, Any]:
    """Return one route with its latest messages."""
    stored = _get(route_id)
    with routes.reading(acts.folder()) as connection:
        messages = list_deliveries(connection, route_id, limit=SHOWN_MESSAGES)
    return {**_route(stored), "messages": [_message(one) for one in messages]}


@caller_needs(Right.NOTIFY)
def make(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Make a route; it is told of what happens from now on. What it signs with is told once, here."""
    form = valid(RouteForm(_as_form(body_of(request))))
    made, secret = acts.make_route(caller.actor, form)
    return {**_route(_get(made)), **({"secret": secret} if secret else {})}


@caller_needs(Right.NOTIFY)
def switch(request: HttpRequest, caller: Caller, route_id: int) -> dict[str, Any]:
    """Switch a route off or on again; what happens while it is off is not told."""
    is_active = body_of(request).get("active")
    if not isinstance(is_active, bool):
        raise ApiError(400, "bad_body", 'Send {"active": true} or {"active": false}.')
    acts.switch_route(caller.actor, _get(route_id), is_active=is_active)
    return _route(_get(route_id))


@caller_needs(Right.NOTIFY)
def delete(request: HttpRequest, caller: Caller, route_id: int) -> dict[str, Any]:
    """Delete a route and the list of its messages."""
    acts.delete_route(caller.actor, _get(route_id))
    return {"id": route_id, "deleted": True}


@caller_needs(Right.NOTIFY)
def send_test(request: HttpRequest, caller: Caller, route_id: int) -> dict[str, Any]:
    """Send a test message now; answers what became of it."""
    answer = acts.try_route(caller.actor, _get(route_id), base_url=base_url(request))
    return {"outcome": answer.outcome, "reason": answer.reason, "detail": answer.detail}


def _get(route_id: int) -> StoredRoute:
    found = acts.find_route(route_id)
    if found is None:
        raise ApiError(404, "not_found", f"There is no route {route_id}.")
    return found


def _as_form(body: dict[str, Any]) -> QueryDict:
    """The same fields as the page's form has, so that both are read by one function."""
    services = body.get("services", [])
    lines = "\n".join(map(str, services)) if isinstance(services, list) else str(services)
    return told_as_form({"language": "en", "time_zone": "UTC", "purposes": ["production"], **body, "services": lines})


def _route(stored: StoredRoute) -> dict[str, Any]:
    route = stored.route
    return {
        "id": stored.id,
        "name": stored.name,
        "channel": route.channel,
        "place": place_of(route.address.to),
        "kinds": sorted([*route.kinds, *([SUMMARY] if route.tells_summary else [])]),
        "purposes": sorted(route.purposes),
        "services": sorted(route.services),
        "teams": sorted(route.team_ids),
        "language": route.language,
        "time_zone": route.time_zone,
        "active": stored.is_active,
    }


def _message(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id,
        "subject": one.message.subject,
        "state": one.state,
        "attempts": one.attempts,
        "created": time_text(one.created_ms),
        "ended": time_text(one.ended_ms) if one.ended_ms else None,
        "reason": one.reason,
        "detail": one.detail,
    }
