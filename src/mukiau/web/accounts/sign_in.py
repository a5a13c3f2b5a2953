"""Signing somebody in who came by a link, and asking once more who somebody is."""

from allauth.account.decorators import reauthentication_required
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import User
from django.http import HttpRequest

from mukiau.web.accounts.roles import View


def sign_in(request: HttpRequest, user: User) -> None:
    """Begin a session with a new key, which the person finds among their own."""
    auth.login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    UserSession.objects.create_from_request(request)


def confirmed(view: View) -> View:
    """Let a view be reached only by who has typed the password (or a code) within five minutes: not from a browser that
    somebody left open."""
    guarded: View = reauthentication_required(view)
    return guarded
