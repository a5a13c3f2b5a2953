"""The grouping policy that a project's events are grouped by now."""

from mukiau.core.grouping.policy import DEFAULT, Policy
from mukiau.digest.policies import PolicyText, policy_of
from mukiau.stores.queries.rows import find_row

_IN_FORCE = """
SELECT p.version, p.text FROM grouping_state s JOIN grouping_policy p ON p.project_id = s.project_id AND p.version = s.version
WHERE s.project_id = %s
"""


def read_policy_in_force(project_id: int) -> Policy:
    """Return the policy in force; mukiau's own where the project has put none in its place."""
    row = find_row(_IN_FORCE, (project_id,))
    return DEFAULT if row is None else policy_of(PolicyText(version=row[0], text=row[1]))
