"""The people who may sign in. Django's own tables hold name and password; an administrator is a superuser, and every other
role stands in the person's profile.

Whoever changes a role or switches somebody off does it here, because of one rule: an administrator who can sign in is
always left.
"""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import connection, transaction

from mukiau.stores.models import PersonProfile
from mukiau.stores.profiles import ROLE
from mukiau.stores.queries.rows import find_row, read_rows

SEEN_EVERY_MS = 60_000

_PEOPLE = f"""
SELECT u.id, u.username, u.email, {ROLE}, u.is_active,
       COALESCE(s.seen_ms, 0), u.password LIKE '!%%',
       EXISTS (SELECT 1 FROM mfa_authenticator m WHERE m.user_id = u.id AND m.type = 'totp')
FROM auth_user u LEFT JOIN person_seen s ON s.user_id = u.id LEFT JOIN person_profile p ON p.user_id = u.id
"""  # noqa: S608 - a constant


class LastAdminError(Exception):
    """The change would leave nobody who may change anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account."""

    id: int
    name: str
    email: str
    role: str
    """`viewer`, `developer`, `operator`, `admin`."""
    is_active: bool
    seen_ms: int
    """Last seen; 0: not since this is kept."""
    has_no_password: bool
    has_second_factor: bool


def list_people() -> tuple[Person, ...]:
    """Return everybody: who can sign in first, then by name."""
    return tuple(_person(row) for row in read_rows(f"{_PEOPLE} ORDER BY u.is_active DESC, lower(u.username), u.id"))


def find_person(user_id: int) -> Person | None:
    """Return one of them."""
    row = find_row(f"{_PEOPLE} WHERE u.id = %s", (user_id,))
    return None if row is None else _person(row)


def has_people() -> bool:
    """Say whether anybody can sign in yet."""
    return User.objects.filter(is_active=True).exists()


def is_name_taken(name: str) -> bool:
    """Say whether somebody signs in by this name or address; case makes no difference."""
    return (
        find_row("SELECT 1 FROM auth_user WHERE lower(username) = lower(%s) OR lower(email) = lower(%s)", (name, name))
        is not None
    )


def find_account(typed: str) -> tuple[int, str] | None:
    """Return (id, name) of the account that somebody means by a name or address; who may sign in comes first."""
    row = find_row(
        "SELECT id, username FROM auth_user WHERE lower(username) = lower(%s) OR lower(email) = lower(%s) "
        "ORDER BY is_active DESC, id",
        (typed, typed),
    )
    return None if row is None else (row[0], row[1])


def add_person(user: User, *, role: str) -> User:
    """Store somebody new; raises IntegrityError when the name is taken.

    Only an administrator (or the command line) gives an address, so it counts as verified: whoever signs in at the
    company's provider with it is this person.
    """
    with transaction.atomic():
        user.save(force_insert=True)
        _put_role(user.pk, role)
        if user.email:
            EmailAddress.objects.create(user=user, email=user.email.lower(), verified=True, primary=True)
    return user


def remove_second_factor(user_id: int) -> bool:
    """Take an authenticator and its recovery codes away from somebody who lost them; False when there was none."""
    return bool(Authenticator.objects.filter(user_id=user_id).delete()[0])


def find_active_user(user_id: int) -> User | None:
    """Return Django's own object of somebody who can sign in."""
    return User.objects.filter(id=user_id, is_active=True).first()


def set_password(user: User, password: str) -> None:
    """Store a new password; sessions that began with the old one end by it."""
    user.set_password(password)
    user.save(update_fields=["password"])


def set_role(user_id: int, role: str) -> None:
    """Make somebody a viewer, developer, operator or admin; raises LastAdminError."""
    with transaction.atomic():
        was_admin = User.objects.filter(pk=user_id, is_superuser=True).exists()
        _put_role(user_id, role)
        if was_admin:
            _require_an_admin()


def set_active(user_id: int, *, is_active: bool) -> None:
    """Let somebody sign in, or not any more; raises LastAdminError."""
    with transaction.atomic():
        User.objects.filter(pk=user_id).update(is_active=is_active)
        _require_an_admin()


def record_seen(user_id: int, now_ms: int) -> None:
    """Note that somebody is here; within a minute of the last note nothing is written."""
    if find_row("SELECT 1 FROM person_seen WHERE user_id = %s AND seen_ms > %s", (user_id, now_ms - SEEN_EVERY_MS)):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO person_seen (user_id, seen_ms) VALUES (%s, %s) "
            "ON CONFLICT (user_id) DO UPDATE SET seen_ms = excluded.seen_ms",
            (user_id, now_ms),
        )


def _put_role(user_id: int, role: str) -> None:
    is_admin = role == "admin"
    User.objects.filter(pk=user_id).update(is_superuser=is_admin, is_staff=is_admin)
    PersonProfile.objects.update_or_create(user_id=user_id, defaults={"role": role})


def _require_an_admin() -> None:
    if not User.objects.filter(is_superuser=True, is_active=True).exists():
        raise LastAdminError  # rolls the change back


def _person(row: tuple[object, ...]) -> Person:
    pk, name, email, role, is_active, seen_ms, has_no_password, has_second_factor = row
    return Person(
        id=pk,  # type: ignore[arg-type]
        name=str(name),
        email=str(email),
        role=str(role),
        is_active=bool(is_active),
        seen_ms=seen_ms,  # type: ignore[arg-type]
        has_no_password=bool(has_no_password),
        has_second_factor=bool(has_second_factor),
    )
