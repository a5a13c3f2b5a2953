"""Forms of accounts."""

from collections.abc import Sequence
from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mukiau.stores.people import is_name_taken
from mukiau.web.accounts.roles import ROLE_NAMES, Role
from mukiau.web.zones import offered_zones


class NewPasswordForm(forms.Form):
    """A password, typed twice."""

    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=1000,
    )
    again = forms.CharField(
        label=_("Repeat the password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=1000,
    )

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        password = given.get("password")
        if password is not None and password != given.get("again", password):
            self.add_error("again", gettext("The two passwords differ."))
        elif password is not None:
            self._check_strength(self.user or User(username=given.get("name", "")), password)
        return given

    def _check_strength(self, user: User, password: str) -> None:
        try:
            validate_password(password, user)
        except ValidationError as weak:
            self.add_error("password", weak)


class ChangePasswordForm(NewPasswordForm):
    """The present password, and a new one typed twice."""

    current = forms.CharField(
        label=_("Current password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
        max_length=1000,
    )
    field_order = ("current", "password", "again")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["password"].label = _("New password")

    def clean_current(self) -> str:
        current: str = self.cleaned_data["current"]
        if not get_adapter().reauthenticate(self.user, current):  # counts failures, and says so when they are too many
            raise ValidationError(gettext("This is not your password."))
        return current


class NewAccountForm(NewPasswordForm):
    """Name (or e-mail address) and a password, typed twice."""

    name = forms.CharField(
        label=_("Name or e-mail address"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    field_order = ("name", "password", "again")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if is_name_taken(name):
            raise ValidationError(gettext("This name is taken."))
        return name


class InvitationForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(label=_("E-mail address"), max_length=150, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=[(role.value, name) for role, name in ROLE_NAMES.items()])

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email and is_name_taken(email):
            raise ValidationError(gettext("Somebody with this address has an account already."))
        return email

    @property
    def chosen_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class ReadingForm(forms.Form):
    """In which language and time zone somebody reads, and is written to."""

    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(zone, zone) for zone in offered_zones()]
        self.fields["language"].choices = [("", _("As in the browser")), *settings.LANGUAGES]  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = [("", _("As in the browser")), *zones]  # type: ignore[attr-defined]


class TokenForm(forms.Form):
    """A token of a program: what for, what it opens, for how long."""

    name = forms.CharField(label=_("What it is for"), max_length=100)
    scopes = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        initial=90,
        choices=[(7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
    )

    def __init__(self, *args: Any, scopes: Sequence[tuple[str, Promise]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = scopes  # type: ignore[attr-defined]
