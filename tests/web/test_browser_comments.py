"""Naming people in a comment: names are proposed while typing, by keyboard alone, and never in the middle of a composed word."""

from browsing import DOWN, ENTER, ESCAPE, NAME, compose, find, needs_chromium, press, text_of, wait
from selenium import webdriver
from selenium.webdriver.common.by import By

pytestmark = needs_chromium

ISSUE = 7


def _proposed(tab: webdriver.Chrome) -> list[str]:
    return [item.text for item in tab.find_elements(By.CSS_SELECTOR, ".named:not([hidden]) li")]


def test_a_name_is_proposed_taken_and_marked_on_the_page(tab: webdriver.Chrome, site: str) -> None:
    tab.get(f"{site}/issues/{ISSUE}/comments/")
    text = find(tab, "#comment-text")
    wait(tab, lambda: text.get_attribute("aria-controls"))

    text.send_keys("確認お願いします@mo")
    wait(tab, lambda: _proposed(tab) == [NAME])
    compose(tab, "Enter")  # takes what the input method proposes, not what the page does
    assert text.get_property("value") == "確認お願いします@mo"
    press(tab, DOWN, ENTER)
    assert text.get_property("value") == f"確認お願いします@{NAME} "
    assert _proposed(tab) == []

    text.send_keys("mail@mo @mo")
    press(tab, ESCAPE)
    assert _proposed(tab) == []
    find(tab, "form[action$='/comments/write/'] button.primary").click()
    assert f"確認お願いします@{NAME} mail@mo @mo" in text_of(tab, ".comment .said", NAME)
    assert find(tab, ".comment .mention").text == f"@{NAME}"
