"""Runbooks for their pages: the list with what each is worth, one of them, its versions and comments."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from mukiau.stores.event_rows import HOUR_MS
from mukiau.stores.queries.rows import IS_LIKE, Row, find_row, literal, marks, read_rows

MAX_LISTED = 1_000
MAX_ANSWERED = 50

_COLUMNS = """
r.id, r.code, r.title, r.state, r.services, r.url, r.owner, r.proposes, r."key", r.minutes, r.review_by, r.number,
r.published_number, r.updated_ms, r.matched_to IS NOT NULL
"""
_LIST = f"""
SELECT {_COLUMNS},
  (SELECT count(DISTINCT f.issue_id) FROM runbook_match m JOIN fingerprint f ON f.id = m.fingerprint_id
   WHERE m.runbook_id = r.id),
  (SELECT count(DISTINCT f.issue_id) FROM runbook_link l JOIN fingerprint f ON f.id = l.fingerprint_id
   WHERE l.runbook_id = r.id),
  (SELECT max(v.reviewed_ms) FROM runbook_version v WHERE v.runbook_id = r.id AND v.review = 'approved'),
  (SELECT count(*) FROM match_rule x WHERE x.runbook_id = r.id)
FROM runbook r
"""  # noqa: S608 - constants
_VERSION = """
SELECT v.id, v.number, v.text, v.title, v.note, v.author_id, v.author, v.at_ms, v.review, v.reviewer, v.reviewed_ms,
  v.review_note
FROM runbook_version v
"""
_ANSWERED = """
SELECT i.id, i.title, i.service, i.last_seen_ms, min(m.how), coalesce(sum(
  (SELECT sum(h.count) FROM fingerprint_hour h WHERE h.fingerprint_id = m.fingerprint_id AND h.hour >= %s)), 0)
FROM (
  SELECT fingerprint_id, 'rule' AS how FROM runbook_match WHERE runbook_id = %s
  UNION SELECT fingerprint_id, 'link' FROM runbook_link WHERE runbook_id = %s
) m JOIN fingerprint f ON f.id = m.fingerprint_id JOIN issue i ON i.id = f.issue_id
GROUP BY i.id ORDER BY i.last_seen_ms DESC, i.id DESC LIMIT %s
"""
# Of an index of closed handlings; grouped, because ten thousand of them have a few different minutes.
_WORTH = """
SELECT v.runbook_id, h.outcome, h.minutes, count(*)
FROM runbook_version v CROSS JOIN handling h ON h.runbook_version_id = v.id
WHERE v.runbook_id IN ({marks}) AND h.closed_ms IS NOT NULL GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What came of following a runbook."""

    uses: int = 0
    """Handlings that were closed with it."""
    worked: int = 0
    did_not_work: int = 0
    minutes: int | None = None
    """The median of what was written down."""

    @property
    def worked_percent(self) -> int | None:
        """Of those of which it is known; None where of none is."""
        known = self.worked + self.did_not_work
        return round(100 * self.worked / known) if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookHead:
    """A runbook as a list shows it."""

    id: int
    code: str
    title: str
    state: str
    services: tuple[str, ...]
    url: str
    owner: str
    proposes: str
    key: str
    minutes: int | None
    review_by: str
    """ISO date; empty for none."""
    number: int
    published_number: int | None
    updated_ms: int
    is_matching: bool
    """Its rules are still being compared with the errors there are."""
    matched_issues: int
    linked_issues: int
    reviewed_ms: int | None
    """When a version was approved last."""
    rules: int

    @property
    def answers(self) -> int:
        """Issues it answers, counted twice where a link and a rule say so."""
        return self.matched_issues + self.linked_issues

    @property
    def is_orphan(self) -> bool:
        """It is in force, and there is no error it answers."""
        return self.state == "published" and not self.is_matching and not self.answers

    @property
    def has_news(self) -> bool:
        """The latest version is not the one in force."""
        return self.state == "published" and self.number != self.published_number


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookVersion:
    """One version."""

    id: int
    number: int
    text: str
    title: str
    note: str
    author_id: int | None
    author: str
    at_ms: int
    review: str
    reviewer: str
    reviewed_ms: int | None
    review_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookComment:
    """What somebody said."""

    id: int
    number: int
    kind: str
    step: int | None
    text: str
    author: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredIssue:
    """An issue that a runbook answers."""

    id: int
    title: str
    service: str
    last_seen_ms: int
    is_linked: bool
    """A person said so."""
    events: int
    """In the time asked for."""


def list_runbooks(
    *, words: str = "", state: str = "", after: tuple[int, int] | None = None, limit: int = MAX_LISTED
) -> tuple[RunbookHead, ...]:
    """Return the runbooks with all of the words in code, title, services or owner, the latest changed first.

    Without a state those that are not retired; `after` is (updated_ms, id) of the last one of the page before.
    """
    conditions = ["r.state = %s" if state else "r.state <> 'retired'"]
    parameters: list[str | int] = [state] if state else []
    for word in words.split():
        conditions.append(f"(r.code || ' ' || r.title || ' ' || r.services || ' ' || r.owner) {IS_LIKE}")
        parameters.append(f"%{literal(word)}%")
    if after is not None:
        conditions.append("(r.updated_ms, r.id) < (%s, %s)")
        parameters += after
    order = f"WHERE {' AND '.join(conditions)} ORDER BY r.updated_ms DESC, r.id DESC LIMIT %s"
    return tuple(map(_head, read_rows(_LIST + order, [*parameters, limit])))


def read_worth(runbook_ids: Sequence[int]) -> dict[int, Worth]:
    """Return runbook id → what came of following it, for those of some that were followed."""
    groups: dict[int, list[tuple[str, int | None, int]]] = defaultdict(list)
    for runbook_id, *group in read_rows(_WORTH.format(marks=marks(runbook_ids)), runbook_ids):
        groups[runbook_id].append((group[0], group[1], group[2]))
    return {runbook_id: _worth(found) for runbook_id, found in groups.items()}


def _worth(groups: list[tuple[str, int | None, int]]) -> Worth:
    minutes = [spent for _, spent, count in groups for _ in range(count) if spent is not None]
    return Worth(
        uses=sum(count for _, _, count in groups),
        worked=sum(count for outcome, _, count in groups if outcome == "worked"),
        did_not_work=sum(count for outcome, _, count in groups if outcome == "did_not_work"),
        minutes=median_low(minutes) if minutes else None,
    )


def count_runbooks() -> int:
    """Return how many runbooks there are, whatever their state."""
    row = find_row("SELECT count(*) FROM runbook")
    return row[0] if row else 0


def find_runbook(code: str) -> RunbookHead | None:
    """Return a runbook by its code; capital letters do not matter."""
    row = find_row(f"{_LIST} WHERE r.code = %s", (code.upper(),))
    return None if row is None else _head(row)


def list_versions(runbook_id: int) -> tuple[RunbookVersion, ...]:
    """Return all versions, latest first."""
    rows = read_rows(f"{_VERSION} WHERE v.runbook_id = %s ORDER BY v.number DESC", (runbook_id,))
    return tuple(map(_version, rows))


def find_version(runbook_id: int, number: int | None) -> RunbookVersion | None:
    """Return one version."""
    row = find_row(f"{_VERSION} WHERE v.runbook_id = %s AND v.number = %s", (runbook_id, number))
    return None if row is None else _version(row)


def list_comments(runbook_id: int) -> tuple[RunbookComment, ...]:
    """Return the comments of all versions, oldest first."""
    query = """
    SELECT id, number, kind, step, text, author, at_ms FROM runbook_comment WHERE runbook_id = %s ORDER BY id
    """
    names = RunbookComment.__slots__
    return tuple(RunbookComment(**dict(zip(names, row, strict=True))) for row in read_rows(query, (runbook_id,)))


def list_answered(runbook_id: int, *, since_ms: int) -> tuple[AnsweredIssue, ...]:
    """Return the issues a runbook answers, the latest first, with their events since a time."""
    rows = read_rows(_ANSWERED, (since_ms // HOUR_MS, runbook_id, runbook_id, MAX_ANSWERED))
    return tuple(
        AnsweredIssue(id=id_, title=title, service=service, last_seen_ms=last, is_linked=how == "link", events=events)
        for id_, title, service, last, how, events in rows
    )


def _head(row: Row) -> RunbookHead:
    values = dict(zip(RunbookHead.__slots__, row, strict=True))
    services, is_matching = tuple(filter(None, values.pop("services").split("\n"))), bool(values.pop("is_matching"))
    return RunbookHead(**values, services=services, is_matching=is_matching)


def _version(row: Row) -> RunbookVersion:
    return RunbookVersion(**dict(zip(RunbookVersion.__slots__, row, strict=True)))
