"""A glance at a JSON line: is it INFO or below, surely enough to skip decoding it?"""

import re

_KEYS = r'"(?:level|severity|levelname|lvl|log\.level|severityText|severity_text|@l|level_name|loglevel|logLevel)"\s{0,2}:\s{0,2}'
_LEVEL = re.compile(
    _KEYS
    + r'(?:"(?:info|information|notice|debug|trace|verbose|INFO|INFORMATION|NOTICE|DEBUG|TRACE|VERBOSE|Information|Info|Debug)"'
    r"|[123]0(?=\s{0,2}[,}])"
    r'|(?P<warning>"(?:warn|warning|WARN|WARNING|Warning|Warn)"|40(?=\s{0,2}[,}])))'
)


def is_quiet_json(text: str) -> bool:
    """Say whether the line cannot be an error: INFO or below, or a warning without room for a trace.

    False means unknown. The level must stand at the top of the object: no other object opens before it. Quotes inside
    strings are escaped, so a level quoted in a message is never taken for it.

    >>> is_quiet_json('{"level":30,"msg":"x"}'), is_quiet_json('{"ctx":{"level":30},"level":50}')
    (True, False)
    """
    if text[-1:] not in "}\r\n":
        return False
    found = _LEVEL.search(text)
    if found is None or text.find("{", 1, found.start()) >= 0:
        return False
    if found["warning"] is None:
        return True
    return "\\n" not in text and text.find("{", 1) < 0 and "[" not in text
