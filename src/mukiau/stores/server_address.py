"""Where the running server can be reached, written by it into the data folder for commands: by people and senders, and
(past every proxy) by programs on this machine."""

from pathlib import Path

ADDRESS_FILE = "server.url"


def record_server_url(data: Path, url: str | None, *, local_url: str = "") -> None:
    """Write the addresses, None for none; a later start writes them anew."""
    if url is None:
        data.joinpath(ADDRESS_FILE).unlink(missing_ok=True)
    else:
        data.joinpath(ADDRESS_FILE).write_text(f"{url}\n{local_url or url}\n", encoding="utf-8")


def find_server_url(data: Path) -> str | None:
    """Return the address of the last start, None when there was none; the server may have stopped since."""
    return next(iter(_read(data)), None)


def find_local_url(data: Path) -> str | None:
    """Return the last start's address for programs on this machine, None when there was none."""
    return next(reversed(_read(data)), None)


def _read(data: Path) -> list[str]:
    try:
        return data.joinpath(ADDRESS_FILE).read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return []
