"""What match rules look at of each fingerprint: written with a new one, read when rules change.

Fingerprints from before there were runbooks have none until rules are first compared with them; theirs are read from
their latest event then. The hash is no stored fact, for it changes with the grouping policy: it is read with the others.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mukiau.digest.batch import DigestedEvent
from mukiau.stores.dictionaries import Dictionaries
from mukiau.stores.many import chunks, marks
from mukiau.stores.payloads import unpack_text
from mukiau.stores.sqlite import Connection
from mukiau.stores.stored_events import event_of, read_document
from mukiau.work.runbooks.facts import facts_of
from mukiau.work.runbooks.rules import Aspect, Facts

_KEEP = "INSERT INTO fingerprint_fact (fingerprint_id, aspect, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_LATEST = """
SELECT service, payload_codec, payload FROM event
WHERE fingerprint_id = ? AND payload_codec <> 0 ORDER BY occurred_ms DESC, id DESC LIMIT 1
"""
_WORDS = "SELECT service, root_type, template, logger FROM fingerprint WHERE id = ?"
_WORD_ASPECTS = (Aspect.SERVICE, Aspect.TYPE, Aspect.MESSAGE, Aspect.LOGGER)


def record_facts(connection: Connection, fingerprint_id: int, digested: DigestedEvent) -> Facts:
    """Keep the facts of a fingerprint as its event tells them; return them with its hash."""
    hashed = digested.fingerprint.hash
    facts = facts_of(digested.event, template=digested.title.template, fingerprint_hash=hashed)
    keep_facts(connection, {fingerprint_id: facts})
    return facts


class ReadFacts(NamedTuple):
    """Facts by fingerprint."""

    all: Mapping[int, Facts]
    derived: Mapping[int, Facts]
    """Of those, what is not kept yet."""


def read_facts(connection: Connection, fingerprints: Sequence[tuple[int, str]]) -> ReadFacts:
    """Return the facts of fingerprints, given as (id, hash); of those that have none yet as their events tell them.

    That takes payloads apart, so not in a transaction: who has one keeps what was derived with `keep_facts`.
    """
    found = _read(connection, [one for one, _ in fingerprints])
    derived = {one: _derive(connection, one) for one, _ in fingerprints if not found.get(one)}
    known = {**found, **derived}
    return ReadFacts({one: {**known[one], Aspect.FINGERPRINT: (hashed,)} for one, hashed in fingerprints}, derived)


def keep_facts(connection: Connection, facts: Mapping[int, Facts]) -> None:
    """Keep facts of fingerprints."""
    rows = [
        (one, aspect.value, value)
        for one, of_it in facts.items()
        for aspect, values in of_it.items()
        if aspect is not Aspect.FINGERPRINT
        for value in values
    ]
    connection.executemany(_KEEP, rows)


def peek_facts(connection: Connection, fingerprints: Sequence[tuple[int, str]]) -> dict[int, Facts]:
    """Return the same without writing: those that have none yet have only their words."""
    found = _read(connection, [one for one, _ in fingerprints])
    return {
        one: {**(found.get(one) or _words(connection, one)), Aspect.FINGERPRINT: (hashed,)}
        for one, hashed in fingerprints
    }


def _read(connection: Connection, fingerprints: Sequence[int]) -> dict[int, dict[Aspect, tuple[str, ...]]]:
    found: dict[int, dict[Aspect, tuple[str, ...]]] = defaultdict(dict)
    for ids in chunks(fingerprints):
        query = (
            "SELECT fingerprint_id, aspect, json_group_array(value) FROM fingerprint_fact "  # noqa: S608
            f"WHERE fingerprint_id IN ({marks(ids)}) GROUP BY 1, 2"
        )
        for one, aspect, values in connection.execute(query, tuple(ids)):
            found[one][Aspect(aspect)] = tuple(json.loads(values))
    return found


def _derive(connection: Connection, fingerprint_id: int) -> dict[Aspect, tuple[str, ...]]:
    """Return the facts of a fingerprint that has none: its own words, and what its latest event adds."""
    found = _words(connection, fingerprint_id)
    template = "".join(found.get(Aspect.MESSAGE, ()))
    for aspect, values in _facts_of_latest(connection, fingerprint_id, template).items():
        found[aspect] = tuple(dict.fromkeys((*found.get(aspect, ()), *values)))
    return found


def _words(connection: Connection, fingerprint_id: int) -> dict[Aspect, tuple[str, ...]]:
    words = connection.execute(_WORDS, (fingerprint_id,)).fetchone() or ()
    return {aspect: (value,) for aspect, value in zip(_WORD_ASPECTS, words, strict=False) if value}


def _facts_of_latest(connection: Connection, fingerprint_id: int, template: str) -> dict[Aspect, tuple[str, ...]]:
    """Return nothing where retention took every payload."""
    row = connection.execute(_LATEST, (fingerprint_id,)).fetchone()
    if row is None:
        return {}
    service, payload_codec, payload = row
    try:
        document = read_document(unpack_text(payload, payload_codec, Dictionaries(connection).find))
    except ValueError:
        return {}
    return facts_of(event_of(document, service=service), template=template, fingerprint_hash="")
