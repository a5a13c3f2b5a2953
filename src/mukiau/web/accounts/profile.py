"""The profile of whoever looks at a page: read once for each request, and changed by its owner."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest

from mukiau.stores.profiles import Profile, load_profile, put_preferences
from mukiau.stores.queries.rows import own_connection
from mukiau.web.audit import Action, record

_KNOWN = "_mukiau_profile"
"""Attribute of the user object that keeps the profile for the rest of a request."""


def profile_of(user: AbstractBaseUser | AnonymousUser) -> Profile:
    """Return somebody's profile; that of nobody in particular when they are not signed in."""
    known: Profile | None = getattr(user, _KNOWN, None)
    if known is None:
        known = Profile() if user.pk is None else load_profile(own_connection(), user.pk)
        setattr(user, _KNOWN, known)
    return known


def change_reading(request: HttpRequest, *, language: str, time_zone: str) -> bool:
    """Keep in which language and zone whoever asks wants to read; False when that is what they had."""
    had = profile_of(request.user)
    before = {"language": had.language, "time_zone": had.time_zone}
    after = {"language": language, "time_zone": time_zone}
    if after == before or request.user.pk is None:
        return False
    put_preferences(own_connection(), request.user.pk, language=language, time_zone=time_zone)
    record(request, Action.READING_CHANGED, target=request.user.get_username(), before=before, after=after)
    return True
