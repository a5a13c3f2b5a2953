"""A draft of the grouping policy in the browser: its mistake is found and mended, it is tried, put in force and undone."""

from browsing import click, count, fill, find, needs_chromium, text_of, wait
from selenium import webdriver

pytestmark = needs_chromium

DRAFT = """defaults = 1
[[rules]]
name = "two kinds at once"
when.message = ["*bbar*", "*bcar*"]
fingerprnt = ["kinds"]
"""


def write(tab: webdriver.Chrome, text: str) -> None:
    tab.execute_script("document.querySelector('#draft').value = arguments[0]", text)
    click(tab, "main form .primary")


def kinds(tab: webdriver.Chrome, site: str) -> int:
    """Return how many issues the two kinds are."""
    tab.get(f"{site}/issues/?q=bbar")
    find(tab, ".irow")
    shown = {link.get_attribute("href") for link in tab.find_elements("css selector", ".irow a[href*='/issues/']")}
    tab.get(f"{site}/issues/?q=bcar")
    find(tab, ".irow")
    return len(
        shown | {a.get_attribute("href") for a in tab.find_elements("css selector", ".irow a[href*='/issues/']")}
    )


def test_a_draft_is_mended_tried_put_in_force_and_undone(tab: webdriver.Chrome, site: str) -> None:
    separate = kinds(tab, site)
    tab.get(f"{site}/grouping/")
    assert find(tab, ".draft .numbers").text.startswith("1")

    # The mistake is told with its line, and its link selects the line.
    write(tab, DRAFT)
    text_of(tab, "#mistakes", "There is no setting rules.1.fingerprnt")
    click(tab, "#mistakes a")
    selected = tab.execute_script(
        "const d = document.activeElement; return d.value.slice(d.selectionStart, d.selectionEnd)"
    )
    assert selected == 'fingerprnt = ["kinds"]'

    # Mended it is tried: the page shows by itself when it is done, and nothing has changed.
    fill(tab, reason="one cause")
    write(tab, DRAFT.replace("fingerprnt", "fingerprint"))
    text_of(tab, "main", "What would change")
    assert count(tab, ".halves") == 1
    assert "failure of kind bbar" in text_of(tab, ".halves", "Now")
    run = tab.current_url
    assert kinds(tab, site) == separate

    tab.get(run)
    click(tab, "form[action$='/apply/'] .primary")
    text_of(tab, "main", "Events are grouped by version")
    assert kinds(tab, site) < separate

    tab.get(run)
    click(tab, ".confirm summary")
    click(tab, "form[action$='/undo/'] .primary")
    text_of(tab, "main", "every issue went back to where it was")
    wait(tab, lambda: kinds(tab, site) == separate)
