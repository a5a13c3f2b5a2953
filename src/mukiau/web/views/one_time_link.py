"""The pages behind links that work once: an invitation, a new password, signing in. Whoever holds the link may open them."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from mukiau import clock
from mukiau.stores.one_time_links import LinkKind, find_link, spend_link
from mukiau.stores.people import find_active_user, set_password
from mukiau.web.accounts.forms import NewAccountForm, NewPasswordForm
from mukiau.web.accounts.limits import limited
from mukiau.web.accounts.people import create_person
from mukiau.web.accounts.roles import ROLE_NAMES, Role
from mukiau.web.accounts.sign_in import sign_in
from mukiau.web.audit import Action, record


@login_not_required
@never_cache
@limited("one_time_link")
@sensitive_post_parameters()
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Make an account with the role that the invitation gives."""
    link = find_link(LinkKind.INVITATION, token, now_ms=clock.unix_ms())
    if link is None:
        return _spent(request)
    role = Role(link.role)
    form = NewAccountForm(request.POST or None, initial={"name": link.email})
    if request.method == "POST" and settings.MUKIAU.password_sign_in and form.is_valid():
        if not spend_link(link.id, now_ms=clock.unix_ms()):
            return _spent(request)
        name, password = form.cleaned_data["name"], form.cleaned_data["password"]
        made = create_person(name, password, role=role, email=link.email)
        after = {"role": role, "invited_by": link.created_by}
        record(request, Action.ACCOUNT_MADE, target=name, after=after, user=made)
        sign_in(request, made)
        return redirect("issues")
    context = {
        "form": form,
        "link": link,
        "role": ROLE_NAMES[role],
        "company": settings.COMPANY_NAME,
        "query": urlencode({"invitation": token}),
        "has_password": settings.MUKIAU.password_sign_in,
    }
    return render(request, "account/invitation.html", context)


@login_not_required
@never_cache
@limited("one_time_link")
@sensitive_post_parameters()
def new_password(request: HttpRequest, token: str) -> HttpResponse:
    """Set a new password; every session of that person ends."""
    link = find_link(LinkKind.PASSWORD, token, now_ms=clock.unix_ms())
    user = find_active_user(link.user_id or 0) if link else None
    if link is None or user is None:
        return _spent(request)
    form = NewPasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        if not spend_link(link.id, now_ms=clock.unix_ms()):
            return _spent(request)
        set_password(user, form.cleaned_data["password"])
        record(request, Action.PASSWORD_CHANGED, target=user.get_username(), user=user)
        return redirect("account_login")
    return render(request, "account/new_password.html", {"form": form, "name": user.get_username()})


@login_not_required
@never_cache
@limited("one_time_link")
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Sign somebody in who got the link from the command line of the machine."""
    link = find_link(LinkKind.SIGN_IN, token, now_ms=clock.unix_ms())
    user = find_active_user(link.user_id or 0) if link else None
    if link is None or user is None:
        return _spent(request)
    if request.method != "POST":  # following a link, as previews of chat programs do, must not spend it
        return render(request, "account/sign_in_link.html", {"name": user.get_username()})
    if not spend_link(link.id, now_ms=clock.unix_ms()):
        return _spent(request)
    sign_in(request, user)
    return redirect("account")


def _spent(request: HttpRequest) -> HttpResponse:
    return render(request, "account/link_spent.html", status=410)
