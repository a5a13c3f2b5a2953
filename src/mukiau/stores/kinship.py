"""Which of the stored fingerprints a doubtful one belongs to: `core.grouping.kinship` on what is stored.

Looked for when a doubtful fingerprint is made, and for those of its service again when one is made that they may belong to, so
that the order in which they come does not matter. What people moved, and an issue that somebody decided about, stays where it
is. Everything is bounded: of a service with very many fingerprints nobody can say that one alone fits.
"""

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mukiau.core.grouping.explanation import Part, explanation_from_json
from mukiau.core.grouping.kinship import CUT, Because, Doubt, Doubtful, Known, find_home, has_mixed_id, message_of
from mukiau.stores.event_rows import EventRow
from mukiau.stores.grouping_changes import Move, move_fingerprints
from mukiau.stores.issue_rows import insert_issue
from mukiau.stores.many import chunks, marks
from mukiau.stores.regrouping import MAX_FINGERPRINTS_AN_ISSUE
from mukiau.stores.sqlite import Connection

MAX_KNOWN = 2_000
"""Fingerprints of one service whose messages are looked at: some milliseconds."""
MAX_COMPARED = 200
"""Explanations that are read: some milliseconds more."""
MAX_DOUBTFUL = 20
"""Fingerprints of one service that are looked at again for a new one; the newest."""

# One that is cut is no home.
_KNOWN = """
SELECT id, issue_id, CASE WHEN root_message <> '' THEN root_message ELSE title END, search_text,
  instr(search_text, :type) > 0
FROM fingerprint
WHERE project_id = :project AND service = :service AND doubt NOT LIKE 'cut%' ORDER BY issue_id, id LIMIT :limit
"""
_COUNT = "SELECT count(*) FROM fingerprint WHERE issue_id = ?"
# Those that nobody moved, and whose issue, where it is theirs alone, nobody decided about.
_DOUBTFUL = """
SELECT f.id, f.issue_id, f.doubt, CASE WHEN f.root_message <> '' THEN f.root_message ELSE f.title END, f.joined_to_id,
  e.explanation
FROM fingerprint f
JOIN fingerprint_explanation e ON e.fingerprint_id = f.id AND e.policy_version = f.policy_version
LEFT JOIN fingerprint j ON j.id = f.joined_to_id
LEFT JOIN issue_work w ON w.issue_id = f.issue_id
WHERE f.project_id = ? AND f.service = ? AND {which}
  AND NOT EXISTS (SELECT 1 FROM grouping_move m WHERE m.fingerprint_id = f.id)
  AND CASE WHEN f.joined_to_id IS NULL
    THEN w.version = 1 AND NOT EXISTS (SELECT 1 FROM fingerprint o WHERE o.issue_id = f.issue_id AND o.id <> f.id)
    ELSE j.issue_id = f.issue_id END
ORDER BY f.id DESC LIMIT ?
"""
_JOIN = "UPDATE fingerprint SET joined_to_id = ?, joined_because = ? WHERE id = ?"


class StoredHome(NamedTuple):
    """Where a doubtful fingerprint belongs."""

    fingerprint: int
    issue: int
    because: Because


def find_stored_home(connection: Connection, row: EventRow, doubt: Doubt) -> StoredHome | None:
    """Return the fingerprint whose issue the new one of an event belongs to, None where it is an issue of its own."""
    event = row.digested.event
    doubtful = Doubtful(tree=row.digested.fingerprint.explanation, message=message_of(event), doubt=doubt)
    return _find(connection, row.project_id, row.service, doubtful, besides=0) if doubt is not Doubt.NONE else None


def _find(
    connection: Connection, project_id: int, service: str, doubtful: Doubtful, *, besides: int
) -> StoredHome | None:
    values = {"project": project_id, "service": service, "type": _outermost(doubtful.tree), "limit": MAX_KNOWN + 1}
    rows = connection.execute(_KNOWN, values).fetchall()
    is_cut = doubtful.doubt in CUT
    messages = {
        pk: (issue, (latest, *_first_messages(text)))
        for pk, issue, latest, text, has_type in rows
        if pk != besides and ((is_cut and has_type) or has_mixed_id(text) or has_mixed_id(latest))
    }
    if len(rows) > MAX_KNOWN or not 0 < len(messages) <= MAX_COMPARED:
        return None
    home = find_home(doubtful, _known(connection, messages))
    if home is None:
        return None
    found = StoredHome(int(home.known.id), int(home.known.issue), home.because)
    is_full = connection.execute(_COUNT, (found.issue,)).fetchone()[0] >= MAX_FINGERPRINTS_AN_ISSUE
    return None if is_full else found


def _outermost(tree: Part) -> str:
    """The first type named, as a search finds it."""
    if tree.name == "type" and tree.value:
        return tree.value.partition("<")[0]
    return next((found for part in tree.parts if (found := _outermost(part))), "")


def _first_messages(search_text: str) -> Iterator[str]:
    """What the first event of a fingerprint said, where it can be told: as the title, or behind a type."""
    for line in search_text.split("\n")[:2]:
        yield line
        yield line.partition(": ")[2]


def _known(connection: Connection, messages: dict[int, tuple[int, tuple[str, ...]]]) -> list[Known]:
    known = []
    for names in chunks(sorted(messages)):
        query = (
            "SELECT f.id, e.explanation FROM fingerprint f JOIN fingerprint_explanation e "  # noqa: S608
            f"ON e.fingerprint_id = f.id AND e.policy_version = f.policy_version WHERE f.id IN ({marks(names)})"
        )
        for pk, explanation in connection.execute(query, names):
            issue, said = messages[pk]
            known.append(Known(id=pk, issue=issue, tree=_tree(explanation), messages=said))
    return known


def _tree(explanation: str) -> Part:
    return explanation_from_json(json.loads(explanation))


def complete_fingerprint(connection: Connection, fingerprint: int, doubt: Doubt) -> None:
    """Note that an event with a whole trace has the fingerprint, too."""
    connection.execute("UPDATE fingerprint SET doubt = ? WHERE id = ?", (doubt, fingerprint))


def settle_doubtful(connection: Connection, new: Iterable[EventRow]) -> None:
    """Look at doubtful fingerprints again, now that there are others which they may belong to.

    To be called when the counts of the batch are written.
    """
    looks = {(row.project_id, row.service, has_mixed_id(message_of(row.digested.event))) for row in new}
    for project_id, service, is_mixed in sorted(looks):
        doubts = sorted({*CUT, Doubt.LETTERS} if is_mixed else CUT)
        query = _DOUBTFUL.format(which=f"f.doubt <> '' AND f.doubt IN ({marks(doubts)})")
        values = (project_id, service, *doubts, MAX_DOUBTFUL)
        for pk, issue, doubt, message, joined, explanation in connection.execute(query, values).fetchall():
            doubtful = Doubtful(tree=_tree(explanation), message=message, doubt=Doubt(doubt))
            home = _find(connection, project_id, service, doubtful, besides=pk)
            if home is not None and home.issue != issue and joined is None:
                join(connection, pk, source=issue, home=home)
            elif home is None and joined is not None and doubt in CUT:
                leave(connection, pk, project_id, source=issue)
        # What was known by a cut trace when it came to an issue, and turned out to be a failure of its own.
        query = _DOUBTFUL.format(which="f.joined_to_id > 0 AND f.joined_because = ? AND f.doubt NOT LIKE 'cut%'")
        values = (project_id, service, Because.CUT_TRACE, MAX_DOUBTFUL)
        for pk, issue, *_ in connection.execute(query, values).fetchall():
            leave(connection, pk, project_id, source=issue)


def join(connection: Connection, fingerprint: int, *, source: int, home: StoredHome) -> None:
    """Move a fingerprint that is an issue of its own to the issue that it belongs to."""
    move_fingerprints(connection, [Move(fingerprint, source, home.issue)])
    connection.execute(_JOIN, (home.fingerprint, home.because, fingerprint))


def leave(connection: Connection, fingerprint: int, project_id: int, *, source: int) -> None:
    """Move a fingerprint that came to an issue by itself to an issue of its own: more than this one fit it now."""
    move_fingerprints(connection, [Move(fingerprint, source, insert_issue(connection, project_id))])
    connection.execute(_JOIN, (None, "", fingerprint))
