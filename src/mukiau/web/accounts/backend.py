"""Signing in by name or e-mail address."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest


class NameOrEmailBackend(ModelBackend):
    """Accept the user name or the e-mail address."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if not username or password is None:
            return None
        for user in User.objects.filter(Q(username=username) | Q(email__iexact=username)).order_by("id")[:2]:
            if user.check_password(password) and self.user_can_authenticate(user):
                return user
        if not User.objects.filter(Q(username=username) | Q(email__iexact=username)).exists():
            User().set_password(password)  # takes as long as a wrong password, so that names cannot be probed
        return None
