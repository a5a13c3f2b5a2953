"""Projects with their keys, for the sources page."""

from dataclasses import dataclass

from mukiau.stores.queries.rows import find_row, read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKey:
    """One key."""

    id: int
    project_id: int
    label: str
    public_key: str
    service: str
    environment: str
    is_active: bool
    quota_events: int | None
    created_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSources:
    """A project with its keys, oldest first."""

    id: int
    slug: str
    name: str
    sources: tuple[SourceKey, ...]


_KEYS = (
    "SELECT id, project_id, label, public_key, service, environment, is_active, quota_events, created_ms FROM source"
)


def read_sources() -> tuple[ProjectSources, ...]:
    """Return all projects, oldest first."""
    keys = [_key(row) for row in read_rows(f"{_KEYS} ORDER BY id")]
    projects = read_rows("SELECT id, slug, name FROM project ORDER BY id")
    return tuple(
        ProjectSources(id=pk, slug=slug, name=name, sources=tuple(key for key in keys if key.project_id == pk))
        for pk, slug, name in projects
    )


def find_source(source_id: int) -> SourceKey | None:
    """Return one key."""
    row = find_row(f"{_KEYS} WHERE id = %s", (source_id,))
    return None if row is None else _key(row)


def _key(row: tuple[object, ...]) -> SourceKey:
    values = dict(zip(SourceKey.__slots__, row, strict=True))
    return SourceKey(**{**values, "is_active": bool(values["is_active"])})  # type: ignore[arg-type]
