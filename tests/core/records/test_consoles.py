"""What real runtimes print to a console, line by line and without times of records (tests/data/records/consoles).

Each file was written by a small program that logs, warns, prints and crashes; expected is every error in it.
"""

from pathlib import Path

import pytest

from mukiau.core.event import Level
from mukiau.core.records.assemble import Assembler
from mukiau.core.records.record import Record

CONSOLES = Path(__file__).parents[2] / "data" / "records" / "consoles"
EXPECTED = {
    "python_logging": [
        (Level.ERROR, "sync failed for D-1", ["RuntimeError", "KeyError"]),
        (Level.ERROR, "plain failure 7", []),
        (Level.ERROR, "group", ["ExceptionGroup", "ValueError", "TypeError"]),
        (Level.WARNING, "stack here", [""]),
        (None, "multi", ["RuntimeError", "KeyError"]),
        (None, "multi", ["RuntimeError", "KeyError"]),
    ],
    "node_console": [
        (Level.ERROR, "request failed", ["Error", "TypeError"]),
        (None, "load failed", ["Error", "TypeError"]),
        (Level.ERROR, "shop", ["Error"]),
        (None, "card", ["PaymentDeclined"]),
    ],
    "java_util_logging": [
        (Level.ERROR, "sync failed", ["java.lang.IllegalStateException", "java.lang.NullPointerException"]),
        (Level.ERROR, "plain", []),
        (None, "no session", ["java.lang.IllegalStateException", "java.lang.NullPointerException"]),
    ],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_error_of_a_console_is_found_and_nothing_else(name: str) -> None:
    lines = (CONSOLES / f"{name}.log").read_text(encoding="utf-8").splitlines()
    records = [Record(record_id=str(at), message=line, has_source_id=False) for at, line in enumerate(lines)]
    assembler = Assembler()

    entries = assembler.feed(records) + assembler.flush_all()

    entries.sort(key=lambda entry: int(entry.record_ids[0]))
    found = [(e.level, e.message.partition("\n")[0], [link.type for link in e.exceptions]) for e in entries]
    assert found == EXPECTED[name]
