"""A person's first quarter of an hour, in a real browser against the whole product."""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs the programs chromium and chromedriver"),
]
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --lang=en --window-size=1280,900"
).split()
START_SECONDS, PATIENCE_SECONDS = 60, 30


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A fresh mukiau: its address and its first-start link."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path / "serve.log"
    command = [sys.executable, "-m", "mukiau", "serve", "--data", str(tmp_path / "data"), "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        base = f"http://127.0.0.1:{port}"
        _wait_for_pages(base)
        link = re.search(r"http\S+/first-start/\S+", log.read_text())
        assert link is not None
        yield base, link[0]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _wait_for_pages(base: str) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{base}/sign-in/", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            assert time.monotonic() < until, "the pages did not start"
            time.sleep(0.3)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    yield driver
    driver.quit()


def patiently(browser: webdriver.Chrome) -> WebDriverWait[webdriver.Chrome]:
    gone = (NoSuchElementException, StaleElementReferenceException)
    return WebDriverWait(browser, PATIENCE_SECONDS, ignored_exceptions=gone)


def find(browser: webdriver.Chrome, css: str) -> WebElement:
    """Return the element once it is there."""
    return patiently(browser).until(lambda b: b.find_element(By.CSS_SELECTOR, css))


def click(browser: webdriver.Chrome, css: str) -> None:
    """Click the element once it is there and stays: a fresh part of the page may just be replacing it."""
    patiently(browser).until(lambda b: b.find_element(By.CSS_SELECTOR, css).click() is None)


def text_of(browser: webdriver.Chrome, css: str, part: str) -> str:
    """Return the element's text once it holds a part."""
    return patiently(browser).until(lambda b: part in (text := b.find_element(By.CSS_SELECTOR, css).text) and text)


def fill(browser: webdriver.Chrome, **fields: str) -> None:
    for name, value in fields.items():
        patiently(browser).until(lambda b, n=name, v=value: b.find_element(By.NAME, n).send_keys(v) is None)


def send_test_error(browser: webdriver.Chrome, base: str) -> None:
    browser.get(f"{base}/sources/")
    click(browser, "form[action$='/test/'] button")
    text_of(browser, "#arrival", "has arrived")


def send_event(base: str, dsn: SplitResult) -> None:
    """Send an event as a client would."""
    event = json.dumps({"message": "the queue is full", "level": "error"}).encode()
    headers = {"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={dsn.username}"}
    url = f"{base}/api{dsn.path}/store/"
    with urllib.request.urlopen(urllib.request.Request(url, event, headers), timeout=10) as answer:
        assert answer.status == 200


def press(browser: webdriver.Chrome, key: str) -> None:
    ActionChains(browser).send_keys(key).perform()


def test_from_the_first_start_link_to_the_next_event(browser: webdriver.Chrome, served: tuple[str, str]) -> None:
    base, link = served

    # The link makes the account and leads to the sources; there a project and two test errors.
    browser.get(link)
    fill(browser, name="mori", password="a long enough word", again="a long enough word")
    click(browser, "button.primary")
    text_of(browser, "h1", "Sources")
    fill(browser, name="Shop")
    click(browser, "form[action$='/projects/'] button")
    send_test_error(browser, base)
    send_test_error(browser, base)
    click(browser, "#arrival .btn.primary")
    text_of(browser, "h1", "TestError")

    # Out, and in again by the form.
    click(browser, "form[action$='/sign-out/'] button")
    text_of(browser, "h1", "Sign in")
    fill(browser, login="mori", password="a long enough word")
    click(browser, "button.primary")

    # List, search, issue, previous and next event; by keys where there are keys.
    text_of(browser, "h1", "Issues")
    press(browser, "/")
    press(browser, "received it")
    text_of(browser, ".listhead", "1 issue matches")
    assert "q=received" in browser.current_url
    click(browser, ".irow h2 a")
    text_of(browser, ".eventbar .at", "Event 2 of 2")
    assert find(browser, ".link.root h3").text == "KeyError"
    press(browser, "[")
    text_of(browser, ".eventbar .at", "Event 1 of 2")
    click(browser, "a[rel=next]")
    text_of(browser, ".eventbar .at", "Event 2 of 2")

    # Back to the list as it was left.
    press(browser, "u")
    text_of(browser, ".listhead", "1 issue matches")
    assert "q=received" in browser.current_url

    # Nothing was blocked by the page's own rules, no script failed.
    assert [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_the_list_says_that_something_new_came_without_moving(
    browser: webdriver.Chrome, served: tuple[str, str]
) -> None:
    base, link = served
    browser.get(link)
    fill(browser, name="mori", password="a long enough word", again="a long enough word")
    click(browser, "button.primary")
    find(browser, "form[action$='/projects/']")  # the form before it has a field of that name, too
    fill(browser, name="Shop")
    click(browser, "form[action$='/projects/'] button")
    dsn = urlsplit(text_of(browser, "#dsn", "http"))
    browser.get(f"{base}/issues/")
    text_of(browser, ".empty", "No errors have arrived yet")

    send_event(base, dsn)
    said = text_of(browser, "#news", "Show")

    assert "1 new" in said
    assert browser.find_elements(By.CSS_SELECTOR, ".irow") == []
    click(browser, "#news a")
    text_of(browser, ".irow", "the queue is full")
