"""One mukiau full of issues and one Chromium for all tests of keys, lists and looks.

`site` is the address of the server, `tab` a signed-in tab as a person finds it on the first visit: English, no choices
made, the list on the screen.
"""

import base64
import hmac
import re
import shutil
import struct
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait
from web_world import POINTS, World, chain, exception, frame, message

from mukiau.stores.regrouping import By as Author
from mukiau.stores.regrouping import merge
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import connect
from mukiau.stores.state_file import changing
from mukiau.stores.work.matching import continue_matching
from mukiau.stores.work.request_links import About
from mukiau.stores.work.requests import By as Asker
from mukiau.stores.work.requests import file_request
from mukiau.stores.work.runbooks import Author as Writer
from mukiau.stores.work.runbooks import CommentKind, create_runbook, publish, save_version
from mukiau.stores.work.runbooks import comment as comment_on
from mukiau.work.request_content import Content
from mukiau.work.requests import Kind, Person, Side
from serving import MUKIAU, Server, wait_until

RUNBOOK = """---
title: Orders get lost
services: [order-api]
match: [{service: order-api, type: OrderError}]
proposes: handle_each
minutes: 15
owner: order team
review_by: 2020-01-01
---
## Meaning

The order of {{ environment }} got lost in {{ type }}.

| place | what is there |
| --- | --- |
| [log](https://logs.example.com/?q={{event_id}}) | `lines` |

## Steps

1. Look at it, and at {{ missing }}.

   ```sql
   SELECT * FROM orders WHERE kind = {{ type }} AND seen_by = {{ missing }};
   SELECT * FROM errors WHERE id = {{ event_id|match:^[0-9a-f]{32}$ }};
   ```

2. Restart the service. (needs privilege)

   ```request
   Please restart {{ service }}.
   ```

   ```sh
   shopctl restart {{ service }}
   ```
"""
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
needs_chromium = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs the programs chromium and chromedriver"),
]
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --force-prefers-reduced-motion --lang=en --window-size=1440,900"
).split()
NAME, PASSWORD = "mori", "a long enough word"
PATIENCE_SECONDS = 30
DAY_MS = 86_400_000
ISSUES = 130
"""Beyond two pages of the list."""
ORDER_ISSUE = ISSUES - 4
"""The one with deep stacks, threads and a request."""
MERGED_ISSUE = 50
"""The one that was merged from two."""
ORDER = 'it\'s $5 & "more"\n注文'
ORDER_EVENT = chain(
    exception("OSError", "full", *[frame(f"step_{n}", n + 1, in_app=False, context_line="x()") for n in range(60)]),
    exception("OrderError", "lost", frame("place", 7, context_line="save()", vars={"order": "'A'"})),
    request={"url": "https://shop.example.com/orders", "method": "PUT", "data": ORDER},
    threads={
        "values": [{"id": 1, "name": "main", "stacktrace": {"frames": [frame("run", 3)]}}, {"id": 2, "name": "b"}]
    },
)


@pytest.fixture(scope="session")
def site(_served: Server) -> str:
    """The address of a server with 130 issues, something set aside, an administrator and an invitation."""
    return f"http://127.0.0.1:{_served.port}"


@pytest.fixture(scope="session")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(data=tmp_path_factory.mktemp("site") / "data")
    _run("migrate", server)
    _fill(server.data)
    _run("createadmin", server, "--password", PASSWORD, NAME)
    server.start()
    try:
        wait_until(lambda: _answers(f"http://127.0.0.1:{server.port}/sign-in/"), 60, "the pages")
        yield server
    finally:
        server.stop()


def _run(verb: str, server: Server, *more: str) -> None:
    subprocess.run([*MUKIAU, verb, "--data", str(server.data), *more], check=True, capture_output=True)


def _fill(data: Path) -> None:
    world = World(data)
    letters = "bcdfghjklmnp"
    words = [f"{a}{b}ar" for a in letters for b in letters][: ISSUES - 5]
    for age, word in enumerate(words):  # the later, the longer ago
        world.send(message(f"failure of kind {word}", environment="acme-stg"), hours_ago=2 + age)
    world.send(ORDER_EVENT, hours_ago=ISSUES)
    world.send(message("queue is filling up", level="warning", environment="acme-prod"), hours_ago=1.5)
    world.send(message("data file is lost", level="fatal", environment="minato-prod"), hours_ago=1.2)
    for hours_ago in (60, 30, 1.1):
        world.send({**POINTS, "tags": {"service": "point-service", "browser": "none"}}, hours_ago=hours_ago)
    world.send(
        chain(exception("KeyError", "'sku'", frame("pick", 12, context_line="return stock[sku]", vars={"sku": "'A'"}))),
        hours_ago=1,
    )
    world.set_aside("not JSON: the item ends early")
    world.send(message("drawer of the printer is stuck", environment="acme-stg"), hours_ago=400)
    world.close()
    _ask(data, now_ms=world.now_ms)
    _write_runbook(data, now_ms=world.now_ms)
    merge(data, [ISSUES + 1], into=MERGED_ISSUE, by=Author(actor=NAME, at_ms=world.now_ms, reason="one printer"))


def _write_runbook(data: Path, *, now_ms: int) -> None:
    """Put ORD-1 in force, which answers the issue of the order and has a newer draft and a comment."""
    by = Writer(name="sato", at_ms=now_ms)
    with changing(data) as state:
        saved = create_runbook(state, RUNBOOK, prefix="ORD", by=by)
        publish(state, saved.id, number=1, by=by)
        save_version(state, saved.id, RUNBOOK + "\nMore.\n", expected=1, by=by, note="says more")
        comment_on(state, saved.id, "Step 2 is missing.", number=1, by=by, kind=CommentKind.DID_NOT_HELP)
    with closing(connect(data / STATE_FILE)) as state:
        while continue_matching(state):
            pass


def _ask(data: Path, *, now_ms: int) -> None:
    """File request 1, which waits for whoever looks."""
    sato = Person(id=999, sides=frozenset(Side), may_ask=True, may_approve=True)
    correction = Content(
        kind=Kind.DATA_CORRECTION,
        side=Side.OPERATIONS,
        title="Grant the points again",
        statement="UPDATE grants SET points = 10 WHERE order_id = 'ORD-20481';",
        expected_rows=1,
        rollback="UPDATE grants SET points = 0 WHERE order_id = 'ORD-20481';",
        environment="acme-prod",
        due_ms=now_ms - 10 * DAY_MS,
    )
    with closing(connect(data / "state.sqlite3")) as state:
        about = About(project_id=1, event_pks=(1,))
        file_request(state, correction, about, by=Asker(person=sato, name="sato", at_ms=now_ms))


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:
        return False


def open_chromium(profile: Path, *, javascript: bool = True) -> webdriver.Chrome:
    """Start a fresh headless Chromium that keeps its console for `silent`."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    if not javascript:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    driver.set_script_timeout(PATIENCE_SECONDS)
    return driver


@pytest.fixture(scope="session")
def window(site: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """The browser of all tests, signed in."""
    driver = open_chromium(tmp_path_factory.mktemp("profile"))
    sign_in(driver, site)
    find(driver, ".irow")
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def _second_window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    driver = open_chromium(tmp_path_factory.mktemp("second-profile"))
    yield driver
    driver.quit()


@pytest.fixture
def visitor(_second_window: webdriver.Chrome) -> webdriver.Chrome:
    """A browser that knows no mukiau: nobody is signed in, nothing chosen."""
    _second_window.execute_cdp_cmd("Network.clearBrowserCookies", {})
    _second_window.get("about:blank")
    resize(_second_window, 1440)
    complaints(_second_window)
    return _second_window


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A mukiau that was just installed: its address and its first-start link."""
    server = Server(data=tmp_path / "data")
    server.start()
    address = f"http://127.0.0.1:{server.port}"
    try:
        wait_until(lambda: _answers(f"{address}/sign-in/"), 60, "the pages")
        link = re.search(r"http\S+/first-start/\S+", server.log.read_text())
        assert link is not None
        yield address, link[0]
    finally:
        server.stop()


@pytest.fixture
def tab(window: webdriver.Chrome, site: str, _served: Server) -> Iterator[webdriver.Chrome]:
    """The browser as on a first visit, with the list of issues on its screen; its console stays silent."""
    with closing(connect(_served.data / STATE_FILE)) as state:
        state.execute("UPDATE person_profile SET language = ''")  # the account remembers what a test has chosen
    window.get(f"{site}/help/")
    window.execute_script("sessionStorage.clear(); localStorage.clear()")
    for cookie in ("mukiau_language", "mukiau_theme", "mukiau_density"):
        window.delete_cookie(cookie)
    resize(window, 1440)
    window.get(f"{site}/issues/")
    yield window
    assert complaints(window) == []


def sign_in(driver: webdriver.Chrome, site: str) -> None:
    """Sign in through the form."""
    driver.get(f"{site}/sign-in/")
    driver.find_element(By.NAME, "login").send_keys(NAME)
    driver.find_element(By.NAME, "password").send_keys(PASSWORD)
    driver.find_element(By.CSS_SELECTOR, "button.primary").click()


def complaints(driver: webdriver.Chrome) -> list[str]:
    """Return what the console holds: failed scripts, what the page's own rules blocked."""
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] in {"SEVERE", "WARNING"}]


def resize(driver: webdriver.Chrome, width: int) -> None:
    """Make the screen as wide as asked, phones without a frame around the page."""
    metrics = {"width": width, "height": 844 if width < 800 else 900, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def patiently(driver: webdriver.Chrome) -> WebDriverWait[webdriver.Chrome]:
    gone = (NoSuchElementException, StaleElementReferenceException)
    return WebDriverWait(driver, PATIENCE_SECONDS, poll_frequency=0.05, ignored_exceptions=gone)


def wait(driver: webdriver.Chrome, condition: Callable[[], Any]) -> Any:
    """Wait until something is so, and return it."""
    return patiently(driver).until(lambda _: condition())


def find(driver: webdriver.Chrome, css: str) -> WebElement:
    """Return the element once it is there."""
    return patiently(driver).until(lambda b: b.find_element(By.CSS_SELECTOR, css))


def count(driver: webdriver.Chrome, css: str) -> int:
    return len(driver.find_elements(By.CSS_SELECTOR, css))


def text_of(driver: webdriver.Chrome, css: str, part: str) -> str:
    """Return the element's text once it holds a part."""
    return patiently(driver).until(lambda b: part in (text := b.find_element(By.CSS_SELECTOR, css).text) and text)


def click(driver: webdriver.Chrome, css: str) -> None:
    """Click the element once it is there and stays: a fresh part of the page may just be replacing it."""
    patiently(driver).until(lambda b: b.find_element(By.CSS_SELECTOR, css).click() is None)


def fill(driver: webdriver.Chrome, **fields: str) -> None:
    """Type into the fields of the page."""
    for name, value in fields.items():
        patiently(driver).until(lambda b, n=name, v=value: b.find_element(By.NAME, n).send_keys(v) is None)


def arrive(driver: webdriver.Chrome, path: str) -> None:
    """Wait until the address ends so."""
    wait(driver, lambda: driver.current_url.endswith(path) and driver.find_element(By.ID, "main"))


def press(driver: webdriver.Chrome, *keys: str) -> None:
    """Press keys one after the other."""
    for key in keys:
        ActionChains(driver).send_keys(key).perform()


def chord(driver: webdriver.Chrome, modifier: str, key: str) -> None:
    """Press a key while another is held."""
    ActionChains(driver).key_down(modifier).send_keys(key).key_up(modifier).perform()


def focused(driver: webdriver.Chrome) -> str:
    """Return the text of what has the focus."""
    return driver.switch_to.active_element.text


def allow_clipboard(driver: webdriver.Chrome, site: str) -> None:
    """Let the page's scripts write the clipboard, and this test read it."""
    permissions = {"origin": site, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    driver.execute_cdp_cmd("Browser.grantPermissions", permissions)


def clipboard(driver: webdriver.Chrome) -> str:
    return driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")


def one_time_code(secret: str) -> str:
    """Return what an authenticator app shows now (RFC 6238)."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1").digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def compose(driver: webdriver.Chrome, key: str) -> None:
    """Send a key as a browser does while an input method composes a word."""
    driver.execute_script(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: arguments[0], isComposing: true, bubbles: true, cancelable: true}))",
        key,
    )


CONTROL, COMMAND, ESCAPE, ENTER, DOWN, UP = (
    Keys.CONTROL,
    Keys.META,
    Keys.ESCAPE,
    Keys.ENTER,
    Keys.ARROW_DOWN,
    Keys.ARROW_UP,
)
