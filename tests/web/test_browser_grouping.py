"""Finding out from an issue's page alone why events are one issue, splitting and merging them, and taking it back."""

from browsing import MERGED_ISSUE, click, compose, count, fill, find, needs_chromium, press, text_of, wait
from selenium import webdriver
from selenium.webdriver.common.by import By

pytestmark = needs_chromium


def test_a_newcomer_finds_out_why_two_events_are_one_issue_and_splits_them(tab: webdriver.Chrome, site: str) -> None:
    tab.get(f"{site}/issues/{MERGED_ISSUE}/")
    tab.find_element(By.LINK_TEXT, "Grouping").click()

    # Why: they were merged, by whom and for which reason; what the events of each kind have in common.
    assert "2 fingerprints: they were merged, or" in text_of(tab, "main", "Why these events are one issue")
    assert "one printer" in text_of(tab, "#history", "mori")
    tab.find_element(By.XPATH, "//li[contains(., 'drawer')]//summary").click()
    text_of(tab, ".fps details[open] .facts", "drawer of the printer is stuck")

    # Splitting: tick, look at the preview, confirm.
    tab.find_element(By.XPATH, "//label[contains(., 'drawer')]").click()
    tab.find_element(By.XPATH, "//button[contains(., 'Split off')]").click()
    assert "1 event" in text_of(tab, ".halves", "Becomes a new issue")
    fill(tab, reason="two printers")
    tab.find_element(By.XPATH, "//button[contains(., 'Split off')]").click()
    text_of(tab, ".done", "This issue was split off from another one")
    assert "drawer of the printer is stuck" in find(tab, "h1").text

    # And back again.
    click(tab, ".done button")
    text_of(tab, ".note.success", "everything is where it was before")
    assert f"/issues/{MERGED_ISSUE}/grouping/" in tab.current_url
    assert count(tab, ".fps > li") == 2


def test_issues_are_selected_by_keys_and_merged_then_undone(tab: webdriver.Chrome) -> None:
    press(tab, "j", "x", "j", "x")
    text_of(tab, "#pick", "2 selected")

    press(tab, "m")
    wait(tab, lambda: "/issues/merge/?issue=" in tab.current_url)
    assert count(tab, "[name=into]") == 2
    click(tab, "main .btn.primary")
    text_of(tab, ".done", "1 issue was merged into this one")

    click(tab, ".done button")
    text_of(tab, ".note.success", "everything is where it was before")


def test_a_word_that_is_being_composed_selects_nothing(tab: webdriver.Chrome) -> None:
    press(tab, "j")

    compose(tab, "x")
    compose(tab, "m")

    assert count(tab, ".pick:checked") == 0
    assert tab.current_url.endswith("/issues/")


def test_an_event_is_compared_with_the_one_before_it(tab: webdriver.Chrome, site: str) -> None:
    tab.get(f"{site}/issues/129/")

    tab.find_element(By.LINK_TEXT, "Compare…").click()
    tab.find_element(By.LINK_TEXT, "With the earlier event").click()

    assert "everything that counts is the same" in text_of(tab, "h1", "One issue")
