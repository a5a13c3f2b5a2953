"""The door of the API: who asks, what their token opens, and errors that say what to do.

A token comes in one place, `Authorization: Bearer …`. Addresses end up in logs and histories, so one in the query opens
nothing; a session's cookie opens nothing either, so no other site can make a browser ask.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from mukiau import clock
from mukiau.stores.audit import Actor
from mukiau.stores.people import find_active_user
from mukiau.stores.tokens import Token, find_token, record_token_use
from mukiau.web.accounts.roles import Right, may, may_on_issue
from mukiau.web.address import client_address


class Scope(StrEnum):
    """What a token may open."""

    READ = "read"
    SOURCES_WRITE = "sources:write"
    GROUPING_WRITE = "grouping:write"
    WORK_WRITE = "work:write"


SCOPE_RIGHTS: dict[Scope, Right | None] = {
    Scope.READ: None,
    Scope.SOURCES_WRITE: Right.SOURCES,
    Scope.GROUPING_WRITE: Right.GROUPING,
    Scope.WORK_WRITE: Right.INQUIRE,
}
"""What its owner has to be allowed as well: a token never opens more than its owner may. Of `work:write` each address
names the right it needs (`@caller_needs`)."""
SCOPE_NAMES: dict[Scope, Promise] = {
    Scope.READ: _("read everything"),
    Scope.SOURCES_WRITE: _("create projects and keys, switch keys on and off"),
    Scope.GROUPING_WRITE: _("merge and split issues, and undo it"),
    Scope.WORK_WRITE: _("decide, handle, write runbooks and file requests, as far as your role goes"),
}


class ApiError(Exception):
    """An answer that is not what was asked for."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks."""

    token: Token
    user: User
    address: str

    @property
    def actor(self) -> Actor:
        """The same for the audit log."""
        via = f"token {self.token.prefix}"
        return Actor(id=self.user.pk, name=self.user.get_username(), address=self.address, via=via)


View = Callable[Concatenate[HttpRequest, Caller, ...], Mapping[str, Any]]
_ANSWERS: dict[Callable[..., Any], Mapping[str, tuple[Scope, View]]] = {}
_RIGHTS_ASKED: dict[View, Right] = {}
"""What describes the API reads from the addresses themselves."""


def endpoint(**methods: tuple[Scope, View]) -> Callable[..., HttpResponse]:
    """Return Django's view of an address: for each method the scope it needs and what answers.

    What answers gets the request and the caller, returns what becomes JSON, and raises ApiError. POST answers 201.
    """

    @login_not_required
    @csrf_exempt
    @never_cache
    @wraps(next(iter(methods.values()))[1])
    def view(request: HttpRequest, **arguments: Any) -> HttpResponse:
        try:
            scope, answer = _find(methods, request)
            found = answer(request, identify(request, scope), **arguments)
        except ApiError as error:
            return refusal(error)
        return JsonResponse(found, status=201 if request.method == "POST" else 200, json_dumps_params={"default": str})

    _ANSWERS[view] = methods
    return view


def answers_of(view: Callable[..., Any]) -> Mapping[str, tuple[Scope, View]]:
    """Return what an address was made of, for whoever describes the API."""
    return _ANSWERS[view]


def right_of(view: View) -> Right | None:
    """Return the right that a view asks of callers beside its scope; None when it asks none."""
    return _RIGHTS_ASKED.get(view)


def caller_needs(right: Right) -> Callable[[View], View]:
    """Let a view answer only callers who have a right, of one issue also in its team: 403, before anything is read or done."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, caller: Caller, *args: Any, **kwargs: Any) -> Mapping[str, Any]:
            issue_id = kwargs.get("issue_id")
            if not (may(caller.user, right) if issue_id is None else may_on_issue(caller.user, right, issue_id)):
                raise ApiError(403, "not_allowed", f"The token's owner may not do this; it needs the right {right}.")
            return view(request, caller, *args, **kwargs)

        _RIGHTS_ASKED[guarded] = right
        return guarded

    return guard


def identify(request: HttpRequest, scope: Scope) -> Caller:
    """Return who asks, if their token opens this; raises ApiError."""
    token = _working_token(request)
    user = find_active_user(token.user_id)
    if user is None:
        raise _unauthorized("The token's owner has no access any more.")
    if scope not in token.scopes:
        raise _forbidden(f"The token has the scopes {', '.join(token.scopes)}; this needs {scope}.", scope)
    right = SCOPE_RIGHTS[scope]
    if right is not None and not may(user, right):
        raise _forbidden("The token's owner is no administrator (any more), and this needs one.", scope)
    address = client_address(request)
    record_token_use(token, address=address, now_ms=clock.unix_ms())
    return Caller(token=token, user=user, address=address)


def refusal(error: ApiError) -> HttpResponse:
    """Return an error as the API tells it."""
    told = {"error": {"code": error.code, "message": str(error)}}
    return JsonResponse(told, status=error.status, headers=error.headers)


def _find(methods: Mapping[str, tuple[Scope, View]], request: HttpRequest) -> tuple[Scope, View]:
    method = "get" if request.method == "HEAD" else str(request.method).lower()
    if method not in methods:
        allowed = ", ".join(name.upper() for name in methods)
        raise ApiError(405, "method_not_allowed", f"This address answers {allowed}.", Allow=allowed)
    return methods[method]


def _working_token(request: HttpRequest) -> Token:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    if not given.strip():
        raise _unauthorized("Send a token as `Authorization: Bearer <token>`; nothing else opens the API.", "no_token")
    if kind.lower() != "bearer":
        raise _unauthorized(f"The API takes `Authorization: Bearer <token>`, not {kind[:20]}.", "no_token")
    token = find_token(given.strip())
    if token is None:
        raise _unauthorized("There is no such token. (The key of a source is none: it sends, and reads nothing.)")
    if token.is_revoked:
        raise _unauthorized(f"The token {token.prefix}… was revoked.")
    if token.expires_ms <= clock.unix_ms():
        raise _unauthorized(f"The token {token.prefix}… has expired; make a new one on the page My account.")
    return token


def _unauthorized(message: str, code: str = "invalid_token") -> ApiError:
    challenge = 'Bearer realm="mukiau"' + ("" if code == "no_token" else f', error="{code}"')
    return ApiError(401, code, message, **{"WWW-Authenticate": challenge})


def _forbidden(message: str, scope: Scope) -> ApiError:
    challenge = f'Bearer realm="mukiau", error="insufficient_scope", scope="{scope}"'
    return ApiError(403, "insufficient_scope", message, **{"WWW-Authenticate": challenge})
