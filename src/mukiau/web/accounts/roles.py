"""Who may do what: the one place that says so.

Everybody who is signed in reads everything. A view that changes something names the right it needs (`@needs`). Somebody may
have a second role in a team (ADR 0018): it adds rights about what is that team's (`may_in_team`), and takes none away.
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

from mukiau.stores.queries.rows import own_connection
from mukiau.stores.work.assignment import find_owned
from mukiau.stores.work.teams import read_team_roles
from mukiau.web.accounts.profile import profile_of
from mukiau.web.numbers import parse_number

View = Callable[Concatenate[HttpRequest, ...], HttpResponseBase]


class Role(StrEnum):
    """What somebody is."""

    VIEWER = "viewer"
    DEVELOPER = "developer"
    OPERATOR = "operator"
    ADMIN = "admin"


class Right(StrEnum):
    """What somebody may do beyond reading."""

    SOURCES = "sources"
    """Make projects and keys, switch keys."""
    REPLAY = "replay"
    """Have what was set aside digested again."""
    GROUPING = "grouping"
    """Merge and split issues, try a grouping policy and put it in force, and undo it."""
    PEOPLE = "people"
    """Invite people, change their roles, let nobody in any more."""
    AUDIT = "audit"
    """Read the audit log."""
    DECIDE = "decide"
    """Decide about issues, resolve them, and undo it."""
    HANDLE = "handle"
    """Answer occurrences: take handlings, tick steps, close them."""
    RUNBOOKS = "runbooks"
    """Write and review runbooks."""
    ASK = "ask"
    """File requests of every kind and carry out what is approved for one's side."""
    INQUIRE = "inquire"
    """File a customer's inquiry."""
    APPROVE = "approve"
    """Approve and execute what touches production."""
    COMMENT = "comment"
    """Comment, and say whose an issue is."""
    REGISTRY = "registry"
    """Name and group environments and services."""
    DEPLOYS = "deploys"
    """Say which release runs where."""
    TEAMS = "teams"
    """Make teams and say who is in them."""
    NOTIFY = "notify"
    """Say who is told of what, and where."""


_EVERYBODY = frozenset({Right.INQUIRE})
_WORKERS = _EVERYBODY | {Right.HANDLE, Right.RUNBOOKS, Right.ASK, Right.COMMENT, Right.REGISTRY, Right.DEPLOYS}
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.VIEWER: _EVERYBODY,
    Role.DEVELOPER: _WORKERS | {Right.DECIDE},
    Role.OPERATOR: _WORKERS | {Right.APPROVE},
    Role.ADMIN: frozenset(Right),
}
ROLE_NAMES: dict[Role, Promise] = {
    Role.VIEWER: _("Viewer"),
    Role.DEVELOPER: _("Developer"),
    Role.OPERATOR: _("Operator"),
    Role.ADMIN: _("Administrator"),
}
OF_A_TEAM = frozenset({Right.DECIDE, Right.HANDLE, Right.RUNBOOKS, Right.ASK, Right.COMMENT, Right.TEAMS})
"""The rights a role in a team can add: each is about an issue, a runbook, a request, or the team itself."""
_KNOWN = "_mukiau_team_roles"
"""Attribute of the user object that keeps the answer for the rest of a request."""


def role_of(user: AbstractBaseUser | AnonymousUser) -> Role:
    """Return the role of somebody who is signed in."""
    return Role.ADMIN if getattr(user, "is_superuser", False) else Role(profile_of(user).role)


def rights_of(user: AbstractBaseUser | AnonymousUser) -> frozenset[Right]:
    """Return what somebody may do; nothing when they are not signed in."""
    return RIGHTS[role_of(user)] if user.is_active else frozenset()


def may(user: AbstractBaseUser | AnonymousUser, right: Right) -> bool:
    """Say whether somebody has a right."""
    return right in rights_of(user)


def team_roles_of(user: AbstractBaseUser | AnonymousUser) -> dict[int, str]:
    """Return the teams somebody is in, each with the role there (empty: none of its own); asked once per user object."""
    known: dict[int, str] | None = getattr(user, _KNOWN, None)
    if known is None:
        known = read_team_roles(user.pk)
        setattr(user, _KNOWN, known)
    return known


def may_in_team(user: AbstractBaseUser | AnonymousUser, right: Right, team_id: int | None) -> bool:
    """Say whether somebody has a right about what is a team's: by their role everywhere, or by the one they have there."""
    if may(user, right):
        return True
    role = team_roles_of(user).get(team_id, "") if team_id is not None else ""
    return user.is_active and right in OF_A_TEAM and role != "" and right in RIGHTS[Role(role)]


def may_on_issue(user: AbstractBaseUser | AnonymousUser, right: Right, issue_id: int) -> bool:
    """Say whether somebody has a right about an issue: by their role everywhere, or by the one in its team."""
    if may(user, right):
        return True
    return any(team_roles_of(user).values()) and may_in_team(
        user, right, find_owned(own_connection(), issue_id).team_id
    )


def _may_on_named(request: HttpRequest, right: Right) -> bool:
    """Say whether whoever asks has a right about every issue that the form names."""
    named = {parse_number(text) for text in request.POST.getlist("issue")}
    issues = named - {None}
    return bool(named) and issues == named and all(may_on_issue(request.user, right, one) for one in issues if one)


def needs_in_team(right: Right) -> Callable[[View], View]:
    """Let nobody without the right reach a view of the team `team_id`."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, team_id: int, **kwargs: Any) -> HttpResponseBase:
            if not may_in_team(request.user, right, team_id):
                raise PermissionDenied
            return view(request, *args, team_id=team_id, **kwargs)

        return guarded

    return guard


def needs(right: Right) -> Callable[[View], View]:
    """Let nobody without the right reach a view: 403, before anything is read or done.

    A view of one issue (`issue_id` in its address) is also reached by whoever has the right in that issue's team.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            issue_id = kwargs.get("issue_id")
            if not may(request.user, right) and (issue_id is None or not may_on_issue(request.user, right, issue_id)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard


def needs_on_issues(right: Right) -> Callable[[View], View]:
    """Let nobody reach an act on the issues that its form names (`issue`) without the right about each of them.

    Only for views that act on these issues and on nothing else: what the form says is the sender's word.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not may(request.user, right) and not _may_on_named(request, right):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard
