"""Writes into the audit log what the libraries that sign people in tell by signals; everything else is recorded where it
is done."""

from typing import Any

from allauth.mfa import signals as second_factor
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.signals import social_account_added
from django.contrib.auth import signals
from django.contrib.auth.models import User
from django.http import HttpRequest

from mukiau.stores.people import find_account
from mukiau.web.audit import Action, record


def connect() -> None:
    """Begin to listen."""
    signals.user_logged_in.connect(_signed_in)
    signals.user_logged_out.connect(_signed_out)
    signals.user_login_failed.connect(_failed)
    second_factor.authenticator_added.connect(_authenticator_added)
    second_factor.authenticator_removed.connect(_authenticator_removed)
    second_factor.authenticator_reset.connect(_recovery_codes_made)
    social_account_added.connect(_company_account_linked)
    second_factor.authentication_failed.connect(_code_failed)


def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    methods = [str(entry["method"]) for entry in request.session.get("account_authentication_methods", ())]
    record(request, Action.SIGN_IN, user=user, after={"by": ", ".join(methods)} if methods else None)


def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        record(request, Action.SIGN_OUT, user=user)


def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Name the account that was tried, and nothing that was typed: it may be a password in the wrong field."""
    if request is not None:
        typed = str(credentials.get("username") or credentials.get("email") or "")
        meant = find_account(typed)
        record(request, Action.SIGN_IN_FAILED, target=meant[1] if meant else "")


def _authenticator_added(request: HttpRequest, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:  # its recovery codes come along
        record(request, Action.SECOND_FACTOR_ADDED)


def _authenticator_removed(request: HttpRequest, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        record(request, Action.SECOND_FACTOR_REMOVED)


def _recovery_codes_made(request: HttpRequest, **_: Any) -> None:
    record(request, Action.RECOVERY_CODES_MADE)


def _company_account_linked(request: HttpRequest, sociallogin: SocialLogin, **_: Any) -> None:
    """Somebody who had an account came in from the company's sign-in for the first time."""
    user = sociallogin.user
    record(request, Action.COMPANY_ACCOUNT_LINKED, target=user.get_username(), user=user)


def _code_failed(request: HttpRequest, user: User, **_: Any) -> None:
    record(request, Action.SECOND_FACTOR_FAILED, target=user.get_username())
