"""Open sessions: where somebody is signed in. Ending one deletes it; the browser's cookie then opens nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session as StoredSession
from django.db import transaction

from mukiau.stores.people import record_seen

SEEN_EVERY_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """One browser that is signed in."""

    id: int
    user_agent: str
    address: str
    began_ms: int
    seen_ms: int
    is_current: bool
    """It is the one that asks."""


def list_sessions(user_id: int, *, current_key: str | None = None) -> tuple[OpenSession, ...]:
    """Return somebody's open sessions, last used first; those that ran out are cleared away."""
    _forget_ended(user_id)
    rows = UserSession.objects.filter(user_id=user_id).order_by("-last_seen_at", "-id")
    return tuple(
        OpenSession(
            id=row.pk,
            user_agent=row.user_agent,
            address=row.ip,
            began_ms=_ms(row.created_at),
            seen_ms=_ms(row.last_seen_at),
            is_current=row.session_key == current_key,
        )
        for row in rows
    )


def end_session(user_id: int, session_id: int) -> bool:
    """End one session of somebody; False when they have no such session."""
    keys = list(UserSession.objects.filter(user_id=user_id, pk=session_id).values_list("session_key", flat=True))
    return _end(keys) == 1


def end_sessions(user_id: int, *, except_key: str | None = None) -> int:
    """End all sessions of somebody (but one); return how many."""
    mine = UserSession.objects.filter(user_id=user_id).exclude(session_key=except_key or "")
    return _end(list(mine.values_list("session_key", flat=True)))


def record_use(user_id: int, session_key: str, *, now_ms: int) -> None:
    """Note that somebody is here, by which session; within a minute of the last note nothing is written."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    row = UserSession.objects.filter(session_key=session_key).first()
    if row is not None and now_ms - _ms(row.last_seen_at) > SEEN_EVERY_MS:
        UserSession.objects.filter(pk=row.pk).update(last_seen_at=now)
    record_seen(user_id, now_ms)


def _end(keys: list[str]) -> int:
    with transaction.atomic():
        StoredSession.objects.filter(session_key__in=keys).delete()
        return int(UserSession.objects.filter(session_key__in=keys).delete()[0])


def _forget_ended(user_id: int) -> None:
    """Clear away sessions that ran out, were left by signing out, or began with an older password."""
    UserSession.objects.purge_and_list(User(pk=user_id))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
