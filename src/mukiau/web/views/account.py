"""One's own account: password, authenticator, open sessions; and the way out."""

from allauth.usersessions.models import UserSession
from django.contrib import auth, messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from mukiau.stores import sessions
from mukiau.stores.people import find_person, set_password
from mukiau.web.accounts.devices import device_of
from mukiau.web.accounts.forms import ChangePasswordForm
from mukiau.web.audit import Action, record


@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Show everything about the account of who asks."""
    user = _user(request)
    open_sessions = sessions.list_sessions(user.pk, current_key=request.session.session_key)
    context = {
        "person": find_person(user.pk),
        "sessions": [(session, device_of(session.user_agent)) for session in open_sessions],
    }
    return render(request, "account/page.html", context)


@never_cache
@sensitive_post_parameters()
def password(request: HttpRequest) -> HttpResponse:
    """Change one's password; every other session ends."""
    user = _user(request)
    if not user.has_usable_password():
        raise Http404
    form = ChangePasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        set_password(user, form.cleaned_data["password"])
        auth.update_session_auth_hash(request, user)
        sessions.end_sessions(user.pk)
        UserSession.objects.create_from_request(request)
        record(request, Action.PASSWORD_CHANGED, target=user.get_username())
        messages.success(request, gettext("The password is changed. Every other session has ended."))
        return redirect("account")
    return render(request, "account/password.html", {"form": form})


@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign out one of one's browsers."""
    if not sessions.end_session(_user(request).pk, session_id):
        raise Http404
    record(request, Action.SESSIONS_ENDED, target=request.user.get_username(), after={"sessions": 1})
    messages.success(request, gettext("The session has ended."))
    return redirect("account")


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    count = sessions.end_sessions(_user(request).pk, except_key=request.session.session_key)
    record(request, Action.SESSIONS_ENDED, target=request.user.get_username(), after={"sessions": count})
    messages.success(request, gettext("Every other session has ended."))
    return redirect("account")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    auth.logout(request)
    return redirect("account_login")


def _user(request: HttpRequest) -> User:
    """Return who asks: nobody comes here without having signed in."""
    assert isinstance(request.user, User)
    return request.user
