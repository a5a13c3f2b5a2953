"""Projects and their keys, for the command line and the first start; no web framework needed."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

from mukiau.core.dsn import Dsn
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, connect, transaction

MAX_SLUG_CHARS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One key of a project, and what input sent with it is taken for when it does not say itself."""

    id: int
    project_id: int
    label: str
    public_key: str
    """32 hex digits."""
    service: str
    environment: str
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One product with all its services and environments."""

    id: int
    slug: str
    name: str
    sources: tuple[Source, ...]
    """Oldest first."""


def create_project(data: Path, name: str, *, now_ms: int, label: str = "") -> Project:
    """Make a project with a first key and return it; a name that is taken gives the project of that name."""
    slug = _slug(name)
    with _writing(data) as db:
        row = db.execute("SELECT id FROM project WHERE slug = ?", (slug,)).fetchone()
        if row is None:
            insert = "INSERT INTO project (slug, name, created_ms) VALUES (?, ?, ?) RETURNING id"
            row = db.execute(insert, (slug, name, now_ms)).fetchone()
            _insert_source(db, row[0], now_ms=now_ms, label=label or name)
    return next(project for project in list_projects(data) if project.id == row[0])


def create_source(
    data: Path,
    project_id: int,
    *,
    now_ms: int,
    label: str = "",
    service: str = "",
    environment: str = "",
    quota_events: int | None = None,
) -> Source:
    """Make another key of a project; `quota_events` None takes the server's setting, 0 means no limit."""
    with _writing(data) as db:
        source_id = _insert_source(
            db,
            project_id,
            now_ms=now_ms,
            label=label,
            service=service,
            environment=environment,
            quota_events=quota_events,
        )
    sources = (source for project in list_projects(data) for source in project.sources)
    return next(source for source in sources if source.id == source_id)


def switch_source(data: Path, source_id: int, *, is_active: bool) -> bool:
    """Let a key open the door or not; False when there is no such key."""
    with _writing(data) as db:
        return db.execute("UPDATE source SET is_active = ? WHERE id = ?", (is_active, source_id)).rowcount == 1


def list_projects(data: Path) -> tuple[Project, ...]:
    """Return every project, oldest first."""
    db = connect(data / STATE_FILE, readonly=True)
    try:
        projects = db.execute("SELECT id, slug, name FROM project ORDER BY id").fetchall()
        return tuple(Project(id=i, slug=slug, name=name, sources=_sources(db, i)) for i, slug, name in projects)
    finally:
        db.close()


def dsn_at(base_url: str, project_id: int, public_key: str) -> Dsn:
    """Return the DSN of a key for a server that senders reach at `base_url` (`https://host/prefix`)."""
    url = urlsplit(base_url)
    return Dsn(
        scheme=url.scheme,
        public_key=public_key,
        host=url.netloc,
        project_id=project_id,
        path=url.path.rstrip("/"),
    )


def _sources(db: Connection, project_id: int) -> tuple[Source, ...]:
    query = "SELECT id, label, public_key, service, environment, is_active FROM source WHERE project_id = ? ORDER BY id"
    return tuple(
        Source(
            id=i,
            project_id=project_id,
            label=label,
            public_key=key,
            service=service,
            environment=env,
            is_active=bool(on),
        )
        for i, label, key, service, env, on in db.execute(query, (project_id,))
    )


def _insert_source(
    db: Connection,
    project_id: int,
    *,
    now_ms: int,
    label: str,
    service: str = "",
    environment: str = "",
    quota_events: int | None = None,
) -> int:
    row = db.execute(
        "INSERT INTO source (project_id, label, public_key, service, environment, is_active, quota_events, created_ms)"
        " VALUES (?, ?, ?, ?, ?, 1, ?, ?) RETURNING id",
        (project_id, label, token_hex(16), service, environment, quota_events, now_ms),
    ).fetchone()
    return int(row[0])


@contextmanager
def _writing(data: Path) -> Iterator[Connection]:
    db = connect(data / STATE_FILE)
    try:
        with transaction(db):
            yield db
    finally:
        db.close()


def _slug(name: str) -> str:
    """Return the name for URLs: letters, digits and hyphens; a name without any Latin letter keeps its own."""
    folded = unicodedata.normalize("NFKC", name).strip().lower()
    return re.sub(r"[^\w]+", "-", folded).strip("-")[:MAX_SLUG_CHARS] or "project"
