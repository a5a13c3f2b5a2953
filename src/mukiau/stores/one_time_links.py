"""Links that work once: invitations, and new passwords. The link holds a token; here is its hash, and what it is good for.

Spending is one UPDATE that succeeds for one caller only.
"""

import secrets
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from django.db.models import QuerySet

from mukiau.stores.models import OneTimeLink

TOKEN_BYTES = 24
_HOUR_MS = 3_600_000


class LinkKind(StrEnum):
    """What a link does."""

    INVITATION = "invitation"
    PASSWORD = "password"  # noqa: S105 - a kind
    SIGN_IN = "sign_in"


LIFE_MS = {LinkKind.INVITATION: 7 * 24 * _HOUR_MS, LinkKind.PASSWORD: 24 * _HOUR_MS, LinkKind.SIGN_IN: _HOUR_MS // 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that still works."""

    id: int
    kind: LinkKind
    user_id: int | None
    role: str
    email: str
    created_by: str
    expires_ms: int


def make_link(
    kind: LinkKind, *, now_ms: int, created_by: str, user_id: int | None = None, role: str = "", email: str = ""
) -> str:
    """Return the token of a new link; earlier ones of its kind for the same person stop working."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    if user_id is not None:
        OneTimeLink.objects.filter(kind=kind, user_id=user_id, used_ms=None).delete()
    OneTimeLink.objects.create(
        kind=kind,
        token_hash=_hash(token),
        user_id=user_id,
        role=role,
        email=email,
        created_by=created_by,
        created_ms=now_ms,
        expires_ms=now_ms + LIFE_MS[kind],
    )
    return token


def find_link(kind: LinkKind, token: str, *, now_ms: int) -> Link | None:
    """Return the link of a token while it works."""
    row = _open(now_ms).filter(kind=kind, token_hash=_hash(token)).first()
    return None if row is None else _link(row)


def spend_link(link_id: int, *, now_ms: int) -> bool:
    """Use a link up; False when somebody else has just done so."""
    return _open(now_ms).filter(pk=link_id).update(used_ms=now_ms) == 1


def list_invitations(*, now_ms: int) -> tuple[Link, ...]:
    """Return the invitations nobody has followed yet, oldest first."""
    return tuple(_link(row) for row in _open(now_ms).filter(kind=LinkKind.INVITATION).order_by("id"))


def revoke_invitation(link_id: int, *, now_ms: int) -> Link | None:
    """Let an invitation work no more; return what it was."""
    row = _open(now_ms).filter(pk=link_id, kind=LinkKind.INVITATION).first()
    if row is None or not _open(now_ms).filter(pk=link_id).delete()[0]:
        return None
    return _link(row)


def _open(now_ms: int) -> "QuerySet[OneTimeLink]":
    return OneTimeLink.objects.filter(used_ms=None, expires_ms__gt=now_ms)


def _link(row: OneTimeLink) -> Link:
    return Link(
        id=row.pk,
        kind=LinkKind(row.kind),
        user_id=row.user_id,
        role=row.role,
        email=row.email,
        created_by=row.created_by,
        expires_ms=row.expires_ms,
    )


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
