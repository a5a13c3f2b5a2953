"""The forwarder: its zip, a cold import, and 10,000 log events of the demo through both targets.

The zip is unpacked and run as Lambda would, by a Python that has nothing but its standard library and writes no bytecode.
The server it sends to only answers.
"""

import base64
import io
import json
import socket
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.logs import read_demo
from bench.measure import Results
from bench.server import HOST, free_port, stop, wait_until
from mukiau.cli.forwarder.package import build_zip
from mukiau.cli.forwarder.trial import by_stream, document_of
from mukiau.core.event import JSONObject
from mukiau.core.records.record import Record
from mukiau.forwarder.settings import TARGETS
from mukiau.forwarder.to_mukiau import pack

LOG_EVENTS = 10_000
RUNS = 3
_CALL = Path(__file__).with_name("forwarder_call.py")


def measure_forwarder(results: Results) -> None:
    """Measure size, import, seconds and memory."""
    zipped = build_zip()
    results.add("forwarder_zip", len(zipped) / 1000)
    with tempfile.TemporaryDirectory(prefix="bench-") as name, _answering() as port:
        folder = Path(name)
        zipfile.ZipFile(io.BytesIO(zipped)).extractall(folder / "task")
        calls = folder / "calls.jsonl"
        calls.write_text(
            "".join(json.dumps(call) + "\n" for call in _calls(read_demo()[:LOG_EVENTS])), encoding="utf-8"
        )
        for target in TARGETS:
            for _ in range(RUNS):
                measured = _run(folder / "task", calls, target=target, port=port)
                for what in ("import_ms", "seconds", "memory_mib"):
                    results.add(f"forwarder_{target}_{what}", measured[what])
    results.note(
        f"The forwarder sent {measured['accepted']:.0f} events of {LOG_EVENTS:,} log events to the target sentry."
    )


def _calls(records: Sequence[Record]) -> Iterator[JSONObject]:
    """Yield the records as Lambda is called with them: one document a stream."""
    for lines in by_stream(records):
        yield {"awslogs": {"data": base64.b64encode(pack(document_of(lines))).decode()}}


@contextmanager
def _answering() -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.null_server", str(port)])
    try:
        wait_until(lambda: _is_open(port), "the server that only answers", process)
        yield port
    finally:
        stop(process)


def _is_open(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def _run(task: Path, calls: Path, *, target: str, port: int) -> dict[str, float]:
    environ = {"MUKIAU_TARGET": target, "MUKIAU_DSN": f"http://{'a' * 32}@{HOST}:{port}/1"}
    command = [sys.executable, "-I", "-S", "-B", str(_CALL), str(task), target, str(calls)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environ).stdout
    measured: dict[str, float] = json.loads(printed.splitlines()[-1])
    return measured
