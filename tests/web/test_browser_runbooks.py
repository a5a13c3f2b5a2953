"""The editor of a runbook while somebody types, and what is copied from a runbook that is filled in."""

from browsing import ORDER_ISSUE, count, find, needs_chromium, text_of, wait
from selenium import webdriver

pytestmark = needs_chromium

WATCH = """window.copied = []; navigator.clipboard.writeText = async (text) => { window.copied.push(text); };"""


def test_the_preview_and_the_matches_follow_what_is_typed(tab: webdriver.Chrome, site: str) -> None:
    tab.get(f"{site}/runbooks/new/?issue={ORDER_ISSUE}")
    assert "1 issue" in text_of(tab, "#rules", "All rules of the text")

    text = "---\ntitle: Typed\n---\n## Steps\n\n1. Look at '{{ event_id }}'.\n\n   ```sql\n   SELECT '{{ event_id }}';\n   ```\n"
    find(tab, "#draft")
    tab.execute_script("draft.value = arguments[0]; draft.dispatchEvent(new Event('input', {bubbles: true}))", text)
    assert "Typed" in text_of(tab, "#preview", "Typed")
    assert "take yours away" in text_of(tab, "#mistakes", "quotes")
    find(tab, "#mistakes a[data-line]").click()
    assert (
        tab.execute_script("return draft.value.slice(draft.selectionStart, draft.selectionEnd)")
        .strip()
        .startswith("SELECT")
    )

    find(tab, "#rule-type").send_keys("Order*")
    told = text_of(tab, "#rules", "The rule being built")
    assert "ORD-1" in told  # the runbook in force, which answers the same issue


def test_values_and_whole_blocks_are_copied_as_they_stand(tab: webdriver.Chrome, site: str) -> None:
    tab.get(f"{site}/issues/{ORDER_ISSUE}/")
    find(tab, "#runbook .rb-chip")
    tab.execute_script(WATCH)
    chip, event_id = find(tab, "#runbook .rb-chip"), find(tab, "#event-id").text

    chip.click()
    wait(tab, lambda: tab.execute_script("return copied.length") == 1)
    blocks = tab.find_elements("css selector", "#runbook .rb-block [data-copy-block]")
    for block in blocks:
        block.click()
    wait(tab, lambda: tab.execute_script("return copied.length") == 1 + len(blocks))

    copied = tab.execute_script("return copied")
    assert copied == [chip.text, "Please restart order-api.", "shopctl restart 'order-api'"]
    assert f"id = '{event_id}';" in find(tab, "#runbook .rb-block code").text
    assert count(tab, "#runbook .rb-unfilled") >= 2


def test_a_chip_is_pressed_by_keyboard(tab: webdriver.Chrome, site: str) -> None:
    tab.get(f"{site}/issues/{ORDER_ISSUE}/")
    chip = find(tab, "#runbook .rb-chip")
    tab.execute_script(WATCH)

    chip.send_keys("\ue007")

    wait(tab, lambda: tab.execute_script("return copied.length") == 1)
