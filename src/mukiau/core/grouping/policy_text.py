"""A policy's text → the policy, or everything that is wrong with it.

The text is TOML (docs/adr/0015). All mistakes are gathered, each with its line; a policy with one mistake is none, so that a
rule that was mistyped never acts in half.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from mukiau.core.event import Level
from mukiau.core.grouping.globs import Globs
from mukiau.core.grouping.policy import (
    DEFAULTS,
    MAX_FRAMES_COUNTED,
    SEEN_THROUGH,
    Counting,
    Links,
    Messages,
    OwnFrames,
    Policy,
    Rule,
    Source,
    When,
)
from mukiau.core.grouping.policy_lines import lines_of
from mukiau.core.grouping.policy_mistakes import Mistake, MistakeKind
from mukiau.core.grouping.policy_reading import MAX_ENTRIES, Reading, Table
from mukiau.core.grouping.shapes import Shapes
from mukiau.core.normalize import KNOWN_PLATFORMS

MAX_POLICY_CHARS = 65_536
MAX_RULES = 200
MAX_NAME_CHARS = 80
MAX_TEXT_CHARS = 200
"""A title, or one entry of a fingerprint."""
MAX_FINGERPRINT_PARTS = 16
MAX_ALSO = 16

_TOP = ("defaults", "also", "count", "in_app", "templates", "rules")
_COUNT = (
    "service", "links", "order", "frames", "way_in", "messages", "codes", "ignored_codes", "logger", "client_fingerprint",
    "see_through",
)  # fmt: skip
_TEMPLATES = ("variables", "keep", "wordings")
_RULE = ("name", "when", "also", "count", "templates", "fingerprint", "title")
_GLOBBED = ("service", "type", "root_type", "logger", "message", "transaction")
CONDITIONS = (*_GLOBBED, "platform", "level", "tag", "hash")
"""Keys of a rule's `when`."""
_IN_NAMES = frozenset({"type", "root_type", "logger"})
_DEFAULT_ENTRY = re.compile(r"\{\{ {0,9}default {0,9}\}\}")
_HASH = re.compile(r"[0-9a-f]{32}")
_SYNTAX_LINE = re.compile(r"\(at line (\d{1,9}), column \d{1,9}\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPolicy:
    """A policy, or why there is none."""

    policy: Policy | None
    mistakes: tuple[Mistake, ...] = ()
    """In the order of their lines."""


def parse_policy(text: str, *, version: int = 1) -> ParsedPolicy:
    """Read a policy's text; `version` is the number its project gave it. Never raises."""
    if len(text) > MAX_POLICY_CHARS:
        allowed = (f"at most {MAX_POLICY_CHARS:,} characters",)
        return _none(Mistake(kind=MistakeKind.TOO_LONG, line=1, path="the policy", allowed=allowed))
    try:
        given = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return _none(_syntax_mistake(text, error))
    reading = Reading(lines_of(text.replace("\r\n", "\n")))
    policy = _policy(reading.table(given, (), _TOP), version)
    mistakes = tuple(sorted(reading.mistakes, key=lambda mistake: mistake.line))
    return ParsedPolicy(policy=None if mistakes else policy, mistakes=mistakes)


def _none(mistake: Mistake) -> ParsedPolicy:
    return ParsedPolicy(policy=None, mistakes=(mistake,))


def _syntax_mistake(text: str, error: Exception) -> Mistake:
    said = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "it is nested too deeply."
    place = _SYNTAX_LINE.search(said)
    line = int(place[1]) if place is not None else max(1, len(text.rstrip().splitlines()))
    return Mistake(kind=MistakeKind.SYNTAX, line=line, note=said)


def _policy(top: Table, version: int) -> Policy:
    top.required("defaults", "defaults = 1")
    defaults = top.whole("defaults", DEFAULTS, least=1, most=DEFAULTS)
    counting = _counting(top, Counting())
    return Policy(
        version=version,
        defaults=defaults,
        counting=counting,
        in_app=_in_app(top.inner("in_app", ("include", "exclude", *sorted(KNOWN_PLATFORMS)))),
        rules=_rules(top, counting),
    )


def _counting(table: Table, base: Counting) -> Counting:
    """Return what counts: the base, with what `count`, `also` and `templates` of a table change."""
    count, templates = table.inner("count", _COUNT), table.inner("templates", _TEMPLATES)
    variables, kept = templates.shapes("variables"), templates.shapes("keep")
    return replace(
        base,
        service=count.flag("service", base.service),
        order=count.flag("order", base.order),
        way_in=count.flag("way_in", base.way_in),
        codes=count.flag("codes", base.codes),
        ignored_codes=base.ignored_codes | {*count.texts("ignored_codes", most=MAX_ENTRIES, chars=MAX_TEXT_CHARS)},
        logger=count.flag("logger", base.logger),
        client_fingerprint=count.flag("client_fingerprint", base.client_fingerprint),
        links=count.choice("links", base.links, Links),
        messages=count.choice("messages", base.messages, Messages),
        frames=count.whole("frames", base.frames, least=0, most=MAX_FRAMES_COUNTED),
        see_through=_see_through(count, base.see_through),
        also=_also(table, base.also),
        shapes=Shapes(variables=(*variables, *base.shapes.variables), kept=(*kept, *base.shapes.kept)),
        wordings=(*templates.texts("wordings", most=MAX_ENTRIES, chars=MAX_TEXT_CHARS), *base.wordings),
    )


def _see_through(count: Table, base: Globs) -> Globs:
    if "see_through" not in count.given:
        return base
    entries = count.globs("see_through", in_names=True).patterns
    own = [entry for entry in entries if not _DEFAULT_ENTRY.fullmatch(entry)]
    return Globs((*(SEEN_THROUGH if len(own) < len(entries) else ()), *own))


def _also(table: Table, base: tuple[Source, ...]) -> tuple[Source, ...]:
    entries = table.texts("also", most=MAX_ALSO, chars=MAX_TEXT_CHARS)
    found = (table.source("also", index, entry) for index, entry in enumerate(entries))
    return tuple(dict.fromkeys((*base, *(source for source in found if source is not None))))


def _in_app(table: Table) -> Mapping[str, OwnFrames]:
    """Return what is said of each runtime; what is said of all comes behind what is said of one."""
    everywhere = OwnFrames(table.globs("include", in_names=True), table.globs("exclude", in_names=True))
    found = {"": everywhere} if everywhere.include or everywhere.exclude else {}
    for runtime in table.given.keys() & KNOWN_PLATFORMS:
        own = table.inner(runtime, ("include", "exclude"))
        include, exclude = own.globs("include", in_names=True), own.globs("exclude", in_names=True)
        found[runtime] = OwnFrames(
            Globs((*include.patterns, *everywhere.include.patterns)),
            Globs((*exclude.patterns, *everywhere.exclude.patterns)),
        )
    return found


def _rules(top: Table, counting: Counting) -> tuple[Rule, ...]:
    tables = top.tables("rules", _RULE, most=MAX_RULES)
    rules = tuple(_rule(table, counting) for table in tables)
    seen: set[str] = set()
    for table, rule in zip(tables, rules, strict=True):
        if rule.name in seen and rule.name:
            table.mistake(MistakeKind.NAME_TAKEN, "name", given=rule.name)
        seen.add(rule.name)
    return rules


def _rule(table: Table, counting: Counting) -> Rule:
    table.required("name", "a short text")
    name = table.text("name", chars=MAX_NAME_CHARS)
    how = _counting(table, replace(counting, because=f"rule:{name}"))
    entries = table.texts("fingerprint", most=MAX_FINGERPRINT_PARTS, chars=MAX_TEXT_CHARS)
    parts = (table.template("fingerprint", entry, index) for index, entry in enumerate(entries))
    title = table.text("title", chars=MAX_TEXT_CHARS)
    table.required("when", "at least one condition")
    if table.given.get("when") == {}:
        table.mistake(MistakeKind.EMPTY, "when")
    return Rule(
        name=name,
        when=_when(table.inner("when", CONDITIONS)),
        counting=how,
        fingerprint=tuple(part for part in parts if part is not None),
        title=table.template("title", title) if title else None,
    )


def _when(table: Table) -> When:
    globbed = {
        name: table.globs(name, in_names=name in _IN_NAMES) if name in table.given else None for name in _GLOBBED
    }
    tags = table.inner("tag", None)
    return When(
        **globbed,
        platform=table.words("platform", sorted(KNOWN_PLATFORMS)),
        level=table.words("level", [level.value for level in Level]),
        tags=tuple((key, tags.globs(key, in_names=False)) for key in tags.given if tags.is_fair(key)),
        hash=table.matching("hash", _HASH, "32 hex digits"),
    )
