"""Who is told of what, and where; whether it gets there."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from mukiau import clock
from mukiau.notify.answers import Outcome
from mukiau.notify.channels.registry import CHANNELS
from mukiau.stores.notify import routes
from mukiau.stores.notify.deliveries import list_deliveries, send_again
from mukiau.stores.notify.routes import StoredRoute
from mukiau.stores.work.teams import list_teams
from mukiau.web.accounts.roles import Right, needs
from mukiau.web.address import base_url
from mukiau.web.audit import Action, actor_of, record
from mukiau.web.notify import acts
from mukiau.web.notify.acts import facts_of, folder, new_secret
from mukiau.web.notify.forms import RouteForm
from mukiau.web.notify.shown import shown_delivery, shown_route
from mukiau.web.notify.words import reason_words

SHOWN_ONCE = "notify_secret_shown_once"
"""Session key of a signing secret that was just made: the page shows it, and it is gone."""
SHOWN_MESSAGES = 20


@never_cache
@needs(Right.NOTIFY)
def page(request: HttpRequest) -> HttpResponse:
    """List every route, and whether its latest message got there."""
    return _list(request, RouteForm())


@never_cache
@sensitive_post_parameters("to")
@needs(Right.NOTIFY)
def add(request: HttpRequest) -> HttpResponse:
    """Make a route. Reloading a form with a mistake leads back to the page."""
    if request.method != "POST":
        return redirect("notifications")
    form = RouteForm(request.POST)
    if not form.is_valid():
        return _list(request, form)
    made, secret = acts.make_route(actor_of(request), form)
    if secret:
        request.session[SHOWN_ONCE] = [made, secret]
    messages.success(request, gettext("The route works from now on. Send a test message to see it arrive."))
    return redirect("notification-route", made)


@never_cache
@sensitive_post_parameters("to")
@needs(Right.NOTIFY)
def route_page(request: HttpRequest, route_id: int) -> HttpResponse:
    """Show one route with its latest messages, and change it."""
    stored = _get(route_id)
    form = RouteForm(request.POST if request.method == "POST" else None, stored=stored)
    if request.method == "POST" and form.is_valid():
        return _save(request, stored, form)
    with routes.reading(folder()) as connection:
        deliveries = list_deliveries(connection, route_id, limit=SHOWN_MESSAGES)
    context = {
        "route": shown_route(stored, deliveries, {}),
        "form": form,
        "deliveries": [shown_delivery(one) for one in deliveries],
        "signs": CHANNELS[stored.route.channel].signs,
        "link": _take_secret(request, route_id),
    }
    return render(request, "notify/route.html", context)


@require_POST
@needs(Right.NOTIFY)
def test(request: HttpRequest, route_id: int) -> HttpResponse:
    """Send a test message now, and say what became of it."""
    stored = _get(route_id)
    answer = acts.try_route(actor_of(request), stored, base_url=base_url(request))
    if answer.outcome is Outcome.SENT:
        messages.success(request, gettext("The test message was accepted."))
    else:
        why = reason_words(answer.reason, answer.detail)
        messages.error(request, gettext("The test message did not arrive. %(why)s") % {"why": why})
    return redirect("notification-route", route_id)


@require_POST
@needs(Right.NOTIFY)
def switch(request: HttpRequest, route_id: int) -> HttpResponse:
    """Switch a route off, or on again (`active` is 0 or 1)."""
    stored, is_active = _get(route_id), request.POST.get("active") == "1"
    acts.switch_route(actor_of(request), stored, is_active=is_active)
    said = gettext("The route works again.") if is_active else gettext("The route is switched off.")
    messages.success(request, said)
    return redirect("notification-route", route_id)


@require_POST
@needs(Right.NOTIFY)
def delete(request: HttpRequest, route_id: int) -> HttpResponse:
    """Delete a route and the list of its messages."""
    acts.delete_route(actor_of(request), _get(route_id))
    messages.success(request, gettext("The route is deleted."))
    return redirect("notifications")


@require_POST
@needs(Right.NOTIFY)
def renew_secret(request: HttpRequest, route_id: int) -> HttpResponse:
    """Sign with a new secret from now on; it is shown once."""
    stored = _get(route_id)
    if not CHANNELS[stored.route.channel].signs:
        raise Http404
    route = routes.with_secret(stored.route, new_secret())
    with routes.changing(folder()) as connection:
        routes.save_route(connection, stored.name, route, now_ms=clock.unix_ms())
    record(request, Action.ROUTE_SECRET_RENEWED, target=stored.name)
    request.session[SHOWN_ONCE] = [route_id, route.address.secret]
    return redirect("notification-route", route_id)


@require_POST
@needs(Right.NOTIFY)
def again(request: HttpRequest, route_id: int, delivery_id: int) -> HttpResponse:
    """Try a message once more that was given up."""
    stored = _get(route_id)
    with routes.changing(folder()) as connection:
        is_tried = send_again(connection, route_id, delivery_id, now_ms=clock.unix_ms())
    if is_tried:
        record(request, Action.MESSAGE_SENT_AGAIN, target=stored.name)
        messages.success(request, gettext("The message is tried again."))
    return redirect("notification-route", route_id)


def _save(request: HttpRequest, stored: StoredRoute, form: RouteForm) -> HttpResponse:
    signs, secret = CHANNELS[form.cleaned_data["channel"]].signs, stored.route.address.secret
    if signs and not secret:
        secret = new_secret()
        request.session[SHOWN_ONCE] = [stored.id, secret]
    route, name = form.route(secret=secret), form.cleaned_data["name"]
    with routes.changing(folder()) as connection:
        routes.save_route(connection, name, route, now_ms=clock.unix_ms())
    before = facts_of(stored.route.channel, stored.route.address.to)
    record(request, Action.ROUTE_CHANGED, target=name, before=before, after=facts_of(route.channel, route.address.to))
    messages.success(request, gettext("The route is changed."))
    return redirect("notification-route", stored.id)


def _take_secret(request: HttpRequest, route_id: int) -> str:
    """Return a secret that was made a moment ago if it is this route's; whichever page opens next, it is gone."""
    made_for, secret = request.session.pop(SHOWN_ONCE, (0, ""))
    return str(secret) if made_for == route_id else ""


def _list(request: HttpRequest, form: RouteForm) -> HttpResponse:
    team_names = {team.id: team.name for team in list_teams()}
    with routes.reading(folder()) as connection:
        shown = [
            shown_route(stored, list_deliveries(connection, stored.id, limit=1), team_names)
            for stored in routes.list_routes(connection)
            if stored.route.person_id is None
        ]
    return render(request, "notify/page.html", {"routes": shown, "form": form})


def _get(route_id: int) -> StoredRoute:
    found = acts.find_route(route_id)
    if found is None:
        raise Http404
    return found
