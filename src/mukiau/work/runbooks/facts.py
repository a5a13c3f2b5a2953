"""What match rules look at of an error, read from one of its events."""

from collections.abc import Iterable

from mukiau.core.event import Event
from mukiau.core.grouping.message import first_line
from mukiau.core.grouping.names import type_name
from mukiau.core.templates import codes_of, template_of
from mukiau.work.runbooks.rules import Aspect

MAX_VALUES = 20
"""Of one aspect; chains longer than that repeat themselves."""
MAX_VALUE_CHARS = 300
_CODE_KEYS = frozenset(
    {"code", "errorcode", "errcode", "errno", "exceptioncode", "resultcode", "reasoncode", "sqlstate"}
)


def facts_of(event: Event, *, template: str, fingerprint_hash: str) -> dict[Aspect, tuple[str, ...]]:
    """Return the facts of an event's fingerprint; `template` is the message as the issue shows it."""
    messages = [template, *(template_of(first_line(link.message)) for link in event.exceptions)]
    found = {
        Aspect.SERVICE: [event.service],
        Aspect.TYPE: [type_name(link.type) for link in event.exceptions],
        Aspect.CODE: [*_tagged_codes(event.tags), *(code for message in messages for code in codes_of(message))],
        Aspect.MESSAGE: messages,
        Aspect.LOGGER: [event.logger],
        Aspect.FINGERPRINT: [fingerprint_hash],
    }
    return {aspect: _bounded(values) for aspect, values in found.items() if any(values)}


def _tagged_codes(tags: Iterable[tuple[str, str]]) -> list[str]:
    return [value for key, value in tags if "".join(filter(str.isalnum, key)).lower() in _CODE_KEYS]


def _bounded(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value[:MAX_VALUE_CHARS] for value in values if value))[:MAX_VALUES]
