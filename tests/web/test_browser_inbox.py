"""Triage without a mouse: fifty new issues are decided by keys, some of them undone, and each key answers at once."""

from collections.abc import Iterator

import pytest
from browsing import (
    ENTER,
    NAME,
    PASSWORD,
    _answers,
    _run,
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
from web_world import World, message

from serving import Server, wait_until

pytestmark = needs_chromium

ISSUES = 50
FEEDBACK_MS = 100


@pytest.fixture(scope="module")
def triage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A browser on the inbox with fifty issues of production."""
    # The issues differ in one word: learning would make one of them.
    server = Server(data=tmp_path_factory.mktemp("triage") / "data", environment={"MUKIAU_LEARN_WORDS": "0"})
    _run("migrate", server)
    world = World(server.data)
    letters = "bcdfghj"
    words = [f"{a}{b}ar" for a in letters for b in letters] + ["zazar"]
    for age, word in enumerate(words[:ISSUES]):
        world.send(message(f"failure of kind {word}", environment="acme-prod"), hours_ago=1 + age)
    world.close()
    _run("createadmin", server, "--password", PASSWORD, NAME)
    server.start()
    address = f"http://127.0.0.1:{server.port}"
    driver = open_chromium(tmp_path_factory.mktemp("profile"))
    try:
        wait_until(lambda: _answers(f"{address}/sign-in/"), 60, "the pages")
        sign_in(driver, address)
        resize(driver, 1440)
        driver.get(f"{address}/inbox/")
        yield driver
    finally:
        driver.quit()
        server.stop()


def rows(tab: webdriver.Chrome) -> int:
    return count(tab, ".inbox-row:not(.leaving)")


def has_focus_on_a_row(tab: webdriver.Chrome) -> bool:
    return bool(tab.execute_script("return document.activeElement.closest('.inbox-row')"))


def test_fifty_issues_are_decided_without_a_mouse(triage: webdriver.Chrome) -> None:
    wait(triage, lambda: rows(triage) == ISSUES)
    triage.execute_script(
        """window.waits = [];
        addEventListener('keydown', () => {
          const began = performance.now();
          requestAnimationFrame(() => setTimeout(() => waits.push(performance.now() - began)));
        }, true);"""
    )

    for left in range(ISSUES - 1, 29, -1):
        press(triage, "1" if left % 2 else "b")
        wait(triage, lambda left=left: rows(triage) == left)
    press(triage, "u")
    wait(triage, lambda: rows(triage) == 31)
    for picked in range(1, 4):
        press(triage, "j")
        wait(triage, lambda: has_focus_on_a_row(triage))
        press(triage, "x")
        wait(triage, lambda picked=picked: find(triage, "#picked").get_attribute("textContent") == str(picked))
    text_of(triage, "#effect", "3 occurrences wait (3 to handle).")
    find(triage, "#preview [name=team]")
    press(triage, "t")
    assert triage.switch_to.active_element.get_attribute("name") == "team"
    triage.execute_script("document.activeElement.blur()")
    press(triage, "3")
    wait(triage, lambda: triage.switch_to.active_element.get_attribute("id") == "bulk-reason")
    press(triage, "a partner's", ENTER)
    wait(triage, lambda: rows(triage) == 28)
    while left := rows(triage):
        press(triage, "j", "1")
        wait(triage, lambda left=left: rows(triage) < left)

    find(triage, "#inbox .empty")
    waits = sorted(triage.execute_script("return waits"))
    print(f"keys: {len(waits)}, median {waits[len(waits) // 2]:.0f} ms, most {waits[-1]:.0f} ms")
    triage.get(triage.current_url.replace("/inbox/", "/inbox/?view=watched"))
    wait(triage, lambda: rows(triage) == 3)
    assert complaints(triage) == []
