"""The short facts of an event that stand in a table: who sent it, as what, and which names it goes by."""

from dataclasses import dataclass

from mukiau.core.event import JSONObject
from mukiau.web.event.shapes import brief, items, mapping, text
from mukiau.web.event.sheet import MESSAGE, Pairs, Sheet, Value

MESSAGE_BYTES = 14_000
SDK_BYTES = 4_000
_SDK_SHOWN = frozenset({"name", "version"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the payload says in a word each."""

    level: str
    platform: str
    logger: str
    transaction: str
    culprit: str
    dist: str
    checksum: str
    fingerprint: tuple[str, ...]
    sdk: str
    """Name and version: `sentry.python 2.20.0`."""
    sdk_fields: Pairs
    """Integrations, packages, features, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """What was logged."""

    formatted: Value
    template: Value
    """The source's own template; empty when it is the same."""
    parameters: Pairs


def facts_of(payload: JSONObject, sheet: Sheet) -> Facts:
    """Return the short facts."""
    sdk = mapping(payload.get("sdk"))
    names = ("level", "platform", "logger", "transaction", "culprit", "dist", "checksum")
    return Facts(
        **{name: brief(payload.get(name), 400) for name in names},
        fingerprint=tuple(brief(part) for part in items(payload.get("fingerprint"))[:32]),
        sdk=" ".join(filter(None, (brief(sdk.get("name"), 80), brief(sdk.get("version"), 40)))),
        sdk_fields=sheet.part(SDK_BYTES).pairs(sdk, "sdk", known=_SDK_SHOWN),
    )


def message_of(payload: JSONObject, sheet: Sheet) -> MessageView:
    """Return the message, its template and the values that were filled in."""
    part, entry = sheet.part(MESSAGE_BYTES), mapping(payload.get("logentry"))
    formatted, template = message_text(payload), text(entry.get("message"))
    parameters = entry.get("params")
    named = list(map(list, enumerate(parameters))) if isinstance(parameters, list) else parameters
    return MessageView(
        formatted=part.value(formatted, "logentry.formatted", fold=MESSAGE),
        template=part.value("" if template == formatted else template, "logentry.message"),
        parameters=part.pairs(named, "logentry.params"),
    )


def message_text(payload: JSONObject) -> str:
    """Return the formatted message."""
    entry = payload.get("logentry")
    if not isinstance(entry, dict):
        return text(entry or payload.get("message"))
    return text(entry.get("formatted")) or text(entry.get("message"))
