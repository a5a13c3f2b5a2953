"""The sections of a runbook, by their headings in English or Japanese."""

import re
from enum import StrEnum


class SectionKind(StrEnum):
    """What a section tells."""

    MEANING = "meaning"
    IMPACT = "impact"
    ACT_OR_NOT = "act_or_not"
    STEPS = "steps"
    VERIFY = "verify"
    CONTACTS = "contacts"
    LASTING_FIX = "lasting_fix"
    EXAMPLES = "examples"


HEADINGS: dict[SectionKind, tuple[str, str]] = {
    SectionKind.MEANING: ("Meaning", "意味"),
    SectionKind.IMPACT: ("Impact", "影響"),
    SectionKind.ACT_OR_NOT: ("Act or not", "対応要否"),
    SectionKind.STEPS: ("Steps", "手順"),
    SectionKind.VERIFY: ("Verify", "確認"),
    SectionKind.CONTACTS: ("Contacts", "連絡先"),
    SectionKind.LASTING_FIX: ("Lasting fix", "恒久対応"),
    SectionKind.EXAMPLES: ("Examples", "例"),
}
"""How a template heads them, in English and in Japanese."""
_ALSO: dict[SectionKind, str] = {
    SectionKind.MEANING: "what it means|cause|概要|原因|内容",
    SectionKind.IMPACT: "影響範囲",
    SectionKind.ACT_OR_NOT: "対応の要否|対応判断|判断",
    SectionKind.STEPS: "what to do|procedure|対応手順|対応方法|対処手順|対処方法|対処",
    SectionKind.VERIFY: "verification|確認方法|確認手順|事後確認",
    SectionKind.CONTACTS: "contact|who to ask|問い合わせ先|エスカレーション先|エスカレーション",
    SectionKind.LASTING_FIX: "permanent fix|恒久対策|根本対応|根本対策",
    SectionKind.EXAMPLES: "example|事例|ログ例",
}
_BEFORE = re.compile(r"[\s\d.．)）、【「■●◆□]*")
_AFTER = frozenset(":：】」")
_PRIVILEGE = re.compile(r"[(\uff08]\s*(?:needs privilege|要権限)\s*[)\uff09]", re.IGNORECASE)
_KINDS = {name.casefold(): kind for kind in SectionKind for name in (*HEADINGS[kind], *_ALSO[kind].split("|"))}


def section_of(heading: str) -> SectionKind | None:
    """Return which section a heading begins; None for one of the author's own.

    >>> section_of("3. Steps:"), section_of("【手順】"), section_of("Background")
    (<SectionKind.STEPS: 'steps'>, <SectionKind.STEPS: 'steps'>, None)
    """
    before, end = _BEFORE.match(heading), len(heading)
    start = before.end() if before is not None else 0
    while end > start and (heading[end - 1].isspace() or heading[end - 1] in _AFTER):
        end -= 1
    return _KINDS.get(heading[start:end].casefold())


def take_privilege(words: str) -> tuple[str, bool]:
    """Take the marks of a step that needs a privilege out of its words; say whether there was one.

    >>> take_privilege("Delete the row  (needs privilege).")
    ('Delete the row.', True)
    """
    *before, last = _PRIVILEGE.split(words)
    return "".join((*(piece.rstrip() for piece in before), last)), bool(before)
