"""What is typed into the search box: free words, and fields by name (`service:order env:acme-prod level:fatal`)."""

import re
from dataclasses import dataclass

from mukiau.stores.queries.issue_list import IssueFilter

FIELDS = {"service": "service", "environment": "environment", "env": "environment", "level": "level"}
"""Name in the box → filter of the list."""
_FIELD = re.compile(
    rf'(?<!\S)(?P<name>{"|".join(FIELDS)})[:：](?:"(?P<quoted>[^"]{{0,200}})"|(?P<bare>\S{{0,200}}))', re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The parts of what was typed; of two values for one field the last counts, "" stands for none."""

    words: str
    """What is looked for in the text of issues."""
    service: str = ""
    environment: str = ""
    level: str = ""


def parse_search(typed: str) -> Search:
    """Take what was typed apart.

    >>> parse_search("決済 service:order-api Env:acme-prod 失敗")
    Search(words='決済 失敗', service='order-api', environment='acme-prod', level='')
    """
    found = {FIELDS[field["name"].lower()]: field["quoted"] or field["bare"] or "" for field in _FIELD.finditer(typed)}
    return Search(words=" ".join(_FIELD.sub(" ", typed).split()), **found)


def filter_of(search: Search, *, project_id: int) -> IssueFilter:
    """Return the list's filter that says the same."""
    return IssueFilter(
        project_id=project_id,
        search=search.words,
        service=search.service,
        environment=search.environment,
        level=search.level.lower(),
    )
