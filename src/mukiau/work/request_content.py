"""What a request says, what is missing before it can be asked, and which requests are the same again."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

from mukiau.core.templates import template_of
from mukiau.work.requests import SIDES, STATEMENT_KINDS, Kind, Side
from mukiau.work.runbooks.characters import is_hidden

MAX_TITLE_CHARS = 200
MAX_NAME_CHARS = 200
"""Of a service, customer or environment: as long as the longest that events bring."""
MAX_TEXT_CHARS = 20_000
"""Of each longer field: a statement of some hundred lines, or the log of its run."""
MAX_ROWS = 10**12
REPEAT_DAYS = 30
"""How far back the same request counts as a repetition: as far as a month's report looks."""
HINT_FROM = 3
"""The same for the third time is a pattern, not a coincidence: a lasting fix is worth a thought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a person wrote. All of it is shown as plain text, never as markup."""

    kind: Kind
    side: Side
    title: str
    body: str = ""
    statement: str = ""
    """Exactly what is to be run, character for character."""
    expected_rows: int | None = None
    """How many rows it should change; None where that says nothing."""
    rollback: str = ""
    """How to take it back."""
    evidence: str = ""
    """What shows that it is right: a query and its answer, a ticket, an approval elsewhere."""
    service: str = ""
    customer: str = ""
    environment: str = ""
    due_ms: int | None = None


class Gap(StrEnum):
    """A field that has to be filled in before the request can be asked."""

    TITLE = "title"
    SIDE = "side"
    STATEMENT = "statement"
    EXPECTED_ROWS = "expected_rows"
    ROLLBACK = "rollback"
    ENVIRONMENT = "environment"


def tidy(content: Content) -> Content:
    """Return the content with one kind of line ends and a title of one line; a statement of blanks alone is none."""
    statement = _lines(content.statement)
    return replace(
        content,
        title=_one_line(content.title),
        body=_lines(content.body),
        statement=statement if statement.strip() else "",
        rollback=_lines(content.rollback),
        evidence=_lines(content.evidence),
        service=_one_line(content.service),
        customer=_one_line(content.customer),
        environment=_one_line(content.environment),
    )


def find_gaps(content: Content) -> tuple[Gap, ...]:
    """Return what is missing; empty when it can be asked."""
    missing = [Gap.TITLE] if not content.title.strip() else []
    missing += [Gap.SIDE] if content.side not in SIDES[content.kind] else []
    if content.kind is Kind.DATA_CORRECTION:
        missing += [Gap.STATEMENT] if not content.statement.strip() else []
        missing += [Gap.EXPECTED_ROWS] if content.expected_rows is None else []
        missing += [Gap.ROLLBACK] if not content.rollback.strip() else []
    if content.statement.strip():
        missing += [Gap.ENVIRONMENT] if not content.environment.strip() else []
    return tuple(missing)


def find_excess(content: Content) -> tuple[str, ...]:
    """Return the names of the fields that hold more than they may. Nothing is cut: half a statement is another one."""
    limits = {"title": MAX_TITLE_CHARS, **dict.fromkeys(("body", "statement", "rollback", "evidence"), MAX_TEXT_CHARS)}
    limits |= dict.fromkeys(("service", "customer", "environment"), MAX_NAME_CHARS)
    excess = [name for name, limit in limits.items() if len(getattr(content, name)) > limit]
    if content.statement and content.kind not in STATEMENT_KINDS and "statement" not in excess:
        excess.append("statement")
    if content.expected_rows is not None and not 0 <= content.expected_rows <= MAX_ROWS:
        excess.append("expected_rows")
    return tuple(excess)


def find_hidden(text: str) -> str:
    """Return the first character of what is to be run that nobody sees or that looks like a blank and is none; or "".

    >>> find_hidden("SELECT 1;\n\tSELECT 2")
    ''
    >>> find_hidden("DELETE \u202e1") == "\u202e"
    True
    """
    return next((char for char in text if char not in "\n\t" and is_hidden(char)), "")


def _lines(text: str) -> str:
    """Return a text with line feeds: browsers send a carriage return as well."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def repeat_key(content: Content, fingerprint_ids: Collection[int] = ()) -> str:
    """Return what requests for the same thing have in common, whoever writes them and for whichever order or customer.

    The first fingerprint it is about says it best; without one the statement with its values taken out, else the title.

    >>> first = Content(kind=Kind.DATA_CORRECTION, side=Side.OPERATIONS, title="Points", statement="DELETE WHERE id = 17")
    >>> again = Content(kind=Kind.DATA_CORRECTION, side=Side.OPERATIONS, title="Again", statement="DELETE WHERE id = 4711")
    >>> repeat_key(first) == repeat_key(again)
    True
    """
    words = content.statement if content.statement.strip() else content.title
    about = f"f{min(fingerprint_ids)}" if fingerprint_ids else " ".join(template_of(words).split()).casefold()
    parts = "\n".join((content.kind, content.service, about))
    return sha256(parts.encode("utf-8", "replace")).hexdigest()[:32]
