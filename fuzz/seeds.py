"""What fuzzing begins with: small good inputs of every kind, and the findings of old, which are kept in `findings/`."""

import base64
import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import brotli
import zstandard

from mukiau.core.traces.registry import RUNTIMES

ROOT = Path(__file__).resolve().parent
FINDINGS = ROOT / "findings"
TRACES = ROOT.parent / "tests" / "data" / "traces"
LOGS = ROOT.parent / "tests" / "data" / "records"
MAX_SEED_BYTES = 16 * 1024

EVENT = json.dumps({
    "event_id": "9ec79c33ec9942ab8353589fcb2e04dc", "timestamp": 1791201600.5, "level": "error", "platform": "python",
    "message": "a %s", "exception": {"values": [{"type": "ValueError", "value": "no", "stacktrace": {"frames": [
        {"function": "f", "filename": "a.py", "lineno": 3, "vars": {"password": "x"}}]}}]},
}).encode()  # fmt: skip
ENVELOPE = b'{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","sent_at":"2026-10-05T12:00:00Z"}\n' + (
    b'{"type":"event","length":%d}\n%s\n{"type":"session"}\n{}\n{"type":"client_report"}\n{"discarded_events":[]}\n'
    % (len(EVENT), EVENT)
)
RECORD = json.dumps({
    "id": "1", "log_group": "/ecs/prod/orders", "log_stream": "a", "timestamp": 1791201600000,
    "message": "2026-10-05 12:00:00,000 ERROR [main] shop.Orders - failed",
}).encode()  # fmt: skip
SUBSCRIPTION = json.dumps({
    "messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "/ecs/prod/orders", "logStream": "a",
    "logEvents": [{"id": "1", "timestamp": 1791201600000, "message": "panic: boom\n\ngoroutine 1 [running]:"}],
}).encode()  # fmt: skip


FLUENT = json.dumps({
    "date": 1791201600.5, "log": "ERROR boom\n", "stream": "stderr", "kubernetes": {"pod_name": "a", "labels": {"app": "b"}},
}).encode()  # fmt: skip


def firehose(data: bytes) -> bytes:
    """Return a request of Firehose with one record."""
    record = {"data": base64.b64encode(data).decode()}
    return json.dumps({"requestId": "r-1", "timestamp": 1791201600000, "records": [record]}).encode()


def seeds_of(target: str) -> Iterator[bytes]:
    """Yield the inputs a target begins with."""
    if target == "envelope":
        yield from (ENVELOPE, EVENT, gzip.compress(ENVELOPE), zlib.compress(ENVELOPE), brotli.compress(ENVELOPE))
        yield zstandard.compress(ENVELOPE)
    elif target == "records":
        yield from (RECORD, RECORD + b"\n" + RECORD, SUBSCRIPTION, b"[" + RECORD + b"]")
        yield from _texts(LOGS)
        yield from _texts(TRACES)
    elif target == "firehose":
        yield from (
            firehose(RECORD),
            firehose(gzip.compress(SUBSCRIPTION)),
            gzip.compress(SUBSCRIPTION) * 2,
            RECORD * 2,
        )
    elif target == "otlp":
        yield from (file.read_bytes() for file in sorted((LOGS / "otlp").iterdir()))
    elif target == "fluent":
        yield from (FLUENT, b"[" + FLUENT + b"]", FLUENT * 2, RECORD)
    elif target == "event":
        yield from (EVENT, bytes(range(256)), bytes(range(255, 0, -1)) * 4)
    else:
        yield from _texts(TRACES)
    yield from findings_of(target)


def findings_of(target: str) -> list[bytes]:
    """Return the inputs by which a target once failed."""
    return [file.read_bytes() for file in sorted((FINDINGS / target).glob("*"))]


def dictionary() -> str:
    """Return the words mutations are made of, in libFuzzer's form."""
    openings = {opening for runtime in RUNTIMES for opening in runtime.OPENINGS}
    words = [*sorted(openings), "Caused by: ", '"length":', '"type":"event"', "ERROR ", "\n\tat ", "\\n", "\\ud800"]
    return "".join(f'"{_escaped(word)}"\n' for word in words)


def _texts(folder: Path) -> Iterator[bytes]:
    for file in sorted(folder.rglob("*")):
        if file.suffix in {".txt", ".log", ".jsonl"} and file.is_file():
            yield file.read_bytes()[:MAX_SEED_BYTES]


def _escaped(word: str) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}" for byte in word.encode())
