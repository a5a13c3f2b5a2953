"""Issues like one of the same service: an index per service, kept by the process and brought up to date when asked.

A fingerprint's explanation stays the same under one version of the policy, and a merge or split moves the fingerprint only:
so there is an index for each version, it holds fingerprints, gets the new
ones when it is asked, and where a fingerprint belongs is looked up when the answer is made. No question waits for a whole
large service: the newest come first, the older ones with the next questions.
"""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from mukiau.core.grouping.similarity import Difference, Reason, Similar, SimilarIssues, portrait_of
from mukiau.stores.queries.explanations import (
    MAX_ID,
    MAX_OF_SERVICE,
    ExplainedFingerprint,
    IssueOfFingerprint,
    read_explanations_of_issues,
    read_explanations_of_service,
    read_issues_of_fingerprints,
)
from mukiau.stores.queries.issue import IssueHead
from mukiau.stores.queries.policy_in_force import read_policy_in_force

SHOWN = 5
MAX_SERVICES = 6
"""Indexes kept at a time; a full one takes about 10 MB."""
STEP = 500
"""Fingerprints taken into an index for one question: about 80 ms."""
MAX_OWN = 3
"""Fingerprints of the issue whose neighbours are looked for."""
_SPARE = 4
"""Several fingerprints may be of one issue, so more are looked for than are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarIssue:
    """An issue like another one, and what speaks for and against joining them."""

    issue: IssueOfFingerprint
    similarity: float
    reasons: tuple[Reason, ...]
    differences: tuple[Difference, ...]


class _Service:
    """The fingerprints of one service."""

    def __init__(self) -> None:
        self.index = SimilarIssues()
        self.newest, self.oldest = 0, MAX_ID

    def take(self, found: tuple[ExplainedFingerprint, ...]) -> None:
        for one in found:
            self.index.add(one.id, portrait_of(one.explanation))


_services: OrderedDict[tuple[str, int, int, str], _Service] = OrderedDict()
_lock = Lock()


def read_similar(issue: IssueHead, *, folder: str) -> tuple[SimilarIssue, ...]:
    """Return the issues of the same service most like one, the most alike first."""
    own = read_explanations_of_issues([issue.id], limit=MAX_OWN)
    with _lock:
        service = _up_to_date(folder, issue)
        service.take(own)
        found = [similar for one in own for similar in service.index.find(one.id, limit=SHOWN * _SPARE)]
    return _of_issues(found, but=issue.id)


def _up_to_date(folder: str, issue: IssueHead) -> _Service:
    """Take what is new; where nothing is, some more of what is older."""
    key = (folder, issue.project_id, read_policy_in_force(issue.project_id).version, issue.service)
    if key not in _services or len(_services[key].index) > 2 * MAX_OF_SERVICE:
        _services[key] = _Service()
    service = _services[key]
    _services.move_to_end(key)
    while len(_services) > MAX_SERVICES:
        _services.popitem(last=False)
    wanted = issue.project_id, issue.service
    found = read_explanations_of_service(*wanted, after_id=service.newest, limit=STEP)
    if not found and len(service.index) < MAX_OF_SERVICE:
        found = read_explanations_of_service(*wanted, before_id=service.oldest, limit=STEP)
    service.take(found)
    ids = [one.id for one in found]
    service.newest, service.oldest = max([service.newest, *ids]), min([service.oldest, *ids])
    return service


def _of_issues(found: list[Similar], *, but: int) -> tuple[SimilarIssue, ...]:
    """One line for each issue, by its likest fingerprint."""
    best = {one.issue_id: one for one in sorted(found, key=lambda one: (one.similarity, -one.issue_id))}
    order = sorted(best.values(), key=lambda one: (-one.similarity, one.issue_id))
    lines: dict[int, SimilarIssue] = {}
    for issue in read_issues_of_fingerprints([one.issue_id for one in order]):
        similar = best[issue.fingerprint_id]
        if issue.id != but:
            line = SimilarIssue(
                issue=issue,
                similarity=similar.similarity,
                reasons=similar.reasons,
                differences=similar.differences,
            )
            lines.setdefault(issue.id, line)
    return tuple(lines.values())[:SHOWN]
