"""A person's first quarter of an hour, in a real browser against the whole product."""

import json
import urllib.request
from urllib.parse import SplitResult, urlsplit

from browsing import click, complaints, count, fill, find, needs_chromium, press, text_of
from selenium import webdriver

pytestmark = needs_chromium
PASSWORD = "a long enough word"


def send_test_error(visitor: webdriver.Chrome, base: str) -> None:
    visitor.get(f"{base}/sources/")
    click(visitor, "form[action$='/test/'] button")
    text_of(visitor, "#arrival", "has arrived")


def send_event(base: str, dsn: SplitResult) -> None:
    """Send an event as a client would."""
    event = json.dumps({"message": "the queue is full", "level": "error"}).encode()
    headers = {"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={dsn.username}"}
    url = f"{base}/api{dsn.path}/store/"
    with urllib.request.urlopen(urllib.request.Request(url, event, headers), timeout=10) as answer:
        assert answer.status == 200


def test_from_the_first_start_link_to_the_next_event(visitor: webdriver.Chrome, fresh: tuple[str, str]) -> None:
    base, link = fresh

    # The link makes the account and leads to the sources; there a project and two test errors.
    visitor.get(link)
    fill(visitor, name="mori", password=PASSWORD, again=PASSWORD)
    click(visitor, "button.primary")
    text_of(visitor, "h1", "Sources")
    fill(visitor, name="Shop")
    click(visitor, "form[action$='/projects/'] button")
    send_test_error(visitor, base)
    send_test_error(visitor, base)
    click(visitor, "#arrival .btn.primary")
    text_of(visitor, "h1", "TestError")

    # Out, and in again by the form.
    click(visitor, "form[action$='/sign-out/'] button")
    text_of(visitor, "h1", "Sign in")
    fill(visitor, login="mori", password=PASSWORD)
    click(visitor, "button.primary")

    # List, search, issue, previous and next event; by keys where there are keys.
    text_of(visitor, "h1", "Issues")
    press(visitor, "/")
    press(visitor, "received it")
    text_of(visitor, ".listhead", "1 issue matches")
    assert "q=received" in visitor.current_url
    click(visitor, ".irow h2 a")
    text_of(visitor, ".eventbar .at", "Event 2 of 2")
    assert find(visitor, ".link.root h3").text == "KeyError"
    press(visitor, "[")
    text_of(visitor, ".eventbar .at", "Event 1 of 2")
    click(visitor, "a[rel=next]")
    text_of(visitor, ".eventbar .at", "Event 2 of 2")

    # Back to the list as it was left.
    press(visitor, "u")
    text_of(visitor, ".listhead", "1 issue matches")
    assert "q=received" in visitor.current_url

    # Nothing was blocked by the page's own rules, no script failed.
    assert complaints(visitor) == []


def test_the_list_says_that_something_new_came_without_moving(
    visitor: webdriver.Chrome, fresh: tuple[str, str]
) -> None:
    base, link = fresh
    visitor.get(link)
    fill(visitor, name="mori", password=PASSWORD, again=PASSWORD)
    click(visitor, "button.primary")
    find(visitor, "form[action$='/projects/']")  # the form before it has a field of that name, too
    fill(visitor, name="Shop")
    click(visitor, "form[action$='/projects/'] button")
    dsn = urlsplit(text_of(visitor, "#dsn", "http"))
    visitor.get(f"{base}/issues/")
    text_of(visitor, ".empty", "No errors have arrived yet")

    send_event(base, dsn)
    said = text_of(visitor, "#news", "Show")

    assert "1 new" in said
    assert count(visitor, ".irow") == 0
    click(visitor, "#news a")
    text_of(visitor, ".irow", "the queue is full")
