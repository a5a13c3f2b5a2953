"""Runbooks by their code or a part of their title, for the palette."""

from typing import NamedTuple

from mukiau.stores.queries.rows import IS_LIKE, literal, read_rows

_NAMED = f"""
SELECT code, title FROM runbook WHERE state <> 'retired' AND (code {IS_LIKE} OR title {IS_LIKE})
ORDER BY state = 'draft', title, id LIMIT %s
"""  # noqa: S608 - a constant


class RunbookName(NamedTuple):
    """A runbook as one line."""

    code: str
    title: str


def read_runbooks_named(typed: str, *, limit: int) -> list[RunbookName]:
    """Return runbooks whose code begins with what was typed, or whose title has it."""
    known = literal(typed)
    return [RunbookName(*row) for row in read_rows(_NAMED, (f"{known}%", f"%{known}%", limit))]
