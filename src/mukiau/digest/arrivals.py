"""From which services in which environments records arrived, errors or not: what tells silence from all being well.

A record is looked at as its event would be, with names cut to the same length: what the table of log groups says, else the source beside the line, else the
key's owner. What a line itself says (`"service": …` in JSON) would need every line to be read, so records whose place
only their text tells count for what the table says.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache

from mukiau.core.limits import MAX_ENVIRONMENT_CHARS, MAX_NAME_CHARS
from mukiau.core.normalizing.fields import cut
from mukiau.core.records.log_groups import LogGroupTable
from mukiau.core.records.record import Record
from mukiau.digest.batch import Arrived
from mukiau.digest.ports import SourceDefaults

_PLACES_KEPT = 8_192
"""Streams are containers: of a large platform some thousand write at a time."""
_NO_DEFAULTS = SourceDefaults()


class ArrivedRecords:
    """Collects where records came from since it was asked last."""

    def __init__(self, table: LogGroupTable) -> None:
        self._read: Callable[[str, str, str], tuple[str, str]] = lru_cache(_PLACES_KEPT)(_reader(table))
        self._latest: dict[tuple[int, str, str], int] = {}

    def note(
        self, records: Iterable[Record], *, project_id: int, received_ms: int, defaults: SourceDefaults | None
    ) -> None:
        """Note records that arrived together."""
        otherwise = defaults or _NO_DEFAULTS
        for log_group, account, log_stream, service, environment in {
            (record.log_group, record.account, record.log_stream, record.service, record.environment)
            for record in records
        }:
            by_table = self._read(log_group, account, log_stream)
            place = (by_table[0] or service or otherwise.service, by_table[1] or environment or otherwise.environment)
            if any(place):
                key = (project_id, place[0][:MAX_NAME_CHARS], cut(place[1], MAX_ENVIRONMENT_CHARS))
                self._latest[key] = max(received_ms, self._latest.get(key, 0))

    def take(self) -> tuple[Arrived, ...]:
        """Return what was noted since the last call."""
        taken, self._latest = self._latest, {}
        return tuple(
            Arrived(project_id=project, service=service, environment=environment, received_ms=received_ms)
            for (project, service, environment), received_ms in taken.items()
        )


def _reader(table: LogGroupTable) -> Callable[[str, str, str], tuple[str, str]]:
    def read(log_group: str, account: str, log_stream: str) -> tuple[str, str]:
        place = table.read(log_group, account=account, log_stream=log_stream)
        return place.service, place.environment

    return read
