"""`mukiau explain`, `lab` and `policy`: why events are one issue, and what a draft would change."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mukiau.cli.grouping import explain, stored
from mukiau.core.grouping.policy import DEFAULT
from mukiau.digest.pipeline import DigestedEvent

LOG = """\
2026-11-20 10:12:07,311 ERROR [worker-3] order.ship - carrier refused order 118
2026-11-20 10:12:09,020 ERROR [worker-1] order.ship - carrier refused order 119
2026-11-20 10:13:44,118 ERROR [worker-2] order.mail - mail to a@b.example not sent because=late
2026-11-20 10:13:45,118 ERROR [worker-2] order.mail - mail to c@b.example not sent because=lost
"""
BY_REASON = 'defaults = 1\n[[rules]]\nname = "by reason"\nwhen.logger = "mail"\nalso = "value:because"\n'


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "order.log"
    path.write_text(LOG, encoding="utf-8")
    return path


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "draft.toml"
    path.write_text(BY_REASON, encoding="utf-8")
    return path


def test_explain_lists_the_events_with_their_numbers(mukiau, log: Path) -> None:
    printed = mukiau("explain", log).stdout.splitlines()

    assert [line.split()[0] for line in printed] == ["1", "2", "3", "4", "4"]
    assert printed[0].endswith("carrier refused order 118")
    assert printed[0].split()[1] == printed[1].split()[1] != printed[2].split()[1]


def test_explain_lists_events_while_they_are_read_so_that_a_file_may_be_larger_than_memory(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[str] = []
    ahead: list[int] = []

    def read(found: Iterator[DigestedEvent]) -> Iterator[DigestedEvent]:
        for number, one in enumerate(list(found) * 5):
            ahead.append(number - len(printed))
            yield one

    monkeypatch.setattr(explain, "in_order", read)
    monkeypatch.setattr(click, "echo", lambda line, **_: printed.append(line))
    explain.explain.callback((str(log),), (), DEFAULT, "utf-8", as_json=False)

    assert (len(printed), max(ahead)) == (21, 1)


def test_explain_shows_every_part_and_whether_it_counts(mukiau, log: Path) -> None:
    printed = mukiau("explain", log, "--event", "1").stdout

    assert "●   logger                order.ship" in printed
    assert "●   template              carrier refused order <num>" in printed
    assert "○   call site" in printed
    assert "(logger counts)" in printed


def test_explain_says_why_two_are_one_and_what_would_part_them(mukiau, log: Path) -> None:
    printed = mukiau("explain", log, "--event", "3", "--event", "4").stdout

    assert "Together, because" in printed
    assert "would make them two issues: value:because" in printed


def test_explain_says_why_two_are_two_by_the_policy_given(mukiau, log: Path, draft: Path) -> None:
    printed = mukiau("explain", log, "--event", "3", "--event", "4", "--policy", draft).stdout

    assert "Apart, because this counts and differs:\n  ● also > value\n      event 3  because=late\n" in printed


def test_explain_prints_json_for_programs(mukiau, log: Path) -> None:
    one, two = mukiau.lines("explain", log)[:2]
    (pair,) = mukiau.lines("explain", log, "--event", "1", "--event", "2")

    assert list(one) == ["event", "title", "fingerprint_hash", "explanation"]
    assert one["fingerprint_hash"] == two["fingerprint_hash"]
    assert (pair["events"], pair["together"]) == ([1, 2], True)


def test_explain_refuses_an_event_that_is_not_there(mukiau, log: Path) -> None:
    result = mukiau("explain", log, "--event", "9")

    assert (result.exit_code, "There is no event 9" in result.output) == (1, True)


def test_the_lab_shows_what_a_draft_changes(mukiau, log: Path, draft: Path) -> None:
    printed = mukiau("lab", log, "--policy", draft).stdout
    (change,) = mukiau.lines("lab", log, "--policy", draft)

    assert printed.startswith(
        "4 events: 2 issues before, 3 issues after. 1 occurrence would move; 1 issue new, 0 gone."
    )
    assert "because=late" in printed
    assert (change["kind"], change["moved"], [issue["occurrences"] for issue in change["after"]]) == (
        "split",
        1,
        [1, 1],
    )


def test_the_lab_says_so_when_nothing_changes(mukiau, log: Path, draft: Path) -> None:
    printed = mukiau("lab", log, "--policy", draft, "--against", draft).stdout

    assert printed == "4 events, 3 issues: nothing changes.\n"


def test_the_lab_takes_no_draft_that_is_not_sound(mukiau, log: Path, draft: Path) -> None:
    draft.write_text(BY_REASON.replace("also", "allso"), encoding="utf-8")

    result = mukiau("lab", log, "--policy", draft)

    assert result.exit_code == 1
    assert "line 5: There is no rules.1.allso" in result.output
    assert "Did you mean also?" in result.output


def test_a_policy_is_checked_with_an_exit_code(mukiau, draft: Path) -> None:
    sound = mukiau("policy", "check", draft)
    draft.write_text("defaults = 1\nalsoo = []", encoding="utf-8")
    unsound = mukiau("policy", "check", draft)
    as_json = json.loads(mukiau("policy", "check", draft, "--json").stdout)

    assert (sound.exit_code, sound.stdout) == (0, f"{draft} is sound: 1 rule on version 1 of the defaults.\n")
    assert (unsound.exit_code, "line 2" in unsound.stdout) == (1, True)
    assert (as_json["kind"], as_json["line"], as_json["meant"]) == ("unknown_key", 2, "also")


def test_the_default_policy_is_printed_and_sound(mukiau) -> None:
    text = mukiau("policy", "show-default").stdout

    assert mukiau("policy", "check", "-", text=text).exit_code == 0


def test_a_trial_whose_work_breaks_off_is_said_and_not_waited_for(
    mukiau_on, draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = mukiau_on("policy", "save", draft).stdout.partition("version ")[2].partition(";")[0]
    monkeypatch.setattr(stored, "run_lab", lambda *_: None)

    answer = mukiau_on("policy", "try", version)

    assert answer.exit_code == 1
    assert "broke off; it goes on with the next command or server." in answer.stderr


CUT = """\
2026-11-20 10:20:01,004 ERROR [worker-3] order.ship - shipping failed
com.acme.ShipException: not shipped
\tat com.acme.ship.Ship.send(Ship.java:52)
Caused by: java.io.IOException: reset
\tat com.acme.ship.Carrier.call(Carrier.java:77)
\tat com.acme.ship.Ship.send(Ship.java:48)
\t... 2 more
2026-11-20 10:21:13,410 ERROR [worker-2] order.ship - shipping failed
com.acme.ShipException: not shipped
\tat com.acme.ship.Ship.send(Ship.java:52)
Caused by: java.io.IOException: reset
"""


def test_a_cut_trace_is_counted_with_the_one_issue_that_begins_like_it_and_both_commands_say_so(
    mukiau, tmp_path: Path
) -> None:
    path = tmp_path / "order.log"
    path.write_text(CUT, encoding="utf-8")

    groups = {line["group"] for line in mukiau.lines("group", path)}
    printed = mukiau("group", path).stdout.splitlines()
    explained = mukiau("explain", path, "--event", 2).stdout.splitlines()
    (told,) = mukiau.lines("explain", path, "--event", 2)

    assert len(groups) == 1
    assert printed[1] == "2 events, 1 issue"
    assert explained[-1] == printed[2]
    assert printed[2].endswith("its trace is cut, and of the known failures this one alone begins like it")
    assert (told["part_of"], told["because"]) == (groups.pop(), "cut_trace")


NAMED = "".join(
    f"2026-11-20 10:12:07,311 ERROR [w] auth.login - no mailbox for {name} here\n"
    for name in ("ann", "bob", "cleo", "dan")
)


def test_suggest_prints_a_policy_that_joins_what_differs_in_a_name(mukiau, tmp_path: Path) -> None:
    path, draft = tmp_path / "auth.log", tmp_path / "suggested.toml"
    path.write_text(NAMED, encoding="utf-8")

    draft.write_text(mukiau("policy", "suggest", path).stdout, encoding="utf-8")
    (told,) = mukiau.lines("policy", "suggest", path)

    assert "# 4 issues: ann, bob, cleo, dan, … in: no mailbox for {word} here" in draft.read_text(encoding="utf-8")
    assert "is sound: 1 rule" in mukiau("policy", "check", draft).stdout
    assert mukiau("lab", path, "--policy", draft).stdout.startswith("4 events: 4 issues before, 1 issue after.")
    assert (told["issues"], told["rule"]["pattern"]) == (4, "no mailbox for {word} here")


def test_suggest_finds_nothing_where_nothing_varies(mukiau, log: Path) -> None:
    assert mukiau.lines("policy", "suggest", log) == []
