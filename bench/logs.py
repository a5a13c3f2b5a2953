"""Lines per second: assembling and parsing alone in one process, and through the records door of a running server.

The lines are those of the demo: logs of a dozen services in many formats, with noise around the errors. A log event
may hold a trace of many lines; lines are counted, not log events.
"""

import gzip
import json
import tempfile
import time
from collections.abc import Sequence
from importlib.resources import files
from itertools import islice
from pathlib import Path

from bench.corpus import write_corpus
from bench.events import run_load_process
from bench.measure import Results
from bench.server import running_server
from mukiau import codec
from mukiau.core.records.assemble import Assembler
from mukiau.core.records.payloads import parse_records
from mukiau.core.records.record import Record

RUNS = 5
RECORDS_A_BODY = 500
DOOR_CONCURRENCY = 4
DOOR_REPEATS = 2


def measure_logs(results: Results) -> None:
    """Measure the log path, first the core alone."""
    records = read_demo()
    noise, traces = split_noise(records)
    for key, chosen in (("noise_lines", noise), ("trace_lines", traces), ("demo_lines", records)):
        for _ in range(RUNS):
            results.add(key, count_lines(chosen) / _seconds_to_assemble(chosen))
    results.note(
        f"The demo corpus has {count_lines(records):,} lines in {len(records):,} log events; {count_lines(traces):,} "
        f"lines in {len(traces):,} log events belong to errors."
    )
    _measure_door(records, results)


def read_demo() -> list[Record]:
    """Return the demo's log events."""
    with (files("mukiau.demo") / "records.jsonl.gz").open("rb") as packed:
        body = gzip.decompress(packed.read())
    return list(parse_records(body, loads=codec.loads, item="demo").records)


def split_noise(records: Sequence[Record]) -> tuple[list[Record], list[Record]]:
    """Return the log events that belong to no error, and those that do, each in order."""
    assembler = Assembler(loads=codec.loads)
    entries = assembler.feed(records) + assembler.flush_all()
    errors = {
        (entry.account, entry.log_group, entry.log_stream, name) for entry in entries for name in entry.record_ids
    }
    noise: list[Record] = []
    traces: list[Record] = []
    for record in records:
        (traces if (*record.stream, record.record_id) in errors else noise).append(record)
    return noise, traces


def count_lines(records: Sequence[Record]) -> int:
    """Return how many lines of text the log events hold."""
    return sum(record.message.rstrip("\n").count("\n") + 1 for record in records)


def _seconds_to_assemble(records: Sequence[Record]) -> float:
    assembler = Assembler(loads=codec.loads)
    started = time.process_time()
    assembler.feed(records)
    assembler.flush_all()
    return time.process_time() - started


def bodies_of(records: Sequence[Record]) -> list[bytes]:
    """Return plain bodies for the records door."""
    rest = iter(records)
    bodies = []
    while batch := list(islice(rest, RECORDS_A_BODY)):
        bodies.append("\n".join(json.dumps(_to_json(record), ensure_ascii=False) for record in batch).encode())
    return bodies


def _to_json(record: Record) -> dict[str, object]:
    return {
        "account": record.account,
        "log_group": record.log_group,
        "log_stream": record.log_stream,
        "timestamp": record.timestamp_ms,
        "message": record.message,
        "id": record.record_id,
    }


def _measure_door(records: Sequence[Record], results: Results) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        corpus = Path(name) / "records.bin"
        write_corpus(corpus, bodies_of(records))
        for _ in range(DOOR_REPEATS):
            with running_server() as server:
                load = run_load_process(server.dsn, corpus, door="records", concurrency=DOOR_CONCURRENCY)
                ended_at, _ = server.wait_until_digested()
                results.add("door_lines", count_lines(records) / (ended_at - load.started_at))
