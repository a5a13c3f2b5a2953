"""The open log entries of every project: what is assembled, and what is saved of it between batches.

An assembler does not know keys and arrival times; each stream's latest source and time are kept beside it and saved
with its state.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mukiau import codec
from mukiau.core.event import JSONObject
from mukiau.core.records.assemble import Assembler, StreamKey
from mukiau.core.records.entry import LogEntry
from mukiau.core.records.ordering import in_order
from mukiau.core.records.record import Record
from mukiau.digest.batch import StreamState

_MAX_ARRIVALS = 40_000
"""Twice the streams an assembler remembers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssembledEntry:
    """A log entry that is an error, and who sent it when."""

    entry: LogEntry
    project_id: int
    source_id: int
    received_ms: int


@dataclass(frozen=True, slots=True)
class _Arrival:
    source_id: int
    received_ms: int


class LogStreams:
    """One assembler per project."""

    def __init__(self) -> None:
        self._projects: dict[int, _ProjectStreams] = {}

    def restore(self, states: Iterable[StreamState]) -> list[StreamState]:
        """Start again from what was saved, forgetting everything else; return what cannot be read.

        A state may have been saved by another version of the assembler.
        """
        self._projects = {}
        unreadable = []
        for state in states:
            try:
                self._project(state.project_id).restore(state)
            except (ValueError, TypeError, LookupError):
                unreadable.append(state)
        return unreadable

    def feed(
        self, records: Sequence[Record], *, project_id: int, source_id: int, received_ms: int
    ) -> list[AssembledEntry]:
        """Take records in order of arrival; return the errors that are complete."""
        return self._project(project_id).feed(records, _Arrival(source_id, received_ms))

    def flush_idle(self, now_ms: int, idle_ms: int) -> list[AssembledEntry]:
        """Return the errors of streams that have been silent; late lines may still continue them."""
        return [entry for project in self._projects.values() for entry in project.flush_idle(now_ms, idle_ms)]

    def forget_idle(self, now_ms: int) -> None:
        """Let go of entries that no late line will continue any more."""
        for project in self._projects.values():
            project.forget_idle(now_ms)

    def take_changes(self) -> tuple[StreamState, ...]:
        """Return the streams that changed since the last call, as they are to be saved."""
        return tuple(state for project in self._projects.values() for state in project.take_changes())

    def snapshot(self) -> tuple[StreamState, ...]:
        """Return every stream with something to save."""
        return tuple(state for project in self._projects.values() for state in project.snapshot())

    def _project(self, project_id: int) -> "_ProjectStreams":
        project = self._projects.get(project_id)
        if project is None:
            project = self._projects[project_id] = _ProjectStreams(project_id)
        return project


class _ProjectStreams:
    """One project's assembler, and for each stream who fed it last."""

    def __init__(self, project_id: int) -> None:
        self._project_id = project_id
        self._assembler = Assembler(loads=codec.loads)
        self._arrivals: dict[StreamKey, _Arrival] = {}
        self._last = _Arrival(0, 0)

    def restore(self, state: StreamState) -> None:
        saved = codec.loads(state.state)
        account, log_group, log_stream = saved["key"]
        key = (account, log_group, log_stream)
        self._arrivals[key] = _Arrival(saved["source"], saved["received_ms"])
        self._assembler.restore({key: saved["stream"]})

    def feed(self, records: Sequence[Record], arrival: _Arrival) -> list[AssembledEntry]:
        self._last = arrival
        for key in dict.fromkeys(record.stream for record in records):
            self._arrivals.pop(key, None)  # to the end: the oldest is the first
            self._arrivals[key] = arrival
        while len(self._arrivals) > _MAX_ARRIVALS:
            del self._arrivals[next(iter(self._arrivals))]
        return self._assembled(self._assembler.feed(in_order(records), now_ms=arrival.received_ms))

    def flush_idle(self, now_ms: int, idle_ms: int) -> list[AssembledEntry]:
        return self._assembled(self._assembler.flush_idle(now_ms, idle_ms))

    def forget_idle(self, now_ms: int) -> None:
        self._assembler.forget_idle(now_ms)

    def take_changes(self) -> Iterable[StreamState]:
        return [self._saved(key, state) for key, state in self._assembler.take_changes().items()]

    def snapshot(self) -> Iterable[StreamState]:
        return [self._saved(key, state) for key, state in self._assembler.snapshot().items()]

    def _assembled(self, entries: Iterable[LogEntry]) -> list[AssembledEntry]:
        found = []
        for entry in entries:
            arrival = self._arrivals.get((entry.account, entry.log_group, entry.log_stream), self._last)
            found.append(
                AssembledEntry(
                    entry=entry,
                    project_id=self._project_id,
                    source_id=arrival.source_id,
                    received_ms=arrival.received_ms,
                )
            )
        return found

    def _saved(self, key: StreamKey, state: JSONObject | None) -> StreamState:
        stream_key = codec.dumps(key).decode()
        if state is None:
            return StreamState(project_id=self._project_id, stream_key=stream_key, state="")
        arrival = self._arrivals.get(key, self._last)
        saved = {"key": key, "source": arrival.source_id, "received_ms": arrival.received_ms, "stream": state}
        return StreamState(
            project_id=self._project_id,
            stream_key=stream_key,
            state=codec.dumps(saved).decode(),
            is_open=any(entry["flags"][-1] for entry in state["entries"]),
        )
