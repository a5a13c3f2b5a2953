"""Writes into the audit log what the libraries that sign people in tell by signals; everything else is recorded where it
is done."""

from typing import Any

from django.contrib.auth import signals
from django.contrib.auth.models import User
from django.http import HttpRequest

from mukiau.stores.people import find_name
from mukiau.web.audit import Action, record


def connect() -> None:
    """Begin to listen."""
    signals.user_logged_in.connect(_signed_in)
    signals.user_logged_out.connect(_signed_out)
    signals.user_login_failed.connect(_failed)


def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    record(request, Action.SIGN_IN, user=user)


def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        record(request, Action.SIGN_OUT, user=user)


def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Name the account that was tried, and nothing that was typed: it may be a password in the wrong field."""
    if request is not None:
        typed = str(credentials.get("username") or credentials.get("email") or "")
        record(request, Action.SIGN_IN_FAILED, target=find_name(typed) or "")
