"""A folder of Markdown and the runbooks of a server, kept the same: what has to be done on which side.

Three texts are compared of each runbook: the file's, the runbook's, and the one they had in common when they were last
the same. Only one side changed: the other one gets its text. Both did: that is a conflict, it is told, and neither is
touched; it ends when somebody makes the two the same (or takes one of them: writes it on the other side).

    file \\ runbook | as before  | changed     | retired  | not there
    ----------------|------------|-------------|----------|----------
    as before       | nothing    | write file  | told     | -
    changed         | take       | conflict(*) | conflict | -
    removed         | retire     | conflict    | forget   | -
    there again     | -          | conflict(*) | take     | -
    never there     | write file | write file  | nothing  | -
    new             | conflict(*)| conflict(*) | told     | take

What somebody is writing on the server and has not published is a change that cannot be taken away: where the file
changed as well, that is a conflict, too.

(*) Where both sides came to the same text, that is the new common one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Act(StrEnum):
    """What is done about one file or runbook."""

    NOTHING = "nothing"
    TAKE_NEW = "take_new"
    """The file becomes a new runbook."""
    TAKE = "take"
    """The file's text becomes the runbook's next version."""
    WRITE = "write"
    """The runbook's text goes into its file."""
    RETIRE = "retire"
    """The file was removed: the runbook goes out of force."""
    TELL_RETIRED = "tell_retired"
    """The runbook was retired on the server, and its file is still there."""
    CONFLICT = "conflict"
    NOTE_COMMON = "note_common"
    """Both sides have the same text, which was not noted yet."""
    FORGET = "forget"
    """The runbook was retired and its file removed. Should the file come back, it is taken again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A runbook as the server has it."""

    id: int
    code: str
    text: str
    """That in force; of a draft its latest."""
    pending: str = ""
    """What somebody has written since and not published; empty when nothing."""
    is_retired: bool = False
    path: str = ""
    """Of its file, relative to the folder with `/`; empty when it never had one."""
    common: str | None = None
    """The text both had; None when they never were the same, or the file was removed since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do."""

    act: Act
    path: str
    runbook_id: int | None = None
    code: str = ""
    text: str = ""
    """To take or to write."""


def plan_sync(files: Mapping[str, str], runbooks: Sequence[Kept]) -> tuple[Step, ...]:
    """Return what makes a folder (path → text) and the runbooks the same, in order of the paths."""
    known = {runbook.path: runbook for runbook in runbooks if runbook.path}
    alone = [runbook for runbook in runbooks if not runbook.path]
    by_code = {f"{runbook.code}.md": runbook for runbook in alone}
    steps: list[Step] = []
    for path in {**files, **known}:
        runbook = known.get(path) or by_code.pop(path.rpartition("/")[2], None)
        steps.append(_step(path, files.get(path), runbook))
    steps += [_step(path, None, runbook) for path, runbook in by_code.items()]
    return tuple(sorted(steps, key=lambda step: (step.path, step.code)))


def _step(path: str, text: str | None, runbook: Kept | None) -> Step:
    if runbook is None:
        assert text is not None
        return Step(act=Act.TAKE_NEW, path=path, text=text)
    act = _act(text, runbook)
    given = {Act.TAKE: text, Act.WRITE: runbook.text, Act.NOTE_COMMON: text}.get(act)
    return Step(act=act, path=path, runbook_id=runbook.id, code=runbook.code, text=given or "")


def _act(text: str | None, runbook: Kept) -> Act:
    if text is None:
        return _without_file(runbook)
    if runbook.is_retired:
        return _of_retired(text, runbook)
    if text == runbook.text:
        return Act.NOTHING if runbook.common == text else Act.NOTE_COMMON
    if runbook.common is None:
        return Act.CONFLICT
    if text == runbook.common:
        return Act.WRITE
    return Act.TAKE if runbook.text == runbook.common and _may_go(runbook, text) else Act.CONFLICT


def _may_go(runbook: Kept, text: str) -> bool:
    """Whether nothing would be lost that somebody is writing."""
    return runbook.pending in {"", text}


def _of_retired(text: str, runbook: Kept) -> Act:
    if runbook.path and runbook.common is None:
        return Act.TAKE if _may_go(runbook, text) else Act.CONFLICT
    return Act.TELL_RETIRED if text == runbook.text else Act.CONFLICT


def _without_file(runbook: Kept) -> Act:
    if runbook.common is None:
        return Act.NOTHING if runbook.is_retired else Act.WRITE
    if runbook.is_retired:
        return Act.FORGET
    return Act.RETIRE if runbook.text == runbook.common and not runbook.pending else Act.CONFLICT
