"""Patterns of templates: what several wordings have in common, and a mark for each place where they differ."""

import re
from collections.abc import Sequence

MAX_GAP_TOKENS = 8
"""Words that one `{words}` stands for."""
WORD, WORDS = "{word}", "{words}"

_TOKEN = re.compile(
    r"<[a-z]{2,8}(?: [^<>\n]{0,80})?>|\{words?\}|[A-Za-z0-9_.\u00c0-\u024f-]*[A-Za-z0-9_\u00c0-\u024f](?:'[A-Za-z\u00c0-\u024f]{1,40})?|[\u3400-\u9fff々]+|[\u3040-\u309f]+|[\u30a0-\u30ffー]+|\S"
)
TELLS_APART = re.compile(r"[A-Z][A-Z0-9_-]{2,}|-?\d{3,}|\w{1,80}(?:Error|Exception)|[A-Z]+[-_]?\d+")
IS_WORD = re.compile(r"[A-Za-z0-9_\u00c0-\u024f\u3040-\u30ff\u3400-\u9fff々ー]|<[a-z]{2,8}")


def pattern_of(templates: Sequence[str]) -> tuple[str, frozenset[str]] | None:
    """Return what the templates have in common and the words that vary; None when too little is left of them.

    >>> pattern_of(["Sato was not found", "Mori was not found"])[0]
    '{word} was not found'
    """
    tokens = [tokens_of(template) for template in templates]
    common = tokens[0]
    for other in tokens[1:]:
        common = _common(common, other)
    kept = [token for token in common if IS_WORD.match(token)]
    if len(kept) < 2 or 3 * len(kept) < max(sum(map(bool, map(IS_WORD.match, one))) for one in tokens):
        return None
    gaps = [_gaps(common, one) for one in tokens]
    varying = frozenset(token for found in gaps for gap in found for token in gap)
    marks = [_mark([found[at] for found in gaps]) for at in range(len(common) + 1)]
    pattern = _render(common, marks, max(templates, key=len))
    return (pattern, varying) if all(matches(pattern, template) for template in templates) else None


def _mark(gaps: Sequence[Sequence[str]]) -> str:
    """What stands for the words between two common ones."""
    if not any(gaps):
        return ""
    return WORD if all(len(gap) == 1 and IS_WORD.match(gap[0]) for gap in gaps) else WORDS


def tokens_of(text: str) -> list[str]:
    """Return words, placeholders and signs; Japanese is cut where its script changes."""
    return _TOKEN.findall(text)


def _common(one: Sequence[str], other: Sequence[str]) -> list[str]:
    """The longest common subsequence, leftmost."""
    lengths = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in reversed(range(len(one))):
        for j in reversed(range(len(other))):
            same = one[i] == other[j]
            lengths[i][j] = lengths[i + 1][j + 1] + 1 if same else max(lengths[i + 1][j], lengths[i][j + 1])
    i = j = 0
    found = []
    while i < len(one) and j < len(other):
        if one[i] == other[j]:
            found.append(one[i])
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def _gaps(common: Sequence[str], tokens: Sequence[str]) -> list[list[str]]:
    """What stands before each common token and after the last one."""
    gaps: list[list[str]] = [[]]
    for token in tokens:
        if len(gaps) <= len(common) and token == common[len(gaps) - 1]:
            gaps.append([])
        else:
            gaps[-1].append(token)
    return gaps


def _render(common: Sequence[str], marks: Sequence[str], template: str) -> str:
    """The pattern with the blanks of one of its templates."""
    pieces: list[str] = []
    position = 0
    for found in _TOKEN.finditer(template):
        at = len(pieces) // 2
        if at < len(common) and found.group() == common[at]:
            pieces += [_between(template[position : found.start()], marks[at]), found.group()]
            position = found.end()
    return "".join([*pieces, _between(template[position:], marks[-1])]).strip()


def render_tokens(tokens: Sequence[str], template: str) -> str:
    """Return tokens with marks as a pattern, with the blanks of a template that has them."""
    common: list[str] = []
    marks = [""]
    for token in tokens:
        if token in {WORD, WORDS}:
            marks[-1] = WORDS if marks[-1] else token
        else:
            common.append(token)
            marks.append("")
    return _render(common, marks, template)


def _between(text: str, mark: str) -> str:
    """What stands between two common tokens: blanks, and the mark in place of words."""
    return f"{' ' * text.startswith(' ')}{mark}{' ' * text.endswith(' ')}" if mark else text


def varying_words(pattern: str, template: str) -> list[str]:
    """Return what of a template is not in its pattern.

    >>> varying_words("{word} was not found in {words}", "Abe was not found in New York")
    ['Abe', 'New', 'York']
    """
    kept = [token for token in tokens_of(pattern) if token not in {WORD, WORDS}]
    return [token for gap in _gaps(kept, tokens_of(template)) for token in gap]


def matches(pattern: str, template: str) -> bool:
    """Say whether the template is one of the pattern's; blanks do not count. Linear in the template for each mark.

    >>> matches("{word} was not found", "Abe was not found"), matches("{word} was not found", "It was found")
    (True, False)
    """
    parts, tokens = tokens_of(pattern), tokens_of(template)
    reached = {0}
    for part in parts:
        if part == WORDS:
            reached = {at + more for at in reached for more in range(MAX_GAP_TOKENS + 1)}
        elif part == WORD:
            reached = {at + 1 for at in reached if at < len(tokens) and IS_WORD.match(tokens[at])}
        else:
            reached = {at + 1 for at in reached if at < len(tokens) and tokens[at] == part}
        reached = {at for at in reached if at <= len(tokens)}
    return len(tokens) in reached
