"""A real OpenID Connect provider (django-oauth-toolkit) in a process of its own, with the people of one company.

    python oidc_provider.py PORT FOLDER REDIRECT_URI PEOPLE_JSON

It requires PKCE, an exact redirect URI and the secret of the client, and signs ID tokens with RS256. Its page offers a
link for each person.
"""

import json
import sys
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

CLIENT_ID, CLIENT_SECRET = "mukiau", "a secret of the client"


def new_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def configure(port: int, folder: Path) -> None:
    from django.conf import settings

    settings.configure(
        SECRET_KEY="only for tests",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "provider.sqlite3"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        SESSION_COOKIE_NAME="provider_session",
        LOGIN_URL="/choose/",
        USE_TZ=True,
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": new_key(),
            "OIDC_ISS_ENDPOINT": f"http://127.0.0.1:{port}/o",
            "OAUTH2_VALIDATOR_CLASS": f"{__name__}.claims_validator",
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "who", "profile": "name", "email": "address"},
        },
    )
    import django

    django.setup()


def __getattr__(name: str) -> object:
    """Django asks for these when it is set up, not before."""
    if name == "urlpatterns":
        return _urlpatterns()
    if name == "claims_validator":
        return _claims_validator()
    raise AttributeError(name)


def _claims_validator() -> object:
    from oauth2_provider.oauth2_validators import OAuth2Validator

    class Validator(OAuth2Validator):
        """Says about a person what their record says."""

        oidc_claim_scope = None

        def get_additional_claims(self, request: object) -> dict[str, object]:
            return dict(json.loads(request.user.first_name or "{}"))

    return Validator


def _urlpatterns() -> list[object]:
    from django.contrib.auth import login
    from django.contrib.auth.models import User
    from django.http import HttpResponse, HttpResponseRedirect
    from django.urls import include, path
    from django.utils.html import format_html, format_html_join
    from django.utils.http import urlencode

    def choose(request):
        after = request.GET.get("next", "/")
        if name := request.GET.get("as"):
            login(request, User.objects.get(username=name))
            return HttpResponseRedirect(after)
        links = format_html_join(
            "",
            '<p><a id="{0}" href="?{1}">{0}</a></p>',
            ((user.username, urlencode({"as": user.username, "next": after})) for user in User.objects.all()),
        )
        return HttpResponse(format_html("<h1>The company</h1>{}", links))

    return [path("choose/", choose), path("o/", include("oauth2_provider.urls", namespace="oauth2_provider"))]


def fill(redirect_uri: str, people: dict[str, dict[str, object]]) -> None:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from oauth2_provider.models import Application

    call_command("migrate", verbosity=0, interactive=False)
    for name, claims in people.items():
        User.objects.create(username=name, first_name="", last_name="")
        User.objects.filter(username=name).update(first_name=json.dumps(claims))
    Application.objects.create(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=redirect_uri,
        skip_authorization=True,
        algorithm=Application.RS256_ALGORITHM,
    )


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, *_: object) -> None:
        pass


def main(port: int, folder: Path, redirect_uri: str, people: str) -> None:
    sys.modules["oidc_provider"] = sys.modules[__name__]
    configure(port, folder)
    fill(redirect_uri, json.loads(people))
    from django.core.wsgi import get_wsgi_application

    with make_server("127.0.0.1", port, get_wsgi_application(), handler_class=Quiet) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
