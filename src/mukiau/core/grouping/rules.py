"""Which rule of a policy an event falls under: the first whose every condition it fulfils."""

from collections.abc import Callable, Iterable

from mukiau.core.event import Event
from mukiau.core.grouping.chain import root_cause, short_name
from mukiau.core.grouping.globs import Globs
from mukiau.core.grouping.message import first_line
from mukiau.core.grouping.policy import Rule, When
from mukiau.core.templates import MAX_TEMPLATE_CHARS


def find_rule(rules: Iterable[Rule], event: Event, *, default_hash: Callable[[], str]) -> Rule | None:
    """Return the first rule that fits; `default_hash` is asked only where a rule names a fingerprint."""
    return next((rule for rule in rules if _fits(rule.when, event, default_hash)), None)


def _fits(when: When, event: Event, default_hash: Callable[[], str]) -> bool:
    """Cheap conditions come first, the one that needs the whole fingerprint last."""
    return (
        (when.service is None or when.service.fit(event.service))
        and (when.level is None or event.level.value in when.level)
        and (when.platform is None or event.platform in when.platform or event.origin.language in when.platform)
        and (when.logger is None or _fits_name(when.logger, event.logger))
        and (when.transaction is None or when.transaction.fit(event.transaction))
        and (when.type is None or any(_fits_name(when.type, link.type) for link in event.exceptions))
        and (when.root_type is None or _fits_root(when.root_type, event))
        and all(_fits_tag(event, key, globs) for key, globs in when.tags)
        and (when.message is None or _fits_message(when.message, event))
        and (when.hash is None or default_hash() in when.hash)
    )


def _fits_name(globs: Globs, name: str) -> bool:
    return globs.fit(name) or globs.fit(short_name(name))


def _fits_root(globs: Globs, event: Event) -> bool:
    root = root_cause(event.exceptions)
    return root is not None and _fits_name(globs, root.type)


def _fits_tag(event: Event, key: str, globs: Globs) -> bool:
    return any(name == key and globs.fit(value) for name, value in event.tags)


def _fits_message(globs: Globs, event: Event) -> bool:
    messages = (event.message, *(link.message for link in event.exceptions))
    return any(globs.fit(first_line(text[:MAX_TEMPLATE_CHARS])) for text in messages)
