"""Where the running server can be reached, written by it into the data folder for commands and pages."""

from pathlib import Path

ADDRESS_FILE = "server.url"


def record_server_url(data: Path, url: str | None) -> None:
    """Write the address, None for none; a later start writes it anew."""
    if url is None:
        data.joinpath(ADDRESS_FILE).unlink(missing_ok=True)
    else:
        data.joinpath(ADDRESS_FILE).write_text(url + "\n", encoding="utf-8")


def find_server_url(data: Path) -> str | None:
    """Return the address of the last start, None when there was none; the server may have stopped since."""
    try:
        return data.joinpath(ADDRESS_FILE).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
