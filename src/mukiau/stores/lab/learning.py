"""Wordings that are learned by themselves: looked for in what is stored, and put in force by runs of the lab as any policy.

A look finds patterns (`core.grouping.learning`) and saves them as a version with a run. When that is ready, and does nothing
but join issues of these patterns that nobody has touched, it is applied; else it is left for people to look at. All of it
stands in rows, so a process may die at any moment: what was asked for is carried on, and what was not is looked for again.

What was in the policy once and is not any more was taken back, and is never learned again.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from mukiau.core.grouping.explanation import explanation_from_json
from mukiau.core.grouping.learned_text import with_learned, wordings_in
from mukiau.core.grouping.learning import KnownIssue, find_learnable, learned_reason
from mukiau.stores.lab.objections import Objection, find_objection
from mukiau.stores.lab.policies import MUKIAU, SavedPolicy, find_in_force, list_policies, save_policy
from mukiau.stores.lab.quiet import quiet_until
from mukiau.stores.lab.runs import (
    AT_WORK,
    OtherVersionInForce,
    Run,
    RunState,
    Step,
    get_run,
    is_own,
    list_runs,
    request_apply,
    request_run,
    save,
)
from mukiau.stores.lab.untouched import find_touched
from mukiau.stores.lab.waking import Looked, newest_fingerprint, read_looked, write_looked
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect, transaction

MAX_LOOKED = 5_000
"""Fingerprints of one service, the newest: a second or two."""
REST_FACTOR = 50
"""How much longer than a look takes nothing is looked for: of a core it has 2 % at most."""

_SERVICES = """
SELECT service FROM fingerprint WHERE project_id = ? GROUP BY service HAVING count(*) >= ? AND max(id) > ? ORDER BY service
"""
_KNOWN = """
SELECT f.issue_id, e.explanation FROM fingerprint f
JOIN fingerprint_explanation e ON e.fingerprint_id = f.id AND e.policy_version = f.policy_version
WHERE f.project_id = ? AND f.service = ? ORDER BY f.id DESC LIMIT ?
"""
_AUDIT = """
INSERT INTO audit_entry (at_ms, actor_id, actor, address, via, action, target, before, after)
VALUES (?, NULL, ?, '', '', ?, ?, '{}', ?)
"""


class Learner:
    """Learns in all projects of one data folder; beside the lab, whose runs it asks for."""

    def __init__(self, data: Path, *, least: int, clock: Callable[[], int]) -> None:
        """`least` different words in one place are learned, 0: none ever; `clock` gives unix milliseconds."""
        self._data = data
        self._least = least
        self._clock = clock

    def step(self) -> bool:
        """Carry on what was begun, else look; say whether the lab has something to do now."""
        if not self._least:
            return False
        with closing(connect(self._data / STATE_FILE)) as connection:
            projects = [row[0] for row in connection.execute("SELECT id FROM project ORDER BY id").fetchall()]
            if any(carry_on(connection, project, at_ms=self._clock()) for project in projects):
                return True
            return self._look(connection, projects)

    def _look(self, connection: Connection, projects: Sequence[int]) -> bool:
        """Look in every project, and remember how far it was looked, or when there is more to do."""
        newest, since = newest_fingerprint(connection), read_looked(self._data).fingerprint
        now = self._clock()
        waits = {project: quiet_until(connection, project) for project in projects}
        free = [project for project, until in waits.items() if until <= now]
        since = since if since <= newest else 0  # an older backup was restored
        if any(look(connection, one, since=since, least=self._least, at_ms=now) for one in free):
            return True
        rest = self._clock() + REST_FACTOR * (self._clock() - now)
        later = [until for until in waits.values() if until > now]
        write_looked(self._data, Looked(since if later else newest, max(rest, min(later, default=0))))
        return False


def carry_on(connection: Connection, project_id: int, *, at_ms: int) -> bool:
    """Apply a learned version whose run is ready, or leave it to people; say whether there was one."""
    runs = list_runs(connection, project_id)
    ready = (one for one in runs if one.state is RunState.READY and not one.error and is_own(connection, one))
    run = next(ready, None)
    if run is None or any(one.state in AT_WORK for one in runs):
        return False
    objection = find_objection(connection, run)
    with transaction(connection):
        in_force = find_in_force(connection, project_id).version
        if in_force != run.base_version:
            objection = Objection(RunState.FAILED, str(OtherVersionInForce(run.base_version, in_force)))
        if get_run(connection, run.id) == run:  # nobody has asked for anything meanwhile
            _settle(connection, run, objection, at_ms=at_ms)
    return True


def _settle(connection: Connection, run: Run, objection: Objection | None, *, at_ms: int) -> None:
    if objection is not None:
        save(connection, run, state=objection.state, step=Step.NONE, error=objection.why, at_ms=at_ms)
        return
    request_apply(connection, run.id, author=MUKIAU, at_ms=at_ms)
    _audit(connection, "policy_applied", run, at_ms=at_ms)


def look(connection: Connection, project_id: int, *, since: int, least: int, at_ms: int) -> bool:
    """Look for patterns in services with fingerprints newer than `since`; ask for a run of a version that has them.

    Say whether there are any.
    """
    versions = list_policies(connection, project_id)
    base = find_in_force(connection, project_id).version
    text = next(one.text for one in versions if one.version == base)
    taken_back = _taken_back(connection, project_id, versions, in_force=base)
    found = [
        one
        for known in _known(connection, project_id, since=since, least=least)
        for one in find_learnable(known, least=least, taken_back=taken_back)
        if not find_touched(connection, one.issues)
    ]
    longer, kept = with_learned(text, found)
    return bool(kept) and _ask(connection, project_id, longer, base=base, least=least, at_ms=at_ms)


def _taken_back(
    connection: Connection, project_id: int, versions: Sequence[SavedPolicy], *, in_force: int
) -> frozenset[str]:
    """Return the wordings of any version that are not in force; learned ones whose run failed came never so far."""
    failed = {run.version for run in list_runs(connection, project_id) if run.state is RunState.FAILED}
    texts = {one.version: one.text for one in versions if not (one.is_learned and one.version in failed)}
    now = wordings_in(next(one.text for one in versions if one.version == in_force))
    return frozenset[str]().union(*(wordings_in(text) for text in texts.values())) - now


def _known(connection: Connection, project_id: int, *, since: int, least: int) -> Iterator[list[KnownIssue]]:
    """Yield what is known of each service that has something new."""
    for (service,) in connection.execute(_SERVICES, (project_id, least, since)).fetchall():
        rows = connection.execute(_KNOWN, (project_id, service, MAX_LOOKED))
        yield [KnownIssue(issue=issue, tree=explanation_from_json(json.loads(tree))) for issue, tree in rows]


def _ask(connection: Connection, project_id: int, text: str, *, base: int, least: int, at_ms: int) -> bool:
    with transaction(connection):
        if find_in_force(connection, project_id).version != base or quiet_until(connection, project_id) > at_ms:
            return False
        reason = learned_reason(least)
        version = save_policy(connection, project_id, text, author=MUKIAU, reason=reason, at_ms=at_ms)
        run = request_run(connection, project_id, version, author=MUKIAU, at_ms=at_ms)
        _audit(connection, "policy_tried", run, at_ms=at_ms)
    return True


def _audit(connection: Connection, action: str, run: Run, *, at_ms: int) -> None:
    after = json.dumps({"run": run.id})
    connection.execute(_AUDIT, (at_ms, MUKIAU, action, f"v{run.version}", after))
