"""Every key, pressed in a real browser."""

import pytest
from browsing import (
    ENTER,
    ESCAPE,
    allow_clipboard,
    arrive,
    clipboard,
    complaints,
    compose,
    count,
    find,
    focused,
    needs_chromium,
    press,
    text_of,
    wait,
)
from selenium import webdriver
from selenium.webdriver.common.by import By

pytestmark = needs_chromium

FIRST, SECOND, THIRD = "KeyError: 'sku'", "PointGrantError", "data file is lost"
"""The list's first rows, seen last."""


def open_issue(tab: webdriver.Chrome, *steps: str) -> None:
    """Walk down the list with J and open a row."""
    press(tab, *steps, ENTER)
    find(tab, "#event")


def test_j_and_k_walk_the_rows_and_say_where(tab: webdriver.Chrome) -> None:
    press(tab, "j")
    assert focused(tab) == FIRST
    assert tab.find_element(By.ID, "place").text == "1 / 130"

    press(tab, "j", "j")
    assert focused(tab) == THIRD
    assert tab.find_element(By.ID, "place").text == "3 / 130"

    press(tab, "k", "k", "k", "k")
    assert focused(tab) == FIRST


def test_enter_opens_the_row_and_u_leads_back_to_it(tab: webdriver.Chrome, site: str) -> None:
    tab.get(f"{site}/issues/?level=error")
    open_issue(tab, "j", "j")
    assert SECOND in text_of(tab, "h1", SECOND)

    press(tab, "u")

    arrive(tab, "/issues/?level=error")
    wait(tab, lambda: focused(tab).startswith(SECOND))


def test_on_an_issue_j_and_k_go_on_in_the_order_of_the_list(tab: webdriver.Chrome) -> None:
    open_issue(tab, "j")
    text_of(tab, "#issue-place", "1 / 130")

    press(tab, "j")
    text_of(tab, "h1", SECOND)
    press(tab, "j")
    text_of(tab, "h1", THIRD)
    assert tab.find_element(By.ID, "issue-place").text == "3 / 130"
    press(tab, "k")
    text_of(tab, "h1", SECOND)

    # Back in the list the focus is where J and K led.
    press(tab, "u")
    wait(tab, lambda: focused(tab).startswith(SECOND))


def test_before_the_first_issue_of_the_list_there_is_none_and_it_says_so(tab: webdriver.Chrome) -> None:
    open_issue(tab, "j")

    press(tab, "k")

    assert text_of(tab, "#toast", "No further issue")
    assert FIRST in tab.find_element(By.CSS_SELECTOR, "h1").text


def test_brackets_walk_the_events_of_an_issue(tab: webdriver.Chrome) -> None:
    open_issue(tab, "j", "j")
    text_of(tab, ".eventbar .at", "Event 3 of 3")

    press(tab, "[")
    text_of(tab, ".eventbar .at", "Event 2 of 3")
    press(tab, "]")
    text_of(tab, ".eventbar .at", "Event 3 of 3")


@pytest.mark.parametrize(("key", "copied"), [("c", "/events/"), ("m", "PointGrantError")])
def test_c_copies_the_link_and_m_the_event_as_markdown(tab: webdriver.Chrome, site: str, key: str, copied: str) -> None:
    allow_clipboard(tab, site)
    open_issue(tab, "j", "j")

    press(tab, key)

    text_of(tab, "#toast", "Copied")
    assert copied in clipboard(tab)


def test_a_slash_leads_to_the_search_box_and_escape_out_of_it(tab: webdriver.Chrome) -> None:
    press(tab, "/", "j")
    assert tab.find_element(By.ID, "q").get_attribute("value") == "j"
    assert tab.find_element(By.ID, "q-hint").is_displayed()

    press(tab, ESCAPE)
    text_of(tab, ".listhead", "issues match")  # what was typed stays, and is looked for
    press(tab, "j")

    wait(tab, lambda: "bjar" in focused(tab))
    assert tab.find_element(By.ID, "q").get_attribute("value") == "j"
    assert not tab.find_element(By.ID, "q-hint").is_displayed()


@pytest.mark.parametrize(
    ("key", "path"), [("i", "/issues/"), ("s", "/sources/"), ("t", "/status/"), ("p", "/people/"), ("h", "/help/")]
)
def test_g_and_a_letter_go_to_a_place(tab: webdriver.Chrome, site: str, key: str, path: str) -> None:
    tab.get(f"{site}/set-aside/")

    press(tab, "g", key)

    arrive(tab, path)


def test_a_question_mark_shows_the_keys_of_the_page(tab: webdriver.Chrome) -> None:
    press(tab, "?")
    assert "Next and previous row" in text_of(tab, "#keys", "In a list")
    assert "On an issue's page" not in tab.find_element(By.ID, "keys").text

    press(tab, "j")
    assert focused(tab) != FIRST  # the keys of the page rest meanwhile

    press(tab, ESCAPE)
    assert not tab.find_element(By.ID, "keys").is_displayed()
    press(tab, "j")
    assert focused(tab) == FIRST


def test_single_keys_can_be_switched_off(tab: webdriver.Chrome, site: str) -> None:
    tab.get(f"{site}/help/")
    find(tab, "main [data-keys-off]").click()
    tab.get(f"{site}/issues/")

    press(tab, "j", "?")

    assert focused(tab) != FIRST
    assert not tab.find_element(By.ID, "keys").is_displayed()


def test_no_key_counts_while_a_word_is_composed(tab: webdriver.Chrome) -> None:
    compose(tab, "j")
    compose(tab, "?")

    assert focused(tab) != FIRST
    assert not tab.find_element(By.ID, "keys").is_displayed()


def test_keys_with_a_modifier_are_the_browsers(tab: webdriver.Chrome) -> None:
    tab.execute_script(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'j', altKey: true, bubbles: true}))"
    )

    assert focused(tab) != FIRST
    assert complaints(tab) == []
    assert count(tab, "dialog[open]") == 0


def test_the_title_stays_in_sight_and_parts_are_one_step_away(tab: webdriver.Chrome) -> None:
    open_issue(tab, "j", "j")
    assert not tab.find_element(By.CSS_SELECTOR, ".eventbar .title").is_displayed()

    find(tab, ".jumps a[href='#request']").click()

    wait(tab, lambda: tab.find_element(By.CSS_SELECTOR, ".eventbar .title").is_displayed())
    top = tab.execute_script("return document.querySelector('#request').getBoundingClientRect().top")
    below = tab.execute_script("return document.querySelector('main > .jumps').getBoundingClientRect().bottom")
    at_end = tab.execute_script("return scrollY + innerHeight >= document.documentElement.scrollHeight - 2")
    assert top >= below - 1
    assert top < below + 60 or at_end
