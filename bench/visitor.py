"""A person who is signed in, for measurements of pages: `python -m bench.visitor DATA` prints the session's cookie.

Made in a process of its own, because Django is set up once per process and for one data folder.
"""

import os
import subprocess
import sys
from pathlib import Path

NAME = "bench-visitor"


def make_visitor(folder: Path) -> str:
    """Make an administrator of the folder and return a `Cookie` header that is signed in."""
    environment = {**os.environ, "MUKIAU_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "mukiau.web.settings"}
    command = [sys.executable, "-m", "bench.visitor"]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def main() -> None:
    """Print the cookie of a fresh session."""
    import django  # noqa: PLC0415 - only the process that makes the session needs it

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    user, _ = get_user_model().objects.get_or_create(username=NAME, defaults={"is_superuser": True, "is_staff": True})
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    print(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")


if __name__ == "__main__":
    main()
