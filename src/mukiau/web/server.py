"""The web process: Django under waitress, on a Unix socket that only intake talks to."""

import os
from pathlib import Path

import waitress
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.template.loader import get_template

from mukiau.config import SETTINGS, Settings

THREADS = 8
"""Pages are short; more threads would only wait for the interpreter's lock."""


def run_web(socket_path: Path, settings: Settings) -> None:
    """Serve pages until SystemExit or KeyboardInterrupt is raised in the main thread."""
    application = make_application(settings)
    socket_path.unlink(missing_ok=True)  # a killed predecessor leaves its own behind
    waitress.serve(
        application,
        unix_socket=str(socket_path),
        unix_socket_perms="600",
        threads=THREADS,
        # Nobody but intake can open the socket, and it says who the client is; what proxies said of it stays there.
        trusted_proxy="*",
        trusted_proxy_headers={"x-forwarded-for", "x-forwarded-proto"},
        clear_untrusted_proxy_headers=True,
        max_request_body_size=2 * 1024 * 1024,
        ident=None,
    )


def make_application(settings: Settings) -> WSGIHandler:
    """Return Django's WSGI application for these settings; Django reads them from the environment."""
    for setting in SETTINGS:
        value = settings.values.get(setting.name)
        os.environ[setting.variable] = "" if value is None else str(value)
    os.environ["DJANGO_SETTINGS_MODULE"] = "mukiau.web.settings"

    application = get_wsgi_application()
    for name in ("issues/list.html", "issue/page.html", "sources/page.html"):
        get_template(name)  # compiled now, not while the first reader waits
    return application
