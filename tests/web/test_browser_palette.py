"""The palette, by keyboard, by mouse and while an input method composes."""

import pytest
from browsing import (
    COMMAND,
    CONTROL,
    DOWN,
    ENTER,
    ESCAPE,
    UP,
    allow_clipboard,
    arrive,
    chord,
    clipboard,
    compose,
    count,
    find,
    needs_chromium,
    press,
    resize,
    text_of,
    wait,
)
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.by import By

pytestmark = needs_chromium


def open_palette(tab: webdriver.Chrome) -> None:
    chord(tab, CONTROL, "k")
    find(tab, "#palette [aria-selected=true]")


def chosen(tab: webdriver.Chrome) -> str:
    return tab.find_element(By.CSS_SELECTOR, "#palette [aria-selected=true] .label").text


def test_a_place_is_two_words_away(tab: webdriver.Chrome) -> None:
    open_palette(tab)

    press(tab, "sour")
    wait(tab, lambda: chosen(tab) == "Sources")
    press(tab, ENTER)

    arrive(tab, "/sources/")


def test_an_issue_is_found_by_its_words(tab: webdriver.Chrome, site: str) -> None:
    tab.get(f"{site}/status/")
    open_palette(tab)

    press(tab, "data file")
    wait(tab, lambda: chosen(tab) == "data file is lost")
    press(tab, ENTER)

    text_of(tab, "h1", "data file is lost")


def test_a_service_narrows_the_list(tab: webdriver.Chrome) -> None:
    open_palette(tab)

    press(tab, "minato")
    wait(tab, lambda: chosen(tab) == "minato-prod")
    press(tab, ENTER)

    text_of(tab, ".listhead", "1 issue matches")


def test_arrows_walk_all_options_and_around_the_ends(tab: webdriver.Chrome) -> None:
    open_palette(tab)
    first = chosen(tab)

    press(tab, DOWN)
    second = chosen(tab)
    press(tab, UP, UP)

    assert second != first
    assert chosen(tab) == "Sign out"
    box = tab.find_element(By.ID, "palette-q")
    assert box.get_attribute("aria-activedescendant") == find(tab, "#palette [aria-selected=true]").get_attribute("id")


@pytest.mark.parametrize("leave", ["escape", "chord", "beside"])
def test_it_closes_and_gives_the_focus_back(tab: webdriver.Chrome, leave: str) -> None:
    press(tab, "j")
    open_palette(tab)

    if leave == "escape":
        press(tab, ESCAPE)
    elif leave == "chord":
        chord(tab, CONTROL, "k")
    else:
        pointer = ActionBuilder(tab)
        pointer.pointer_action.move_to_location(1400, 850).click()
        pointer.perform()

    wait(tab, lambda: not tab.find_element(By.ID, "palette").is_displayed())
    press(tab, "j")
    wait(tab, lambda: tab.find_element(By.ID, "place").text == "2 / 130")


def test_command_k_opens_it_too_and_from_within_a_field(tab: webdriver.Chrome) -> None:
    press(tab, "/")

    chord(tab, COMMAND, "k")

    find(tab, "#palette [aria-selected=true]")


def test_the_mouse_chooses_and_takes(tab: webdriver.Chrome) -> None:
    find(tab, ".opener").click()
    option = wait(tab, lambda: tab.find_element(By.CSS_SELECTOR, "#palette [href='/status/']"))

    ActionChains(tab).move_to_element(option).perform()
    wait(tab, lambda: chosen(tab) == "Status")
    option.click()

    arrive(tab, "/status/")


def test_actions_press_the_buttons_of_the_page(tab: webdriver.Chrome) -> None:
    open_palette(tab)
    press(tab, "dark theme")
    wait(tab, lambda: chosen(tab) == "Dark theme")
    press(tab, ENTER)
    wait(tab, lambda: count(tab, "html[data-theme=dark]") == 1)

    open_palette(tab)
    press(tab, "japanese")
    wait(tab, lambda: chosen(tab) == "Show in Japanese")
    press(tab, ENTER)
    wait(tab, lambda: count(tab, "html[lang=ja]") == 1)


def test_the_link_of_the_page_is_copied_and_the_keys_shown(tab: webdriver.Chrome, site: str) -> None:
    allow_clipboard(tab, site)
    tab.get(f"{site}/issues/?level=fatal")
    open_palette(tab)
    press(tab, "copy the link")
    wait(tab, lambda: chosen(tab) == "Copy the link to this page")
    press(tab, ENTER)
    text_of(tab, "#toast", "Copied")
    assert clipboard(tab).endswith("?level=fatal")

    open_palette(tab)
    press(tab, "show the keyboard")
    wait(tab, lambda: chosen(tab) == "Show the keyboard shortcuts")
    press(tab, ENTER)
    wait(tab, lambda: tab.find_element(By.ID, "keys").is_displayed())


def test_enter_and_arrows_belong_to_the_input_method_while_it_composes(tab: webdriver.Chrome) -> None:
    open_palette(tab)
    before = chosen(tab)

    compose(tab, "ArrowDown")
    compose(tab, "Enter")

    assert chosen(tab) == before
    assert tab.find_element(By.ID, "palette").is_displayed()


def test_what_fits_nothing_is_said(tab: webdriver.Chrome) -> None:
    open_palette(tab)

    press(tab, "zzqqzz")

    assert "zzqqzz" in text_of(tab, "#palette-options", "Nothing matches")
    press(tab, ENTER, ESCAPE)


def test_a_slash_opens_it_where_a_page_has_no_search_box(tab: webdriver.Chrome, site: str) -> None:
    tab.get(f"{site}/status/")

    press(tab, "/")

    wait(tab, lambda: tab.find_element(By.ID, "palette").is_displayed())
    assert tab.find_element(By.ID, "palette-q").get_attribute("value") == ""


def test_on_a_phone_it_is_in_the_bar_at_the_bottom(tab: webdriver.Chrome) -> None:
    resize(tab, 390)

    find(tab, ".nav .only-narrow button").click()

    wait(tab, lambda: tab.find_element(By.ID, "palette").is_displayed())
    box = tab.find_element(By.ID, "palette").rect
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
