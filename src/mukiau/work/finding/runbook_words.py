"""What of a runbook is looked through when one is sought: not its steps and contacts, whose words say nothing of the error.

A text that has no section of meaning (a page of a wiki, brought in as it is) is looked through whole.
"""

import re
from collections.abc import Iterator

from mukiau.work.finding.index import IndexedText
from mukiau.work.runbooks.front_matter import RunbookText
from mukiau.work.runbooks.sections import SectionKind, section_of

_HEADING = re.compile(r"#{1,6}[ \t]+(.*)")
_FENCE = re.compile(r" {0,3}(?:`{3,}|~{3,})")
_MEANING = frozenset({SectionKind.MEANING, SectionKind.IMPACT})


def indexed_text(text: RunbookText) -> IndexedText:
    """Return the words that a runbook is found by."""
    sections = list(_sections(text.body))
    meaning = [words for name, words in sections if section_of(name) in _MEANING] or [
        f"{name}\n{words}" for name, words in sections if section_of(name) is not SectionKind.EXAMPLES
    ]
    front = text.front
    return IndexedText(
        title=front.title,
        services=front.services,
        keywords=front.keywords,
        rules=tuple(
            pattern.replace("*", " ")
            for rule in front.rules
            for condition in rule.conditions
            for pattern in condition.patterns
        ),
        meaning="\n".join(meaning),
        examples="\n".join(words for name, words in sections if section_of(name) is SectionKind.EXAMPLES),
    )


def _sections(body: str) -> Iterator[tuple[str, str]]:
    """Yield the sections: heading ("" before the first), and its lines. A `#` in a code block is none."""
    name, lines, fence = "", list[str](), ""
    for line in body.splitlines():
        mark = _FENCE.match(line)
        if mark is not None:
            fence = "" if fence and mark[0].strip().startswith(fence) else fence or mark[0].strip()
        elif not fence and (heading := _HEADING.match(line)) is not None:
            yield name, "\n".join(lines)
            name, lines = heading[1].rstrip(" \t#:：").strip(), []
            continue
        lines.append(line)
    yield name, "\n".join(lines)
