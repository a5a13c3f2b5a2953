"""An administrator invites somebody, who comes, looks after the account and is shown the door; in a real browser."""

import urllib.error
import urllib.request

import test_browser as steps
from browsing import one_time_code
from selenium import webdriver

pytestmark = steps.pytestmark
browser, served = steps.browser, steps.served
PASSWORD, OTHER = "a long enough word", "another long enough word"


def _confirm(browser: webdriver.Chrome, password: str) -> None:
    steps.text_of(browser, "h1", "Confirm that it is you")
    steps.fill(browser, password=password)
    steps.click(browser, "button.primary")


def _api_status(base: str, token: str) -> int:
    request = urllib.request.Request(f"{base}/api/v1/issues", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _see_and_close_the_account(browser: webdriver.Chrome, base: str, token: str) -> None:
    """The administrator sees what was done and switches the account off: session and token end."""
    theirs = browser.get_cookie("mukiau_session")
    assert theirs is not None
    browser.delete_all_cookies()
    browser.get(f"{base}/sign-in/")
    steps.fill(browser, login="mori", password=PASSWORD)
    steps.click(browser, "button.primary")
    steps.text_of(browser, "h1", "Issues")
    browser.get(f"{base}/audit-log/?who=sato@example.com")
    done = steps.text_of(browser, "table.audit", "API token created")
    assert "Authenticator added" in done
    browser.get(f"{base}/people/2/")
    steps.click(browser, ".btn.danger[name=active]")
    steps.text_of(browser, ".note", "switched off")
    assert _api_status(base, token) == 401
    browser.delete_all_cookies()
    browser.add_cookie({"name": "mukiau_session", "value": theirs["value"]})
    browser.get(f"{base}/issues/")
    steps.text_of(browser, "h1", "Sign in")


def test_from_an_invitation_to_a_token_and_a_second_factor(browser: webdriver.Chrome, served: tuple[str, str]) -> None:
    base, link = served

    # The administrator invites.
    browser.get(link)
    steps.fill(browser, name="mori", password=PASSWORD, again=PASSWORD)
    steps.click(browser, "button.primary")
    steps.text_of(browser, "h1", "Sources")
    browser.get(f"{base}/people/")
    steps.fill(browser, email="sato@example.com")
    steps.click(browser, "form[action$='/invitations/'] button")
    invitation = steps.text_of(browser, "#once", "/invitation/")

    # Somebody else follows the link in a browser of their own, and reads.
    browser.delete_all_cookies()
    browser.get(invitation)
    steps.fill(browser, password=OTHER, again=OTHER)
    steps.click(browser, "button.primary")
    steps.text_of(browser, "h1", "Issues")
    browser.get(f"{base}/people/")
    steps.text_of(browser, "h1", "This needs an administrator")

    # A token for a program, after typing the password once more.
    browser.get(f"{base}/account/tokens/new/")
    _confirm(browser, OTHER)
    steps.text_of(browser, "h1", "New API token")
    steps.fill(browser, name="dashboard")
    steps.click(browser, "main form .btn.primary")
    token = steps.text_of(browser, "#once", "mukiau_")
    assert _api_status(base, token) == 200

    # A second factor, and signing in with it.
    browser.get(f"{base}/account/authenticator/add/")
    steps.fill(browser, code=one_time_code(steps.find(browser, "#secret").text))
    steps.click(browser, "main form .btn.primary")
    recovery = steps.text_of(browser, "#codes", "\n").split()[0]
    steps.click(browser, "form[action$='/sign-out/'] button")
    steps.fill(browser, login="sato@example.com", password=OTHER)
    steps.click(browser, "button.primary")
    steps.text_of(browser, "h1", "Confirm that it is you")
    steps.fill(browser, code=recovery)
    steps.click(browser, "button.primary")
    steps.text_of(browser, "h1", "Issues")

    _see_and_close_the_account(browser, base, token)

    # Nothing was blocked by the pages' own rules, no script failed.
    severe = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert [entry for entry in severe if "403" not in entry] == []
