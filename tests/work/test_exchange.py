"""Lists of manuals are read whatever they hold; a folder and the server become the same and nothing is overwritten."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.work.exchange.listing import Listing, ListProblem, Manual, parse_listing
from mukiau.work.exchange.syncing import Act, Kept, plan_sync

TEXTS = st.sampled_from(("one", "two", "three"))


def test_columns_are_found_by_their_headings_in_either_language() -> None:
    english = parse_listing("title,url,service,keywords\nNo stock,https://wiki.example/1,order; cart,在庫;stock\n")
    japanese = parse_listing(
        "\ufeffキーワード,サービス,ＵＲＬ,タイトル\r\n在庫、stock,order;cart,https://wiki.example/1,No stock\r\n"
    )

    manual = Manual(
        line=2, title="No stock", url="https://wiki.example/1", services=("order", "cart"), keywords=("在庫", "stock")
    )
    assert english == japanese == Listing(manuals=(manual,), problems=())


def test_a_spreadsheets_tabs_and_quoted_line_ends_are_read() -> None:
    listing = parse_listing('title\tkeywords\n"No\nstock"\t"a\nb"\nDisk full\tc\n')

    assert [(one.line, one.title, one.keywords) for one in listing.manuals] == [
        (2, "No stock", ("a", "b")),
        (5, "Disk full", ("c",)),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", (1, ListProblem.NO_TITLE_COLUMN)),
        ("a,b\n1,2\n", (1, ListProblem.NO_TITLE_COLUMN)),
        ("title,url\n,https://wiki.example/1\n", (2, ListProblem.NO_TITLE)),
        ("title,url\nx,javascript:alert(1)\n", (2, ListProblem.BAD_ADDRESS)),
        ("title,url\nx,file:///etc/passwd\n", (2, ListProblem.BAD_ADDRESS)),
        ("title\nx\n\nx\n", (4, ListProblem.TWICE)),
    ],
)
def test_a_line_that_cannot_be_used_is_told(text: str, problem: tuple[int, ListProblem]) -> None:
    assert parse_listing(text).problems == (problem,)


@given(st.text(alphabet=st.sampled_from("title,url\n\r\t\"';、\0xタイトル"), max_size=200))
def test_whatever_a_list_holds_there_is_a_result(text: str) -> None:
    parse_listing(text)
    parse_listing(f"title\n{text}")


# --- Keeping a folder and the server the same ---------------------------------------------------------------------


@st.composite
def kept(draw: st.DrawFn, number: int) -> Kept:
    has_file = draw(st.booleans())
    return Kept(
        id=number,
        code=f"ORD-{number}",
        text=draw(TEXTS),
        is_retired=draw(st.booleans()),
        path=f"{number}.md" if has_file else "",
        common=draw(TEXTS) if has_file else None,
    )


SERVERS = st.integers(0, 4).flatmap(lambda count: st.tuples(*(kept(number) for number in range(count))))
FOLDERS = st.dictionaries(st.sampled_from(("0.md", "1.md", "ORD-1.md", "ORD-2.md", "new.md", "sub/ORD-3.md")), TEXTS)


@pytest.mark.parametrize(
    ("file", "runbook", "common", "is_retired", "act"),
    [
        ("one", "one", "one", False, Act.NOTHING),
        ("two", "one", "one", False, Act.TAKE),
        ("one", "two", "one", False, Act.WRITE),
        ("two", "three", "one", False, Act.CONFLICT),
        ("two", "two", "one", False, Act.NOTE_COMMON),
        (None, "one", "one", False, Act.RETIRE),
        (None, "two", "one", False, Act.CONFLICT),
        (None, "one", None, False, Act.WRITE),
        (None, "one", None, True, Act.NOTHING),
        (None, "one", "one", True, Act.FORGET),
        ("one", "one", "one", True, Act.TELL_RETIRED),
        ("two", "one", "one", True, Act.CONFLICT),
        ("one", "one", None, False, Act.NOTE_COMMON),
        ("two", "one", None, False, Act.CONFLICT),
    ],
)
def test_what_is_done_about_one_runbook(
    file: str | None, runbook: str, common: str | None, is_retired: bool, act: Act
) -> None:
    one = Kept(
        id=1, code="ORD-1", text=runbook, is_retired=is_retired, path="ORD-1.md" if common else "", common=common
    )

    steps = plan_sync({} if file is None else {"ORD-1.md": file}, [one])

    assert [step.act for step in steps] == [act]


def test_a_file_that_comes_back_brings_its_runbook_back() -> None:
    removed = Kept(id=1, code="ORD-1", text="one", is_retired=True, path="orders/no-stock.md")

    (step,) = plan_sync({"orders/no-stock.md": "two"}, [removed])

    assert (step.act, step.runbook_id, step.text) == (Act.TAKE, 1, "two")


def test_a_file_nobody_knows_becomes_a_runbook() -> None:
    (step,) = plan_sync({"orders/no-stock.md": "one"}, [])

    assert (step.act, step.path, step.text) == (Act.TAKE_NEW, "orders/no-stock.md", "one")


@given(FOLDERS, SERVERS)
def test_no_text_is_lost_and_a_second_time_nothing_is_left_to_do(
    files: dict[str, str], server: tuple[Kept, ...]
) -> None:
    steps = plan_sync(files, server)
    folder, runbooks = dict(files), {runbook.id: runbook for runbook in server}
    for step in steps:
        assert step.act is not Act.WRITE or files.get(step.path) in {None, runbooks[step.runbook_id].common}
        assert step.act is not Act.TAKE or runbooks[step.runbook_id].text == runbooks[step.runbook_id].common
        _do(step, folder, runbooks)

    again = plan_sync(folder, tuple(runbooks.values()))

    untouched = {Act.NOTHING, Act.CONFLICT, Act.TELL_RETIRED}
    assert {step.act for step in again} <= untouched
    assert {step.path for step in again if step.act is Act.CONFLICT} == {
        step.path for step in steps if step.act is Act.CONFLICT
    }


def _do(step, folder: dict[str, str], runbooks: dict[int, Kept]) -> None:
    if step.act is Act.TAKE_NEW:
        number = 100 + len(runbooks)
        runbooks[number] = Kept(id=number, code=f"NEW-{number}", text=step.text, path=step.path, common=step.text)
    elif step.act in {Act.TAKE, Act.NOTE_COMMON, Act.WRITE}:
        folder[step.path] = step.text
        runbooks[step.runbook_id] = replace(
            runbooks[step.runbook_id], text=step.text, path=step.path, common=step.text, is_retired=False
        )
    elif step.act is Act.RETIRE:
        runbooks[step.runbook_id] = replace(runbooks[step.runbook_id], is_retired=True, common=None)
    elif step.act is Act.FORGET:
        runbooks[step.runbook_id] = replace(runbooks[step.runbook_id], common=None)
