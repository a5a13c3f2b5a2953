"""People at work in one Chromium: each has a window with cookies of their own, and a turn.

With MUKIAU_STORY_PICTURES=FOLDER each `picture` is taken, in English and Japanese, to be looked at.
"""

import base64
import gzip
import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from browsing import arrive, click, complaints, fill, press, resize, text_of, wait
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select
from websocket import create_connection

PASSWORD = "a long enough word"
PICTURES = os.environ.get("MUKIAU_STORY_PICTURES", "")
JAPANESE = ("ja", "light", 1440)
DARK_PHONE = ("ja", "dark", 390)


@dataclass(slots=True)
class Company:
    """Everybody who works with one mukiau."""

    driver: webdriver.Chrome
    base: str
    windows: dict[str, str] = field(default_factory=dict)
    """Handles, by whose they are."""
    taken: int = 0
    """Pictures until now."""
    _cookies: dict[str, str] = field(default_factory=dict)
    """The browser contexts of the windows."""

    def turn(self, name: str) -> webdriver.Chrome:
        """Let somebody act; who has no window yet gets one with empty cookies."""
        if name not in self.windows:
            context = self._browser("Target.createBrowserContext")["browserContextId"]
            self.windows[name] = self._open(context)
            self._cookies[self.windows[name]] = context
        if self.driver.current_window_handle != self.windows[name]:
            self.driver.switch_to.window(self.windows[name])
        return self.driver

    def _open(self, context: str) -> str:
        """Open a window and go there."""
        wanted = {"url": "about:blank", "browserContextId": context, "newWindow": True}
        handle: str = self._browser("Target.createTarget", **wanted)["targetId"]
        self.driver.switch_to.window(handle)
        resize(self.driver, 1440)
        return handle

    def _browser(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Tell the browser itself something: a page, which is all that the driver talks to, may not do it."""
        address = self.driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
        browser = httpx.get(f"http://{address}/json/version").json()["webSocketDebuggerUrl"]
        with closing(create_connection(browser, suppress_origin=True, timeout=30)) as connection:
            connection.send(json.dumps({"id": 1, "method": method, "params": parameters}))
            told: dict[str, Any] = json.loads(connection.recv())["result"]
        return told

    def complaints(self) -> dict[str, list[str]]:
        """Return what the console of each window holds."""
        return {name: found for name in self.windows if (found := complaints(self.turn(name)))}

    def picture(self, name: str, *, on_phone: bool = False) -> None:
        """Take the page at hand as it stands, and in another window as others see it, when pictures are wanted."""
        self.taken += 1
        if not PICTURES:
            return
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        path = f"{PICTURES}/{self.taken:02}-{name}"
        address, own = self.driver.current_url, self.driver.current_window_handle
        self._shoot(f"{path}-en.png", 1440)
        self._open(self._cookies[own])
        for language, theme, width in (JAPANESE, DARK_PHONE) if on_phone else (JAPANESE,):
            self._see(address, language, theme)
            resize(self.driver, width)
            time.sleep(0.7)  # the inbox loads its preview after the page
            self._shoot(f"{path}-{language}-{theme}-{width}.png", width)
        self._see(address, "en", "light")
        self.driver.close()
        self.driver.switch_to.window(own)

    def _see(self, address: str, language: str, theme: str) -> None:
        self.driver.get(f"{self.base}/help/")
        for cookie, value in (("mukiau_language", language), ("mukiau_theme", theme)):
            self.driver.add_cookie({"name": cookie, "value": value, "path": "/"})
        self.driver.get(address)

    def _shoot(self, path: str, width: int) -> None:
        tall = int(self.driver.execute_script("return document.documentElement.scrollHeight"))
        metrics = {"width": width, "height": min(max(tall, 844), 2400), "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.save_screenshot(path)
        resize(self.driver, width)


def open_company(company: Company, link: str) -> str:
    """Follow the first-start link as mori, make a project, and return the key of its source."""
    mori = company.turn("mori")
    mori.get(link)
    fill(mori, name="mori", password=PASSWORD, again=PASSWORD)
    click(mori, "button.primary")
    click(mori, "form[action$='/projects/'] [name=name]")
    press(mori, "Shop")
    click(mori, "form[action$='/projects/'] button")
    key = urlsplit(text_of(mori, "#dsn", "http")).username
    assert key
    return key


def let_in(company: Company, people: Mapping[str, str]) -> None:
    """Invite people by their roles; each follows the link in a window of their own."""
    for name, role in people.items():
        mori = company.turn("mori")
        mori.get(f"{company.base}/people/")
        Select(mori.find_element(By.NAME, "role")).select_by_value(role)
        click(mori, "form[action$='/invitations/'] button")
        invitation = text_of(mori, "#once", "/invitation/")
        theirs = company.turn(name)
        theirs.get(invitation)
        fill(theirs, name=name, password=PASSWORD, again=PASSWORD)
        click(theirs, "button.primary")
        text_of(theirs, "h1", "Issues")


def go(driver: webdriver.Chrome, letter: str, path: str) -> None:
    """Go to a place of the menu by its key."""
    press(driver, "g", letter)
    arrive(driver, path)


def replace_text(driver: webdriver.Chrome, css: str, text: str) -> None:
    """Put a text in place of all that stands in a field, as pasting does."""
    field_ = driver.find_element(By.CSS_SELECTOR, css)
    field_.click()
    field_.send_keys("\ue009a\ue000")  # Control and A
    driver.execute_cdp_cmd("Input.insertText", {"text": text})


def log(base: str, key: str, *, environment: str, lines: Sequence[Mapping[str, Any]]) -> None:
    """Send log lines of point-service as CloudWatch's subscription gives them to the forwarder."""
    now = int(time.time() * 1000)
    events = [
        {"id": f"{now:032}{at:024}", "timestamp": now, "message": json.dumps(line, ensure_ascii=False)}
        for at, line in enumerate(lines)
    ]
    document = {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": f"/ecs/{environment}/point-service",
        "logStream": "ecs/point-service/1",
        "logEvents": events,
    }
    packed = base64.b64encode(gzip.compress(json.dumps(document).encode())).decode()
    headers = {"Authorization": f"Bearer {key}"}
    answer = httpx.post(f"{base}/api/1/records/", json={"awslogs": {"data": packed}}, headers=headers, timeout=30)
    assert answer.json() == {"accepted": len(events), "rejected": []}


def come_to_show(driver: webdriver.Chrome, address: str, css: str, part: str) -> str:
    """Look at a page again and again until it shows something; return the text it stands in."""

    def look() -> str:
        driver.get(address)
        texts = (found.text for found in driver.find_elements(By.CSS_SELECTOR, css))
        return next((text for text in texts if part in text), "")

    return str(wait(driver, look))
