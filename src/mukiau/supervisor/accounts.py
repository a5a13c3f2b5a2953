"""Accounts from the command line of the machine: an administrator, and a way in when no other is left."""

import sys
from pathlib import Path

from mukiau import clock, config
from mukiau.config import Settings
from mukiau.stores.server_address import find_server_url
from mukiau.supervisor.migrate import set_up_django


def create_admin(name: str, password: str) -> int:
    """Make a person who may change everything; return the exit code."""
    set_up_django()
    from django.core.exceptions import ValidationError  # noqa: PLC0415 - only after Django is set up
    from django.db import IntegrityError  # noqa: PLC0415

    from mukiau.web.accounts.people import create_admin as create  # noqa: PLC0415
    from mukiau.web.audit import Action, record_at_console  # noqa: PLC0415

    try:
        create(name, password)
    except ValidationError as error:
        sys.stderr.write(" ".join(error.messages) + "\n")
        return 1
    except IntegrityError:
        sys.stderr.write(f"There is already somebody called {name}.\n")
        return 1
    record_at_console(Action.ACCOUNT_MADE, target=name, after={"role": "admin"})
    return 0


def make_sign_in_link(settings: Settings, name: str) -> int:
    """Print a link that signs somebody in once; return the exit code."""
    set_up_django()
    from django.urls import reverse  # noqa: PLC0415

    from mukiau.stores.one_time_links import LinkKind, make_link  # noqa: PLC0415
    from mukiau.stores.people import find_account, find_active_user  # noqa: PLC0415
    from mukiau.web.audit import Action, record_at_console  # noqa: PLC0415

    found = find_account(name)
    if found is None or find_active_user(found[0]) is None:
        sys.stderr.write(f"Nobody who may sign in is called {name}. `mukiau createadmin` makes an account.\n")
        return 1
    token = make_link(LinkKind.SIGN_IN, now_ms=clock.unix_ms(), created_by="", user_id=found[0])
    record_at_console(Action.SIGN_IN_LINK_MADE, target=found[1])
    path = reverse("sign-in-link", args=(token,)).removeprefix(config.path_prefix(settings))
    base = settings.base_url or find_server_url(Path(settings.data)) or config.own_url(settings)
    sys.stdout.write(str(base).rstrip("/") + path + "\n")
    return 0
