"""Every log shape mukiau reads, as loggers and shippers print it: `tests/data/records/shapes/<shape>.log` and what it says.

`<shape>.json` lists the errors in the log, in order, with every field; a field left out is empty. Where the lines come
from is said in the folder's README.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mukiau.core.event import JSONObject
from mukiau.core.records.assemble import Assembler
from mukiau.core.records.entry import LogEntry
from mukiau.core.records.record import Record

SHAPES = sorted((Path(__file__).parents[2] / "data" / "records" / "shapes").glob("*.log"))
TEXTS = ("logger", "thread", "trace_id", "request_id", "service")


def said_of(path: Path) -> list[JSONObject]:
    """What is read of a log, error by error."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assembler = Assembler()
    entries = assembler.feed(
        [Record(record_id=str(at), message=line, has_source_id=False) for at, line in enumerate(lines)]
    )
    entries += assembler.flush_all()
    return [_said(entry) for entry in sorted(entries, key=lambda entry: int(entry.record_ids[0]))]


@pytest.mark.parametrize("path", SHAPES, ids=lambda path: path.stem)
def test_every_error_of_a_shape_says_what_its_log_said(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))

    said = said_of(path)

    assert said == expected


def _said(entry: LogEntry) -> JSONObject:
    said: JSONObject = {
        "level": entry.level,
        "time": _time(entry.occurred_ms),
        "message": entry.message,
        "chain": [[link.type, link.message, len(link.frames)] for link in entry.exceptions],
    }
    return said | {name: getattr(entry, name) for name in TEXTS if getattr(entry, name)}


def _time(occurred_ms: int | None) -> str | None:
    if occurred_ms is None:
        return None
    moment = datetime.fromtimestamp(occurred_ms // 1000, UTC).replace(microsecond=occurred_ms % 1000 * 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
