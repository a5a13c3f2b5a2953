"""Who may come in from the company's sign-in: whoever is linked already, whose verified address an account has, who is of
an allowed domain, and who holds an invitation. Everybody else is told why not."""

import logging
from enum import StrEnum
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthError
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.shortcuts import render

from mukiau import clock
from mukiau.stores.one_time_links import Link, LinkKind, find_link, spend_link
from mukiau.stores.people import is_name_taken, set_role
from mukiau.web.accounts.roles import Role
from mukiau.web.audit import Action, record

INVITATION = "invitation_of_sign_in"
"""Session key of the invitation with which somebody went to the company's sign-in."""

log = logging.getLogger(__name__)


class Refusal(StrEnum):
    """Why somebody is not let in; the page has a sentence for each."""

    UNVERIFIED = "unverified"
    DOMAIN = "domain"
    INVITED_OTHER = "invited_other"
    TAKEN = "taken"
    CANCELLED = "cancelled"
    FAILED = "failed"


class CompanyAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """What mukiau decides where allauth asks."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let nobody in without a verified address, unless they are linked already."""
        if not sociallogin.is_existing and not verified_address(sociallogin):
            raise _refused(request, Refusal.UNVERIFIED, email=_address(sociallogin))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Say whether somebody new may join; raises the page that says why not."""
        email = verified_address(sociallogin)
        if refusal := reason_against(email, _invitation(request), domains=settings.ALLOWED_DOMAINS):
            raise _refused(request, refusal, email=email)
        if is_name_taken(email):
            raise _refused(request, Refusal.TAKEN, email=email)
        return True

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Name a new account by its address."""
        user: User = super().populate_user(request, sociallogin, {**data, "username": _address(sociallogin)})
        user.email = _address(sociallogin)
        return user

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: object = None) -> User:
        """Store somebody new, as a viewer or as what the invitation says."""
        email, invitation = _address(sociallogin), _invitation(request)
        if invitation is None or not fits(invitation, email):
            role = Role.VIEWER
        elif spend_link(invitation.id, now_ms=clock.unix_ms()):
            role = Role(invitation.role)
        else:  # somebody else was quicker
            raise _refused(request, Refusal.DOMAIN, email=email)
        user: User = super().save_user(request, sociallogin, form)
        set_role(user.pk, role)
        after = {"role": role, "by": settings.COMPANY_NAME}
        record(request, Action.ACCOUNT_MADE, target=user.get_username(), after=after, user=user)
        request.session.pop(INVITATION, None)
        return user

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: object,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Show a page of ours; the log says what the provider's answer lacked."""
        if error == AuthError.CANCELLED:
            raise _refused(request, Refusal.CANCELLED)
        log.warning(
            "Sign-in at the company's provider failed: %s", exception or "the answer fits no sign-in begun here"
        )
        raise _refused(request, Refusal.FAILED)


def reason_against(email: str, invitation: Link | None, *, domains: frozenset[str]) -> Refusal | None:
    """Say why somebody new with a verified address may not join; None when they may.

    >>> reason_against("sato@example.co.jp", None, domains=frozenset({"example.co.jp"}))
    >>> reason_against("sato@sub.example.co.jp", None, domains=frozenset({"example.co.jp"}))
    <Refusal.DOMAIN: 'domain'>
    """
    if fits(invitation, email) or email.rpartition("@")[2].lower() in domains:
        return None
    return Refusal.DOMAIN if invitation is None else Refusal.INVITED_OTHER


def fits(invitation: Link | None, email: str) -> bool:
    """Say whether an invitation is for this address: for anybody, or for exactly it."""
    return invitation is not None and invitation.email.lower() in {"", email.lower()}


def verified_address(sociallogin: SocialLogin) -> str:
    """Return the address that the provider vouches for; empty when there is none."""
    return next((str(address.email) for address in sociallogin.email_addresses if address.verified), "")


def _address(sociallogin: SocialLogin) -> str:
    return next((str(address.email) for address in sociallogin.email_addresses), "")


def _invitation(request: HttpRequest) -> Link | None:
    token = request.session.get(INVITATION, "")
    return find_link(LinkKind.INVITATION, token, now_ms=clock.unix_ms()) if token else None


def _refused(request: HttpRequest, reason: Refusal, *, email: str = "") -> ImmediateHttpResponse:
    record(request, Action.SIGN_IN_FAILED, target=email, after={"by": settings.COMPANY_NAME, "reason": reason})
    context = {"reason": reason, "email": email, "company": settings.COMPANY_NAME}
    return ImmediateHttpResponse(render(request, "account/not_let_in.html", context, status=403))
