"""Links into an event and its copy buttons, in a real browser."""

from browsing import ORDER_ISSUE, click, complaints, find, needs_chromium, text_of, wait
from selenium import webdriver
from selenium.webdriver.common.by import By

pytestmark = needs_chromium

IS_IN_VIEW = """
const box = document.querySelector(arguments[0]).getBoundingClientRect();
const over = document.elementFromPoint(box.left + 20, box.top + 8);
return box.top >= 0 && box.top < innerHeight && document.querySelector(arguments[0]).contains(over);
"""


def test_links_into_an_event_unfold_what_they_lead_to(tab: webdriver.Chrome, site: str) -> None:
    tab.get(f"{site}/issues/{ORDER_ISSUE}/")
    address = tab.current_url
    assert not tab.find_element(By.ID, "f-0-50").is_displayed()

    for anchor in ("f-0-50", "t-0", "f-1-0-L7"):
        tab.get("about:blank")
        tab.get(f"{address}#{anchor}")
        wait(tab, lambda a=anchor: tab.execute_script(IS_IN_VIEW, f"#{a}"))
    click(tab, ".jumps a[href='#threads']")
    wait(tab, lambda: tab.execute_script(IS_IN_VIEW, "#threads"))

    # A copied link unfolds on the server too, and the page's own rules blocked nothing.
    tab.get(f"{address}?at=f-0-50#f-0-50")
    assert find(tab, "#f-0-50").get_attribute("open") is not None
    assert complaints(tab) == []


def test_the_request_is_copied_as_a_command(tab: webdriver.Chrome, site: str) -> None:
    tab.get(f"{site}/issues/{ORDER_ISSUE}/")

    click(tab, "button[data-copy='#curl']")

    text_of(tab, "#toast", "Copied")
    command = tab.execute_script("return document.querySelector('#curl').textContent")
    assert command.startswith("curl https://shop.example.com/orders \\\n  -X PUT")
