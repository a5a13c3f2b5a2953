"""Links into an event and its copy buttons, in a real browser against the whole product."""

import json
import urllib.request
from urllib.parse import urlsplit

import test_browser as steps
from selenium import webdriver
from selenium.webdriver.common.by import By
from web_world import chain, exception, frame

pytestmark = steps.pytestmark
browser, served = steps.browser, steps.served

ORDER = 'it\'s $5 & "more"\n注文'
PAYLOAD = chain(
    exception("OSError", "full", *[frame(f"step_{n}", n + 1, in_app=False, context_line="x()") for n in range(60)]),
    exception("OrderError", "lost", frame("place", 7, context_line="save()", vars={"order": "'A'"})),
    request={"url": "https://shop.example.com/orders", "method": "PUT", "data": ORDER},
    threads={
        "values": [{"id": 1, "name": "main", "stacktrace": {"frames": [frame("run", 3)]}}, {"id": 2, "name": "b"}]
    },
)
IS_IN_VIEW = """
const box = document.querySelector(arguments[0]).getBoundingClientRect();
const over = document.elementFromPoint(box.left + 20, box.top + 8);
return box.top >= 0 && box.top < innerHeight && document.querySelector(arguments[0]).contains(over);
"""


def _send(base: str, dsn: str) -> str:
    """Send the event as a client would and return its id."""
    key = urlsplit(dsn)
    headers = {"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={key.username}"}
    address = f"{base}/api{key.path}/store/"
    body = json.dumps({**PAYLOAD, "platform": "python"}).encode()
    with urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=10) as answer:
        return str(json.loads(answer.read())["id"])


def _open_event(browser: webdriver.Chrome, served: tuple[str, str]) -> str:
    """Send an event, open it by its id, and return its address."""
    base, link = served
    browser.get(link)
    steps.fill(browser, name="mori", password="a long enough word", again="a long enough word")
    steps.click(browser, "button.primary")
    steps.find(browser, "form[action$='/projects/']")
    steps.fill(browser, name="Shop")
    steps.click(browser, "form[action$='/projects/'] button")
    event_id = _send(base, steps.text_of(browser, "#dsn", "http"))
    steps.patiently(browser).until(lambda b: b.get(f"{base}/events/{event_id}/") or b.find_elements(By.ID, "exception"))
    browser.get_log("browser")  # the page was asked for before the event was digested
    return browser.current_url


def test_links_into_an_event_unfold_what_they_lead_to(browser: webdriver.Chrome, served: tuple[str, str]) -> None:
    address = _open_event(browser, served)
    assert not browser.find_element(By.ID, "f-0-50").is_displayed()

    for anchor in ("f-0-50", "t-0", "f-1-0-L7"):
        browser.get("about:blank")
        browser.get(f"{address}#{anchor}")
        steps.patiently(browser).until(lambda b, a=anchor: b.execute_script(IS_IN_VIEW, f"#{a}"))
    steps.click(browser, ".jumps a[href='#threads']")
    steps.patiently(browser).until(lambda b: b.execute_script(IS_IN_VIEW, "#threads"))

    # A copied link unfolds on the server too, and the page's own rules blocked nothing.
    browser.get(f"{address}?at=f-0-50#f-0-50")
    assert steps.find(browser, "#f-0-50").get_attribute("open") is not None
    assert [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_the_request_is_copied_as_a_command(browser: webdriver.Chrome, served: tuple[str, str]) -> None:
    _open_event(browser, served)

    steps.click(browser, "button[data-copy='#curl']")

    steps.text_of(browser, "#toast", "Copied")
    command = browser.execute_script("return document.querySelector('#curl').textContent")
    assert command.startswith("curl https://shop.example.com/orders \\\n  -X PUT")
