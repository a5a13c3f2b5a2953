"""Tokens of programs: 256 random bits each, so a plain hash of one is as good as the token is long."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from mukiau.stores.models import ApiToken

MARK = "mukiau_"
"""What every token begins with, so that one that went astray is recognised."""
PREFIX_CHARS = len(MARK) + 6
USED_EVERY_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as it is kept."""

    id: int
    user_id: int
    owner: str
    owner_is_active: bool
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_ms: int
    expires_ms: int
    last_used_ms: int
    last_used_address: str
    is_revoked: bool


def make_token(user_id: int, *, name: str, scopes: Collection[str], now_ms: int, expires_ms: int) -> tuple[str, Token]:
    """Return a new token, which nobody can read again, and what is kept of it."""
    token = MARK + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        user_id=user_id,
        name=name,
        token_hash=_hash(token),
        prefix=token[:PREFIX_CHARS],
        scopes=" ".join(sorted(scopes)),
        created_ms=now_ms,
        expires_ms=expires_ms,
    )
    return token, _token(row)


def find_token(token: str) -> Token | None:
    """Return what is kept of a token, also when it works no more."""
    row = ApiToken.objects.select_related("user").filter(token_hash=_hash(token)).first()
    return None if row is None else _token(row)


def list_tokens(user_id: int) -> tuple[Token, ...]:
    """Return somebody's tokens that were not revoked, the latest first."""
    rows = ApiToken.objects.select_related("user").filter(user_id=user_id, revoked_ms=None).order_by("-id")
    return tuple(_token(row) for row in rows)


def revoke_token(user_id: int, token_id: int, *, now_ms: int) -> Token | None:
    """Let one of somebody's tokens work no more; return what it was, None when there is none."""
    mine = ApiToken.objects.filter(user_id=user_id, pk=token_id, revoked_ms=None)
    row = mine.select_related("user").first()
    return _token(row) if row is not None and mine.update(revoked_ms=now_ms) == 1 else None


def revoke_tokens(user_id: int, *, now_ms: int) -> int:
    """Let all tokens of somebody work no more; return how many."""
    return ApiToken.objects.filter(user_id=user_id, revoked_ms=None).update(revoked_ms=now_ms)


def record_token_use(token: Token, *, address: str, now_ms: int) -> None:
    """Note when and from where it was used; within a minute of the last note nothing is written."""
    if now_ms - token.last_used_ms > USED_EVERY_MS:
        ApiToken.objects.filter(pk=token.id).update(last_used_ms=now_ms, last_used_address=address[:45])


def _token(row: ApiToken) -> Token:
    return Token(
        id=row.pk,
        user_id=row.user_id,
        owner=row.user.get_username(),
        owner_is_active=row.user.is_active,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes.split()),
        created_ms=row.created_ms,
        expires_ms=row.expires_ms,
        last_used_ms=row.last_used_ms,
        last_used_address=row.last_used_address,
        is_revoked=row.revoked_ms is not None,
    )


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
