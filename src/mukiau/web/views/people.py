"""The people who may sign in: for administrators."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from mukiau import clock
from mukiau.stores import one_time_links, people, sessions, tokens
from mukiau.stores.one_time_links import LinkKind
from mukiau.stores.people import LastAdminError, Person
from mukiau.web.accounts.forms import InvitationForm
from mukiau.web.accounts.roles import ROLE_NAMES, Right, Role, View, needs
from mukiau.web.address import absolute_url
from mukiau.web.audit import Action, record

SHOWN_ONCE = "link_shown_once"
"""Session key of a link that was just made: the page shows it, and it is gone."""


@never_cache
@needs(Right.PEOPLE)
def page(request: HttpRequest) -> HttpResponse:
    """List everybody and the open invitations."""
    return _show(request, InvitationForm(initial={"role": Role.VIEWER}))


@never_cache
@needs(Right.PEOPLE)
def invite(request: HttpRequest) -> HttpResponse:
    """Make an invitation; its link is shown once. Reloading a form with a mistake leads back to the page."""
    if request.method != "POST":
        return redirect("people")
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _show(request, form)
    role, email = form.chosen_role, form.cleaned_data["email"]
    token = one_time_links.make_link(
        LinkKind.INVITATION,
        now_ms=clock.unix_ms(),
        created_by=request.user.get_username(),
        role=role,
        email=email,
    )
    record(request, Action.PERSON_INVITED, target=email, after={"role": role})
    request.session[SHOWN_ONCE] = absolute_url(request, reverse("invitation", args=(token,)))
    return redirect("people")


@require_POST
@needs(Right.PEOPLE)
def revoke_invitation(request: HttpRequest, link_id: int) -> HttpResponse:
    """Let an invitation work no more."""
    revoked = one_time_links.revoke_invitation(link_id, now_ms=clock.unix_ms())
    if revoked is None:
        raise Http404
    record(request, Action.INVITATION_REVOKED, target=revoked.email, before={"role": revoked.role})
    messages.success(request, gettext("The invitation is revoked."))
    return redirect("people")


@never_cache
@needs(Right.PEOPLE)
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show one person and what can be changed."""
    context = {
        "person": _get(user_id),
        "sessions": sessions.list_sessions(user_id),
        "tokens": tokens.list_tokens(user_id),
        "roles": ROLE_NAMES.items(),
        "link": request.session.pop(SHOWN_ONCE, ""),
    }
    return render(request, "people/person.html", context)


def act_on_person(act: Callable[[HttpRequest, Person], None]) -> View:
    """Return the view of what an administrator does with somebody; it leads back to that person's page."""

    @require_POST
    @needs(Right.PEOPLE)
    @wraps(act)
    def view(request: HttpRequest, user_id: int) -> HttpResponse:
        try:
            act(request, _get(user_id))
        except LastAdminError:
            messages.error(
                request, gettext("This is the last administrator. Make somebody else an administrator first.")
            )
        return redirect("person", user_id)

    return view


@act_on_person
def set_role(request: HttpRequest, found: Person) -> None:
    """Change somebody's role."""
    if request.POST.get("role") not in set(Role):
        raise Http404
    before, role = Role(found.role), Role(request.POST["role"])
    people.set_role(found.id, role)
    if role is not before:
        record(request, Action.ROLE_CHANGED, target=found.name, before={"role": before}, after={"role": role})
        messages.success(request, gettext("The role is changed."))


@act_on_person
def set_active(request: HttpRequest, found: Person) -> None:
    """Let somebody in no more, or again (`active` is 0 or 1)."""
    is_active = request.POST.get("active") == "1"
    people.set_active(found.id, is_active=is_active)
    if not is_active:
        sessions.end_sessions(found.id)
    record(request, Action.PERSON_ACTIVATED if is_active else Action.PERSON_DEACTIVATED, target=found.name)
    said = gettext("The account works again.") if is_active else gettext("The account is switched off.")
    messages.success(request, said)


@act_on_person
def end_sessions(request: HttpRequest, found: Person) -> None:
    """Sign somebody out everywhere."""
    count = sessions.end_sessions(found.id, except_key=request.session.session_key)
    record(request, Action.SESSIONS_ENDED, target=found.name, after={"sessions": count})
    messages.success(request, gettext("Signed out everywhere."))


@act_on_person
def revoke_tokens(request: HttpRequest, found: Person) -> None:
    """Let no token of somebody's programs work any more."""
    count = tokens.revoke_tokens(found.id, now_ms=clock.unix_ms())
    record(request, Action.TOKENS_REVOKED, target=found.name, after={"tokens": count})
    messages.success(request, gettext("All tokens are revoked."))


@act_on_person
def remove_second_factor(request: HttpRequest, found: Person) -> None:
    """Let somebody who lost the authenticator sign in without it."""
    if people.remove_second_factor(found.id):
        record(request, Action.SECOND_FACTOR_REMOVED, target=found.name)
        messages.success(request, gettext("The authenticator is removed; the password alone is enough now."))


@act_on_person
def make_password_link(request: HttpRequest, found: Person) -> None:
    """Make a link by which somebody sets a new password; it is shown once."""
    token = one_time_links.make_link(
        LinkKind.PASSWORD, now_ms=clock.unix_ms(), created_by=request.user.get_username(), user_id=found.id
    )
    record(request, Action.PASSWORD_LINK_MADE, target=found.name)
    request.session[SHOWN_ONCE] = absolute_url(request, reverse("new-password", args=(token,)))


def _show(request: HttpRequest, form: InvitationForm) -> HttpResponse:
    invitations = one_time_links.list_invitations(now_ms=clock.unix_ms())
    context = {
        "people": people.list_people(),
        "invitations": invitations,
        "form": form,
        "link": request.session.pop(SHOWN_ONCE, ""),
    }
    return render(request, "people/page.html", context)


def _get(user_id: int) -> Person:
    found = people.find_person(user_id)
    if found is None:
        raise Http404
    return found
