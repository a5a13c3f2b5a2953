"""Making accounts."""

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password

from mukiau.stores.people import add_person
from mukiau.web.accounts.roles import Role


def create_admin(name: str, password: str) -> User:
    """Make an administrator.

    `name` may be an e-mail address. Raises ValidationError when the password is too weak, IntegrityError when the
    name is taken.
    """
    user = User(username=name, email=name if "@" in name else "")
    validate_password(password, user)
    return create_person(name, password, role=Role.ADMIN, email=user.email)


def create_person(name: str, password: str, *, role: Role, email: str = "") -> User:
    """Make an account whose password was checked already; raises IntegrityError when the name is taken."""
    user = User(username=name, email=email)
    user.set_password(password)
    return add_person(user, role=role)
