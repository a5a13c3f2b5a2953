"""By which grouping policies events are grouped: those in force, by project, in the digester and in each maker."""

import logging
from dataclasses import dataclass
from functools import lru_cache

from mukiau.core.grouping.policy import DEFAULT, Policy
from mukiau.core.grouping.policy_text import parse_policy

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyText:
    """A version of a project's policy."""

    version: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPolicies:
    """What a project's events are grouped by."""

    project_id: int
    in_force: PolicyText
    other: PolicyText | None = None
    """A second one, whose hash is counted beside: one that comes, or the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupedBy:
    """All that the store says about it at one time."""

    stamp: int = 0
    """Of the store: it refuses what was made under another one."""
    projects: tuple[ProjectPolicies, ...] = ()
    """Those that do not go by mukiau's own policy alone."""


class Policies:
    """The policies in use; exchanged for others as a whole."""

    def __init__(self) -> None:
        self.use(GroupedBy())

    def use(self, grouped_by: GroupedBy) -> None:
        """Group by these from now on."""
        self.grouped_by = grouped_by
        self._projects = {
            one.project_id: (policy_of(one.in_force), None if one.other is None else policy_of(one.other))
            for one in grouped_by.projects
        }

    def of(self, project_id: int) -> tuple[Policy, Policy | None]:
        """Return the policy in force, and the other one where there is one."""
        return self._projects.get(project_id, (DEFAULT, None))


@lru_cache(maxsize=64)
def policy_of(given: PolicyText) -> Policy:
    """Return the policy of a text that was kept, which has no mistakes.

    Where a later mukiau does not understand it any more, its own policy groups on: by something events must be grouped.
    """
    policy = parse_policy(given.text, version=given.version).policy
    if policy is None:
        log.warning("version %d of a grouping policy is not understood any more; the defaults group on", given.version)
    return policy or DEFAULT
