"""The grouping lab for the pages: what stands, and trying, applying, undoing and stopping with a line of the audit log."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from django.conf import settings

from mukiau import clock
from mukiau.core.grouping.learned_text import wordings_in
from mukiau.stores.audit import Actor, record_line
from mukiau.stores.grouping_changes import last_changed_ms
from mukiau.stores.lab.policies import SavedPolicy, find_in_force, list_policies, save_policy
from mukiau.stores.lab.preview import Preview, read_preview
from mukiau.stores.lab.runs import (
    Run,
    RunState,
    can_undo,
    get_run,
    list_runs,
    request_apply,
    request_run,
    request_undo,
    stop_run,
)
from mukiau.stores.lab.wanted import want_lab
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect, transaction
from mukiau.web.audit import Action

MAX_CHANGES = 500
"""What moves most; the rest is told by its number."""
KEPT_MS = 30_000
"""What arrives meanwhile is seen half a minute later; a preview of ten thousand issues takes a second."""
MAX_PREVIEWS = 4

_previews: dict[tuple[str, int, int, int], tuple[int, Preview]] = {}
_lock = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabState:
    """A project's policy as it stands."""

    in_force: SavedPolicy
    versions: tuple[SavedPolicy, ...]
    """Latest first."""
    runs: tuple[Run, ...]
    """Latest first."""

    def find(self, version: int | None) -> SavedPolicy | None:
        """Return a version, None where there is no such."""
        return next((one for one in self.versions if one.version == version), None)

    def find_learned(self, version: int) -> SavedPolicy | None:
        """Return a version that was learned, None where somebody wrote it."""
        found = self.find(version)
        return found if found is not None and found.is_learned else None

    def patterns_of(self, run: Run) -> tuple[str, ...]:
        """Return the patterns that a learned version has and the one before has not; none where somebody wrote it."""
        learned, base = self.find_learned(run.version), self.find(run.base_version)
        if learned is None or base is None:
            return ()
        return tuple(sorted(wordings_in(learned.text) - wordings_in(base.text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunShown:
    """A run, and what would come of it when that is known."""

    run: Run
    preview: Preview | None
    can_undo: bool
    is_stale: bool
    """It compared with a version that is not in force any more."""


def read_lab(project_id: int) -> LabState:
    """Return what the project's events are grouped by, all versions and all runs."""
    with _reading() as connection:
        number = find_in_force(connection, project_id).version
        versions = list_policies(connection, project_id)
        return LabState(
            in_force=next(one for one in versions if one.version == number),
            versions=versions,
            runs=tuple(list_runs(connection, project_id)),
        )


def read_run(run_id: int) -> RunShown:
    """Return a run with its preview while it is ready; raises UnknownRun."""
    with _reading() as connection:
        run = get_run(connection, run_id)
        return RunShown(
            run=run,
            preview=_preview(connection, run) if run.state is RunState.READY else None,
            can_undo=can_undo(connection, run),
            is_stale=find_in_force(connection, run.project_id).version != run.base_version,
        )


def _preview(connection: Connection, run: Run) -> Preview:
    """Return what a run would do; turning the pages of it looks it up, as long as it is not old and nothing was moved."""
    now = clock.unix_ms()
    key = (str(settings.MUKIAU.data), run.id, run.updated_ms, last_changed_ms(connection, run.project_id))
    with _lock:
        known = _previews.get(key)
    if known is not None and 0 <= now - known[0] < KEPT_MS:
        return known[1]
    preview = read_preview(connection, run, limit=MAX_CHANGES)
    with _lock:
        _previews[key] = (now, preview)
        while len(_previews) > MAX_PREVIEWS:
            del _previews[next(iter(_previews))]
    return preview


def try_text(who: Actor, project_id: int, text: str, *, reason: str) -> Run:
    """Keep a sound text as a version and ask for its replay; raises RunRefused, and nothing is kept then."""
    now = clock.unix_ms()
    with _asking() as connection:
        version = save_policy(connection, project_id, text, author=who.name, reason=reason.strip(), at_ms=now)
        run = request_run(connection, project_id, version, author=who.name, at_ms=now)
    return _asked(who, Action.POLICY_TRIED, run, why=reason.strip())


def apply(who: Actor, run_id: int) -> Run:
    """Ask for a run's version to be put in force; raises RunRefused."""
    with _asking() as connection:
        run = request_apply(connection, run_id, author=who.name, at_ms=clock.unix_ms())
    return _asked(who, Action.POLICY_APPLIED, run)


def undo(who: Actor, run_id: int) -> Run:
    """Ask for the version before a run to be put in force again; raises RunRefused."""
    with _asking() as connection:
        run = request_undo(connection, run_id, author=who.name, at_ms=clock.unix_ms())
    return _asked(who, Action.POLICY_UNDONE, run)


def stop(who: Actor, run_id: int) -> Run:
    """Stop a run; raises RunRefused."""
    with _asking() as connection:
        run = stop_run(connection, run_id, at_ms=clock.unix_ms())
    return _asked(who, Action.POLICY_RUN_STOPPED, run)


def _asked(who: Actor, action: Action, run: Run, **facts: str) -> Run:
    want_lab(Path(settings.MUKIAU.data))
    record_line(who, action, at_ms=clock.unix_ms(), target=f"v{run.version}", after={"run": run.id, **facts})
    return run


@contextmanager
def _reading() -> Iterator[Connection]:
    with closing(connect(_path(), readonly=True)) as connection:
        yield connection


@contextmanager
def _asking() -> Iterator[Connection]:
    with closing(connect(_path())) as connection, transaction(connection):
        yield connection


def _path() -> Path:
    return Path(settings.MUKIAU.data) / STATE_FILE
