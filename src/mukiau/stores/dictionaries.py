"""The dictionaries of payloads: learned from the folder's own events, kept beside them as long as one needs them."""

import random
from collections.abc import Collection

from mukiau.stores.payloads import DELETED, PLAIN, train, unpack_text
from mukiau.stores.sqlite import Connection

FIRST_AT_EVENTS = 200
AGAIN_AT_TIMES_MORE = 20
"""Another one at 4,000 events, at 80,000, at 1.6 million: what a young platform sends is not what it will send."""
PACKED_BEFORE = 10_000
"""Far more events than are packed, and not written yet, when a dictionary gets its successor; a batch has some hundred."""
SAMPLES = 400
"""Trained in .2 s; twice as many gain nothing measurable."""

_COUNT_EVENTS = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'event'"
_LATEST = "SELECT body, event_count FROM payload_dictionary ORDER BY event_count DESC, id LIMIT 1"
_KEEP = """
INSERT INTO payload_dictionary (id, body, event_count, created_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_SAMPLE = "SELECT payload, payload_codec FROM event WHERE id >= ? ORDER BY id LIMIT 1"
_SUCCEEDED = """
SELECT id FROM payload_dictionary d WHERE EXISTS (
  SELECT 1 FROM payload_dictionary n WHERE n.event_count > d.event_count AND n.event_count + ? < ?
) ORDER BY id
"""


class Dictionaries:
    """The dictionaries of one state file."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tried_at = 0
        """Events there were when training found too little in common."""

    def find(self, dictionary_id: int) -> bytes:
        """Return a dictionary's body; raises LookupError when the file has lost it."""
        row = self._connection.execute("SELECT body FROM payload_dictionary WHERE id = ?", (dictionary_id,)).fetchone()
        if row is None:
            raise LookupError(f"The state file has no payload dictionary {dictionary_id}.")
        return bytes(row[0])

    def latest(self) -> bytes:
        """Return the body of the dictionary in use, empty before the first."""
        row = self._connection.execute(_LATEST).fetchone()
        return bytes(row[0]) if row else b""

    def learn(self, now_ms: int) -> bytes:
        """Train and keep a dictionary when it is time for one; return its body, empty otherwise."""
        count = int(self._connection.execute(_COUNT_EVENTS).fetchone()[0])
        row = self._connection.execute(_LATEST).fetchone()
        if count < max(2 * self._tried_at, row[1] * AGAIN_AT_TIMES_MORE if row else FIRST_AT_EVENTS):
            return b""
        trained = train(self._samples(count))
        if trained is None or trained[0] <= PLAIN:
            self._tried_at = count
            return b""
        self._connection.execute(_KEEP, (*trained, count, now_ms))
        return trained[1]

    def _samples(self, count: int) -> list[bytes]:
        """Texts of events spread over the whole table; the choice decides nothing but sizes."""
        chosen = random.Random(count).sample(range(1, count + 1), min(SAMPLES, count))  # noqa: S311
        rows = (self._connection.execute(_SAMPLE, (event,)).fetchone() for event in sorted(chosen))
        found = filter(None, rows)
        return [unpack_text(payload, codec, self.find) for payload, codec in found if codec != DELETED]

    def forget_unneeded(self, needed: Collection[int], *, before_id: int) -> int:
        """Forget dictionaries that had a successor before an event and are not `needed` up to it; return how many."""
        succeeded = [row[0] for row in self._connection.execute(_SUCCEEDED, (PACKED_BEFORE, before_id))]
        unneeded = [(number,) for number in succeeded if number not in needed]
        self._connection.executemany("DELETE FROM payload_dictionary WHERE id = ?", unneeded)
        return len(unneeded)
