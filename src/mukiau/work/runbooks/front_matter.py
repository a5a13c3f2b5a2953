"""The front matter of a runbook: what its text says of itself, as YAML between two lines of `---`.

```yaml
---
title: Orders cannot be saved
services: [orders]
keywords: [duplicate order, 二重注文]
match:
  - service: orders
    type: DataIntegrityViolationException
    message: "*duplicate key*"
proposes: handle_each
key: order_id
minutes: 15
owner: order team
review_by: 2027-03-31
---
```

Reading never fails: what cannot be understood is noted with its line, and left out. A text without front matter is a
runbook, too: its title is its first heading.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

import yaml

from mukiau.core.grouping.globs import MAX_GLOB_CHARS
from mukiau.work.runbooks.problems import ProblemKind, TextProblem, problem
from mukiau.work.runbooks.rules import MAX_PATTERNS, MAX_RULES, Aspect, Condition, MatchRule
from mukiau.work.runbooks.yaml_nodes import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    Unreadable,
    compose,
    line_of,
    pairs_of,
)

MAX_TEXT_CHARS = 100_000
"""Of a whole runbook: some forty printed pages."""
REMEMBERED = 24
"""Texts that are remembered taken apart, which takes milliseconds: what is saved is looked at for its words, its rules and its
mistakes."""
MAX_FRONT_CHARS = 20_000
MAX_TITLE_CHARS = 200
MAX_MINUTES = 24 * 60
FENCE = "---"
PROPOSALS = ("handle_each", "handle_batch", "watch")
"""Decisions a runbook may propose."""
_ASPECTS = {aspect.value: aspect for aspect in Aspect}
_NULL = "tag:yaml.org,2002:null"
_SURROGATES = re.compile(r"[\ud800-\udfff]")
"""Halves of characters: no file, database or page can hold one."""
_MINUTES = re.compile(r"0*([0-9]{1,4})", re.ASCII)
_HEADING = re.compile(r"^#{1,6}[ \t]+([^ \t\n].*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What a runbook says of itself; empty where it says nothing."""

    title: str = ""
    services: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    """Words it is to be found by that its text does not say."""
    url: str = ""
    """Where the manual is kept elsewhere."""
    rules: tuple[MatchRule, ...] = ()
    proposes: str = ""
    """One of PROPOSALS."""
    key: str = ""
    """Name of the value of an occurrence that folds occurrences into one handling."""
    minutes: int | None = None
    """That following it is expected to take."""
    owner: str = ""
    """The team that keeps it right."""
    review_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookText:
    """A runbook's text, taken apart."""

    front: FrontMatter
    body: str
    """Markdown."""
    body_line: int = 1
    """The line of the text that the body begins on."""
    problems: tuple[TextProblem, ...] = ()


@lru_cache(maxsize=REMEMBERED)
def parse_runbook(text: str) -> RunbookText:
    """Take a text apart; whatever it holds, there is a result. What was asked last is remembered."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MAX_TEXT_CHARS:
        cut = parse_runbook(text[:MAX_TEXT_CHARS])
        return replace(cut, problems=(problem(ProblemKind.TOO_LONG, 1, MAX_TEXT_CHARS), *cut.problems))
    reading = _Reading()
    if (half := _SURROGATES.search(text)) is not None:
        reading.note(ProblemKind.NOT_ALLOWED, text.count("\n", 0, half.start()) + 1, half[0])
    yaml_text, body, body_line = _split(_SURROGATES.sub("\ufffd", text))
    if yaml_text is None:
        reading.note(ProblemKind.NOT_CLOSED, 1)
    elif yaml_text:
        reading.read(yaml_text)
    front = reading.front()
    if not front.title:
        front = replace(front, title=first_heading(body)[:MAX_TITLE_CHARS])
    if not front.title:
        reading.note(ProblemKind.NO_TITLE, 1)
    return RunbookText(front=front, body=body, body_line=body_line, problems=tuple(reading.problems))


def has_halves(text: str) -> bool:
    """Say whether a text holds halves of characters (surrogates), which cannot be kept."""
    return _SURROGATES.search(text) is not None


def first_heading(body: str) -> str:
    """Return the words of the first heading that has any; "" without one.

    >>> first_heading("text\\n## #\\n## Disk full ##")
    'Disk full'
    """
    headings = (found[1].rstrip(" \t#").strip() for found in _HEADING.finditer(body))
    return next(filter(None, headings), "")


def write_runbook(front: FrontMatter, body: str) -> str:
    """Return the text that reads as this front matter and this body."""
    told: dict[str, Any] = {
        "title": front.title,
        "services": list(front.services),
        "keywords": list(front.keywords),
        "url": front.url,
        "match": [_rule_to_yaml(rule) for rule in front.rules],
        "proposes": front.proposes,
        "key": front.key,
        "minutes": front.minutes,
        "owner": front.owner,
        "review_by": front.review_by,
    }
    kept = {name: value for name, value in told.items() if value not in ("", [], None)}
    written = yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=1_000) if kept else ""
    return f"{FENCE}\n{written}{FENCE}\n{body}"


def add_rule(text: str, rule: MatchRule) -> str:
    """Return a runbook's text with one more match rule; all its other words stay, comments of the front matter do not."""
    parsed = parse_runbook(text)
    return write_runbook(replace(parsed.front, rules=(*parsed.front.rules, rule)), parsed.body)


def _split(text: str) -> tuple[str | None, str, int]:
    """Return front matter (None when it is not closed), body, and the body's first line."""
    lines = text.removeprefix("\ufeff").split("\n")
    if lines[0].rstrip() != FENCE:
        return "", "\n".join(lines), 1
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == FENCE:
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :]), number + 2
    return None, "\n".join(lines), 1


def _rule_to_yaml(rule: MatchRule) -> dict[str, Any]:
    return {
        condition.aspect.value: condition.patterns[0] if len(condition.patterns) == 1 else list(condition.patterns)
        for condition in rule.conditions
    }


@dataclass(slots=True)
class _Reading:
    """One pass over the keys."""

    problems: list[TextProblem] = field(default_factory=list)
    _found: dict[str, Any] = field(default_factory=dict)

    def note(self, kind: ProblemKind, line: int, given: object = "") -> None:
        self.problems.append(problem(kind, line, given))

    def front(self) -> FrontMatter:
        return FrontMatter(**self._found)

    def read(self, text: str) -> None:
        if len(text) > MAX_FRONT_CHARS:
            self.note(ProblemKind.TOO_LONG, 2, MAX_FRONT_CHARS)
            return
        try:
            root = compose(text)
        except Unreadable as unreadable:
            self.note(ProblemKind.NOT_YAML, unreadable.line + 1, unreadable)
            return
        if root is None:
            return
        if not isinstance(root, MappingNode):
            self.note(ProblemKind.NOT_YAML, 2, "no list of keys")
            return
        for key, line, value in pairs_of(root):
            read = _KEYS.get(key)
            if read is None:
                self.note(ProblemKind.UNKNOWN_KEY, line + 1, key)
            else:
                read(self, key, value)

    def text(self, key: str, node: Node) -> None:
        self._found[key] = self._scalar(node)[:MAX_TITLE_CHARS]

    def texts(self, key: str, node: Node) -> None:
        self._found[key] = tuple(dict.fromkeys(filter(None, self._scalars(node))))

    def address(self, key: str, node: Node) -> None:
        given = self._scalar(node)
        if given and not re.match(r"https?://[^\s/]", given, re.IGNORECASE):
            self.note(ProblemKind.BAD_ADDRESS, line_of(node) + 1, given)
        else:
            self._found[key] = given

    def proposal(self, key: str, node: Node) -> None:
        given = self._scalar(node)
        if given and given not in PROPOSALS:
            self.note(ProblemKind.NOT_ALLOWED, line_of(node) + 1, given)
        else:
            self._found[key] = given

    def minutes(self, key: str, node: Node) -> None:
        given = self._scalar(node)
        found = _MINUTES.fullmatch(given)
        if found is not None and 0 < int(found[1]) <= MAX_MINUTES:
            self._found[key] = int(found[1])
        elif given:
            self.note(ProblemKind.BAD_MINUTES, line_of(node) + 1, given)

    def date(self, key: str, node: Node) -> None:
        given = self._scalar(node)
        try:
            self._found[key] = date.fromisoformat(given) if given else None
        except (ValueError, OverflowError):
            self.note(ProblemKind.BAD_DATE, line_of(node) + 1, given)

    def rules(self, _: str, node: Node) -> None:
        entries = node.value if isinstance(node, SequenceNode) else [node]
        if len(entries) > MAX_RULES:
            self.note(ProblemKind.TOO_LONG, line_of(entries[MAX_RULES]) + 1, MAX_RULES)
        rules = (self._rule(entry) for entry in entries[:MAX_RULES])
        self._found["rules"] = tuple(rule for rule in rules if rule is not None)

    def _rule(self, node: Node) -> MatchRule | None:
        if not isinstance(node, MappingNode):
            self.note(ProblemKind.EMPTY_RULE, line_of(node) + 1)
            return None
        conditions: dict[Aspect, Condition] = {}
        for key, line, value in pairs_of(node):
            aspect = _ASPECTS.get(key)
            if aspect is None:
                # A condition that is left out would make the rule match more than was meant.
                self.note(ProblemKind.NOT_ALLOWED, line + 1, key)
                return None
            conditions[aspect] = Condition(aspect, self._patterns(value))
        rule = MatchRule(tuple(conditions.values()))
        if not conditions or not all(condition.patterns for condition in rule.conditions):
            self.note(ProblemKind.EMPTY_RULE, line_of(node) + 1)
            return None
        if rule.is_wide:
            self.note(ProblemKind.WIDE_RULE, line_of(node) + 1)
            return None
        return rule

    def _patterns(self, node: Node) -> tuple[str, ...]:
        given = [pattern for pattern in self._scalars(node) if pattern]
        for pattern in given:
            if len(pattern) > MAX_GLOB_CHARS:
                self.note(ProblemKind.TOO_LONG, line_of(node) + 1, pattern)
                return ()
        if len(given) > MAX_PATTERNS:
            self.note(ProblemKind.TOO_LONG, line_of(node) + 1, MAX_PATTERNS)
            return ()
        return tuple(dict.fromkeys(given))

    def _scalars(self, node: Node) -> list[str]:
        if isinstance(node, SequenceNode):
            return [self._scalar(entry) for entry in node.value]
        return [self._scalar(node)]

    def _scalar(self, node: Node) -> str:
        if isinstance(node, ScalarNode) and not _SURROGATES.search(node.value):
            return "" if node.tag == _NULL else str(node.value).strip()
        self.note(ProblemKind.NOT_ALLOWED, line_of(node) + 1, node.value if isinstance(node, ScalarNode) else "")
        return ""


_KEYS: dict[str, Callable[[_Reading, str, Node], None]] = {
    "title": _Reading.text,
    "services": _Reading.texts,
    "keywords": _Reading.texts,
    "url": _Reading.address,
    "match": _Reading.rules,
    "proposes": _Reading.proposal,
    "key": _Reading.text,
    "minutes": _Reading.minutes,
    "owner": _Reading.text,
    "review_by": _Reading.date,
}
