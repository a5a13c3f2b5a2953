"""Run a SELECT on Django's connection and get its rows."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from mukiau.stores.sqlite import Connection

Row = tuple[Any, ...]


def read_rows(sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """Return all rows of one SELECT (`%s` marks a parameter)."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[Row] = cursor.fetchall()
    return rows


def find_row(sql: str, parameters: Sequence[Any] = ()) -> Row | None:
    """Return the first row, None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row: Row | None = cursor.fetchone()
    return row


def marks(values: Sequence[Any]) -> str:
    """Return as many parameter marks as there are values, for IN (…)."""
    return ", ".join(["%s"] * len(values))


IS_LIKE = "LIKE %s ESCAPE '!'"
"""For a pattern of which `literal` made the parts that people typed."""


def literal(typed: str) -> str:
    """Return what finds a text by IS_LIKE.

    >>> literal("50%_!")
    '50!%!_!!'
    """
    return typed.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def own_connection() -> Connection:
    """Return what is below Django's connection, for functions that digest calls as well (`?` marks a parameter).

    What they write belongs to the transaction that Django has open, if it has one.
    """
    connection.ensure_connection()
    below: Connection = connection.connection
    return below
