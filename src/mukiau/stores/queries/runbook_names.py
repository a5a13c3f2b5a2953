"""Runbooks by their code or a part of their title, for the palette."""

from typing import NamedTuple

from mukiau.stores.queries.rows import read_rows

_NAMED = r"""
SELECT code, title FROM runbook
WHERE state <> 'retired' AND (code LIKE %s ESCAPE '\' OR title LIKE %s ESCAPE '\')
ORDER BY state = 'draft', title, id LIMIT %s
"""


class RunbookName(NamedTuple):
    """A runbook as one line."""

    code: str
    title: str


def read_runbooks_named(typed: str, *, limit: int) -> list[RunbookName]:
    """Return runbooks whose code begins with what was typed, or whose title has it."""
    literal = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return [RunbookName(*row) for row in read_rows(_NAMED, (f"{literal}%", f"%{literal}%", limit))]
