"""The choices of the scope bar: projects, and the services and environments seen in one of them."""

from dataclasses import dataclass

from mukiau.stores.queries.rows import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectChoice:
    """A project as the scope bar names it."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeChoices:
    """What the filters of a project offer, each in alphabetical order."""

    services: tuple[str, ...]
    environments: tuple[str, ...]


def list_projects() -> tuple[ProjectChoice, ...]:
    """Return all projects, oldest first."""
    return tuple(ProjectChoice(id=pk, name=name) for pk, name in read_rows("SELECT id, name FROM project ORDER BY id"))


def scope_choices(project_id: int) -> ScopeChoices:
    """Return the services and environments that were seen in the project's events."""
    rows = read_rows(
        """
        SELECT 'service', name FROM service WHERE project_id = %s
        UNION ALL SELECT 'environment', name FROM environment WHERE project_id = %s
        ORDER BY 1, 2
        """,
        (project_id, project_id),
    )
    return ScopeChoices(
        services=tuple(name for kind, name in rows if kind == "service" and name),
        environments=tuple(name for kind, name in rows if kind == "environment" and name),
    )
