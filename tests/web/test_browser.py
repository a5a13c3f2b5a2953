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


def find(browser: webdriver.Chrome, css: str) -> WebElement:
    """Return the element once it is there."""
    return WebDriverWait(browser, PATIENCE_SECONDS).until(lambda b: b.find_element(By.CSS_SELECTOR, css))


def heading(browser: webdriver.Chrome) -> str:
    return find(browser, "h1").text


def fill(browser: webdriver.Chrome, **fields: str) -> None:
    for name, value in fields.items():
        find(browser, f"[name={name}]").send_keys(value)


def send_test_error(browser: webdriver.Chrome, base: str) -> None:
    browser.get(f"{base}/sources/")
    find(browser, "form[action$='/test/'] button").click()
    WebDriverWait(browser, PATIENCE_SECONDS).until(lambda b: "has arrived" in find(b, "#arrival").text)


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
    find(browser, "button.primary").click()
    assert heading(browser) == "Sources"
    fill(browser, name="Shop")
    find(browser, "form[action$='/projects/'] button").click()
    send_test_error(browser, base)
    send_test_error(browser, base)
    find(browser, "#arrival .btn.primary").click()
    assert "TestError" in heading(browser)

    # Out, and in again by the form.
    find(browser, "form[action$='/sign-out/'] button").click()
    assert heading(browser) == "Sign in"
    fill(browser, username="mori", password="a long enough word")
    find(browser, "button.primary").click()

    # List, search, issue, previous and next event; by keys where there are keys.
    assert heading(browser) == "Issues"
    press(browser, "/")
    press(browser, "received it")
    WebDriverWait(browser, PATIENCE_SECONDS).until(lambda b: "q=received" in b.current_url)
    find(browser, ".irow h2 a").click()
    assert "Event 2 of 2" in find(browser, ".eventbar p").text
    assert find(browser, ".link.root h3").text == "KeyError"
    press(browser, "k")
    WebDriverWait(browser, PATIENCE_SECONDS).until(lambda b: "Event 1 of 2" in find(b, ".eventbar p").text)
    find(browser, "a[rel=next]").click()
    WebDriverWait(browser, PATIENCE_SECONDS).until(lambda b: "Event 2 of 2" in find(b, ".eventbar p").text)

    # Nothing was blocked by the page's own rules, no script failed.
    assert [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_the_list_says_that_something_new_came_without_moving(
    browser: webdriver.Chrome, served: tuple[str, str]
) -> None:
    base, link = served
    browser.get(link)
    fill(browser, name="mori", password="a long enough word", again="a long enough word")
    find(browser, "button.primary").click()
    fill(browser, name="Shop")
    find(browser, "form[action$='/projects/'] button").click()
    dsn = urlsplit(find(browser, "#dsn").text)
    browser.get(f"{base}/issues/")
    assert "No errors have arrived yet" in find(browser, ".empty").text

    send_event(base, dsn)
    show = find(browser, "#news a")

    assert "1 new" in show.text
    assert browser.find_elements(By.CSS_SELECTOR, ".irow") == []
    show.click()
    assert "the queue is full" in find(browser, ".irow").text
