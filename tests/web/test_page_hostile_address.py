"""Whatever stands in an address, in a form or in a cookie: an answer, never a fault, and nothing of it becomes markup."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from django.test import Client
from route_table import TABLE
from web_world import POINTS, World

import mukiau.web

pytestmark = pytest.mark.slow  # thousands of pages

# Every name that a view reads, and the ones that frameworks do.
_READ = re.compile(r"GET(?:\.get\(|\[|\.getlist\()\"([a-z_]+)\"")
NAMES = sorted(
    {name for file in Path(mukiau.web.__path__[0]).rglob("*.py") for name in _READ.findall(file.read_text("utf-8"))}
    | {"page", "sort", "level", "period", "format", "_method", "id", "tag", "status"}
)
TEXTS = (
    "", "\x00", "'", '"', "\\", "%", "' OR 1=1 --", "'); DROP TABLE event; --", "\"><img src=x onerror=hostile()>",
    "</script><script>hostile()</script>", "{{ hostile }}{% debug %}", "javascript:hostile()", "//example.com/%2f..",
    "\\\\example.com", "\r\nSet-Cookie: a=b", "=HYPERLINK(1)", "\x1b[2J", "\u202e", "\ud7ff\uffff", "９９", "-1", "0", "1e999",
    "9" * 400, "NaN", "NEAR(a b) AND OR NOT * : ^ \" (", "a:" * 200, '"' * 199, "release:\"", "-" * 200, "é" * 2_000,
    "level:error " * 40, "*" * 200, "\x7f\x80\x9f", "../../etc/passwd", "None", "[]", "{}", "%00%ff",
)  # fmt: skip
STEP = 3
"""Of the texts each name of a query gets every third in turn; neighbouring names get other ones."""
PAGES = {name: line for name, line in TABLE.items() if line.admin[0] != 405}


def _rotated(names: Sequence[str], texts: Sequence[str]) -> Iterator[dict[str, str]]:
    for first in range(0, len(texts), STEP):
        yield {name: texts[(first + at) % len(texts)] for at, name in enumerate(names)}


@pytest.mark.parametrize("name", PAGES)
def test_no_text_in_the_query_makes_a_page_fail(alice: Client, world: World, name: str) -> None:
    world.send(POINTS)

    for asked in _rotated(NAMES, TEXTS):
        answer = alice.get(PAGES[name].path, asked)

        assert answer.status_code < 500
        if answer.get("content-type", "").startswith("text/html") and not answer.streaming:
            page = answer.content.decode()
            assert "<img src=x" not in page
            assert "<script>hostile()" not in page
        assert not re.match(r"(https?:)?[/\\]{2}|javascript:", answer.get("location", ""))


@pytest.mark.parametrize("name", NAMES)
def test_no_text_in_one_field_of_the_query_makes_the_list_or_an_issue_fail(
    alice: Client, world: World, name: str
) -> None:
    world.send(POINTS)

    paths = ("/issues/", "/issues/1/", "/issues/1/events/", "/issues/1/events/1/")

    for at, text in enumerate(TEXTS, start=NAMES.index(name)):
        assert alice.get(paths[at % len(paths)], {name: text}).status_code < 500


@pytest.mark.parametrize("name", TABLE)
def test_no_text_in_a_form_makes_its_page_fail(alice: Client, world: World, name: str) -> None:
    fields = (
        "name",
        "label",
        "role",
        "email",
        "username",
        "password",
        "next",
        "language",
        "density",
        "ids",
        "id",
        "code",
    )

    for sent in _rotated(fields, TEXTS[:24]):
        answer = alice.post(TABLE[name].path, sent)

        assert answer.status_code < 500 or name == "test-error"
        assert not re.match(r"(https?:)?[/\\]{2}|javascript:", answer.get("location", ""))


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 19, "9" * 400, "-1", "1e9", "１", "%00", "1%0a"])
def test_no_number_in_a_path_makes_its_page_fail(alice: Client, world: World, number: str) -> None:
    for path in sorted({line.path for line in TABLE.values() if "/1/" in line.path}):
        answer = alice.get(path.replace("/1/", f"/{number}/"))

        assert answer.status_code < 500


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_in_a_cookie_makes_a_page_fail(charlie: Client, world: World, text: str) -> None:
    value = "".join(char for char in text if char.isascii() and char.isprintable())

    for cookie in ("sessionid", "csrftoken", "django_language", "messages", "density"):
        charlie.cookies[cookie] = value

    assert charlie.get("/issues/").status_code < 500
