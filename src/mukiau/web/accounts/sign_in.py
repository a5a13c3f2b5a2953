"""Signing somebody in who came by a link: there is nothing to check any more."""

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import User
from django.http import HttpRequest


def sign_in(request: HttpRequest, user: User) -> None:
    """Begin a session with a new key, which the person finds among their own."""
    auth.login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    UserSession.objects.create_from_request(request)
