"""Accounts: signing in by name or e-mail, and making an administrator."""

from typing import Any

from django import forms
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


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


def create_admin(name: str, password: str) -> int:
    """Make an administrator and return the id.

    `name` may be an e-mail address. Raises ValidationError when the password is too weak, IntegrityError when the
    name is taken.
    """
    user = User(username=name, email=name if "@" in name else "", is_staff=True, is_superuser=True)
    validate_password(password, user)
    user.set_password(password)
    user.save(force_insert=True)
    return user.pk


def has_users() -> bool:
    """Say whether anybody can sign in yet."""
    return User.objects.filter(is_active=True).exists()


class NewAccountForm(forms.Form):
    """Name (or e-mail address) and a password, typed twice."""

    name = forms.CharField(label=_("Name or e-mail address"), max_length=150)
    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput, strip=False)
    again = forms.CharField(label=_("Password again"), widget=forms.PasswordInput, strip=False)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        name, password = given.get("name", ""), given.get("password")
        if User.objects.filter(username=name).exists():
            self.add_error("name", gettext("This name is taken."))
        if password is not None and password != given.get("again", password):
            self.add_error("again", gettext("The two passwords differ."))
        elif password is not None:
            self._check_strength(name, password)
        return given

    def _check_strength(self, name: str, password: str) -> None:
        try:
            validate_password(password, User(username=name))
        except ValidationError as weak:
            self.add_error("password", weak)
