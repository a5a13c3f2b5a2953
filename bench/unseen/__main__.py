"""`python -m bench.unseen`: group the logs of a platform the rules have never seen, and score it beside naive groupings."""

import argparse
import gzip
import importlib.util
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.learned import learned_policy
from bench.unseen.cutting import cut_some, fate_of_cut
from bench.unseen.generate import Occurrence, generate
from bench.unseen.platform import read_platform
from mukiau.core.event import Event, JSONObject
from mukiau.core.event_builder import build_event
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.kinship import Gathered
from mukiau.core.normalize import normalize_payload
from mukiau.core.records.assemble import Assembler
from mukiau.core.records.entry import LogEntry, entry_to_payload
from mukiau.core.records.record import Record

_SCORER = Path(__file__).resolve().parents[2] / "tests" / "data" / "corpus" / "score.py"
_NOW = datetime(2026, 12, 1, tzinfo=UTC)
Scores = dict[str, Any]


def main() -> None:
    """Print the scores of mukiau and of naive groupings on generated logs, and where it was wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.unseen", description=main.__doc__)
    parser.add_argument("--occurrences", type=int, default=4_000, help="errors to generate (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cut", type=float, default=0.0, metavar="SHARE", help="of the errors that lose their end")
    parser.add_argument("--out", type=Path, help="keep records.jsonl.gz and truth.jsonl.gz in this folder")
    options = parser.parse_args()
    made = list(generate(read_platform(), occurrences=options.occurrences, seed=options.seed))
    occurrences = list(cut_some(made, share=options.cut, seed=options.seed))
    with tempfile.TemporaryDirectory() as name:
        folder = options.out or Path(name)
        write(occurrences, folder)
        scores = score_all(occurrences, folder)
    print(render(scores))
    if options.cut:
        grouped = group(occurrences)
        homes = {one["fingerprint"]: one["group"] for one in grouped if one["fingerprint"] != one["group"]}
        fates = fate_of_cut(occurrences, grouped, homes)
        print("\nCut errors:", ", ".join(f"{count} {fate}" for fate, count in sorted(fates.items())))
    print(json.dumps(scores["mukiau"], ensure_ascii=False, indent=1))


def write(occurrences: Sequence[Occurrence], folder: Path) -> None:
    """Write records and truth as the labelled corpus has them."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_lines(folder / "records.jsonl.gz", (record for one in occurrences for record in one.records))
    _write_lines(folder / "truth.jsonl.gz", (one.truth for one in occurrences))


def _write_lines(path: Path, rows: Iterable[JSONObject]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def score_all(occurrences: Sequence[Occurrence], folder: Path) -> dict[str, Scores]:
    """Return the scores of mukiau and, on perfectly assembled errors, of the two naive groupings."""
    scorer = load_scorer()
    truth = [one.truth for one in occurrences]
    ways = {"mukiau": group(occurrences)}
    for mode in ("exception-name", "first-line-digits-masked"):
        ways[mode] = scorer.baseline(truth, folder, mode, with_service=False)
        ways[f"{mode}, by service"] = scorer.baseline(truth, folder, mode, with_service=True)
    return {way: {**scorer.score(truth, events), "mixed": _mixed(truth, events)} for way, events in ways.items()}


def load_scorer() -> ModuleType:
    """Return the scorer of the labelled corpus: a stranger's, a script of its own."""
    spec = importlib.util.spec_from_file_location("score", _SCORER)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(_SCORER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def group(occurrences: Sequence[Occurrence]) -> list[JSONObject]:
    """Return an assignment of the records: what the log path and grouping make of them, with what is learned by itself."""
    assembler = Assembler()
    records = [_record(record) for one in occurrences for record in one.records]
    entries = [*assembler.feed(records), *assembler.flush_all()]
    events = [_event(entry) for entry in entries]
    policy = learned_policy(events)
    assigned: list[JSONObject] = []
    gathered = Gathered()
    for entry, event in zip(entries, events, strict=True):
        fingerprint = fingerprint_of(event, policy)
        gathered.add(event, fingerprint.hash, fingerprint.explanation)
        assigned.append({"record_ids": list(entry.record_ids), "fingerprint": fingerprint.hash})
    homes = {name: str(home.known.issue) for name, home in gathered.homes().items()}
    return [{**one, "group": homes.get(one["fingerprint"], one["fingerprint"])} for one in assigned]


def _event(entry: LogEntry) -> Event:
    payload, origin, _ = entry_to_payload(entry, project_id=1, source_id=1)
    return build_event(normalize_payload(payload, received_at=_NOW).payload, origin=origin, received_at=_NOW)


def _record(row: JSONObject) -> Record:
    return Record(
        record_id=row["id"],
        message=row["message"],
        timestamp_ms=row["timestamp"],
        account=row["account"],
        log_group=row["log_group"],
        log_stream=row["log_stream"],
    )


def _mixed(truth: Sequence[JSONObject], events: Sequence[JSONObject]) -> int:
    """Return how many groups hold errors of several services."""
    service_of = {name: one["service"] for one in truth for name in one["record_ids"]}
    services: defaultdict[str, set[str]] = defaultdict(set)
    for event in events:
        services[event["group"]] |= {service_of[name] for name in event["record_ids"] if name in service_of}
    return sum(len(found) > 1 for found in services.values())


def render(scores: dict[str, Scores]) -> str:
    """Return a table, one row a way of grouping."""
    rows = ["| grouping | pairwise F1 | ARI | groups / kinds | kinds exact | groups of several services | found |"]
    rows.append("| --- | --- | --- | --- | --- | --- | --- |")
    for way, score in scores.items():
        found = score["grouping"]
        rows.append(
            f"| {way} | {found['pairwise_f1']:.4f} | {found['ari']:.4f} | {found['groups']} / {found['kinds']} "
            f"| {found['kinds_exact']} | {score['mixed']} | {score['detection']['recall']:.4f} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    main()
