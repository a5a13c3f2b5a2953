"""Whose records these are: service, environment, customer and purpose, by a small table of rules.

A rule is a pattern for the log group's name, then words: conditions (`account=`, `stream=`, patterns too) and what is so
where it fits (`service=`, `environment=`, `customer=`, `purpose=`). Rules stand on lines of their own or are parted by
`;`, which no log group has in its name:

    /ecs/{environment}/{service}
    /aws/lambda/{customer}-{purpose}-{service}
    /ecs/shared/*  stream={service}/**
    **  account=111122223333  customer=acme  purpose=production

In a pattern `{service}` and `*` match within one path part, `**` anything. Every rule that fits fills what those above it
left open. Where no environment is named, customer and purpose name it together: `acme-production`.
"""

import re
from dataclasses import dataclass

DEFAULT_TABLE = "/ecs/{environment}/{service}"
NAMES = ("service", "environment", "customer", "purpose")
_CONDITIONS = ("account", "stream")
_PART = re.compile(r"\{(\w{1,40})\}|(\*{1,2})")
_RULE_END = re.compile(r"[;\n]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the table says of a record; empty where it says nothing."""

    service: str = ""
    environment: str = ""
    customer: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    log_group: re.Pattern[str]
    account: re.Pattern[str] | None
    stream: re.Pattern[str] | None
    fixed: tuple[tuple[str, str], ...]

    def read(self, account: str, log_group: str, log_stream: str) -> dict[str, str] | None:
        """Return what the rule says; None where it does not fit."""
        found = dict(self.fixed)
        for expression, text in ((self.log_group, log_group), (self.account, account), (self.stream, log_stream)):
            if expression is None:
                continue
            match = expression.fullmatch(text)
            if match is None:
                return None
            found |= match.groupdict()
        return found


@dataclass(frozen=True, slots=True)
class LogGroupTable:
    """Compiled rules, in their order."""

    rules: tuple[_Rule, ...]

    def read(self, log_group: str, *, account: str = "", log_stream: str = "") -> Place:
        """Return what the rules that fit say."""
        found: dict[str, str] = {}
        for rule in self.rules:
            found = (rule.read(account, log_group, log_stream) or {}) | found
        if "environment" not in found and "customer" in found and "purpose" in found:
            found["environment"] = f"{found['customer']}-{found['purpose']}"
        return Place(**found)


def compile_table(text: str) -> LogGroupTable:
    """Compile a table; raises ValueError with a sentence about the rule that cannot be read.

    >>> table = compile_table("/aws/lambda/{environment}-*-{service}; ** account=1* customer=acme")
    >>> table.read("/aws/lambda/prod-eu-orders", account="111122223333")
    Place(service='orders', environment='prod', customer='acme', purpose='')
    """
    rules = (line.split() for line in _RULE_END.split(text))
    return LogGroupTable(tuple(_compile_rule(words) for words in rules if words))


def _compile_rule(words: list[str]) -> _Rule:
    pattern, *further = words
    conditions: dict[str, str] = {}
    fixed: dict[str, str] = {}
    for word in further:
        name, _, value = word.partition("=")
        if name not in (*NAMES, *_CONDITIONS) or not value or name in conditions or name in fixed:
            raise ValueError(
                f"rule for {pattern}: {word} is unknown or stands twice; known: "
                + ", ".join(f"{known}=…" for known in (*_CONDITIONS, *NAMES))
            )
        (conditions if name in _CONDITIONS else fixed)[name] = value
    seen = set(fixed)
    return _Rule(
        _compile_pattern(pattern, seen),
        _compile_pattern(conditions["account"], seen) if "account" in conditions else None,
        _compile_pattern(conditions["stream"], seen) if "stream" in conditions else None,
        tuple(fixed.items()),
    )


def _compile_pattern(text: str, seen: set[str]) -> re.Pattern[str]:
    """Compile one pattern of a rule; `seen` are the names that the rule has given already."""
    expression, at = [], 0
    for found in _PART.finditer(text):
        expression.append(re.escape(text[at : found.start()]))
        name = found[1]
        if name and (name not in NAMES or name in seen):
            raise ValueError(f"rule for {text}: {{{name}}} is unknown or stands twice; known: {', '.join(NAMES)}")
        seen.add(name)
        expression.append(_group(name, text[found.end() :]) if name else ".*" if found[2] == "**" else "[^/]*")
        at = found.end()
    expression.append(re.escape(text[at:]))
    return re.compile("".join(expression))


def _group(name: str, following: str) -> str:
    """A name takes a path part; where `-` or `_` follows it in the pattern, it stops before the first one."""
    stop = re.escape(following[:1]) if following[:1] in ("-", "_", ".") else ""
    return f"(?P<{name}>[^/{stop}]+)"


DEFAULT = compile_table(DEFAULT_TABLE)
