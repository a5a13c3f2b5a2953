"""An event with hostile text in every field: every page that shows it shows text, and nothing else."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests.hostile.real_event import EVENT
from web_world import World

HOSTILE = (
    "\"'><img src=x onerror=hostile()><script>hostile()</script>",
    "</textarea></script></style></title><svg/onload=hostile()>",
    "javascript:hostile()",
    "' onmouseover='hostile()' x='",
    "{{ hostile }}{% debug %}",
    "`<hostile>`\n# <hostile>\n[a](javascript:hostile())",
)
PAGES = ("/issues/", "/issues/{issue}/", "/issues/{issue}/events/", "/issues/{issue}/events/{event}/",
         "/issues/{issue}/grouping/", "/issues/merge/?issue={issue}&other=%3Cimg%20src=hostile%3E", "/issues/compare/?event={event}",
         "/issues/{issue}/events/{event}/raw/", "/issues/{issue}/events/?tag=%22%3E%3Cimg%20src=hostile%3E&value=%27%3Chostile%3E")  # fmt: skip


class _Finder(HTMLParser):
    """Collects what a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            text = (value or "").strip().lower()
            if name.startswith("on") or (
                text.startswith(("javascript:", "data:text")) and name in {"href", "src", "action"}
            ):
                self.found.append(f"<{tag} {name}={value}>")
        if tag in {"img", "hostile"}:
            self.found.append(f"<{tag}>")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script" and "hostile" in data:
            self.found.append(data)


def finder_of(answer: Any) -> _Finder:
    """Return what a browser would run of an answer, but for the page's own."""
    finder = _Finder()
    finder.feed(answer.content.decode())
    finder.found = [entry for entry in finder.found if "hostile" in entry or entry == "<img>"]
    return finder


def spoiled(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {key: spoiled(entry, text) for key, entry in value.items()}
    if isinstance(value, list):
        return [spoiled(entry, text) for entry in value]
    return text if isinstance(value, str) else value


def _send(world: World, text: str) -> dict[str, int]:
    kept = {name: EVENT[name] for name in ("timestamp", "level", "platform")}
    world.send({**spoiled(EVENT, text), **kept, "tags": {"region": text}, "extra": {text: text}}, raw=text)
    with connection.cursor() as cursor:
        cursor.execute("SELECT issue_id, event.id FROM event JOIN fingerprint ON fingerprint.id = fingerprint_id")
        issue, event = cursor.fetchone()
    return {"issue": issue, "event": event}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_hostile_text_as_text(alice: Client, world: World, page: str, text: str) -> None:
    address = page.format(**_send(world, text))

    answer = alice.get(address)

    assert answer.status_code == 200
    assert finder_of(answer).found == []


def test_a_template_in_a_text_is_not_one(alice: Client, world: World) -> None:
    address = PAGES[3].format(**_send(world, "{{ hostile }}{% debug %}"))

    html = alice.get(address).content.decode()

    assert "{{ hostile }}{% debug %}" in html


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("form", ["json", "markdown"])
def test_an_export_of_hostile_text_is_no_page(alice: Client, world: World, form: str, text: str) -> None:
    answer = alice.get("/issues/{issue}/events/{event}/".format(**_send(world, text)) + f"{form}/")

    assert answer.status_code == 200
    assert not answer["content-type"].startswith("text/html")
    assert answer["x-content-type-options"] == "nosniff"
