"""The grouping lab's pages: mistakes with their lines, what would change, putting in force, undoing, and who may."""

import re
import threading
from contextlib import closing
from html import unescape

import pytest
from django.test import Client
from django.utils.translation import override
from web_world import World, message, read

from mukiau.stores.grouping_changes import By
from mukiau.stores.lab.learning import Learner
from mukiau.stores.lab.objections import Why
from mukiau.stores.lab.preview import Preview, read_preview
from mukiau.stores.lab.runs import Run
from mukiau.stores.lab.wanted import is_lab_wanted
from mukiau.stores.lab.work import Lab
from mukiau.stores.regrouping import merge
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect
from mukiau.web.grouping import lab
from mukiau.web.grouping.drafts import find_mistakes

BY_CODE = 'defaults = 1\r\nalso = ["tag:code"]\r\n'


@pytest.fixture
def shop(world: World) -> World:
    """Issue 1: refusals with the codes A (twice) and B."""
    for code in ("A", "A", "B"):
        world.send(message("payment refused", tags={"code": code}))
    return world


def work(world: World) -> None:
    Lab(world.folder, processes=0, clock=lambda: world.now_ms, stop=threading.Event()).work()


def tried(client: Client, world: World, text: str = BY_CODE) -> str:
    """Send a draft, let the lab do its work, and return the address of the run."""
    answer = client.post("/grouping/try/", {"project": world.project.id, "text": text, "reason": "codes differ"})
    work(world)
    return answer.headers["Location"]


def issues(client: Client) -> set[str]:
    return set(re.findall(r'href="/issues/(\d+)/', read(client.get("/issues/"))))


def test_a_draft_begins_with_the_text_in_force_and_says_that_nothing_was_tried(alice: Client, world: World) -> None:
    page = read(alice.get("/grouping/"))

    assert "In force: version 1" in page
    assert "defaults = 1" in page
    assert "Nothing was tried yet." in page


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            'defaults = 1\nname = "open\n',
            "2: TOML として読み取れません: ここでは文字 '\\n' を使えません。（13 文字目）",
        ),
        ("defaults = 1\nlevel = [1\n", "2: TOML として読み取れません: リストの終わりに ] がありません。"),
        ("defaults = 1 2\n", "1: TOML として読み取れません: この行にはこれ以上何も書けません。（14 文字目）"),
        (
            "defaults = one\n",
            "1: TOML として読み取れません: 値として読み取れません。文字列は引用符で囲みます。（12 文字目）",
        ),
        ("defaults = 1\ndefaults = 1\n", "2: TOML として読み取れません: このキーはすでにあります。（13 文字目）"),
        (
            'defaults = 1\ntemplates.variables = ["{digit}-"]\n',
            "2: templates.variables.1 は変動部分の形として読み取れません。{digit} はありません。指定できる値: ",
        ),
    ],
)
def test_what_python_says_of_broken_toml_is_said_in_the_readers_language(text: str, says: str) -> None:
    with override("ja"):
        told = [f"{one.line}: {one.says}" for one in find_mistakes(text)]

    assert says in "\n".join(told)
    assert re.search(r"[A-Za-z]{4,} [a-z]{2,} ", "\n".join(told)) is None


def test_every_mistake_is_shown_with_its_line_and_nothing_is_kept(alice: Client, shop: World) -> None:
    text = 'defaults = 1\nalsoo = []\n[[rules]]\nname = "x"\n'

    page = read(alice.post("/grouping/try/", {"text": text, "reason": "why <b>"}))

    assert "The draft has 2 mistakes" in page
    assert 'data-line="2">Line 2</a><code>alsoo = []</code><span>There is no setting alsoo.' in page
    assert "Did you mean also?" in page
    assert 'data-line="3">Line 3</a>' in page
    assert 'value="why &lt;b&gt;"' in page
    assert "Version 2" not in page


def test_mistakes_are_told_in_japanese(alice: Client, shop: World) -> None:
    text = "alsoo = 1\n[count]\nframes = 99\n"

    page = read(alice.post("/grouping/try/", {"text": text}, headers={"accept-language": "ja"}))

    assert "1 行目" in page
    assert "defaults がありません" in page
    assert "もしかして: also" in page
    assert "指定できる値: 0 から 20 までの整数" in page


def test_a_rule_that_is_handed_over_stands_before_the_others(alice: Client, world: World) -> None:
    page = read(
        alice.get("/grouping/", {"rule": '[[rules]]\nname = "mine"\nwhen.service = "pay"\nalso = ["tag:code"]'})
    )

    assert "The rule was put before the other rules" in page
    assert "name = &quot;mine&quot;" in page


def test_a_rule_that_an_issue_proposes_leads_to_a_sound_draft(alice: Client, shop: World) -> None:
    link = re.search(r'href="(/grouping/[^"]+)"', read(alice.get("/issues/1/grouping/")))
    assert link is not None

    page = alice.get(unescape(link[1])).context

    assert "tag:code" in page["text"]
    assert find_mistakes(page["text"]) == ()


def test_a_draft_is_tried_put_in_force_and_undone(alice: Client, shop: World) -> None:
    address = tried(alice, shop)
    ready = read(alice.get(address))
    assert "1 → 2" in ready
    assert "payment refused" in ready
    assert "Sample event" in ready
    assert "What would tell the two largest apart" in ready
    assert "<code>code=A</code>" in ready
    assert issues(alice) == {"1"}

    alice.post(f"{address}apply/")
    assert is_lab_wanted(shop.folder)
    assert "Being put in force" in read(alice.get(address))
    work(shop)
    assert "Events are grouped by version 2." in read(alice.get(address))
    assert len(issues(alice)) == 2

    alice.post(f"{address}undo/")
    work(shop)
    assert "Version 1 was put in force again" in read(alice.get(address))
    assert issues(alice) == {"1"}


def test_what_was_done_stands_in_the_audit_log(alice: Client, shop: World) -> None:
    alice.post(f"{tried(alice, shop)}apply/")

    page = read(alice.get("/audit-log/"))

    assert "Grouping policy tried" in page
    assert "Grouping policy put in force" in page
    assert "codes differ" in page


def test_a_run_shows_how_far_it_is_and_can_be_stopped(alice: Client, shop: World) -> None:
    address = alice.post("/grouping/try/", {"text": BY_CODE}).headers["Location"]
    waiting = read(alice.get(address))
    assert 'http-equiv="refresh"' in waiting
    assert 'hx-trigger="every 2s"' in waiting

    alice.post(f"{address}stop/")

    stopped = read(alice.get(address))
    assert "The run was stopped. No issue was changed." in stopped
    assert 'http-equiv="refresh"' not in stopped


def test_a_draft_is_kept_on_the_page_while_another_run_is_at_work(alice: Client, shop: World) -> None:
    alice.post("/grouping/try/", {"text": BY_CODE})

    page = read(alice.post("/grouping/try/", {"text": 'defaults = 1\nalso = ["logger"]\n'}))

    assert "Run 1 is at work. Stop it first, or wait until it is done." in page
    assert "also = [&quot;logger&quot;]" in page
    assert "Version 3" not in page


def test_a_run_that_was_overtaken_is_not_put_in_force(alice: Client, shop: World) -> None:
    first = tried(alice, shop)
    second = tried(alice, shop, "defaults = 1\n[count]\nlogger = false\n")
    alice.post(f"{second}apply/")
    work(shop)

    assert "Version 3 was put in force since." in read(alice.get(first))
    assert "Undo it now" in read(alice.get(second))
    answer = alice.post(f"{first}apply/", follow=True)
    assert "The run compared with version 1, and version 3 is in force now." in read(answer)


def test_a_run_whose_version_was_replaced_says_what_is_in_force_now(alice: Client, shop: World) -> None:
    first = tried(alice, shop)
    alice.post(f"{first}apply/")
    work(shop)
    second = tried(alice, shop, "defaults = 1\n[count]\nlogger = false\n")
    alice.post(f"{second}apply/")
    work(shop)

    page = read(alice.get(first))

    assert "Version 2 was put in force; now it is version 3." in page
    assert "can no longer be undone by itself" in page
    assert "Undo it now" not in page


def test_undoing_is_refused_in_words_while_a_merge_builds_on_it(alice: Client, shop: World) -> None:
    address = tried(alice, shop)
    alice.post(f"{address}apply/")
    work(shop)
    alice.post("/issues/merge/confirm/", {"issue": sorted(issues(alice)), "into": "1"})

    page = read(alice.post(f"{address}undo/", follow=True))

    assert "was made by hand later and builds on this one" in page
    assert "Undo it now" in page


def test_versions_are_compared_line_by_line_and_not_by_colour_alone(alice: Client, shop: World) -> None:
    tried(alice, shop, "defaults = 1\nalso = []\n")
    tried(alice, shop)

    page = read(alice.get("/grouping/1/versions/3/?against=2"))

    assert "removed:</span><del>also = []</del>" in page.replace(" </span>", "</span>")
    assert "added:</span><ins>also = [&quot;tag:code&quot;]</ins>" in page.replace(" </span>", "</span>")
    assert "codes differ" in page


def test_without_events_a_run_says_that_there_is_nothing_to_compare(alice: Client, world: World) -> None:
    page = read(alice.get(tried(alice, world)))

    assert "There are no events yet" in page


def test_a_viewer_reads_everything_and_changes_nothing(alice: Client, bob: Client, shop: World) -> None:
    address = tried(alice, shop)

    run, lab = read(bob.get(address)), read(bob.get("/grouping/"))

    assert "1 → 2" in run
    assert f"{address}apply/" not in run
    assert "Only administrators change the grouping policy." in lab
    assert bob.post(f"{address}apply/").status_code == 403


@pytest.mark.parametrize("address", ["/grouping/runs/99/", "/grouping/1/versions/99/", "/grouping/99/versions/5/"])
def test_what_is_not_there_is_not_found(alice: Client, world: World, address: str) -> None:
    assert alice.get(address).status_code == 404


def test_turning_the_pages_of_a_trial_does_not_work_it_out_again_but_a_merge_by_hand_does(
    alice: Client, shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def read_counted(connection: Connection, run: Run, *, limit: int) -> Preview:
        made.append(run.id)
        return read_preview(connection, run, limit=limit)

    monkeypatch.setattr(lab, "read_preview", read_counted)
    shop.send(message("carrier late"))
    run = tried(alice, shop)

    first, second = read(alice.get(run)), read(alice.get(f"{run}?page=1"))
    looked_at_again = len(made)
    merge(shop.folder, [2], into=1, by=By(actor="alice", at_ms=shop.now_ms + 1))
    read(alice.get(run))

    assert "What would change" in first
    assert "What would change" in second
    assert (looked_at_again, len(made)) == (1, 2)


def learned(world: World) -> None:
    """Let the lab learn from ten issues."""
    learner = Learner(world.folder, least=10, clock=lambda: world.now_ms)
    while learner.step():
        work(world)


@pytest.fixture
def names(world: World) -> World:
    """Ten issues for ten names."""
    for name in "Abe Baba Chiba Doi Endo Fujii Goto Honda Inoue Jinbo".split():
        world.send(message(f"no seat for {name} in hall"))
    return world


def test_what_was_learned_is_listed_named_on_the_issue_and_undone_by_one_click(alice: Client, names: World) -> None:
    assert len(issues(alice)) == 10

    learned(names)

    (issue,) = issues(alice)
    assert "learned: no seat for {word} in hall" in read(alice.get(f"/issues/{issue}/"))
    assert read(alice.get("/grouping/")).count("By mukiau itself: 10 words in one place") == 2
    page = read(alice.get("/grouping/runs/1/"))
    assert "took the words that vary in these messages for names" in page
    assert "no seat for {word} in hall" in page
    alice.post("/grouping/runs/1/undo/")
    work(names)
    assert len(issues(alice)) == 10
    learned(names)
    assert len(issues(alice)) == 10


def test_what_was_learned_is_told_in_japanese(alice: Client, names: World) -> None:
    learned(names)

    assert "mukiau が自動で学習（同じ位置に 10 種類の語）" in read(
        alice.get("/grouping/", headers={"accept-language": "ja"})
    )


@pytest.mark.parametrize("state", ["ready", "stopped"])
def test_a_learned_version_that_is_not_in_force_says_why(alice: Client, names: World, state: str) -> None:
    learned(names)
    with closing(connect(names.folder / STATE_FILE)) as connection:
        connection.execute("UPDATE lab_run SET state = ?, error = ?", (state, Why.JOINS_OTHERS))

    assert "It would join other issues, too" in read(alice.get("/grouping/runs/1/"))
