"""Every page in both languages and themes, on a phone and on a wide screen: WCAG AA as far as a program can see it, no
sideways scrolling, a silent console. And every page without JavaScript.

A page is checked in two of the eight looks: each language, each theme and each width is among them. Four took half of the
time of the whole suite.
"""

import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from urllib.parse import urlsplit

import pytest
from browsing import (
    CONTROL,
    ISSUES,
    MERGED_ISSUE,
    ORDER_ISSUE,
    PASSWORD,
    chord,
    complaints,
    count,
    find,
    needs_chromium,
    one_time_code,
    open_chromium,
    press,
    resize,
    sign_in,
    text_of,
    wait,
)
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

pytestmark = needs_chromium

THEIRS = "another long enough word"
ISSUE = "129"
"""The one with a chain, a request and three events."""
PAGES = {
    "issues": "/issues/",
    "no issue": "/issues/?q=nothing-holds-this",
    "by environment": "/issues/?environment=acme-prod&period=14d&sort=count",
    "issue": f"/issues/{ISSUE}/",
    "issue of a message": "/issues/1/",
    "events": f"/issues/{ISSUE}/events/",
    "grouping": f"/issues/{ISSUE}/grouping/",
    "grouping after a merge": f"/issues/{MERGED_ISSUE}/grouping/",
    "split": f"/issues/{MERGED_ISSUE}/split/?f={ISSUES + 1}",
    "merge": "/issues/merge/?issue=1&issue=2",
    "merge of two services": f"/issues/merge/?issue=1&issue={ISSUE}",
    "comparison": "/issues/compare/?issue=1&issue=2",
    "event to compare": "/issues/compare/?event=1",
    "grouping lab": "/grouping/",
    "requests": "/requests/",
    "requests as a list": "/requests/?view=list",
    "request": "/requests/1/",
    "kinds of requests": f"/requests/new/?issue={ISSUE}",
    "form of a request": f"/requests/new/?kind=data_correction&issue={ISSUE}",
    "a runbook by an error": "/runbooks/find/?q=printer",
    "proposed match rules": "/runbooks/proposals/",
    "runbooks": "/runbooks/",
    "no runbook": "/runbooks/?q=nothing-holds-this",
    "runbook": "/runbooks/ORD-1/",
    "filled runbook": f"/runbooks/ORD-1/?issue={ORDER_ISSUE}",
    "issue with a runbook": f"/issues/{ORDER_ISSUE}/",
    "versions of a runbook": "/runbooks/ORD-1/versions/2/",
    "editor of a runbook": "/runbooks/ORD-1/edit/",
    "new runbook": f"/runbooks/new/?issue={ISSUE}",
    "sources": "/sources/",
    "status": "/status/",
    "set aside": "/set-aside/",
    "comments": f"/issues/{ISSUE}/comments/",
    "mentions": "/mentions/",
    "teams": "/teams/",
    "ownership rules": "/teams/ownership/",
    "people": "/people/",
    "person": "/people/1/",
    "audit log": "/audit-log/",
    "account": "/account/",
    "password": "/account/password/",
    "help": "/help/",
    "confirm": "/account/confirm/",
    "new token": "/account/tokens/new/",
    "authenticator": "/account/authenticator/add/",
    "test error on its way": f"/sources/keys/1/test/{'0' * 32}/",
    "nothing there": "/nowhere/",
    "no page": "/sources/projects/",
    "address too long": "/issues/?q=" + "x" * 9_000,
    "spent link": "/first-start/spent/",
}
SOUND = 'defaults = 1\n[count]\nlogger = false\nmessages = "none"\n'
LOOKS = {"ja": (("dark", 390),), "en": (("light", 1440),)}
RUN_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(({ violations }) => done(
  violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`)));
"""
SWOLLEN = """
return [...document.querySelectorAll("svg:has(> use)")].filter((sign) => sign.getBoundingClientRect().width > 40)
  .map((sign) => `a sign as large as a picture: ${sign.outerHTML}`);
"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker's script."""
    return files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def violations(tab: webdriver.Chrome, axe: str) -> list[str]:
    """Return what the checker finds on the page as it stands."""
    if not tab.execute_script("return 'axe' in window"):
        tab.execute_script(axe)
    return tab.execute_async_script(RUN_AXE)


def open_page(tab: webdriver.Chrome, site: str, name: str) -> None:
    """Go where the page is."""
    if name in PAGES:
        tab.get(f"{site}{PAGES[name]}")
        if count(tab, "input[name=password][autocomplete=current-password]") and name != "confirm":
            confirm(tab)  # the last time was more than five minutes ago
    else:
        WAYS[name](tab, site)


def confirm(tab: webdriver.Chrome) -> None:
    """Type the password once more."""
    find(tab, "input[name=password]").send_keys(PASSWORD)
    find(tab, "button.primary").click()
    wait(tab, lambda: "/confirm/" not in tab.current_url)


def follow(tab: webdriver.Chrome, site: str, page: str, form: str) -> None:
    """Send a form that makes a link, and go where the link leads."""
    tab.get(f"{site}{page}")
    find(tab, f"form[action$='{form}'] button").click()
    tab.get(text_of(tab, "#once", "http"))


def open_raw(tab: webdriver.Chrome, site: str) -> None:
    tab.get(f"{site}/issues/{ISSUE}/")
    tab.get(find(tab, "a[href$='/raw/']").get_attribute("href") or "")


def open_arrived(tab: webdriver.Chrome, site: str) -> None:
    tab.get(f"{site}/issues/{ISSUE}/")
    event_id = find(tab, "#event-id").text
    tab.get(f"{site}/sources/keys/1/test/{event_id}/")
    find(tab, "#arrival .primary")


def open_token(tab: webdriver.Chrome, site: str) -> None:
    open_page(tab, site, "new token")
    find(tab, "main [name=name]").send_keys("dashboard")
    find(tab, "main .btn.primary").click()
    text_of(tab, "#once", "mukiau_")


def try_draft(text: str) -> Callable[[webdriver.Chrome, str], None]:
    """Return how to send a draft of the grouping policy and wait for what comes of it."""

    def send(tab: webdriver.Chrome, site: str) -> None:
        tab.get(f"{site}/grouping/")
        find(tab, "#draft")
        tab.execute_script("draft.value = arguments[0]; draft.form.requestSubmit()", text)
        wait(tab, lambda: count(tab, "#mistakes, .figures"))

    return send


def compare_versions(tab: webdriver.Chrome, site: str) -> None:
    try_draft(SOUND)(tab, site)
    find(tab, "main a[href*='/versions/']").click()
    find(tab, ".diff")


def post_badly(chars: int) -> Callable[[webdriver.Chrome, str], None]:
    """Return how to send a form with the wrong token, of so many characters."""
    script = """const token = document.querySelector("[name=csrfmiddlewaretoken]");
      token.value = "x".repeat(arguments[0]); token.form.submit()"""

    def send(tab: webdriver.Chrome, site: str) -> None:
        tab.get(f"{site}/help/")
        tab.execute_script(script, chars)
        wait(tab, lambda: count(tab, ".bare-card h1"))

    return send


WAYS: dict[str, Callable[[webdriver.Chrome, str], None]] = {
    "raw": open_raw,
    "test error arrived": open_arrived,
    "invitation": lambda tab, site: follow(tab, site, "/people/", "/invitations/"),
    "new password": lambda tab, site: follow(tab, site, "/people/1/", "/password-link/"),
    "token": open_token,
    "draft with mistakes": try_draft("count = 1\nalsoo = 2\n"),
    "run of the lab": try_draft(SOUND),
    "versions compared": compare_versions,
    "form expired": post_badly(1),
    "unreadable": post_badly(300_000),
}
"""How to get to the pages whose address another page makes, and to those that are there once."""


def wear(tab: webdriver.Chrome, site: str, language: str) -> None:
    """Choose a language."""
    tab.add_cookie({"name": "mukiau_language", "value": language, "path": "/", "domain": urlsplit(site).hostname})


def troubles(tab: webdriver.Chrome, axe: str, language: str) -> dict[str, list[str]]:
    """Return what is wrong with the page as it stands, by the looks in which it is."""
    found = {}
    for theme, width in LOOKS[language]:
        resize(tab, width)
        tab.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
        sideways = tab.execute_script("return document.documentElement.scrollWidth - innerWidth")
        told = violations(tab, axe) + own_complaints(tab) + (["scrolls sideways"] if sideways > 0 else [])
        told += tab.execute_script(SWOLLEN)
        if told:
            found[f"{language} {theme} {width}"] = told
    return found


def own_complaints(tab: webdriver.Chrome) -> list[str]:
    """Return what the console holds beyond the browser's own word on a page that is no answer to what was asked."""
    return [line for line in complaints(tab) if not re.search(r"status of (40[0345]|410|414)", line)]


@pytest.mark.parametrize("name", [*PAGES, *WAYS])
def test_a_page_is_accessible_in_every_look(tab: webdriver.Chrome, site: str, axe: str, name: str) -> None:
    found = {}

    for language in LOOKS:
        wear(tab, site, language)
        open_page(tab, site, name)
        found |= troubles(tab, axe, language)
        tab.get(f"{site}/help/")

    assert found == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_opens_over_a_page_is_accessible_too(tab: webdriver.Chrome, site: str, axe: str, theme: str) -> None:
    wear(tab, site, "ja")
    tab.get(f"{site}/issues/")
    tab.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)

    chord(tab, CONTROL, "k")
    find(tab, "#palette [aria-selected=true]")
    palette = violations(tab, axe)
    press(tab, "zzqq")
    wait(tab, lambda: count(tab, "#palette .nothing") == 1)
    nothing = violations(tab, axe)
    chord(tab, CONTROL, "k")
    press(tab, "?")
    wait(tab, lambda: tab.find_element(By.ID, "keys").is_displayed())
    keys = violations(tab, axe)

    assert palette + nothing + keys == []


def test_the_checker_does_find_what_is_wrong(tab: webdriver.Chrome, axe: str) -> None:
    tab.execute_script("document.querySelector('h1').style.color = '#ddd'; document.documentElement.lang = ''")

    found = {line.partition(":")[0] for line in violations(tab, axe)}

    assert found >= {"color-contrast", "html-has-lang"}


def test_before_signing_in_pages_are_accessible(site: str, axe: str, visitor: webdriver.Chrome) -> None:
    found = {}

    for language in LOOKS:
        visitor.get(f"{site}/help/")
        wear(visitor, site, language)
        visitor.get(f"{site}/sign-in/")
        found |= troubles(visitor, axe, language)

    assert found == {}


def test_the_way_of_somebody_new_is_accessible(
    tab: webdriver.Chrome, site: str, axe: str, visitor: webdriver.Chrome
) -> None:
    found: dict[str, dict[str, list[str]]] = {}
    follow(tab, site, "/people/", "/invitations/")
    visitor.get(tab.current_url)
    wear(visitor, site, "ja")

    def send(**fields: str) -> None:
        for name, value in fields.items():
            find(visitor, f"#main [name={name}]").send_keys(value)
        find(visitor, "#main .btn.primary").click()

    def check(path: str) -> None:
        visitor.get(f"{site}{path}")
        found[path] = troubles(visitor, axe, "ja")

    send(name="sato", password=THEIRS, again=THEIRS)
    find(visitor, ".nav")
    check("/people/")  # refused: not an administrator
    visitor.get(f"{site}/account/authenticator/add/")
    send(password=THEIRS)
    send(code=one_time_code(find(visitor, "#secret").text))
    find(visitor, "#codes")
    found["recovery codes, shown once"] = troubles(visitor, axe, "ja")
    for path in ("/account/recovery-codes/", "/account/recovery-codes/new/", "/account/authenticator/remove/"):
        check(path)
    resize(visitor, 1440)
    find(visitor, "form[action$='/sign-out/'] button").click()
    send(login="sato", password=THEIRS)
    find(visitor, "[name=code]")
    found["the code of the second factor"] = troubles(visitor, axe, "ja")

    assert {step: told for step, told in found.items() if told} == {}


@pytest.mark.parametrize("name", ["issues", "issue", "help"])
def test_on_a_phone_everything_to_tap_is_large_enough(tab: webdriver.Chrome, site: str, name: str) -> None:
    resize(tab, 390)
    tab.get(f"{site}{PAGES[name]}")

    small = tab.execute_script(
        """return [...document.querySelectorAll(".btn, .nav .item, .seg button, .scope, .search")]
             .filter((e) => e.checkVisibility())
             .filter((e) => e.getBoundingClientRect().height < 39.5).map((e) => e.outerHTML.slice(0, 120))"""
    )

    assert small == []


@pytest.fixture(scope="module")
def plain(site: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A browser without JavaScript, signed in."""
    driver = open_chromium(tmp_path_factory.mktemp("plain"), javascript=False)
    sign_in(driver, site)
    yield driver
    driver.quit()


@pytest.mark.parametrize("name", [name for name in PAGES if name != "address too long"])
def test_a_page_is_whole_without_javascript(plain: webdriver.Chrome, site: str, name: str) -> None:
    plain.get(f"{site}{PAGES[name]}")

    assert plain.find_element(By.TAG_NAME, "h1").is_displayed()
    buttons = plain.find_elements(By.CSS_SELECTOR, "[data-palette]")
    assert not any(button.is_displayed() for button in buttons)  # they would do nothing


def test_the_list_is_filtered_and_walked_without_javascript(plain: webdriver.Chrome, site: str) -> None:
    plain.get(f"{site}/issues/")
    find(plain, ".more a").click()
    wait(plain, lambda: "after=" in plain.current_url)
    assert count(plain, ".irow") == 50

    plain.get(f"{site}/issues/")
    Select(find(plain, "select[name=level]")).select_by_value("fatal")
    find(plain, "noscript .btn").click()
    text_of(plain, ".listhead", "1 issue matches")


def test_an_issue_and_its_events_are_walked_without_javascript(plain: webdriver.Chrome, site: str) -> None:
    plain.get(f"{site}/issues/{ISSUE}/")
    find(plain, "a[rel=prev]").click()
    text_of(plain, ".eventbar .at", "Event 2 of 3")

    find(plain, ".crumb a").click()
    wait(plain, lambda: count(plain, ".irow") == 50)


def test_language_theme_and_density_are_chosen_without_javascript(plain: webdriver.Chrome, site: str) -> None:
    plain.get(f"{site}/issues/")
    for button, effect in (
        ("[name=language][value=ja]", "html[lang=ja]"),
        ("[name=theme][value=dark]", "html[data-theme=dark]"),
        ("[name=density][value=compact]", "[data-density=compact]"),
        ("[name=language][value=en]", "html[lang=en]"),
    ):
        find(plain, button).click()
        wait(plain, lambda e=effect: count(plain, e) == 1)

    # The account keeps the language for every browser, until it follows the browser again.
    plain.get(f"{site}/account/")
    Select(find(plain, "#id_language")).select_by_value("")
    find(plain, "form[action$='/account/reading/'] button").click()
    text_of(plain, "main", "Language and time zone are saved.")
