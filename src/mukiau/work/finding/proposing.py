"""The match rule that is proposed for an error: narrow enough to answer no other, wide enough to answer the next one.

Three conditions: the service, the type of the root cause, and what was said there, with `*` for what varies. An error that
says too little for that gets a rule for exactly its fingerprint.
"""

import re

from mukiau.core.grouping.globs import MAX_GLOB_CHARS
from mukiau.core.templates import template_of
from mukiau.work.runbooks.rules import Aspect, Condition, MatchRule

MIN_SPELLED_CHARS = 4
"""Of a message; a glob with less in it is a glob for everything."""
_PLACEHOLDER = re.compile(r"<[a-z]{2,8}(?: [^<>\n]{0,80})?>")
_RUNS = re.compile(r"\*[\s*]*\*|\*+")


def rule_for(*, service: str, root_type: str, root_message: str, template: str, fingerprint_hash: str) -> MatchRule:
    """Return the rule for an error, as its fingerprint has it."""
    said = glob_of(template_of(root_message)) or glob_of(template)
    if root_type or said:
        found = {Aspect.SERVICE: service, Aspect.TYPE: root_type, Aspect.MESSAGE: said}
    else:
        found = {Aspect.FINGERPRINT: fingerprint_hash}
    conditions = tuple(Condition(aspect, (pattern,)) for aspect, pattern in found.items() if pattern)
    return MatchRule(conditions)


def glob_of(template: str) -> str:
    """Return the glob that every message of a template fits; "" where it would fit nearly everything.

    >>> glob_of("order <num> not charged after <num> retries"), glob_of("<num>: <str>")
    ('order * not charged after * retries', '')
    """
    first, _, more = template.partition("\n")
    glob = _RUNS.sub("*", _PLACEHOLDER.sub("*", first))
    if len(glob) >= MAX_GLOB_CHARS:
        glob, more = glob[: MAX_GLOB_CHARS - 1], "cut"
    spelled = sum(char.isalnum() for char in glob)
    return (glob.rstrip("*") + "*" if more else glob) if spelled >= MIN_SPELLED_CHARS else ""
