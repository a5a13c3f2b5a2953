"""When nothing is learned: while a draft of somebody's waits, and while somebody may want to undo what came last."""

from mukiau.stores.lab.policies import find_in_force, list_policies
from mukiau.stores.lab.runs import AT_WORK, Run, RunState, is_own, list_runs
from mukiau.stores.sqlite import Connection

HOUR_MS = 3_600_000
AFTER_PEOPLE_MS = 24 * HOUR_MS
"""After somebody has put a version in force or taken one back: only the last can be undone."""
AFTER_OWN_MS = HOUR_MS
DRAFT_WAITS_MS = 7 * AFTER_PEOPLE_MS
"""A draft that nobody put in force for so long is not waited for."""


def quiet_until(connection: Connection, project_id: int) -> int:
    """Return until when nothing is learned in a project; a time that is over for nothing to wait for."""
    in_force = find_in_force(connection, project_id).version
    runs = list_runs(connection, project_id)
    tried = {run.version for run in runs}
    drafts = [
        one.created_ms + DRAFT_WAITS_MS
        for one in list_policies(connection, project_id)
        if one.version > in_force and one.version not in tried and not one.is_learned
    ]
    return max([*drafts, *(_quiet_after(connection, run, in_force) for run in runs)], default=0)


def _quiet_after(connection: Connection, run: Run, in_force: int) -> int:
    if run.state is RunState.FAILED and is_own(connection, run):  # what refused it may do so again
        return run.updated_ms + AFTER_PEOPLE_MS
    if run.state in (RunState.APPLIED, RunState.UNDONE):
        return run.updated_ms + (AFTER_OWN_MS if is_own(connection, run) else AFTER_PEOPLE_MS)
    is_draft = run.state is RunState.READY and run.base_version == in_force and not is_own(connection, run)
    return run.updated_ms + DRAFT_WAITS_MS if is_draft or run.state in AT_WORK else 0
