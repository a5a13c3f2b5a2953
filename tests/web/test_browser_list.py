"""Scanning a long list: rows that come before they are needed, the way back, filters that stay in the address."""

from urllib.parse import parse_qs, urlsplit

from browsing import ENTER, arrive, count, find, needs_chromium, press, text_of, wait
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

pytestmark = needs_chromium


def scroll_to_the_end(tab: webdriver.Chrome) -> None:
    """Scroll on until no further rows come."""

    def at_the_end() -> bool:
        tab.execute_script("scrollTo(0, document.documentElement.scrollHeight)")
        return count(tab, ".irow") == 130

    wait(tab, at_the_end)


def test_further_rows_are_there_before_the_reader_is_at_the_end(tab: webdriver.Chrome) -> None:
    tab.execute_script("scrollTo(0, 1200)")

    wait(tab, lambda: count(tab, ".irow") >= 100)

    below = tab.execute_script("return document.documentElement.scrollHeight - scrollY - innerHeight")
    assert below > 500


def test_the_way_back_leads_to_the_same_row_at_the_same_height(tab: webdriver.Chrome) -> None:
    scroll_to_the_end(tab)
    wait(tab, lambda: "rows=130" in tab.current_url)
    tab.execute_script("document.querySelectorAll('.irow')[110].scrollIntoView({block: 'center'})")
    height = tab.execute_script("return scrollY")
    title = tab.execute_script("return document.querySelectorAll('.irow h2')[110].textContent")
    tab.find_elements(By.CSS_SELECTOR, ".irow h2 a")[110].click()
    text_of(tab, "#issue-place", "111 / 130")

    tab.back()
    wait(tab, lambda: count(tab, ".irow") == 130)
    wait(tab, lambda: abs(tab.execute_script("return scrollY") - height) < 5)

    # By the link on the page as well: the row has the focus and can be seen.
    tab.find_elements(By.CSS_SELECTOR, ".irow h2 a")[110].click()
    text_of(tab, "#issue-place", "111 / 130")
    press(tab, "u")
    wait(tab, lambda: tab.switch_to.active_element.text == title)
    top = tab.execute_script("return document.activeElement.getBoundingClientRect().top")
    assert 0 < top < 900


def test_j_goes_on_beyond_the_rows_of_the_first_page(tab: webdriver.Chrome) -> None:
    tab.execute_script("document.querySelectorAll('.irow h2 a')[48].focus()")

    press(tab, "j")
    wait(tab, lambda: count(tab, ".irow") >= 100)
    press(tab, "j")

    wait(tab, lambda: tab.find_element(By.ID, "place").text == "51 / 130")


def test_filters_stand_in_the_address_and_defaults_do_not(tab: webdriver.Chrome) -> None:
    press(tab, "j")  # the browser's way back skips a page on which nobody did anything
    Select(find(tab, "select[name=period]")).select_by_value("24h")
    wait(tab, lambda: "period=24h" in tab.current_url)
    press(tab, "j")
    Select(find(tab, "select[name=environment]")).select_by_visible_text("acme-prod")
    wait(tab, lambda: "environment=acme-prod" in tab.current_url)

    assert parse_qs(urlsplit(tab.current_url).query).keys() == {"period", "environment"}
    wait(tab, lambda: count(tab, ".irow") == 2)
    tab.refresh()
    assert Select(find(tab, "select[name=period]")).first_selected_option.text == "24 hours"
    assert count(tab, ".irow") == 2

    tab.back()
    wait(tab, lambda: "environment" not in tab.current_url and count(tab, ".irow") > 2)
    tab.back()
    wait(tab, lambda: "period" not in tab.current_url and count(tab, ".irow") == 50)


def test_a_row_keeps_the_focus_when_the_list_is_drawn_anew(tab: webdriver.Chrome) -> None:
    press(tab, "j", "j")

    tab.execute_script("document.getElementById('rows').dataset.old = 1; htmx.trigger('#filters', 'submit')")

    wait(tab, lambda: count(tab, "#rows:not([data-old])") == 1)
    assert tab.find_element(By.ID, "place").text == "2 / 130"
    assert tab.switch_to.active_element.get_attribute("id") == "i-129"


def test_typing_searches_without_a_press_on_enter(tab: webdriver.Chrome) -> None:
    press(tab, "/")
    press(tab, "level:fatal lost")

    text_of(tab, ".listhead", "1 issue matches")
    assert tab.switch_to.active_element.get_attribute("id") == "q"


def test_an_empty_list_says_how_to_get_out(tab: webdriver.Chrome, site: str) -> None:
    tab.get(f"{site}/issues/?q=nothing-holds-this")

    find(tab, ".empty .btn").click()

    wait(tab, lambda: count(tab, ".irow") == 50)


def test_compact_rows_are_one_line_high(tab: webdriver.Chrome) -> None:
    roomy = find(tab, ".irow").rect["height"]

    find(tab, "button[value=compact]").click()
    wait(tab, lambda: count(tab, "[data-density=compact]") == 1)

    tight = find(tab, ".irow").rect["height"]
    assert tight <= 34
    assert roomy >= 44


def test_a_row_shows_level_by_shape_and_word(tab: webdriver.Chrome) -> None:
    signs = {sign.get_attribute("aria-label") for sign in tab.find_elements(By.CSS_SELECTOR, ".irow .sign")}
    shapes = {use.get_attribute("href").rpartition("#")[2] for use in tab.find_elements(By.CSS_SELECTOR, ".sign use")}

    assert signs >= {"Fatal", "Error", "Warning"}
    assert len(shapes) >= 3


def test_events_of_an_issue_can_be_walked_by_j_and_enter(tab: webdriver.Chrome) -> None:
    press(tab, "j", "j", ENTER)
    find(tab, ".tabs a[href$='/events/']").click()
    find(tab, "[data-row]")

    press(tab, "j", "j", ENTER)

    text_of(tab, ".eventbar .at", "Event 2 of 3")


def test_the_brand_leads_to_the_list(tab: webdriver.Chrome, site: str) -> None:
    tab.get(f"{site}/status/")

    find(tab, ".brand").click()

    arrive(tab, "/issues/")
