"""Which of the stored fingerprints a doubtful one belongs to: `core.grouping.kinship` on what is stored.

Looked for when a doubtful fingerprint is made, and for those of its service again when one is made that they may belong to, so
that the order in which they come does not matter. What people moved, and an issue that somebody decided about, stays where it
is. Everything is bounded: of a service with very many fingerprints nobody can say that one alone fits.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

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

_MIXED = "\n"
"""No type."""

# One that is cut is no home.
_KNOWN = """
SELECT id, issue_id, CASE WHEN root_message <> '' THEN root_message ELSE title END, search_text FROM fingerprint
WHERE project_id = ? AND service = ? AND doubt NOT LIKE 'cut%' ORDER BY issue_id, id LIMIT ?
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


class _Service:
    """The fingerprints of one service that another may belong to, as far as they are needed."""

    def __init__(self, connection: Connection, project_id: int, service: str) -> None:
        rows = connection.execute(_KNOWN, (project_id, service, MAX_KNOWN + 1)).fetchall()
        self._connection = connection
        self._issues = {pk: issue for pk, issue, _, _ in rows}
        self._texts = {pk: text for pk, _, _, text in rows}
        self._messages = {pk: (latest, *_first_messages(text)) for pk, _, latest, text in rows}
        self._mixed = {pk for pk, messages in self._messages.items() if any(map(has_mixed_id, messages))}
        self._trees: dict[int, Part] = {}

    def known(self, doubtful: Doubtful, *, besides: int) -> list[Known]:
        """Return those that may be the home of a doubtful one; none where they are too many to tell."""
        wanted = self._mixed
        if doubtful.doubt in CUT:
            outermost = _outermost(doubtful.tree)
            wanted = wanted | {pk for pk, text in self._texts.items() if outermost in text}
        wanted = wanted - {besides}
        if len(self._issues) > MAX_KNOWN or len(wanted) > MAX_COMPARED:
            return []
        self._read_trees(sorted(wanted - self._trees.keys()))
        return [
            Known(id=pk, issue=self._issues[pk], tree=self._trees[pk], messages=self._messages[pk])
            for pk in sorted(wanted & self._trees.keys())
        ]

    def _read_trees(self, wanted: Sequence[int]) -> None:
        for names in chunks(wanted):
            query = (
                "SELECT f.id, e.explanation FROM fingerprint f JOIN fingerprint_explanation e "  # noqa: S608
                f"ON e.fingerprint_id = f.id AND e.policy_version = f.policy_version WHERE f.id IN ({marks(names)})"
            )
            self._trees |= {pk: _tree(explanation) for pk, explanation in self._connection.execute(query, names)}

    def add(self, fingerprint: int, issue: int, row: EventRow) -> None:
        """Know one more."""
        event, title = row.digested.event, row.digested.title
        text = "\n".join((title.title, title.subtitle, *(link.type for link in event.exceptions)))
        self._issues[fingerprint], self._texts[fingerprint] = issue, text
        self._messages[fingerprint] = (title.root_message or title.title, *_first_messages(text))
        self._trees[fingerprint] = row.digested.fingerprint.explanation
        if any(map(has_mixed_id, self._messages[fingerprint])):
            self._mixed.add(fingerprint)

    def move(self, fingerprint: int, issue: int) -> None:
        """Know one in another issue."""
        if fingerprint in self._issues:
            self._issues[fingerprint] = issue


class Kinship:
    """Finds the homes of the doubtful fingerprints of one batch; what it read of a service is read once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._services: dict[tuple[int, str], _Service] = {}
        self._new: dict[tuple[int, str], set[str]] = defaultdict(set)
        """Service → the outermost types of its new whole fingerprints; `_MIXED` for one with an id that has a digit."""
        self._completed: set[tuple[int, str]] = set()

    def find_home(self, row: EventRow, doubt: Doubt) -> StoredHome | None:
        """Return the fingerprint whose issue the new one of an event belongs to; None where it is an issue of its own."""
        if doubt is Doubt.NONE:
            return None
        tree, message = row.digested.fingerprint.explanation, message_of(row.digested.event)
        return self._find(row.project_id, row.service, Doubtful(tree=tree, message=message, doubt=doubt))

    def _find(self, project_id: int, service: str, doubtful: Doubtful, *, besides: int = 0) -> StoredHome | None:
        known = self._service(project_id, service).known(doubtful, besides=besides)
        home = find_home(doubtful, known) if known else None
        if home is None:
            return None
        found = StoredHome(int(home.known.id), int(home.known.issue), home.because)
        is_full = self._connection.execute(_COUNT, (found.issue,)).fetchone()[0] >= MAX_FINGERPRINTS_AN_ISSUE
        return None if is_full else found

    def _service(self, project_id: int, service: str) -> _Service:
        key = (project_id, service)
        if key not in self._services:
            self._services[key] = _Service(self._connection, project_id, service)
        return self._services[key]

    def add(self, fingerprint: int, issue: int, row: EventRow, doubt: Doubt) -> None:
        """Note a new fingerprint, or one of which nothing but cut traces was known before."""
        if doubt in CUT:
            return
        known = self._services.get((row.project_id, row.service))
        if known is not None:
            known.add(fingerprint, issue, row)
        event = row.digested.event
        new = self._new[row.project_id, row.service]
        new.update([_outermost(row.digested.fingerprint.explanation)] if event.exceptions else ())
        new.update([_MIXED] if has_mixed_id(message_of(event)) else ())

    def complete(self, fingerprint: int, issue: int, row: EventRow, doubt: Doubt) -> None:
        """Note that an event with a whole trace has the fingerprint, too."""
        self._connection.execute("UPDATE fingerprint SET doubt = ? WHERE id = ?", (doubt, fingerprint))
        self.add(fingerprint, issue, row, doubt)
        self._completed.add((row.project_id, row.service))

    def settle(self) -> None:
        """Look at doubtful fingerprints again, now that there are others which they may belong to.

        To be called when the counts of the batch are written.
        """
        self._services.clear()  # fingerprints that lost their last event are gone
        for (project_id, service), new in sorted(self._new.items()):
            for pk, issue, doubt, message, joined, explanation in self._doubtful(project_id, service, new):
                doubtful = Doubtful(tree=_tree(explanation), message=message, doubt=Doubt(doubt))
                if doubt in CUT and _MIXED not in new and _outermost(doubtful.tree) not in new:
                    continue
                home = self._find(project_id, service, doubtful, besides=pk)
                if home is not None and home.issue != issue and joined is None:
                    self._move(project_id, service, Move(pk, issue, home.issue), home)
                elif home is None and joined is not None and doubt in CUT:
                    self._leave(project_id, service, pk, issue)
        for project_id, service in sorted(self._completed):
            # What was known by a cut trace when it came to an issue, and turned out to be a failure of its own.
            query = _DOUBTFUL.format(which="f.joined_to_id > 0 AND f.joined_because = ? AND f.doubt NOT LIKE 'cut%'")
            values = (project_id, service, Because.CUT_TRACE, MAX_DOUBTFUL)
            for pk, issue, *_ in self._connection.execute(query, values).fetchall():
                self._leave(project_id, service, pk, issue)

    def _doubtful(self, project_id: int, service: str, new: set[str]) -> list[tuple[Any, ...]]:
        """Read the doubtful fingerprints of a service that new ones may concern."""
        if not new:
            return []
        doubts = sorted({*CUT, Doubt.LETTERS} if _MIXED in new else CUT)
        query = _DOUBTFUL.format(which=f"f.doubt <> '' AND f.doubt IN ({marks(doubts)})")
        return self._connection.execute(query, (project_id, service, *doubts, MAX_DOUBTFUL)).fetchall()

    def _leave(self, project_id: int, service: str, fingerprint: int, issue: int) -> None:
        """Move a fingerprint that came to an issue by itself to one of its own: more than this one fit it now."""
        self._move(project_id, service, Move(fingerprint, issue, insert_issue(self._connection, project_id)), None)

    def _move(self, project_id: int, service: str, move: Move, home: StoredHome | None) -> None:
        move_fingerprints(self._connection, [move])
        joined = (None, "") if home is None else (home.fingerprint, home.because.value)
        self._connection.execute(_JOIN, (*joined, move.fingerprint))
        self._service(project_id, service).move(move.fingerprint, move.target)


def _first_messages(search_text: str) -> Iterator[str]:
    """What the first event of a fingerprint said, where it can be told: as the title, or behind a type."""
    for line in search_text.split("\n")[:2]:
        yield line
        yield line.partition(": ")[2]


def _outermost(tree: Part) -> str:
    """The first type named, as a search finds it."""
    if tree.name == "type" and tree.value:
        return tree.value.partition("<")[0]
    return next((found for part in tree.parts if (found := _outermost(part))), "")


def _tree(explanation: str) -> Part:
    return explanation_from_json(json.loads(explanation))
