"""Take a picture of every page of a running mukiau: light and dark, Japanese and English, phone and wide screen.

    python docs/screenshots.py http://127.0.0.1:8000 NAME PASSWORD FOLDER

With `--for-docs` only the pictures of README and tutorial are taken, into docs/images, from a mukiau that shows the demo.
Needs Chromium and its driver. The pictures are for looking at before a page is called done; `index.html` in the folder
shows all of them side by side, a page a row. The pages on which people work together are taken by the test that plays
their story: MUKIAU_STORY_PICTURES=FOLDER python -m pytest tests/web/test_browser_story.py.
"""

import argparse
import tempfile
from collections.abc import Iterator
from html import escape
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
SIZES = {1440: 900, 390: 844}
"""Widths, with the height of the window."""
MAX_HEIGHT = 3000
LIST_HEIGHT = 1400
"""Of a long list the first rows are enough."""
DOCS_IMAGES = Path(__file__).parent / "images"
DOCS_WIDTH, DOCS_HEIGHT = 1280, 720
DOCS_ISSUE = "MemberServiceError"
"""The words by which the demo's issue with a chain is found."""
BEFORE_SIGN_IN = (("sign-in", "sign-in/"), ("link-used-up", "first-start/used-up/"))


def open_browser(profile: str) -> webdriver.Chrome:
    """Start a fresh headless Chromium."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))


def sign_in(browser: webdriver.Chrome, base: str, name: str, password: str) -> None:
    """Sign in through the form."""
    browser.get(f"{base}/sign-in/")
    browser.find_element(By.NAME, "login").send_keys(name)
    browser.find_element(By.NAME, "password").send_keys(password)
    browser.find_element(By.CSS_SELECTOR, "button.primary").click()


def pages(browser: webdriver.Chrome, base: str) -> Iterator[tuple[str, str]]:
    """Yield a name and an address for each page, issues of the list among them."""
    browser.get(f"{base}/issues/")
    links = [link.get_attribute("href") or "" for link in browser.find_elements(By.CSS_SELECTOR, ".irow h2 a")]
    yield "issues", f"{base}/issues/"
    yield "issues-none", f"{base}/issues/?q=nothing-holds-this"
    for number, link in enumerate(links[:: max(1, len(links) // 6)][:6], 1):
        yield f"issue-{number}", link
    if links:
        issue = links[0].partition("?")[0]
        yield "issue-events", f"{issue}events/"
        yield "issue-grouping", f"{issue}grouping/"
        browser.get(links[0])
        yield "event-raw", browser.find_element(By.CSS_SELECTOR, "a[href$='/raw/']").get_attribute("href") or ""
    if len(links) > 1:
        both = "&".join(f"issue={link.rstrip('/').rpartition('/')[2]}" for link in links[:2])
        yield "merge", f"{base}/issues/merge/?{both}"
        yield "compare", f"{base}/issues/compare/?{both}"
    browser.get(f"{base}/issues/")
    for link in browser.find_elements(By.CSS_SELECTOR, ".nav a.item"):
        address = link.get_attribute("href") or ""
        name = urlsplit(address).path.strip("/").replace("/", "-")
        if name != "issues":
            yield name, address
    for name in ("set-aside", "audit-log", "account", "missing"):
        yield name, f"{base}/{name}/"


def shoot(browser: webdriver.Chrome, path: Path, width: int) -> None:
    """Save the whole page (up to a bound) at a width."""
    height = SIZES.get(width, 900)
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    tall = int(browser.execute_script("return document.documentElement.scrollHeight"))
    metrics["height"] = min(max(tall, height), LIST_HEIGHT if path.name.startswith("issues-") else MAX_HEIGHT)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.save_screenshot(str(path))


def looks(given: argparse.Namespace) -> list[tuple[str, str, int]]:
    """Return each language, theme and width that is asked for."""
    widths = [int(width) for width in given.widths.split(",")]
    return list(product(given.languages.split(","), given.themes.split(","), widths))


def take(browser: webdriver.Chrome, targets: list[tuple[str, str]], given: argparse.Namespace) -> None:
    """Take every page in every look."""
    host = urlsplit(given.base).hostname
    for language, theme, width in looks(given):
        for cookie, value in (("mukiau_language", language), ("mukiau_theme", theme)):
            browser.add_cookie({"name": cookie, "value": value, "path": "/", "domain": host})
        for name, url in targets:
            if given.only in name:
                browser.get(url)
                shoot(browser, given.folder / f"{name}-{width}-{language}-{theme}.png", width)


def take_for_docs(browser: webdriver.Chrome, base: str) -> None:
    """Take the list, an issue and the palette in English and light, a screen each."""
    host = urlsplit(base).hostname
    for cookie, value in (("mukiau_language", "en"), ("mukiau_theme", "light")):
        browser.add_cookie({"name": cookie, "value": value, "path": "/", "domain": host})
    metrics = {"width": DOCS_WIDTH, "height": DOCS_HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(f"{base}/issues/")
    browser.save_screenshot(str(DOCS_IMAGES / "issues.png"))
    browser.find_element(By.CSS_SELECTOR, ".opener").click()
    WebDriverWait(browser, 10).until(lambda b: b.find_elements(By.CSS_SELECTOR, "#palette [aria-selected=true]"))
    browser.save_screenshot(str(DOCS_IMAGES / "palette.png"))
    browser.get(f"{base}/issues/?q={DOCS_ISSUE}")
    browser.find_element(By.CSS_SELECTOR, ".irow h2 a").click()
    browser.save_screenshot(str(DOCS_IMAGES / "issue.png"))
    take_work_for_docs(browser, base)


def take_work_for_docs(browser: webdriver.Chrome, base: str) -> None:
    """Take the inbox with an issue beside it, the runbooks, and the page on which a handling is done."""
    browser.get(f"{base}/inbox/")
    WebDriverWait(browser, 10).until(lambda b: b.find_elements(By.CSS_SELECTOR, "#preview .work-card"))
    browser.save_screenshot(str(DOCS_IMAGES / "inbox.png"))
    browser.get(f"{base}/runbooks/")
    browser.save_screenshot(str(DOCS_IMAGES / "runbooks.png"))
    browser.get(f"{base}/handlings/")
    if links := browser.find_elements(By.CSS_SELECTOR, "main [data-row] a"):
        browser.get(links[0].get_attribute("href") or "")
        browser.save_screenshot(str(DOCS_IMAGES / "handling.png"))


def write_index(folder: Path, names: list[str], given: argparse.Namespace) -> None:
    """Write a page that shows what was taken."""
    lines = ["<!DOCTYPE html><meta charset=utf-8><title>mukiau</title><style>td{vertical-align:top}</style><table>"]
    for name in names:
        pictures = (f"{name}-{width}-{language}-{theme}.png" for language, theme, width in looks(given))
        cells = "".join(
            f'<td><a href="{picture}"><img loading=lazy width=240 src="{picture}" alt="{picture}"></a></td>'
            for picture in map(escape, pictures)
        )
        lines.append(f"<tr><th>{escape(name)}</th>{cells}</tr>")
    (folder / "index.html").write_text("\n".join([*lines, "</table>"]), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for argument in ("base", "name", "password"):
        parser.add_argument(argument)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("screenshots"))
    parser.add_argument("--for-docs", action="store_true", help="take the pictures of README and tutorial instead")
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--languages", default="ja,en")
    parser.add_argument("--themes", default="light,dark")
    parser.add_argument("--widths", default=",".join(map(str, SIZES)))
    given = parser.parse_args()
    given.base = given.base.rstrip("/")
    with tempfile.TemporaryDirectory() as profile:
        browser = open_browser(profile)
        try:
            if given.for_docs:
                sign_in(browser, given.base, given.name, given.password)
                take_for_docs(browser, given.base)
            else:
                take_all(browser, given)
        finally:
            browser.quit()


def take_all(browser: webdriver.Chrome, given: argparse.Namespace) -> None:
    """Take every page and write the index."""
    given.folder.mkdir(parents=True, exist_ok=True)
    outside = [(name, f"{given.base}/{path}") for name, path in BEFORE_SIGN_IN]
    browser.get(outside[0][1])
    take(browser, outside, given)
    sign_in(browser, given.base, given.name, given.password)
    inside = list(pages(browser, given.base))
    take(browser, inside, given)
    write_index(given.folder, [name for name, _ in (*outside, *inside) if given.only in name], given)


if __name__ == "__main__":
    main()
