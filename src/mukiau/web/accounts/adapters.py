"""What mukiau decides where allauth asks: no open sign-up, whose address counts, how failures are told, how secrets are
kept."""

import base64
from hashlib import sha256
from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from mukiau.web.address import limited_address

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104 - no address to listen on, but one that nobody has

_WRONG = _("The name or the password is wrong.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Signing in with a name and a password."""

    error_messages = {  # noqa: RUF012 - as allauth declares it
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _WRONG,
        "email_password_mismatch": _WRONG,
        "incorrect_password": _("This is not your password."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes and try again."),
        "rate_limited": _("Too many attempts. Wait five minutes and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by invitation."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that limits count by."""
        address = limited_address(request)
        try:
            validate_ipv46_address(address)
        except ValidationError:
            return UNKNOWN_ADDRESS
        return address


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Codes of an authenticator app."""

    error_messages = {  # noqa: RUF012 - as allauth declares it
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is wrong or was used already. Wait for the next one."),
    }

    def get_totp_issuer(self) -> str:
        """Return what the app shows above the code."""
        return f"mukiau ({context.request.get_host()})"

    def get_totp_label(self, user: User) -> str:
        """Return whose code it is."""
        return user.get_username()

    def encrypt(self, text: str) -> str:
        """Keep a copied database from giving codes away; the key derives from the one that signs sessions."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return what `encrypt` was given."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> "Fernet":
    from cryptography.fernet import Fernet  # noqa: PLC0415 - megabytes that only second factors need

    return Fernet(base64.urlsafe_b64encode(sha256(b"second factor\0" + str(settings.SECRET_KEY).encode()).digest()))
