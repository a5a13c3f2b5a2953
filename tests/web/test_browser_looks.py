"""Every page in both languages and themes, on a phone and on a wide screen: WCAG AA as far as a program can see it, no
sideways scrolling, a silent console. And every page without JavaScript.
"""

import re
from collections.abc import Iterator
from importlib.resources import files
from itertools import product
from urllib.parse import urlsplit

import pytest
from browsing import (
    CONTROL,
    chord,
    complaints,
    count,
    find,
    needs_chromium,
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

ISSUE = "129"
"""The one with a chain, a request and three events."""
PAGES = {
    "issues": "/issues/",
    "no issue": "/issues/?q=nothing-holds-this",
    "by environment": "/issues/?environment=acme-prod&period=14d&sort=count",
    "issue": f"/issues/{ISSUE}/",
    "issue of a message": "/issues/1/",
    "events": f"/issues/{ISSUE}/events/",
    "raw": "",
    "sources": "/sources/",
    "status": "/status/",
    "set aside": "/set-aside/",
    "people": "/people/",
    "person": "/people/1/",
    "audit log": "/audit-log/",
    "account": "/account/",
    "password": "/account/password/",
    "help": "/help/",
    "nothing there": "/nowhere/",
    "spent link": "/first-start/spent/",
}
LOOKS = list(product(("ja", "en"), ("light", "dark"), (1440, 390)))
RUN_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(({ violations }) => done(
  violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`)));
"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker's script."""
    return files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def violations(tab: webdriver.Chrome, axe: str) -> list[str]:
    """Return what the checker finds on the page as it stands."""
    tab.execute_script(axe)
    return tab.execute_async_script(RUN_AXE)


def address_of(tab: webdriver.Chrome, site: str, name: str) -> str:
    if name != "raw":
        return f"{site}{PAGES[name]}"
    tab.get(f"{site}/issues/{ISSUE}/")
    return find(tab, "a[href$='/raw/']").get_attribute("href") or ""


def wear(tab: webdriver.Chrome, site: str, language: str, theme: str, width: int) -> None:
    """Choose language, theme and width of the screen."""
    host = urlsplit(site).hostname
    for cookie, value in (("mukiau_language", language), ("mukiau_theme", theme)):
        tab.add_cookie({"name": cookie, "value": value, "path": "/", "domain": host})
    resize(tab, width)


def own_complaints(tab: webdriver.Chrome) -> list[str]:
    """Return what the console holds beyond the browser's own word on a page that answers 404 or 410."""
    return [line for line in complaints(tab) if not re.search(r"status of (404|410)", line)]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_in_every_look(tab: webdriver.Chrome, site: str, axe: str, name: str) -> None:
    address, found = address_of(tab, site, name), {}

    for look in LOOKS:
        wear(tab, site, *look)
        tab.get(address)
        sideways = tab.execute_script("return document.documentElement.scrollWidth - innerWidth")
        found[look] = violations(tab, axe) + own_complaints(tab) + (["scrolls sideways"] if sideways > 0 else [])

    assert {look: problems for look, problems in found.items() if problems} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_opens_over_a_page_is_accessible_too(tab: webdriver.Chrome, site: str, axe: str, theme: str) -> None:
    wear(tab, site, "ja", theme, 1440)
    tab.get(f"{site}/issues/")

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


def test_before_signing_in_pages_are_accessible_in_every_look(
    site: str, axe: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = open_chromium(tmp_path_factory.mktemp("stranger"))
    found = []
    try:
        stranger.get(f"{site}/sign-in/")
        for look in LOOKS:
            wear(stranger, site, *look)
            stranger.get(f"{site}/sign-in/")
            found += violations(stranger, axe) + own_complaints(stranger)
    finally:
        stranger.quit()

    assert found == []


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


@pytest.mark.parametrize("name", [name for name in PAGES if name != "raw"])
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
