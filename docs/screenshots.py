"""Take a picture of every page of a running mukiau: light and dark, Japanese and English, phone and desktop.

    python docs/screenshots.py http://127.0.0.1:8000 NAME PASSWORD FOLDER

Needs Chromium and its driver. The pictures are for looking at before a page is called done.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.common.by import By

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
SIZES = {"wide": (1280, 900), "narrow": (390, 844)}
MAX_HEIGHT = 3000
LIST_HEIGHT = 1400
"""Of the long list the first rows are enough."""


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
    browser.find_element(By.NAME, "username").send_keys(name)
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
        yield "issue-events", f"{links[0]}events/"
        browser.get(links[0])
        yield "event-raw", browser.find_element(By.CSS_SELECTOR, "a[href$='/raw/']").get_attribute("href") or ""
    for name in ("sources", "status", "set-aside", "help", "missing"):
        yield name, f"{base}/{name}/"


def shoot(browser: webdriver.Chrome, path: Path, size: tuple[int, int]) -> None:
    """Save the whole page (up to a bound) at a width."""
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    tall = int(browser.execute_script("return document.documentElement.scrollHeight"))
    metrics["height"] = min(max(tall, height), LIST_HEIGHT if path.name.startswith("issues-") else MAX_HEIGHT)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.save_screenshot(str(path))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for argument in ("base", "name", "password"):
        parser.add_argument(argument)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--languages", default="ja,en")
    parser.add_argument("--themes", default="light,dark")
    given = parser.parse_args()
    base = given.base.rstrip("/")
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        browser = open_browser(profile)
        try:
            browser.get(f"{base}/sign-in/")
            take_all(browser, base, given)
        finally:
            browser.quit()


def take_all(browser: webdriver.Chrome, base: str, given: argparse.Namespace) -> None:
    """Take every combination."""
    targets: list[tuple[str, str]] = []
    host = urlsplit(base).hostname
    for language in given.languages.split(","):
        for theme in given.themes.split(","):
            for cookie, value in (("mukiau_language", language), ("mukiau_theme", theme)):
                browser.add_cookie({"name": cookie, "value": value, "path": "/", "domain": host})
            if not targets:
                browser.get(f"{base}/sign-in/")
                shoot(browser, given.folder / f"sign-in-{language}-{theme}.png", SIZES["wide"])
                sign_in(browser, base, given.name, given.password)
                targets = [(name, url) for name, url in pages(browser, base) if given.only in name]
            for name, url in targets:
                for label, size in SIZES.items():
                    browser.get(url)
                    shoot(browser, given.folder / f"{name}-{label}-{language}-{theme}.png", size)


if __name__ == "__main__":
    main()
