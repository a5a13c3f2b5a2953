"""What an occurrence calls by the name of a decision's key, such as its order's number.

It is what a runbook fills in by that name: a tag, else a value that a message names, else a field beside the message. Few
applications set tags for the sake of an error tracker; their log lines name the order all the same.
"""

from dataclasses import dataclass

from mukiau.digest.batch import DigestedEvent
from mukiau.stores.dictionaries import Dictionaries
from mukiau.stores.event_rows import MAX_TAG_CHARS, EventRow
from mukiau.stores.payloads import unpack
from mukiau.stores.sqlite import Connection
from mukiau.stores.stored_events import event_of
from mukiau.work.runbooks.occurrence import values_of


@dataclass(frozen=True, slots=True)
class KeyValues:
    """Finds the values of keys in events of one batch."""

    connection: Connection

    def find(self, row: EventRow, key: str) -> str:
        """Return the value; empty where there is none, or one that is longer than a tag may be.

        It is not cut: two orders could become one.
        """
        tag = next((value for name, value in row.tags if name == key), "")
        value = tag or values_of(row.digested.event, {}).get(key, "") or self._beside(row.digested).get(key, "")
        return value if len(value) <= MAX_TAG_CHARS else ""

    def _beside(self, digested: DigestedEvent) -> dict[str, str]:
        """Return what stands in the payload alone, which is packed by now: about 0.1 ms, for keyed decisions only."""
        packed, event = digested.packed, digested.event
        if packed is None:
            return {}
        document = unpack(packed.body, packed.codec, Dictionaries(self.connection).find)
        return values_of(event_of(document, service=event.service), {})
