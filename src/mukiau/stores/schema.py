"""The version of the state file's schema; each migration writes its own into `PRAGMA user_version`."""

STATE_FILE = "state.sqlite3"

SCHEMA_VERSION = 28
"""The newest version this program knows; a file with a higher one was written by a newer program."""
