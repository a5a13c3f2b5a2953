"""Making, switching, trying and deleting routes for the pages and the API: the store's call, and its line in the audit log."""

import secrets
import uuid
from pathlib import Path

from django.conf import settings

from mukiau import clock
from mukiau.notify.answers import Answer
from mukiau.notify.channels.plan import Parcel
from mukiau.notify.channels.registry import CHANNELS
from mukiau.notify.message import compose_test
from mukiau.notify.words import words_in
from mukiau.stores.audit import Actor, record_line
from mukiau.stores.notify import routes
from mukiau.stores.notify.routes import StoredRoute
from mukiau.stores.notify.work import send_parcel
from mukiau.web.audit import Action
from mukiau.web.notify.forms import RouteForm, means
from mukiau.web.notify.shown import place_of


def make_route(who: Actor, form: RouteForm) -> tuple[int, str]:
    """Make the route of a sound form; return its id and its signing secret, empty where its channel signs nothing."""
    secret = new_secret() if CHANNELS[form.cleaned_data["channel"]].signs else ""
    route, name, now_ms = form.route(secret=secret), form.cleaned_data["name"], clock.unix_ms()
    with routes.changing(folder()) as connection:
        made = routes.add_route(connection, name, route, by=who.name, now_ms=now_ms)
    facts = facts_of(route.channel, route.address.to)
    record_line(who, Action.ROUTE_MADE, at_ms=now_ms, target=name, after=facts)
    return made, secret


def switch_route(who: Actor, stored: StoredRoute, *, is_active: bool) -> None:
    """Switch a route off, or on again."""
    now_ms = clock.unix_ms()
    with routes.changing(folder()) as connection:
        routes.switch_route(connection, stored, is_active=is_active, now_ms=now_ms)
    action = Action.ROUTE_SWITCHED_ON if is_active else Action.ROUTE_SWITCHED_OFF
    record_line(who, action, at_ms=now_ms, target=stored.name)


def delete_route(who: Actor, stored: StoredRoute) -> None:
    """Delete a route and the list of its messages."""
    with routes.changing(folder()) as connection:
        routes.delete_route(connection, stored.id)
    facts = facts_of(stored.route.channel, stored.route.address.to)
    record_line(who, Action.ROUTE_DELETED, at_ms=clock.unix_ms(), target=stored.name, before=facts)


def try_route(who: Actor, stored: StoredRoute, *, base_url: str) -> Answer:
    """Send a test message now; return what became of it."""
    message = compose_test(words=words_in(stored.route.language), base_url=base_url)
    answer = send_parcel(stored.route, Parcel(key=uuid.uuid4().hex, message=message), means())
    said = {"answer": answer.detail or answer.outcome}
    record_line(who, Action.ROUTE_TESTED, at_ms=clock.unix_ms(), target=stored.name, after=said)
    return answer


def find_route(route_id: int) -> StoredRoute | None:
    """Return a route that is nobody's own; None when there is none."""
    with routes.reading(folder()) as connection:
        stored = routes.find_route(connection, route_id)
    return stored if stored is not None and stored.route.person_id is None else None


def new_secret() -> str:
    """Return what a route signs with."""
    return secrets.token_urlsafe(32)


def facts_of(channel: str, to: str) -> dict[str, str]:
    """Return what of a route's address may stand in the audit log."""
    return {"channel": channel, "place": place_of(to)}


def folder() -> Path:
    """Return the data folder."""
    return Path(settings.MUKIAU.data)
