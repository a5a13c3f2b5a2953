"""The words of messages in each language; the process that sends them needs no catalogue of the pages."""

from dataclasses import dataclass

from mukiau.notify.cause import CauseKind
from mukiau.work.requests import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Everything a message says by itself, in one language."""

    kinds: dict[CauseKind, str]
    """Before what it is about."""
    steps: dict[State, str]
    """What a request waits for."""
    several: str
    """Subject of a message about `n` things."""
    more: str
    """Behind the last one that is shown: `n` are not."""
    all_of_them: str
    """Where the link of a message about several leads."""
    by: str
    """Who did it: `name`."""
    frequent: str
    """Before an issue that happened most often."""
    events: str
    """`n` of them."""
    summary_subject: str
    """`day`, `new`, `again`, `events`, `issues`."""
    summary_text: str
    summary_quiet: str
    summary_open: str
    """`undecided`, `handlings`."""
    test_subject: str
    test_text: str
    footer: str
    """Why somebody gets this."""


ENGLISH = Words(
    kinds={
        CauseKind.NEW: "New issue",
        CauseKind.REGRESSED: "Came back",
        CauseKind.REQUEST: "Request",
        CauseKind.MENTION: "Mention",
    },
    steps={
        State.ASKED: "asked for",
        State.APPROVED: "approved, to be done",
        State.TO_VERIFY: "done, to be verified by you",
        State.SENT_BACK: "sent back to you",
        State.DECLINED: "declined",
    },
    several="{n} things to look at",
    more="and {n} more",
    all_of_them="All issues",
    by="by {name}",
    frequent="Most frequent",
    events="{n} events",
    summary_subject="Summary of {day}: {new} new, {again} came back, {events} events",
    summary_text="In the last day: {events} events in {issues} issues; {new} of the issues are new, {again} came back.",
    summary_quiet="In the last day nothing happened.",
    summary_open=" Waiting now: {undecided} decisions, {handlings} handlings.",
    test_subject="Test message of mukiau",
    test_text="This route works. What it tells from now on comes here.",
    footer="You get this because a notification route of mukiau leads here.",
)
JAPANESE = Words(
    kinds={
        CauseKind.NEW: "新しいイシュー",
        CauseKind.REGRESSED: "再発",
        CauseKind.REQUEST: "依頼",
        CauseKind.MENTION: "メンション",
    },
    steps={
        State.ASKED: "依頼されました",
        State.APPROVED: "承認されました。実施待ちです",
        State.TO_VERIFY: "実施されました。確認してください",
        State.SENT_BACK: "差し戻されました",
        State.DECLINED: "却下されました",
    },
    several="確認が必要なもの {n} 件",
    more="ほか {n} 件",
    all_of_them="すべてのイシュー",
    by="{name} さん",
    frequent="件数の多いイシュー",
    events="{n} 件",
    summary_subject="{day} のまとめ: 新規 {new} 件、再発 {again} 件、発生 {events} 件",
    summary_text="直近 1 日の発生は {issues} 件のイシューで {events} 件です。そのうち新しいイシューは {new} 件、再発は {again} 件です。",
    summary_quiet="直近 1 日は何も発生していません。",
    summary_open="現在、判断待ちは {undecided} 件、未完了の対応は {handlings} 件です。",
    test_subject="mukiau のテスト通知",
    test_text="この通知先は正しく設定されています。今後の通知はここに届きます。",
    footer="mukiau の通知先に登録されているため送信しています。",
)
LANGUAGES = {"en": ENGLISH, "ja": JAPANESE}


def words_in(language: str) -> Words:
    """Return the words of a language; English where there are none."""
    return LANGUAGES.get(language, ENGLISH)
