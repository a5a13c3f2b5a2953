"""A draft of the grouping policy as a page shows it: its mistakes by line, and how it differs from another version."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from mukiau.core.grouping.policy_text import parse_policy
from mukiau.web.grouping.lab_words import mistake_words

CONTEXT_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftMistake:
    """One thing that is wrong with a draft."""

    line: int
    """From 1."""
    text: str
    """The line itself."""
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """A line of one text or of both; `mark` is `+`, `-`, empty, or `…` where lines are left out."""

    mark: str
    text: str


def find_mistakes(text: str) -> tuple[DraftMistake, ...]:
    """Return everything that is wrong with a policy's text, in the order of its lines."""
    lines = text.splitlines()
    return tuple(
        DraftMistake(
            line=one.line, text=lines[one.line - 1].strip() if one.line <= len(lines) else "", says=mistake_words(one)
        )
        for one in parse_policy(text).mistakes
    )


def diff_of(before: str, after: str) -> tuple[DiffLine, ...]:
    """Return the lines that differ, with a few around them; nothing where the texts are the same.

    >>> [(line.mark, line.text) for line in diff_of("a\\nb", "a\\nc")]
    [('', 'a'), ('-', 'b'), ('+', 'c')]
    """
    old, new = before.splitlines(), after.splitlines()
    groups = list(SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT_LINES))
    return tuple(line for group in groups for line in _lines_of(old, new, group))


def _lines_of(old: list[str], new: list[str], group: list[tuple[str, int, int, int, int]]) -> Iterator[DiffLine]:
    if group[0][1]:
        yield DiffLine(mark="…", text="")
    for kind, begin, end, other_begin, other_end in group:
        if kind == "equal":
            yield from (DiffLine(mark="", text=text) for text in old[begin:end])
        else:
            yield from (DiffLine(mark="-", text=text) for text in old[begin:end])
            yield from (DiffLine(mark="+", text=text) for text in new[other_begin:other_end])
