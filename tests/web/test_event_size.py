"""Events as large and as odd as a sender can make them: the page stays small and says what it leaves out."""

from typing import Any

import pytest
from django.test import Client
from test_page_issue import place_of
from web_world import World, chain, exception, frame, message, read

from mukiau.web.event.remarks import Remarks
from mukiau.web.event.sheet import LOG, Fold, Sheet

MAX_PAGE_BYTES = 150_000


def deep(levels: int) -> Any:
    value: Any = "end"
    for _ in range(levels):
        value = {"a": value}
    return value


def frames(count: int, **more: Any) -> list[dict[str, Any]]:
    return [frame(f"work_{number}", number + 1, **more) for number in range(count)]


QUOTES = "\"'<&>" * 20_000
LARGE: dict[str, dict[str, Any]] = {
    "a text of 500 KB": message("x", extra={"text": "x" * 500_000}),
    "a message of 500 KB": message("é" * 500_000),
    "quotes, which grow when they are escaped": message(QUOTES, extra={"q": QUOTES}, tags={"q": QUOTES}),
    "1,000 frames": chain(exception("E", "v", *frames(1_000, context_line="x" * 500, vars={"a": "b" * 100}))),
    "library frames of 250 names": chain(exception("E", "v", *frames(250, in_app=False, pre_context=["日本語" * 50] * 9))),
    "10,000 variables": chain(exception("E", "v", frame("f", vars={f"name_{n}": f"value {n}" for n in range(10_000)}))),
    "variables 200 deep": chain(exception("E", "v", frame("f", vars=deep(200)))),
    "100 exceptions": chain(*[exception(f"E{n}", "v" * 500, *frames(10)) for n in range(100)]),
    "250 threads": message(
        "x", threads={"values": [{"id": n, "stacktrace": {"frames": frames(20)}} for n in range(250)]}
    ),
    "100 breadcrumbs with data": message(
        "x", breadcrumbs={"values": [{"message": "m" * 500, "data": {"k": "v" * 800}} for _ in range(100)]}
    ),
    "64 contexts": message("x", contexts={f"c{n}": {f"k{i}": "v" * 50 for i in range(50)} for n in range(64)}),
    "1,000 packages": message("x", modules={f"package-{n}": "1.0" for n in range(1_000)}),
    "200 tags": message("x", tags={f"tag{n}": f"value {n}" * 10 for n in range(200)}),
    "a large request": message(
        "x", request={"url": "https://a.example/" + "a" * 2_000, "headers": {f"H{n}": "v" * 200 for n in range(100)},
                      "data": {f"f{n}": "v" * 100 for n in range(500)}, "env": {f"E{n}": "v" * 100 for n in range(300)}}
    ),
    "300 remarks": message("x", _meta={"extra": {f"e{n}": {"": {"len": n}} for n in range(300)}}),
    "50 problems": message("x", **{f"unknown_{n}": "v" * 500 for n in range(80)}),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_the_page_of_a_large_event_stays_small(alice: Client, world: World, name: str) -> None:
    world.send(LARGE[name])

    answers = {part: alice.get(place_of(world) + part) for part in ("", "?crumbs=all", "raw/", "?at=f-0-3")}

    assert {answer.status_code for answer in answers.values()} == {200}
    assert {part: len(answer.content) for part, answer in answers.items() if len(answer.content) > MAX_PAGE_BYTES} == {}


def test_everything_at_once_is_as_small(alice: Client, world: World) -> None:
    everything: dict[str, Any] = {}
    for payload in LARGE.values():
        everything |= payload
    world.send(everything, raw="a line of the log\n" * 5_000)

    answer = alice.get(place_of(world))

    assert len(answer.content) <= MAX_PAGE_BYTES
    assert "too large to show all of it" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a text of 500 KB", "characters not shown"),
        ("1,000 frames", "more frames are not shown here"),
        ("10,000 variables", "more entries not shown"),
        ("100 exceptions", "more exceptions are not shown here"),
        ("250 threads", "more threads are not shown here"),
        ("1,000 packages", "more packages; search for them"),
        ("200 tags", "more tags are not shown here"),
        ("64 contexts", "more entries not shown"),
        ("300 remarks", "more are not shown here"),
    ],
)
def test_what_is_left_out_is_said_where_it_is_missing(alice: Client, world: World, name: str, said: str) -> None:
    world.send(LARGE[name])
    place = place_of(world)

    page, whole = read(alice.get(place)), read(alice.get(f"{place}?all=1"))

    assert said in page
    assert 'href="?all=1"' in page
    assert said not in whole


def test_a_package_is_found_among_a_thousand(alice: Client, world: World) -> None:
    world.send(LARGE["1,000 packages"])

    page = read(alice.get(place_of(world) + "?modules=KAGE-99"))

    assert page.count("<dt>package-") == 11
    assert "<dt>package-990</dt>" in page


def test_lines_of_the_json_have_one_number_on_every_page(alice: Client, world: World) -> None:
    world.send(LARGE["250 threads"])
    place = f"{place_of(world)}raw/"

    first, second = read(alice.get(place)), read(alice.get(f"{place}?from=501"))

    assert 'id="L500"' in first
    assert 'id="L501"' not in first
    assert 'href="?from=501"' in first
    assert '<li id="L501"><a href="?from=501#L501"' in second
    assert 'href="?from=1"' in second


def test_a_fold_never_hides_a_few_characters() -> None:
    fold = Fold(open_chars=10, open_lines=2, max_chars=1_000)

    assert fold.at("x" * 100) == 100
    assert fold.at("x" * 200) == 10
    assert fold.at("a\nb\nc" + "x" * 200) == 4


def test_a_part_of_a_sheet_takes_from_the_whole() -> None:
    sheet = Sheet(Remarks({}), max_bytes=1_000)
    part = sheet.part(600)

    value = part.value("x" * 5_000, fold=LOG)

    assert len(value.whole) + value.left_out == 5_000
    assert 400 < len(value.whole) <= 600
    assert sheet.left == 400
    assert sheet.is_short
    assert sheet.part(9_000).left == 400
