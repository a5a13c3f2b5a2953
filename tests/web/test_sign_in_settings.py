"""What the settings say about ways in: passwords switched off, a company configured or not, addresses that are trusted."""

import pytest
from django.test import Client, override_settings
from web_world import World, read

from mukiau import config
from mukiau.stores.one_time_links import Link, LinkKind
from mukiau.web.accounts.joining import Refusal, reason_against
from mukiau.web.accounts.people import create_admin

COMPANY = {"MUKIAU_OIDC_ISSUER": "https://login.example.com/", "MUKIAU_OIDC_CLIENT_ID": "mukiau"}
PASSWORD = "a long enough word"


def test_without_a_company_nobody_is_led_to_one(charlie: Client, world: World) -> None:
    html = read(charlie.get("/sign-in/"))

    assert "/sign-in/company/" not in html
    assert charlie.get("/sign-in/company/").status_code == 404
    assert charlie.get("/sign-in/company/back/?code=x&state=y").status_code == 404


def test_with_passwords_switched_off_none_is_asked_for_or_looked_at(charlie: Client, world: World) -> None:
    create_admin("dora", PASSWORD)
    without = config.load({**COMPANY, "MUKIAU_PASSWORD_SIGN_IN": "false"}, overrides={"data": world.folder})

    with override_settings(MUKIAU=without, COMPANY_NAME="Example Inc."):
        html = read(charlie.get("/sign-in/"))
        answer = charlie.post("/sign-in/", {"login": "dora", "password": PASSWORD})

    assert "Sign in with Example Inc." in html
    assert "password" not in html
    assert answer.status_code == 403
    assert charlie.get("/issues/").status_code == 302


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"MUKIAU_OIDC_ISSUER": "http://login.example.com"}, "it must be an https:// address"),
        ({"MUKIAU_OIDC_ISSUER": "login.example.com"}, "it must be an https:// address"),
        ({"MUKIAU_OIDC_ISSUER": "https://login.example.com/?tenant=1"}, "it must be an https:// address"),
        ({"MUKIAU_OIDC_ISSUER": "https://login.example.com"}, "MUKIAU_OIDC_CLIENT_ID must be set as well"),
        ({"MUKIAU_PASSWORD_SIGN_IN": "false"}, "nobody could sign in"),
    ],
    ids=str,
)
def test_settings_by_which_nobody_could_sign_in_stop_the_start(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(config.SettingsError, match=sentence):
        config.load(environ)


def test_an_issuer_on_this_machine_may_do_without_https() -> None:
    loaded = config.load({**COMPANY, "MUKIAU_OIDC_ISSUER": "http://127.0.0.1:9000/o"})

    assert loaded.oidc_issuer == "http://127.0.0.1:9000/o"


def _invitation(email: str) -> Link:
    return Link(
        id=1, kind=LinkKind.INVITATION, user_id=None, role="viewer", email=email, created_by="alice", expires_ms=0
    )


@pytest.mark.parametrize(
    ("email", "invitation", "refusal"),
    [
        ("sato@example.co.jp", None, None),
        ("sato@EXAMPLE.co.jp", None, None),
        ("sato@sub.example.co.jp", None, Refusal.DOMAIN),
        ("sato@notexample.co.jp", None, Refusal.DOMAIN),
        ("sato@example.co.jp.evil.example", None, Refusal.DOMAIN),
        ("example.co.jp@evil.example", None, Refusal.DOMAIN),
        ('"a@example.co.jp"@evil.example', None, Refusal.DOMAIN),
        ("", None, Refusal.DOMAIN),
        ("guest@elsewhere.example", _invitation(""), None),
        ("guest@elsewhere.example", _invitation("Guest@elsewhere.example"), None),
        ("guest@elsewhere.example", _invitation("other@elsewhere.example"), Refusal.INVITED_OTHER),
        ("sato@example.co.jp", _invitation("other@elsewhere.example"), None),
    ],
)
def test_who_may_join(email: str, invitation: Link | None, refusal: Refusal | None) -> None:
    assert reason_against(email, invitation, domains=frozenset({"example.co.jp"})) == refusal
