"""Numbers in addresses that a store can have: `<number:issue_id>` instead of `<int:…>`, which takes any length."""

from django.http import QueryDict
from django.urls.converters import IntConverter

MAX_DIGITS = 18
"""As many as a 64-bit integer always holds."""


class Number(IntConverter):
    """Digits of a row's number."""

    regex = f"[0-9]{{1,{MAX_DIGITS}}}"


def parse_number(text: str) -> int | None:
    """Return a row's number as it stands in a query; None when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None


def parse_place(given: QueryDict) -> tuple[int, int] | None:
    """Read where the page before ended (`after`, `after_id`); None for the first page."""
    at, after_id = parse_number(given.get("after", "")), parse_number(given.get("after_id", ""))
    return None if at is None or after_id is None else (at, after_id)
