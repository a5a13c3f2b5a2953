"""The first start: a one-time link that makes the administrator, while there is nobody who could sign in.

The data folder keeps only the token's hash. Spending it is removing that file, which succeeds once.
"""

import os
import secrets
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.urls import get_script_prefix

from mukiau.stores.people import has_people

PATH = "first-start/"
"""Before the token. Written here, because asking for it would load every page at each start of the server (2 s of CPU)."""
TOKEN_FILE = "first-start-token"  # noqa: S105 - a file name


def first_start_link() -> str | None:
    """Return a fresh link (an earlier one stops working); None when there is somebody who can sign in."""
    if has_people():
        _path().unlink(missing_ok=True)
        return None
    token = secrets.token_urlsafe(24)
    temporary = _path().with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(_hash(token))
    temporary.replace(_path())
    return f"{settings.ORIGIN}{get_script_prefix()}{PATH}{token}/"


def is_good(token: str) -> bool:
    """Say whether the link still makes an administrator."""
    try:
        kept = _path().read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return secrets.compare_digest(kept, _hash(token)) and not has_people()


def spend(token: str) -> bool:
    """Use the token up; False when somebody else has just done so."""
    if not is_good(token):
        return False
    try:
        _path().unlink()
    except FileNotFoundError:
        return False
    return True


def _path() -> Path:
    return Path(settings.MUKIAU.data) / TOKEN_FILE


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
