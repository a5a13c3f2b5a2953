"""Work around seeded events: runbooks before they come, and handlings of those that came, most of them done."""

import random
from contextlib import closing
from pathlib import Path

from bench.seed.prototypes import kind_of
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect, transaction
from mukiau.stores.state_file import changing
from mukiau.stores.work.handlings import Occurrence, Opening
from mukiau.stores.work.runbooks import Author, create_runbook, publish
from mukiau.work.handling import Kind

RUNBOOKS_A_STEP = 50
HANDLINGS_A_STEP = 2_000
OPEN_SHARE = 0.05
BATCH_SHARE = 0.2
"""Of the occurrences: answered by day and environment, not one by one."""

_TEXT = """---
title: "{title}"
services: [{service}]
match:
  - service: {service}
    type: {type}
    message: "*{subject}*"
proposes: handle_each
minutes: {minutes}
owner: operations
---
## Meaning

{service} failed: {message}

## Steps

1. Look at the log of {{{{ environment }}}} around event {{{{ event_id }}}}.

   ```sql
   SELECT * FROM work WHERE kind = {{{{ type }}}};
   ```

2. Start {service} again. (needs privilege)
"""
_EVENTS = """
SELECT e.id, f.project_id, f.issue_id, f.id, e.environment, e.service, e.occurred_ms
FROM event e CROSS JOIN fingerprint f ON f.id = e.fingerprint_id
WHERE e.id > ? AND e.id % ? = 0 ORDER BY e.id LIMIT ?
"""
_FINISH = """
UPDATE handling SET state = 'done', outcome = 'worked', minutes = 1 + id % 15, started_ms = last_ms + 600000,
  closed_ms = last_ms + 1200000, closed_by = 'seed', version = 2
WHERE state = 'open' AND id % 100 >= ?
"""


def write_runbooks(data: Path, count: int, *, now_ms: int) -> None:
    """Publish runbooks, each for one kind of failure of one service."""
    by = Author(name="seed", at_ms=now_ms)
    for first in range(0, count, RUNBOOKS_A_STEP):
        with changing(data) as connection:
            for index in range(first, min(first + RUNBOOKS_A_STEP, count)):
                saved = create_runbook(connection, _text(index), prefix="SEED", by=by)
                publish(connection, saved.id, number=1, by=by)


def _text(index: int) -> str:
    kind = kind_of(index)
    return _TEXT.format(
        title=f"{kind.service.name}: {kind.action} fails {index}",
        service=kind.service.name,
        type=kind.failure.types.get(kind.service.language, "Error"),
        subject=kind.subject,
        message=kind.message,
        minutes=5 + index % 25,
    )


def write_handlings(data: Path, occurrences: int, *, events: int, now_ms: int, rng: random.Random) -> int:
    """Have so many occurrences handled, spread over all events, most of them long done; return the handlings made."""
    every = max(1, events // max(1, occurrences))
    with closing(connect(data / STATE_FILE)) as connection:
        last = 0
        while rows := connection.execute(_EVENTS, (last, every, HANDLINGS_A_STEP)).fetchall():
            with transaction(connection):
                _answer(connection, rows, now_ms=now_ms, rng=rng)
            last = rows[-1][0]
        with transaction(connection):
            connection.execute(_FINISH, (int(OPEN_SHARE * 100),))
        return int(connection.execute("SELECT count(*) FROM handling").fetchone()[0])


def _answer(
    connection: Connection, rows: list[tuple[int, int, int, int, str, str, int]], *, now_ms: int, rng: random.Random
) -> None:
    opening = Opening(connection, now_ms)
    for pk, project, issue, fingerprint, environment, service, occurred_ms in rows:
        occurrence = Occurrence(
            event_pk=pk,
            project_id=project,
            issue_id=issue,
            fingerprint_id=fingerprint,
            environment=environment,
            service=service,
            occurred_ms=occurred_ms,
        )
        is_batch = rng.random() < BATCH_SHARE
        opening.answer(
            occurrence, Kind.BATCH if is_batch else Kind.EACH, str(occurred_ms // 86_400_000) if is_batch else ""
        )
    opening.write()
