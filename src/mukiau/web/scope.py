"""Which project a page is about: the one its address names, else the oldest."""

from dataclasses import dataclass

from django.http import QueryDict

from mukiau.stores.queries.scope import ProjectChoice, list_projects
from mukiau.web.numbers import parse_number


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectScope:
    """The project of a page, and those it may be changed to."""

    project_id: int
    """0 where there is no project yet."""
    projects: tuple[ProjectChoice, ...]

    @property
    def has_choice(self) -> bool:
        return len(self.projects) > 1


def project_scope(given: QueryDict) -> ProjectScope:
    """Read `project` of an address or a form; one that does not exist counts as not given."""
    projects = list_projects()
    ids = [project.id for project in projects] or [0]
    asked = parse_number(given.get("project", ""))
    return ProjectScope(project_id=asked if asked in ids else ids[0], projects=projects)
