"""The people who may sign in: for administrators."""

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
from mukiau.web.accounts.roles import ROLE_NAMES, Right, Role, needs
from mukiau.web.address import absolute_url
from mukiau.web.audit import Action, record

SHOWN_ONCE = "link_shown_once"
"""Session key of a link that was just made: the page shows it, and it is gone."""


@never_cache
@needs(Right.PEOPLE)
def page(request: HttpRequest) -> HttpResponse:
    """List everybody and the open invitations."""
    return _show(request, InvitationForm(initial={"role": Role.VIEWER}))


@require_POST
@never_cache
@needs(Right.PEOPLE)
def invite(request: HttpRequest) -> HttpResponse:
    """Make an invitation; its link is shown once."""
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


@require_POST
@needs(Right.PEOPLE)
def set_role(request: HttpRequest, user_id: int) -> HttpResponse:
    """Change somebody's role."""
    found = _get(user_id)
    if request.POST.get("role") not in set(Role):
        raise Http404
    before, role = _role(found), Role(request.POST["role"])
    try:
        people.set_admin(user_id, is_admin=role is Role.ADMIN)
    except LastAdminError:
        return _refuse_last_admin(request, user_id)
    if role is not before:
        record(request, Action.ROLE_CHANGED, target=found.name, before={"role": before}, after={"role": role})
        messages.success(request, gettext("The role is changed."))
    return redirect("person", user_id)


@require_POST
@needs(Right.PEOPLE)
def set_active(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let somebody in no more, or again (`active` is 0 or 1)."""
    found = _get(user_id)
    is_active = request.POST.get("active") == "1"
    try:
        people.set_active(user_id, is_active=is_active)
    except LastAdminError:
        return _refuse_last_admin(request, user_id)
    if not is_active:
        sessions.end_sessions(user_id)
    record(request, Action.PERSON_ACTIVATED if is_active else Action.PERSON_DEACTIVATED, target=found.name)
    said = gettext("The account works again.") if is_active else gettext("The account is switched off.")
    messages.success(request, said)
    return redirect("person", user_id)


@require_POST
@needs(Right.PEOPLE)
def end_sessions(request: HttpRequest, user_id: int) -> HttpResponse:
    """Sign somebody out everywhere."""
    found = _get(user_id)
    count = sessions.end_sessions(user_id, except_key=request.session.session_key)
    record(request, Action.SESSIONS_ENDED, target=found.name, after={"sessions": count})
    messages.success(request, gettext("Signed out everywhere."))
    return redirect("person", user_id)


@require_POST
@needs(Right.PEOPLE)
def revoke_tokens(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let no token of somebody's programs work any more."""
    found = _get(user_id)
    count = tokens.revoke_tokens(user_id, now_ms=clock.unix_ms())
    record(request, Action.TOKENS_REVOKED, target=found.name, after={"tokens": count})
    messages.success(request, gettext("All tokens are revoked."))
    return redirect("person", user_id)


@require_POST
@needs(Right.PEOPLE)
def remove_second_factor(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let somebody who lost the authenticator sign in without it."""
    found = _get(user_id)
    if people.remove_second_factor(user_id):
        record(request, Action.SECOND_FACTOR_REMOVED, target=found.name)
        messages.success(request, gettext("The authenticator is removed; the password alone is enough now."))
    return redirect("person", user_id)


@require_POST
@needs(Right.PEOPLE)
def make_password_link(request: HttpRequest, user_id: int) -> HttpResponse:
    """Make a link by which somebody sets a new password; it is shown once."""
    found = _get(user_id)
    token = one_time_links.make_link(
        LinkKind.PASSWORD, now_ms=clock.unix_ms(), created_by=request.user.get_username(), user_id=user_id
    )
    record(request, Action.PASSWORD_LINK_MADE, target=found.name)
    request.session[SHOWN_ONCE] = absolute_url(request, reverse("new-password", args=(token,)))
    return redirect("person", user_id)


def _show(request: HttpRequest, form: InvitationForm) -> HttpResponse:
    context = {
        "people": people.list_people(),
        "invitations": one_time_links.list_invitations(now_ms=clock.unix_ms()),
        "role_names": ROLE_NAMES,
        "form": form,
        "link": request.session.pop(SHOWN_ONCE, ""),
    }
    return render(request, "people/page.html", context)


def _get(user_id: int) -> Person:
    found = people.find_person(user_id)
    if found is None:
        raise Http404
    return found


def _role(found: Person) -> Role:
    return Role.ADMIN if found.is_admin else Role.VIEWER


def _refuse_last_admin(request: HttpRequest, user_id: int) -> HttpResponse:
    messages.error(request, gettext("This is the last administrator. Make somebody else an administrator first."))
    return redirect("person", user_id)
