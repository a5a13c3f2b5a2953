"""An administrator invites somebody, who comes, looks after the account and is shown the door; in a real browser."""

import urllib.error
import urllib.request

from browsing import click, fill, find, needs_chromium, one_time_code, text_of
from selenium import webdriver

pytestmark = needs_chromium
PASSWORD, OTHER = "a long enough word", "another long enough word"


def _confirm(visitor: webdriver.Chrome, password: str) -> None:
    text_of(visitor, "h1", "Confirm that it is you")
    fill(visitor, password=password)
    click(visitor, "button.primary")


def _api_status(base: str, token: str) -> int:
    request = urllib.request.Request(f"{base}/api/v1/issues", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _see_and_close_the_account(visitor: webdriver.Chrome, base: str, token: str) -> None:
    """The administrator sees what was done and switches the account off: session and token end."""
    theirs = visitor.get_cookie("mukiau_session")
    assert theirs is not None
    visitor.delete_all_cookies()
    visitor.get(f"{base}/sign-in/")
    fill(visitor, login="mori", password=PASSWORD)
    click(visitor, "button.primary")
    text_of(visitor, "h1", "Issues")
    visitor.get(f"{base}/audit-log/?who=sato@example.com")
    done = text_of(visitor, "table.audit", "API token created")
    assert "Authenticator added" in done
    visitor.get(f"{base}/people/2/")
    click(visitor, ".btn.danger[name=active]")
    text_of(visitor, ".note", "switched off")
    assert _api_status(base, token) == 401
    visitor.delete_all_cookies()
    visitor.add_cookie({"name": "mukiau_session", "value": theirs["value"]})
    visitor.get(f"{base}/issues/")
    text_of(visitor, "h1", "Sign in")


def test_from_an_invitation_to_a_token_and_a_second_factor(visitor: webdriver.Chrome, fresh: tuple[str, str]) -> None:
    base, link = fresh

    # The administrator invites.
    visitor.get(link)
    fill(visitor, name="mori", password=PASSWORD, again=PASSWORD)
    click(visitor, "button.primary")
    text_of(visitor, "h1", "Sources")
    visitor.get(f"{base}/people/")
    fill(visitor, email="sato@example.com")
    click(visitor, "form[action$='/invitations/'] button")
    invitation = text_of(visitor, "#once", "/invitation/")

    # Somebody else follows the link in a browser of their own, and reads.
    visitor.delete_all_cookies()
    visitor.get(invitation)
    fill(visitor, password=OTHER, again=OTHER)
    click(visitor, "button.primary")
    text_of(visitor, "h1", "Issues")
    visitor.get(f"{base}/people/")
    text_of(visitor, "h1", "This needs an administrator")

    # A token for a program, after typing the password once more.
    visitor.get(f"{base}/account/tokens/new/")
    _confirm(visitor, OTHER)
    text_of(visitor, "h1", "New API token")
    fill(visitor, name="dashboard")
    click(visitor, "main form .btn.primary")
    token = text_of(visitor, "#once", "mukiau_")
    assert _api_status(base, token) == 200

    # A second factor, and signing in with it.
    visitor.get(f"{base}/account/authenticator/add/")
    fill(visitor, code=one_time_code(find(visitor, "#secret").text))
    click(visitor, "main form .btn.primary")
    recovery = text_of(visitor, "#codes", "\n").split()[0]
    click(visitor, "form[action$='/sign-out/'] button")
    fill(visitor, login="sato@example.com", password=OTHER)
    click(visitor, "button.primary")
    text_of(visitor, "h1", "Confirm that it is you")
    fill(visitor, code=recovery)
    click(visitor, "button.primary")
    text_of(visitor, "h1", "Issues")

    _see_and_close_the_account(visitor, base, token)

    # Nothing was blocked by the pages' own rules, no script failed.
    severe = [entry["message"] for entry in visitor.get_log("browser") if entry["level"] == "SEVERE"]
    assert [entry for entry in severe if "403" not in entry] == []
