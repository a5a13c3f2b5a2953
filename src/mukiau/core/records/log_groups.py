"""Service and environment out of a log group's name, by a pattern such as `/ecs/{environment}/{service}`."""

import re
from dataclasses import dataclass

DEFAULT_PATTERN = "/ecs/{environment}/{service}"
_PART = re.compile(r"\{(\w{1,40})\}|(\*{1,2})")
_NAMES = ("service", "environment")


@dataclass(frozen=True, slots=True)
class LogGroupPattern:
    """A compiled pattern: `{service}` and `{environment}` match one path part, `*` too, `**` anything."""

    text: str
    expression: re.Pattern[str]

    def read(self, log_group: str) -> tuple[str, str]:
        """Return (service, environment); both empty for a log group the pattern does not describe."""
        found = self.expression.fullmatch(log_group)
        if found is None:
            return "", ""
        parts = found.groupdict()
        return parts.get("service") or "", parts.get("environment") or ""


def compile_pattern(text: str) -> LogGroupPattern:
    """Compile a pattern; raises ValueError when a name is unknown or stands twice.

    >>> compile_pattern("/aws/lambda/{environment}-*-{service}").read("/aws/lambda/prod-eu-orders")
    ('orders', 'prod')
    """
    expression, at, seen = [], 0, set()
    for found in _PART.finditer(text):
        expression.append(re.escape(text[at : found.start()]))
        name = found[1]
        if name and (name not in _NAMES or name in seen):
            raise ValueError(f"log group pattern: {{{name}}} is unknown or stands twice; known: service, environment")
        seen.add(name)
        expression.append(_group(name, text[found.end() :]) if name else ".*" if found[2] == "**" else "[^/]*")
        at = found.end()
    expression.append(re.escape(text[at:]))
    return LogGroupPattern(text, re.compile("".join(expression)))


def _group(name: str, following: str) -> str:
    """A name takes a path part; where `-` or `_` follows it in the pattern, it stops before the first one."""
    stop = re.escape(following[:1]) if following[:1] in ("-", "_", ".") else ""
    return f"(?P<{name}>[^/{stop}]+)"


DEFAULT = compile_pattern(DEFAULT_PATTERN)
