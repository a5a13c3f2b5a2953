"""The story of docs/tutorial/first-week.md, played from end to end by a developer, two operators and customer support.

Errors arrive in the customers' log groups. An operator asks for a manual, the developer writes it, what comes next finds
it by itself; a correction of data is asked, approved by another and verified; the developer ends it by a release, and what
comes from where that release runs is told apart from what comes from where it does not. Sato of customer support looks on.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from acting import Company, come_to_show, go, let_in, log, open_company, replace_text
from browsing import (
    ENTER,
    arrive,
    click,
    count,
    fill,
    find,
    needs_chromium,
    open_chromium,
    press,
    resize,
    text_of,
    wait,
)
from selenium import webdriver
from selenium.webdriver.common.by import By

pytestmark = needs_chromium

PEOPLE = {"dora": "developer", "otto": "operator", "olga": "operator", "sato": "viewer"}
ACME, GLOBEX = "acme-prod", "globex-prod"
TITLE = "PointGrantError"
CORRECTION = "UPDATE grants SET points = 10 WHERE order_id = 'ORD-30001';"
ROLLBACK = "UPDATE grants SET points = 0 WHERE order_id = 'ORD-30001';"
FRONT = "proposes: handle_each\nkey: order_id\nminutes: 15\n"
STEPS = r"""1. Look whether order {{ order_id }} has its points.

   ```sql
   SELECT * FROM grants WHERE order_id = {{ order_id|match:^ORD-\d+$ }};
   ```

2. Grant them again. (needs privilege)

   ```request
   Please grant the points of order {{ order_id }} again.
   ```

   ```sql
   UPDATE grants SET points = 10 WHERE order_id = {{ order_id|match:^ORD-\d+$ }};
   ```
"""
SECTIONS = {
    "Meaning": "The points of an order were not granted: the customer sees fewer than the order says.\n",
    "Act or not": "Always: nothing grants them later.\n",
    "Steps": STEPS,
    "Verify": "The order has its points on the customer's page.\n",
    "Lasting fix": "Grant only once (release 2.4.0).\n",
}


@pytest.fixture
def company(fresh: tuple[str, str], tmp_path: Path) -> Iterator[Company]:
    """Five people around a mukiau that was just installed."""
    base, _ = fresh
    driver = open_chromium(tmp_path / "profile")
    try:
        resize(driver, 1440)
        yield Company(driver=driver, base=base, windows={"mori": driver.current_window_handle})
    finally:
        driver.quit()


def not_granted(order: str) -> dict[str, Any]:
    """The log line of an order whose points were not granted."""
    trace = (
        'Traceback (most recent call last):\n  File "/app/shop/points.py", line 31, in append\n'
        "    session.flush()\nshop.errors.GrantExists: grant of {order} exists\n\n"
        "The above exception was the direct cause of the following exception:\n\n"
        'Traceback (most recent call last):\n  File "/app/shop/points.py", line 12, in grant\n'
        "    append(order)\nshop.errors.PointGrantError: ポイント付与に失敗しました（注文 {order}）"
    )
    said = {"level": "error", "logger": "shop.points", "event": "points were not granted", "order_id": order}
    return {**said, "member_id": "M08221781", "exception": trace.format(order=order)}


def test_from_the_first_error_to_a_fix_that_did_not_hold(company: Company, fresh: tuple[str, str]) -> None:
    key = open_company(company, fresh[1])
    let_in(company, PEOPLE)

    errors_arrive(company, key)
    sato_finds(company, "ORD-20481", "points were not granted")
    otto_asks_for_a_runbook(company)
    code = dora_writes_it_from_the_draft(company)
    otto_verifies_that_it_can_be_followed(company)
    dora_decides_as_it_proposes(company)

    the_next_occurrences_find_it_by_themselves(company, key, code)
    otto_follows_it_and_asks_for_a_correction(company)
    sato_finds(company, "ORD-30001", "Waiting for a request")
    olga_approves_runs_and_reports(company)
    otto_verifies_and_the_occurrences_are_done(company)
    otto_handles_the_rest(company)
    minutes_are_counted(company, code)

    dora_resolves_it_in_a_release(company)
    without_the_release_it_awaits_the_deploy(company, key)
    with_the_release_it_has_regressed(company, key)
    sato_sees_where_it_stands(company)
    assert company.complaints() == {}


# --- The first errors ----------------------------------------------------------------------------------------------


def errors_arrive(company: Company, key: str) -> None:
    """Two customers' environments log the same failure: one issue, which waits for a decision."""
    log(company.base, key, environment=ACME, lines=[not_granted("ORD-20481"), not_granted("ORD-20482")])
    log(company.base, key, environment=GLOBEX, lines=[not_granted("ORD-20483")])

    otto = company.turn("otto")
    row = come_to_show(otto, f"{company.base}/inbox/", ".inbox-row", "customers 2/2")

    assert TITLE in row
    assert "New" in row
    assert "no runbook" in row
    assert count(otto, ".inbox-row") == 1
    text_of(otto, "#preview", "Needs decision")
    company.picture("inbox", on_phone=True)


def sato_finds(company: Company, order: str, part: str) -> None:
    """Customer support looks for an order and is offered nothing but looking."""
    sato = company.turn("sato")
    go(sato, "c", "/customers/")
    fill(sato, q=order)
    press(sato, ENTER)
    assert part in text_of(sato, ".found", part)
    assert offers_no_act(sato)
    company.picture("support-finds")
    click(sato, "main table .lead a")
    text_of(sato, "h1", "acme")
    assert TITLE in find(sato, "main").text
    assert offers_no_act(sato)


def offers_no_act(driver: webdriver.Chrome) -> bool:
    return count(driver, "main form[method=post]") == 0


# --- A runbook is asked for and written ----------------------------------------------------------------------------


def otto_asks_for_a_runbook(company: Company) -> None:
    otto = company.turn("otto")
    go(otto, "w", "/inbox/")
    text_of(otto, "#preview", "Needs decision")
    assert count(otto, "#preview [name=decision]") == 0  # an operator does not decide
    press(otto, "4")
    text_of(otto, "h1", "What do you need?")
    company.picture("what-is-needed")
    click(otto, ".kinds a[href*=write_runbook]")
    assert TITLE in str(find(otto, "#id_title").get_property("value"))
    fill(otto, body="Three orders today. What does it mean, and what do we do?")
    company.picture("ask-for-a-runbook")
    click(otto, "form.wideform .primary")
    text_of(otto, ".ihead .badge", "Asked")


def dora_writes_it_from_the_draft(company: Company) -> str:
    dora = company.turn("dora")
    go(dora, "r", "/requests/")
    company.picture("requests")
    click(dora, ".ask h3 a")
    click(dora, "button[value=start]")
    text_of(dora, ".ihead .badge", "Being done")
    company.picture("request-begun")
    click(dora, ".turn a[href*='/runbooks/new/']")
    draft = str(find(dora, "#draft").get_property("value"))
    assert "type: " in draft
    assert "ORD-20483" in draft  # the example: what was seen last
    replace_text(dora, "#draft", written(draft))
    assert "'ORD-20483'" in text_of(dora, "#preview", "'ORD-20483'")
    assert "1 issue" in text_of(dora, "#rules", "1 issue")
    company.picture("runbook-draft")
    click(dora, "button[value=publish]")
    text_of(dora, ".note", "in force")
    assert "Contacts" not in find(dora, "#text").text  # a section that only prompts is no part of it
    code = find(dora, ".crumb .mono").text
    company.picture("runbook")

    go(dora, "r", "/requests/")
    click(dora, ".ask h3 a")
    fill(dora, result=f"{company.base}/r/{code}")
    click(dora, "button[value=report]")
    text_of(dora, ".ihead .badge", "To verify")
    return code


def written(draft: str) -> str:
    """Fill the draft in: its rule and examples stay."""
    begun = draft.replace("\n---\n", f"\n{FRONT}---\n", 1)
    for heading, text in SECTIONS.items():
        begun, found = re.subn(
            rf"(## {heading}\n\n).*?(?=\n## )", lambda at, text=text: at[1] + text, begun, count=1, flags=re.DOTALL
        )
        assert found
    return begun


def otto_verifies_that_it_can_be_followed(company: Company) -> None:
    otto = company.turn("otto")
    go(otto, "r", "/requests/")
    click(otto, ".ask h3 a")
    company.picture("request-to-verify")
    click(otto, "#t-result a")
    text_of(otto, "h1", TITLE)
    otto.back()
    click(otto, "button[value=verify]")
    text_of(otto, ".ihead .badge", "Done")


def dora_decides_as_it_proposes(company: Company) -> None:
    """Every order gets one answer, those that had failed before, too."""
    dora = company.turn("dora")
    go(dora, "w", "/inbox/")
    assert "proposes: Handle each · one answer per order_id" in text_of(dora, "#preview", "proposes")
    company.picture("inbox-proposes")
    press(dora, "1")
    find(dora, "#inbox .empty")


# --- It occurs again -----------------------------------------------------------------------------------------------


def the_next_occurrences_find_it_by_themselves(company: Company, key: str, code: str) -> None:
    """The order that fails twice is one thing to do."""
    log(company.base, key, environment=ACME, lines=[not_granted("ORD-30001"), not_granted("ORD-30001")])
    log(company.base, key, environment=GLOBEX, lines=[not_granted("ORD-30002")])

    otto = company.turn("otto")
    come_to_show(otto, f"{company.base}/handlings/", ".queue tr", "ORD-30002")
    assert "2 occurrences" in come_to_show(otto, f"{company.base}/handlings/", ".queue tr", "ORD-30001")
    assert count(otto, ".queue tbody tr") == 4  # with a batch for what had come before in each environment
    company.picture("handlings")
    come_to_show(otto, f"{company.base}/issues/1/", "#runbook", code)
    company.picture("issue")


def otto_follows_it_and_asks_for_a_correction(company: Company) -> None:
    otto = company.turn("otto")
    go(otto, "d", "/handlings/")
    open_row(otto, "ORD-30001")
    assert "order_id = 'ORD-30001';" in text_of(otto, "#followed .rb-code", "ORD-30001")
    click(otto, "#step-1")
    text_of(otto, "#followed", "1 of 2 steps")
    assert "otto" in text_of(otto, "#standing", "In progress")  # who ticks a step has taken it
    assert "I do it" not in find(otto, "#take").text
    company.picture("handling", on_phone=True)
    click(otto, "#followed .rb-step-body a.btn")
    text_of(otto, "h1", "Data correction")
    assert find(otto, "#id_statement").get_property("value") == CORRECTION
    assert find(otto, "#id_environment").get_property("value") == ACME
    assert find(otto, "#id_customer").get_property("value") == "acme"
    fill(otto, expected_rows="1", rollback=ROLLBACK)
    company.picture("data-correction")
    click(otto, "form.wideform .primary")
    text_of(otto, ".turn", "You asked for this yourself")
    company.picture("correction-asked")


def open_row(driver: webdriver.Chrome, part: str) -> None:
    """Open the row of the queue that holds a text."""
    rows = driver.find_elements(By.CSS_SELECTOR, ".queue tbody tr")
    next(row for row in rows if part in row.text).find_element(By.CSS_SELECTOR, ".lead a").click()
    text_of(driver, ".ihead", part)


def olga_approves_runs_and_reports(company: Company) -> None:
    olga = company.turn("olga")
    go(olga, "r", "/requests/")
    click(olga, ".ask h3 a")
    assert CORRECTION in text_of(olga, "#t-statement", "UPDATE")
    click(olga, "button[value=approve]")
    text_of(olga, ".ihead .badge", "Approved")
    company.picture("correction-approved")
    click(olga, "button[value=start]")
    fill(olga, result="UPDATE 1", actual_rows="1")
    click(olga, "button[value=report]")
    text_of(olga, ".ihead .badge", "To verify")


def otto_verifies_and_the_occurrences_are_done(company: Company) -> None:
    otto = company.turn("otto")
    go(otto, "r", "/requests/")
    click(otto, ".ask h3 a")
    assert "UPDATE 1" in text_of(otto, "#t-result", "UPDATE")
    assert "By it 1 handling is done" in text_of(otto, ".turn", "By it")
    assert find(otto, "[name=minutes]:checked").get_attribute("value") == "15"  # as the runbook expects
    company.picture("correction-to-verify")
    click(otto, "button[value=verify]")
    text_of(otto, ".ihead .badge", "Done")
    go(otto, "d", "/handlings/")
    assert "ORD-30001" not in find(otto, "#queue").text


def otto_handles_the_rest(company: Company) -> None:
    """The order of the other customer by its steps; what had come before by one key each."""
    otto = company.turn("otto")
    open_row(otto, "ORD-30002")
    click(otto, "#step-1")
    text_of(otto, "#followed", "1 of 2 steps")
    click(otto, "#step-2")
    text_of(otto, "#followed", "2 of 2 steps")
    otto.find_element(By.CSS_SELECTOR, "input[name=minutes][value='5'] + span").click()
    press(otto, "e")
    text_of(otto, ".note.success", "is handled")
    for left in (1, 0):
        go(otto, "d", "/handlings/")
        press(otto, "j", "e")
        wait(otto, lambda left=left: "done=" in otto.current_url and count(otto, ".queue tbody tr") == left)
    company.picture("nothing-to-handle")


def minutes_are_counted(company: Company, code: str) -> None:
    otto = company.turn("otto")
    otto.get(f"{company.base}/issues/1/handlings/")
    told = [row.text.split() for row in otto.find_elements(By.CSS_SELECTOR, "main td.num")]
    assert sorted(told) == [["1"], ["1"], ["15"], ["5"]]
    company.picture("occurrences")
    otto.get(f"{company.base}/runbooks/{code}/")
    assert "4 times, worked 100%" in find(otto, ".kv").text
    company.picture("runbook-used")


# --- The fix -------------------------------------------------------------------------------------------------------


def dora_resolves_it_in_a_release(company: Company) -> None:
    dora = company.turn("dora")
    dora.get(f"{company.base}/issues/1/")
    dora.find_element(By.XPATH, "//summary[contains(., 'It is over')]").click()
    find(dora, "form[action$='/resolve/'] [name=release]").send_keys("2.4.0")
    company.picture("resolve")
    click(dora, "form[action$='/resolve/'] button.primary")
    wait(dora, lambda: states(dora) == {ACME: "Awaiting deploy", GLOBEX: "Awaiting deploy"})
    go(dora, "e", "/environments/")
    click(dora, "main a[href*='/deploys/']")
    arrive(dora, "/deploys/?project=1")
    for css, text in (("#id_service", "point-service"), ("#id_environment", ACME), ("#id_release", "2.4.0")):
        find(dora, css).send_keys(text)
    click(dora, "form[action$='/deploys/add/'] button")
    text_of(dora, ".note", "recorded")
    company.picture("deploys")
    dora.get(f"{company.base}/issues/1/")
    assert states(dora) == {ACME: "Resolved", GLOBEX: "Awaiting deploy"}


def states(driver: webdriver.Chrome) -> dict[str, str]:
    """Where the issue stands, by environment."""
    told = (item.text for item in driver.find_elements(By.CSS_SELECTOR, ".work-card .states li"))
    return {line.split()[-1]: " ".join(line.split()[:-1]) for line in told}


def without_the_release_it_awaits_the_deploy(company: Company, key: str) -> None:
    """It is no news: nobody is asked to decide. The order still needs its answer."""
    log(company.base, key, environment=GLOBEX, lines=[not_granted("ORD-40001")])

    otto = company.turn("otto")
    come_to_show(otto, f"{company.base}/handlings/", ".queue tr", "ORD-40001")
    dora = company.turn("dora")
    go(dora, "w", "/inbox/")
    find(dora, "#inbox .empty")
    dora.get(f"{company.base}/issues/1/")
    assert states(dora) == {ACME: "Resolved", GLOBEX: "Awaiting deploy"}
    company.picture("awaiting-deploy", on_phone=True)


def with_the_release_it_has_regressed(company: Company, key: str) -> None:
    log(company.base, key, environment=ACME, lines=[not_granted("ORD-40002")])

    dora = company.turn("dora")
    assert "Regressed" in come_to_show(dora, f"{company.base}/inbox/", ".inbox-row", TITLE)
    assert ACME in text_of(dora, "#preview .work-card", ACME)
    company.picture("regressed")
    dora.get(f"{company.base}/issues/1/")
    assert states(dora) == {ACME: "Regressed", GLOBEX: "Awaiting deploy"}


def sato_sees_where_it_stands(company: Company) -> None:
    sato_finds(company, "ORD-40002", "To do")
    sato = company.turn("sato")
    click(sato, "main .changes a[href*='/issues/']")
    text_of(sato, ".work-card", "Regressed")
    assert states(sato) == {ACME: "Regressed", GLOBEX: "Awaiting deploy"}
    assert offers_no_act(sato)
    company.picture("support-sees")
