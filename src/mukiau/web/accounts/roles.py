"""Who may do what: the one place that says so.

Everybody who is signed in reads everything. A view that changes something names the right it needs (`@needs`).
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

View = Callable[Concatenate[HttpRequest, ...], HttpResponseBase]


class Role(StrEnum):
    """What somebody is."""

    VIEWER = "viewer"
    ADMIN = "admin"


class Right(StrEnum):
    """What somebody may do beyond reading."""

    SOURCES = "sources"
    """Make projects and keys, switch keys."""
    REPLAY = "replay"
    """Have what was set aside digested again."""
    PEOPLE = "people"
    """Invite people, change their roles, let nobody in any more."""
    AUDIT = "audit"
    """Read the audit log."""


RIGHTS: dict[Role, frozenset[Right]] = {Role.VIEWER: frozenset(), Role.ADMIN: frozenset(Right)}
ROLE_NAMES: dict[Role, Promise] = {Role.VIEWER: _("Viewer"), Role.ADMIN: _("Administrator")}


def role_of(user: AbstractBaseUser | AnonymousUser) -> Role:
    """Return the role of somebody who is signed in."""
    return Role.ADMIN if getattr(user, "is_superuser", False) else Role.VIEWER


def rights_of(user: AbstractBaseUser | AnonymousUser) -> frozenset[Right]:
    """Return what somebody may do; nothing when they are not signed in."""
    return RIGHTS[role_of(user)] if user.is_active else frozenset()


def may(user: AbstractBaseUser | AnonymousUser, right: Right) -> bool:
    """Say whether somebody has a right."""
    return right in rights_of(user)


def needs(right: Right) -> Callable[[View], View]:
    """Let nobody without the right reach a view: 403, before anything is read or done."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not may(request.user, right):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard
