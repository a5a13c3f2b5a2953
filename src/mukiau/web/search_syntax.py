"""What is typed into the search box: free words, and fields by name (`service:order env:acme-prod level:fatal`)."""

import re
from dataclasses import dataclass

FIELDS = {"service": "service", "environment": "environment", "env": "environment", "level": "level"}
"""Name in the box → filter of the list."""
_FIELD = re.compile(
    rf'(?<!\S)(?P<name>{"|".join(FIELDS)})[:：](?:"(?P<quoted>[^"]{{0,200}})"|(?P<bare>\S{{0,200}}))', re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The parts of what was typed."""

    words: str
    """What is looked for in the text of issues."""
    fields: dict[str, str]
    """Filter → value; of two for one filter the last counts."""


def parse_search(typed: str) -> Search:
    """Take what was typed apart.

    >>> parse_search("決済 service:order-api Env:acme-prod 失敗")
    Search(words='決済 失敗', fields={'service': 'order-api', 'environment': 'acme-prod'})
    """
    fields = {FIELDS[found["name"].lower()]: found["quoted"] or found["bare"] or "" for found in _FIELD.finditer(typed)}
    words = " ".join(_FIELD.sub(" ", typed).split())
    return Search(words=words, fields={name: value for name, value in fields.items() if value})
