"""Records posted to the records door of a server, again and again until they are accepted."""

import gzip
import json
import time
from itertools import count
from typing import Any

import click
import httpx

from mukiau.core.dsn import Dsn
from mukiau.core.records.record import Record

PAUSE_SECONDS = 0.5
MAX_TRIES = 60
MAX_PAUSE_SECONDS = 10.0


def post(client: httpx.Client, dsn: Dsn, records: list[Record], *, is_patient: bool = False) -> int:
    """Send records until they are accepted; return how many were. Ids make sending again harmless.

    Gives up after a while, unless `is_patient`: a server may be away for longer than that.
    """
    body = gzip.compress("\n".join(json.dumps(_to_json(record)) for record in records).encode(), 6, mtime=0)
    headers = {"Authorization": f"Bearer {dsn.public_key}", "Content-Encoding": "gzip"}
    for _ in count() if is_patient else range(MAX_TRIES):
        try:
            answer = client.post(dsn.endpoint("records"), content=body, headers=headers)
        except httpx.TransportError:  # it is starting, or has just died
            time.sleep(PAUSE_SECONDS)
            continue
        if answer.status_code not in {429, 503}:
            return _accepted(answer)
        time.sleep(min(MAX_PAUSE_SECONDS, float(answer.headers.get("Retry-After", "1"))))
    raise click.ClickException(f"{dsn.endpoint('records')} did not answer. Is the server of this data folder well?")


def _accepted(answer: httpx.Response) -> int:
    if answer.status_code != 200:
        raise click.ClickException(f"The server answered {answer.status_code}: {answer.text[:300]}")
    return int(answer.json()["accepted"])


def _to_json(record: Record) -> dict[str, Any]:
    values = {
        "id": record.record_id,
        "timestamp": record.timestamp_ms,
        "account": record.account,
        "log_group": record.log_group,
        "log_stream": record.log_stream,
        "service": record.service,
        "environment": record.environment,
    }
    # A blank line stays: it may stand inside a trace.
    return {"message": record.message} | {name: value for name, value in values.items() if value not in (None, "")}
