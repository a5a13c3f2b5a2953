"""One's own account: password, authenticator, open sessions, tokens of programs; and the way out."""

from allauth.usersessions.models import UserSession
from django.contrib import auth, messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from mukiau import clock
from mukiau.stores import sessions, tokens
from mukiau.stores.people import find_person, set_password
from mukiau.web.accounts.devices import device_of
from mukiau.web.accounts.forms import ChangePasswordForm, ReadingForm, TokenForm
from mukiau.web.accounts.profile import change_reading, profile_of
from mukiau.web.accounts.roles import may
from mukiau.web.accounts.sign_in import confirmed
from mukiau.web.api.door import SCOPE_NAMES, SCOPE_RIGHTS, Scope
from mukiau.web.audit import Action, record
from mukiau.web.views.own_notifications import own_context

SHOWN_ONCE = "token_shown_once"
"""Session key of a token that was just made: the page shows it, and it is gone."""
DAY_MS = 24 * 3_600_000


@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Show everything about the account of who asks."""
    user = _user(request)
    open_sessions = sessions.list_sessions(user.pk, current_key=request.session.session_key)
    profile = profile_of(user)
    context = {
        "person": find_person(user.pk),
        "tokens": tokens.list_tokens(user.pk),
        "now_ms": clock.unix_ms(),
        "link": request.session.pop(SHOWN_ONCE, ""),
        "reading": ReadingForm(initial={"language": profile.language, "time_zone": profile.time_zone}),
        **own_context(user),
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
def reading(request: HttpRequest) -> HttpResponse:
    """Choose a language and a time zone for every browser, and for what one is sent."""
    form = ReadingForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Choose a language and a time zone of the lists."))
        return redirect("account")
    chosen = form.cleaned_data
    if change_reading(request, language=chosen["language"], time_zone=chosen["time_zone"]):
        with translation.override(chosen["language"] or translation.get_language()):
            messages.success(request, gettext("Language and time zone are saved."))
    return redirect("account")


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


@never_cache
@confirmed
def new_token(request: HttpRequest) -> HttpResponse:
    """Make a token of a program; it is shown once."""
    user = _user(request)
    scopes = [(scope, SCOPE_NAMES[scope]) for scope, right in SCOPE_RIGHTS.items() if right is None or may(user, right)]
    form = TokenForm(request.POST or None, scopes=scopes, initial={"scopes": [Scope.READ]})
    if request.method == "POST" and form.is_valid():
        chosen, now_ms = form.cleaned_data, clock.unix_ms()
        token, kept = tokens.make_token(
            user.pk,
            name=chosen["name"],
            scopes=chosen["scopes"],
            now_ms=now_ms,
            expires_ms=now_ms + chosen["days"] * DAY_MS,
        )
        after = {"token": kept.prefix, "scopes": " ".join(kept.scopes), "days": chosen["days"]}
        record(request, Action.TOKEN_MADE, target=kept.name, after=after)
        request.session[SHOWN_ONCE] = token
        return redirect("account")
    return render(request, "account/new_token.html", {"form": form})


@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Let one of one's tokens work no more."""
    revoked = tokens.revoke_token(_user(request).pk, token_id, now_ms=clock.unix_ms())
    if revoked is None:
        raise Http404
    record(request, Action.TOKENS_REVOKED, target=revoked.name, before={"token": revoked.prefix})
    messages.success(request, gettext("The token is revoked."))
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
