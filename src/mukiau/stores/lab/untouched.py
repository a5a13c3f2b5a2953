"""Which issues people have done something about: nothing joins those by itself."""

from collections.abc import Iterable

from mukiau.stores.many import chunks, marks
from mukiau.stores.sqlite import Connection

# Every change that a person makes to what is decided about an issue raises `version`; an issue that a split has made inherits
# what was decided, but not the version. A change by hand counts though it was undone: somebody thought about it.
_TOUCHED = """
SELECT i.id FROM issue i WHERE i.id IN ({marks}) AND (
  EXISTS (SELECT 1 FROM issue_work w WHERE w.issue_id = i.id AND (w.version > 1 OR w.decision <> 'none_yet'))
  OR EXISTS (SELECT 1 FROM issue_resolution r WHERE r.issue_id = i.id)
  OR EXISTS (SELECT 1 FROM issue_comment c WHERE c.issue_id = i.id)
  OR EXISTS (
    SELECT 1 FROM fingerprint f WHERE f.issue_id = i.id AND (
      EXISTS (SELECT 1 FROM handling h WHERE h.fingerprint_id = f.id)
      OR EXISTS (SELECT 1 FROM request_occurrence o WHERE o.fingerprint_id = f.id)
      OR EXISTS (SELECT 1 FROM runbook_link l WHERE l.fingerprint_id = f.id)
      OR EXISTS (
        SELECT 1 FROM grouping_move m JOIN grouping_change g ON g.id = m.change_id
        WHERE m.fingerprint_id = f.id AND g.kind <> 'policy')))
  OR EXISTS (
    SELECT 1 FROM grouping_move m JOIN grouping_change g ON g.id = m.change_id
    WHERE m.to_issue_id = i.id AND g.kind <> 'policy')
  OR EXISTS (
    SELECT 1 FROM grouping_move m JOIN grouping_change g ON g.id = m.change_id
    WHERE m.from_issue_id = i.id AND g.kind <> 'policy'))
"""


def find_touched(connection: Connection, issues: Iterable[int]) -> frozenset[int]:
    """Return those of the issues that somebody decided, resolved, assigned, commented, answers, merged or split."""
    return frozenset(
        row[0]
        for names in chunks(sorted(set(issues)))
        for row in connection.execute(_TOUCHED.format(marks=marks(names)), tuple(names))
    )
