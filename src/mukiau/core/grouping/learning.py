"""Words that vary so much that no person needs to be asked: which patterns become rules of the policy by themselves.

A pattern is learned where many issues of one service and logger, or of one root cause, are the same but for a place with many
different words. Ten jobs or ten verbs would look like ten names, so a place that says what is done is never learned, only
proposed (`proposing.py`): one beside a noun such as `job` or 処理, one where a verb stands (`failed to …`), and one where half of
the words end as names of acts do (`-ing`, `-tion`). What was in the policy once, and is not any more, somebody took back: it is never
learned again, nor what would join the same issues.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from mukiau.core.grouping.explanation import Part, leaves_of
from mukiau.core.grouping.proposing import scope_of
from mukiau.core.grouping.suggestion import SuggestedRule, joined_by
from mukiau.core.grouping.varying import MIN_VALUES, find_patterns
from mukiau.core.grouping.wording import WORD, WORDS, matches, tokens_of, varying_words

_REASON = re.compile(r"Learned by itself: (\d{1,9}) different words or more stand in one place of messages\.")
_ACT_NOUNS = frozenset(
    """job jobs task tasks batch step stage phase workflow pipeline cron cronjob command action operation method function
    procedure handler event use-case""".split()
)
_VERB_FOLLOWS = frozenset("cannot not can't couldn't while when during before after".split())
_TO_FOLLOWS = frozenset("failed fails unable able trying tried attempt attempted attempting refused".split())
_ACT_ENDS = re.compile(r"[A-Za-z]{2,60}(?:ing|tion|sion|ment)s?")
_ACT_FOLLOWS = re.compile(
    r"(?:に(?:失敗|成功)|処理|ジョブ|バッチ|タスク|中(?:に|の)|[をがは](?:開始|実行|完了|失敗|中断|中止))"
)
_ACT_BEFORE = re.compile(r"(?:ジョブ|バッチ|タスク|処理|機能|操作|ステップ|コマンド)[ :「]?$")
_MARKS = (WORD, WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIssue:
    """An issue, by one of its fingerprints."""

    issue: int
    tree: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnable:
    """A pattern that may become a rule."""

    rule: SuggestedRule
    issues: tuple[int, ...]
    """Those that it would join, in order."""


def learned_reason(least: int) -> str:
    """Return what is kept as the reason of a version that was learned; `least_of` reads it."""
    return f"Learned by itself: {least} different words or more stand in one place of messages."


def least_of(reason: str) -> int | None:
    """Return how many different words were asked for, of the reason of a learned version; None of any other."""
    found = _REASON.fullmatch(reason)
    return None if found is None else int(found[1])


def find_learnable(known: Iterable[KnownIssue], *, least: int, taken_back: Iterable[str] = ()) -> tuple[Learnable, ...]:
    """Return the patterns that join at least `least` issues by as many different words; in order.

    `taken_back`: wordings that were in force or tried once and are not in force any more.
    """
    scopes: dict[SuggestedRule, list[KnownIssue]] = defaultdict(list)
    for one in known:
        scopes[scope_of(one.tree)].append(one)
    refused = tuple(taken_back)
    found = [
        learnable
        for scope, issues in scopes.items()
        for learnable in _learnable(scope, issues, max(least, MIN_VALUES))
        if not _was_taken_back(learnable, issues, refused)
    ]
    return tuple(sorted(found, key=lambda one: (one.rule.pattern, one.issues)))


def _learnable(scope: SuggestedRule, known: Sequence[KnownIssue], least: int) -> Iterator[Learnable]:
    if len({one.issue for one in known}) < least or any("*" in name or "?" in name for name in _names(scope)):
        return
    templates = {template for one in known for template in _templates(one.tree)}
    numbered = {number: one.tree for number, one in enumerate(known)}
    for pattern in find_patterns(templates, least=least):
        if names_acts(pattern, templates):
            continue
        rule = replace(scope, pattern=pattern)
        groups = [{known[number].issue for number in group} for group in joined_by([rule], numbered)]
        if max(map(len, groups), default=0) >= least:
            yield Learnable(rule=rule, issues=tuple(sorted(set().union(*groups))))


def _names(scope: SuggestedRule) -> tuple[str, str, str]:
    return scope.service, scope.logger, scope.root_type


def _templates(tree: Part) -> Iterator[str]:
    return (leaf.value for leaf in leaves_of(tree) if leaf.name == "template")


def _was_taken_back(one: Learnable, known: Sequence[KnownIssue], refused: Sequence[str]) -> bool:
    joined = {template for issue in known if issue.issue in one.issues for template in _templates(issue.tree)}
    return any(matches(pattern, template) for pattern in refused for template in joined)


# --- What says what is done -----------------------------------------------------------------------------------------


def names_acts(pattern: str, templates: Iterable[str]) -> bool:
    """Say whether what varies may be what was done, such as jobs and verbs, and not with what or for whom.

    >>> names_acts("Job {word} failed", []), names_acts("user {word} is locked", ["user King is locked"])
    (True, False)
    """
    tokens = tokens_of(pattern)
    places = [at for at, token in enumerate(tokens) if token in _MARKS]
    if any(_is_beside_act(tokens, at) for at in places):
        return True
    words = {word for one in templates if matches(pattern, one) for word in varying_words(pattern, one)}
    # Of what is acted on some end so, too: billing, shipping, session.
    return bool(words) and 2 * sum(_ACT_ENDS.fullmatch(word) is not None for word in words) >= len(words)


def _is_beside_act(tokens: Sequence[str], at: int) -> bool:
    before = [token.lower() for token in tokens[max(0, at - 2) : at]]
    after = [token.lower() for token in tokens[at + 1 : at + 4]]
    return (
        bool(_ACT_NOUNS.intersection((*before[-1:], *after[:1])))
        or bool(_VERB_FOLLOWS.intersection(before[-1:]))
        or (before[-1:] == ["to"] and bool(_TO_FOLLOWS.intersection(before[:-1])))
        or _ACT_FOLLOWS.match("".join(after)) is not None
        or _ACT_BEFORE.search("".join(before)) is not None
    )
