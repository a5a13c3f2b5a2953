"""The rows of issues, derived from their fingerprints: sums, first and last, and the words of the latest event.

Whoever changes what an issue consists of, or takes events from its fingerprints, has its rows derived in the same
transaction. (Events that are added are added to both; the result is the same.)
An issue without fingerprints counts nothing and is shown nowhere.
"""

from collections.abc import Iterable, Mapping

from mukiau.stores.sqlite import Connection

# The words follow when it has a fingerprint.
_INSERT = """
INSERT INTO issue (
  project_id, service, title, subtitle, template, culprit, root_type, root_message, level, logger, language,
  first_seen_ms, last_seen_ms, event_count, first_event_pk, last_event_pk
) VALUES (?, '', '', '', '', '', '', '', '', '', '', 0, 0, 0, 0, 0)
"""
_WORDS = "service, title, subtitle, template, culprit, root_type, root_message, level, logger, language"
_DERIVE = f"""
UPDATE issue SET
  event_count = (SELECT sum(event_count) FROM fingerprint WHERE issue_id = :issue),
  (first_seen_ms, first_event_pk) =
    (SELECT first_seen_ms, first_event_pk FROM fingerprint WHERE issue_id = :issue
     ORDER BY first_seen_ms, first_event_pk LIMIT 1),
  (last_seen_ms, last_event_pk, {_WORDS}) =
    (SELECT last_seen_ms, last_event_pk, {_WORDS} FROM fingerprint WHERE issue_id = :issue
     ORDER BY last_seen_ms DESC, last_event_pk DESC LIMIT 1)
WHERE id = :issue AND EXISTS (SELECT 1 FROM fingerprint WHERE issue_id = :issue)
"""  # noqa: S608 - constants
_EMPTY = """
UPDATE issue SET event_count = 0 WHERE id = :issue AND NOT EXISTS (SELECT 1 FROM fingerprint WHERE issue_id = :issue)
"""
_DERIVE_ENVIRONMENTS = """
INSERT INTO issue_environment (issue_id, environment, count, first_seen_ms, last_seen_ms)
SELECT f.issue_id, n.environment, sum(n.count), min(n.first_seen_ms), max(n.last_seen_ms)
FROM fingerprint f CROSS JOIN fingerprint_environment n ON n.fingerprint_id = f.id
WHERE f.issue_id = :issue GROUP BY n.environment
"""
# An issue that a change moved something from or to is needed when the change is undone.
_DROP_EMPTY = """
DELETE FROM issue WHERE id = :issue AND NOT EXISTS (SELECT 1 FROM fingerprint WHERE issue_id = :issue)
  AND NOT EXISTS (SELECT 1 FROM grouping_move WHERE from_issue_id = :issue)
  AND NOT EXISTS (SELECT 1 FROM grouping_move WHERE to_issue_id = :issue)
  AND merged_into_id IS NULL
"""
# What people have said of it stays to be read where its events went.
_KEEP_SAID = """
UPDATE issue SET merged_into_id = :went WHERE id = :issue AND NOT EXISTS (SELECT 1 FROM fingerprint WHERE issue_id = :issue)
  AND (EXISTS (SELECT 1 FROM issue_comment WHERE issue_id = :issue)
    OR EXISTS (SELECT 1 FROM issue_history WHERE issue_id = :issue AND actor_id IS NOT NULL))
"""
# `notify_told` forgets by itself within an hour, and what waits in the outbox about no issue is told to nobody.
_DROP_WORK = tuple(
    f"DELETE FROM {table} WHERE issue_id = :issue AND NOT EXISTS (SELECT 1 FROM issue WHERE id = :issue)"  # noqa: S608
    for table in ("issue_work", "issue_resolution", "issue_state", "issue_history")
)


def insert_issue(connection: Connection, project_id: int) -> int:
    """Make an issue without fingerprints; return its id."""
    row_id = connection.execute(_INSERT, (project_id,)).lastrowid
    assert row_id is not None
    return row_id


def derive_issues(connection: Connection, issues: Iterable[int]) -> None:
    """Derive everything of issues that gained or lost fingerprints or events."""
    names = [{"issue": issue} for issue in sorted(set(issues))]
    connection.executemany(_DERIVE, names)
    connection.executemany(_EMPTY, names)
    connection.executemany("DELETE FROM issue_environment WHERE issue_id = :issue", names)
    connection.executemany(_DERIVE_ENVIRONMENTS, names)


def drop_empty_issues(connection: Connection, went: Mapping[int, int]) -> None:
    """Delete those of the issues that have no fingerprint left and are part of no change: issue → where an event of it went.

    One of which people have said something stays, and leads there.
    """
    names = [{"issue": issue, "went": target} for issue, target in sorted(went.items())]
    for statement in (_KEEP_SAID, _DROP_EMPTY, *_DROP_WORK):
        connection.executemany(statement, names)
