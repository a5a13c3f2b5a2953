"""What somebody is, and how they want to read and be written to; for pages, and for whoever tells people things."""

from dataclasses import dataclass

from mukiau.stores.sqlite import Connection

ROLE = "iif(u.is_superuser, 'admin', COALESCE(p.role, 'viewer'))"
"""The role somebody has everywhere, of `auth_user u LEFT JOIN person_profile p`."""
_FIND = "SELECT role, language, time_zone FROM person_profile WHERE user_id = ?"
_PUT = """
INSERT INTO person_profile (user_id, language, time_zone) VALUES (:user, :language, :time_zone)
ON CONFLICT (user_id) DO UPDATE SET language = :language, time_zone = :time_zone
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Somebody's profile; who has none has this one."""

    role: str = "viewer"
    """An administrator is known by being Django's superuser, not by this."""
    language: str = ""
    """`ja`, `en`; empty: the browser's, and outside of pages whatever is usual."""
    time_zone: str = ""
    """IANA name; empty: the browser's, and outside of pages whatever is usual."""


def load_profile(connection: Connection, user_id: int) -> Profile:
    """Return somebody's profile."""
    row = connection.execute(_FIND, (user_id,)).fetchone()
    return Profile() if row is None else Profile(role=row[0], language=row[1], time_zone=row[2])


def put_preferences(connection: Connection, user_id: int, *, language: str, time_zone: str) -> None:
    """Remember how somebody wants to read; the role stays."""
    connection.execute(_PUT, {"user": user_id, "language": language, "time_zone": time_zone})
