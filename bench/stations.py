"""Microseconds per event of every station on the road from a body to the state file, each measured alone.

A station runs over what the station before it gave, so the sum is the road without the worker's loop around it.
"""

import gzip
import subprocess
import sys
import tempfile
import time
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
from mukiau.stores.event_rows import make_row
from mukiau.stores.projects import create_project
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.state_writer import StateWriter

EVENTS = 400
RUNS = 5
BATCH_EVENTS = 200

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
    results.add(f"{kind}_all", sum(costs.values()))


def _sdk_bodies() -> list[bytes]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        corpus = Path(name) / "events.bin"
        command = [sys.executable, "-m", "bench.corpus", str(corpus), "-n", str(EVENTS)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return list(read_corpus(corpus))


class Stopwatch:
    """Times stations over many events."""

    def __init__(self) -> None:
        self.costs: Costs = {}

    def each(self, name: str, station: Callable[[Given], Made], given: Sequence[Given]) -> list[Made]:
        """Run a station over every value; its cost counts per value."""
        started = time.process_time()
        made = [station(value) for value in given]
        self.costs[name] = (time.process_time() - started) * 1e6 / len(given)
        return made

    def share_among(self, events: int, given: int, names: Iterable[str]) -> None:
        """Let stations that ran over `given` values count per event."""
        for name in names:
            self.costs[name] *= given / events


def _sdk_costs(bodies: Sequence[bytes]) -> Costs:
    watch = Stopwatch()
    texts = watch.each("decompress", _decompress, bodies)
    items = watch.each("envelope", _event_json, texts)
    payloads = watch.each("decode", codec.loads, items)
    events = _events(watch, [(payload, Origin(project_id=1, source_id=1)) for payload in payloads])
    _keep(watch, events)
    return watch.costs


def _log_costs(bodies: Sequence[bytes]) -> Costs:
    watch = Stopwatch()
    assembler = Assembler(loads=codec.loads)

    def assemble(body: bytes) -> list[LogEntry]:
        return assembler.feed(parse_records(body, loads=codec.loads, item="1").records)

    texts = watch.each("decompress", _decompress, bodies)
    entries = [entry for found in watch.each("assemble", assemble, texts) for entry in found]
    watch.share_among(len(entries), len(bodies), ("decompress", "assemble"))
    made = watch.each("wire", lambda entry: entry_to_payload(entry, project_id=1, source_id=1), entries)
    events = _events(watch, [(payload, origin) for payload, origin, _ in made])
    _keep(watch, events)
    return watch.costs


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
    scrubber = Scrubber(ScrubPolicy(), compile_pattern=patterns.compile_pattern)
    normalized = watch.each("normalize", lambda pair: normalize_payload(pair[0], received_at=now).payload, given)
    scrubbed = watch.each("scrub", lambda payload: scrubber.scrub(payload).payload, normalized)
    origins = [origin for _, origin in given]

    def build(pair: tuple[JSONObject, Origin]) -> Event:
        return build_event(pair[0], origin=pair[1], received_at=now)

    events = watch.each("build", build, list(zip(scrubbed, origins, strict=True)))
    return watch.each("group", _grouped, events)


def _grouped(event: Event) -> DigestedEvent:
    return DigestedEvent(event=event, fingerprint=fingerprint_of(event), title=title_of(event))


def _keep(watch: Stopwatch, events: Sequence[DigestedEvent]) -> None:
    """Encode, then write into a fresh state file; the writer encodes too, so its part is taken out."""
    watch.each("encode", lambda digested: make_row(digested, digested_ms=clock.unix_ms()), events)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        migrate_folder(folder)
        project = create_project(folder, "bench", now_ms=clock.unix_ms())
        owned = [_owned(digested, project.id, project.sources[0].id) for digested in events]
        batches = [owned[at : at + BATCH_EVENTS] for at in range(0, len(owned), BATCH_EVENTS)]
        with closing(StateWriter(folder / STATE_FILE)) as writer:
            watch.each("write", lambda batch: writer.write(_batch(batch)), batches)
    watch.share_among(len(events), len(batches), ("write",))
    watch.costs["write"] = max(0.0, watch.costs["write"] - watch.costs["encode"])


def _owned(digested: DigestedEvent, project_id: int, source_id: int) -> DigestedEvent:
    origin = replace(digested.event.origin, project_id=project_id, source_id=source_id)
    return replace(digested, event=replace(digested.event, origin=origin))


def _batch(events: Sequence[DigestedEvent]) -> Batch:
    return Batch(after=0, position=0, digested_ms=clock.unix_ms(), events=tuple(events))
