"""Microseconds per event of every station on the road from a body to the state file, each measured alone.

A station runs over what the station before it gave, so the sum is the road without the worker's loop around it.
"""

import gzip
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from bench.corpus import read_corpus
from bench.folder import migrate_folder
from bench.logs import bodies_of, read_demo
from bench.measure import Results
from bench.targets import STATIONS
from mukiau import clock, codec
from mukiau.core.envelope import Envelope, parse_envelope
from mukiau.core.event import Event, JSONObject, Origin
from mukiau.core.event_builder import build_event
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.title import title_of
from mukiau.core.limits import MAX_ENVELOPE_BYTES
from mukiau.core.normalize import normalize_payload
from mukiau.core.records.assemble import Assembler
from mukiau.core.records.entry import LogEntry, entry_to_payload
from mukiau.core.records.payloads import parse_records
from mukiau.core.scrub import Scrubber, ScrubPolicy
from mukiau.digest import patterns
from mukiau.digest.batch import Batch, DigestedEvent
from mukiau.stores import sqlite
from mukiau.stores.dictionaries import Dictionaries
from mukiau.stores.event_rows import Packing, make_row
from mukiau.stores.projects import create_project
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.state_writer import StateWriter

EVENTS = 1_000
RUNS = 5
BATCH_EVENTS = 200
EVENTS_AT_ONCE = 10
"""Go through the stations together: few enough to stay in the processor's caches, as one event does in digest."""

Given = TypeVar("Given")
Made = TypeVar("Made")
Costs = dict[str, float]
"""Station → microseconds per event."""


def measure_stations(results: Results) -> None:
    """Measure the road of SDK events and that of log events, `RUNS` times each."""
    bodies = _sdk_bodies()
    records = [gzip.compress(body, 6) for body in bodies_of(read_demo())]
    for _ in range(RUNS):
        _add(results, "sdk", _sdk_costs(bodies))
        _add(results, "log", _log_costs(records))


def _add(results: Results, kind: str, costs: Costs) -> None:
    for name, _ in STATIONS:
        if name in costs:
            results.add(f"{kind}_{name}", costs[name])
    results.add(f"{kind}_all", sum(costs.values()) - costs["encode"])


def _sdk_bodies() -> list[bytes]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        corpus = Path(name) / "events.bin"
        command = [sys.executable, "-m", "bench.corpus", str(corpus), "-n", str(EVENTS)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return list(read_corpus(corpus))


class Stopwatch:
    """Adds up what stations cost."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = defaultdict(float)
        self._events: Counter[str] = Counter()

    def each(self, name: str, station: Callable[[Given], Made], given: Iterable[Given]) -> list[Made]:
        """Run a station over some values, each an event unless `count_as` says otherwise."""
        started = time.process_time()
        made = [station(value) for value in given]
        self._seconds[name] += time.process_time() - started
        self._events[name] += len(made)
        return made

    def count_as(self, events: int, *names: str) -> None:
        """Say of how many events the values of some stations were."""
        for name in names:
            self._events[name] = events

    def costs(self) -> Costs:
        return {name: seconds * 1e6 / self._events[name] for name, seconds in self._seconds.items()}


def _sdk_costs(bodies: Sequence[bytes]) -> Costs:
    watch = Stopwatch()
    origin = Origin(project_id=1, source_id=1)
    events: list[DigestedEvent] = []
    for some in _parts(bodies, EVENTS_AT_ONCE):
        texts = watch.each("decompress", _decompress, some)
        payloads = watch.each("decode", codec.loads, watch.each("envelope", _event_json, texts))
        events += _events(watch, [(payload, origin) for payload in payloads])
    _keep(watch, events)
    return watch.costs()


def _log_costs(bodies: Sequence[bytes]) -> Costs:
    watch = Stopwatch()
    assembler = Assembler(loads=codec.loads)

    def assemble(body: bytes) -> list[LogEntry]:
        return assembler.feed(parse_records(body, loads=codec.loads, item="1").records)

    def to_payload(entry: LogEntry) -> tuple[JSONObject, Origin]:
        payload, origin, _ = entry_to_payload(entry, project_id=1, source_id=1)
        return payload, origin

    events: list[DigestedEvent] = []
    for body in bodies:
        (entries,) = watch.each("assemble", assemble, watch.each("decompress", _decompress, [body]))
        events += _events(watch, watch.each("wire", to_payload, entries))
    watch.count_as(len(events), "decompress", "assemble")
    _keep(watch, events)
    return watch.costs()


def _decompress(body: bytes) -> bytes:
    return codec.decompress(body, "gzip", max_bytes=MAX_ENVELOPE_BYTES)


def _event_json(text: bytes) -> bytes:
    envelope = parse_envelope(text, loads=codec.loads)
    assert isinstance(envelope, Envelope)
    assert envelope.event_item is not None
    return envelope.event_item.payload


def _events(watch: Stopwatch, given: Sequence[tuple[JSONObject, Origin]]) -> list[DigestedEvent]:
    """Run the stations every event passes, whatever door it came through."""
    now = datetime.now(UTC)

    def normalize(pair: tuple[JSONObject, Origin]) -> JSONObject:
        return normalize_payload(pair[0], received_at=now).payload

    def build(pair: tuple[JSONObject, Origin]) -> Event:
        return build_event(pair[0], origin=pair[1], received_at=now)

    scrubbed = watch.each("scrub", _scrub, watch.each("normalize", normalize, given))
    origins = [origin for _, origin in given]
    return watch.each("group", _grouped, watch.each("build", build, zip(scrubbed, origins, strict=True)))


_scrubber = Scrubber(ScrubPolicy(), compile_pattern=patterns.compile_pattern)


def _scrub(payload: JSONObject) -> JSONObject:
    return _scrubber.scrub(payload).payload


def _grouped(event: Event) -> DigestedEvent:
    return DigestedEvent(event=event, fingerprint=fingerprint_of(event), title=title_of(event))


def _keep(watch: Stopwatch, events: Sequence[DigestedEvent]) -> None:
    """Encode, then write into a state file (which encodes once more).

    The first batch only lets the file learn what its payloads have in common.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        migrate_folder(folder)
        project = create_project(folder, "bench", now_ms=clock.unix_ms())
        owned = [_owned(digested, project.id, project.sources[0].id) for digested in events]
        first, *batches = _parts(owned, BATCH_EVENTS)
        with closing(StateWriter(folder / STATE_FILE)) as writer:
            writer.write(_batch(first))
            writer.beat(clock.unix_ms())
            packing = _learned_packing(folder)
            watch.each("encode", lambda digested: make_row(digested, packing, digested_ms=0), owned[len(first) :])
            watch.each("write", lambda batch: writer.write(_batch(batch)), batches)
    watch.count_as(len(owned) - len(first), "write")


def _parts(values: Sequence[Given], size: int) -> list[Sequence[Given]]:
    return [values[at : at + size] for at in range(0, len(values), size)]


def _learned_packing(folder: Path) -> Packing:
    with closing(sqlite.connect(folder / STATE_FILE, readonly=True)) as state:
        return Packing(Dictionaries(state).latest())


def _owned(digested: DigestedEvent, project_id: int, source_id: int) -> DigestedEvent:
    origin = replace(digested.event.origin, project_id=project_id, source_id=source_id)
    return replace(digested, event=replace(digested.event, origin=origin))


def _batch(events: Sequence[DigestedEvent]) -> Batch:
    return Batch(after=0, position=0, digested_ms=clock.unix_ms(), events=tuple(events))
