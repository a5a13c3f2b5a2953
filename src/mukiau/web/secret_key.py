"""The key that signs sessions: from the settings, else made once and kept in the data folder."""

import os
import secrets
from pathlib import Path

KEY_FILE = "web-secret-key"


def load_or_make_key(folder: Path) -> str:
    """Return the folder's key; make it (readable by its owner only) when there is none.

    Two processes may start at once: the file is created exclusively, and who comes second reads the first one's.
    """
    path = folder / KEY_FILE
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{KEY_FILE}.{os.getpid()}"
    if not path.exists():
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(temporary, path)  # whole or not at all, and never over another one
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_text(encoding="ascii")
