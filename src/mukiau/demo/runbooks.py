"""The demo's runbooks: for some of its errors, in the words of the teams that answer them."""

from importlib.resources import files
from pathlib import Path

from mukiau.stores.state_file import changing
from mukiau.stores.work.runbooks import Author, create_runbook, publish


def read_runbooks() -> dict[str, str]:
    """Return code → text."""
    found = (entry for entry in files("mukiau.demo").joinpath("manuals").iterdir() if entry.name.endswith(".md"))
    return {
        entry.name.removesuffix(".md"): entry.read_text("utf-8") for entry in sorted(found, key=lambda one: one.name)
    }


def put_runbooks_in_force(data: Path, *, author: str, now_ms: int) -> None:
    """Keep the demo's runbooks in a new data folder: its errors find them as they arrive."""
    by = Author(name=author, at_ms=now_ms)
    with changing(data) as connection:
        for code, text in read_runbooks().items():
            saved = create_runbook(connection, text, prefix="", code=code, by=by)
            publish(connection, saved.id, number=saved.number, by=by)
