"""What goes into the audit log, and how it is called on its page."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mukiau import clock
from mukiau.stores.audit import Actor, record_line
from mukiau.web.address import client_address


class Action(StrEnum):
    """What somebody did."""

    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_OUT = "sign_out"
    ACCOUNT_MADE = "account_made"
    COMPANY_ACCOUNT_LINKED = "company_account_linked"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - an action
    PERSON_INVITED = "person_invited"
    INVITATION_REVOKED = "invitation_revoked"
    PASSWORD_LINK_MADE = "password_link_made"  # noqa: S105 - an action
    SIGN_IN_LINK_MADE = "sign_in_link_made"
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    SECOND_FACTOR_FAILED = "second_factor_failed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    TOKEN_MADE = "token_made"  # noqa: S105 - an action
    TOKENS_REVOKED = "tokens_revoked"
    ROLE_CHANGED = "role_changed"
    PERSON_DEACTIVATED = "person_deactivated"
    PERSON_ACTIVATED = "person_activated"
    SESSIONS_ENDED = "sessions_ended"
    PROJECT_MADE = "project_made"
    KEY_MADE = "key_made"
    KEY_SWITCHED_OFF = "key_switched_off"
    KEY_SWITCHED_ON = "key_switched_on"
    TEST_ERROR_SENT = "test_error_sent"
    REPLAY_ASKED = "replay_asked"
    AUDIT_EXPORTED = "audit_exported"


ACTION_NAMES: dict[Action, Promise] = {
    Action.SIGN_IN: _("Signed in"),
    Action.SIGN_IN_FAILED: _("Sign-in failed"),
    Action.SIGN_OUT: _("Signed out"),
    Action.ACCOUNT_MADE: _("Account created"),
    Action.COMPANY_ACCOUNT_LINKED: _("Company account linked"),
    Action.PASSWORD_CHANGED: _("Password changed"),
    Action.PERSON_INVITED: _("Person invited"),
    Action.INVITATION_REVOKED: _("Invitation revoked"),
    Action.PASSWORD_LINK_MADE: _("Link for a new password created"),
    Action.SIGN_IN_LINK_MADE: _("Link for signing in created"),
    Action.SECOND_FACTOR_ADDED: _("Authenticator added"),
    Action.SECOND_FACTOR_REMOVED: _("Authenticator removed"),
    Action.SECOND_FACTOR_FAILED: _("Wrong authenticator code"),
    Action.RECOVERY_CODES_MADE: _("Recovery codes created"),
    Action.TOKEN_MADE: _("API token created"),
    Action.TOKENS_REVOKED: _("API tokens revoked"),
    Action.ROLE_CHANGED: _("Role changed"),
    Action.PERSON_DEACTIVATED: _("Account switched off"),
    Action.PERSON_ACTIVATED: _("Account switched on"),
    Action.SESSIONS_ENDED: _("Sessions ended"),
    Action.PROJECT_MADE: _("Project created"),
    Action.KEY_MADE: _("Key created"),
    Action.KEY_SWITCHED_OFF: _("Key switched off"),
    Action.KEY_SWITCHED_ON: _("Key switched on"),
    Action.TEST_ERROR_SENT: _("Test error sent"),
    Action.REPLAY_ASKED: _("Retry of set-aside items requested"),
    Action.AUDIT_EXPORTED: _("Audit log exported"),
}


def record(
    request: HttpRequest,
    action: Action,
    *,
    target: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    user: AbstractBaseUser | None = None,
) -> None:
    """Write down that whoever asks (else `user`, who is just coming or going) did something. Never give it secrets."""
    asking = getattr(request, "user", None)
    somebody = asking if asking is not None and asking.is_authenticated else user
    address = client_address(request)
    who = (
        Actor(id=somebody.pk, name=somebody.get_username(), address=address, via="session")
        if somebody
        else Actor(address=address)
    )
    record_line(who, action, at_ms=clock.unix_ms(), target=target, before=before, after=after)


def record_at_console(action: Action, *, target: str, after: Mapping[str, Any] | None = None) -> None:
    """Write down what was done on the command line of the machine."""
    record_line(Actor(via="console"), action, at_ms=clock.unix_ms(), target=target, after=after)
