"""One table of settings; the only reader of the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One line of the table: documentation, `mukiau doctor` and `.env.example` come from it."""

    name: str
    type: type
    default: Any
    unit: str = ""
    help: str = ""
    secret: bool = False

    @property
    def variable(self) -> str:
        return f"MUKIAU_{self.name.upper()}"


SETTINGS = (
    Setting(name="data", type=Path, default=Path("data"), help="Folder that holds everything mukiau keeps."),
    Setting(name="host", type=str, default="127.0.0.1", help="Address to listen on."),
    Setting(name="port", type=int, default=8000, help="Port to listen on."),
    Setting(
        name="base_url",
        type=str,
        default="",
        help="Address people reach mukiau at (https://…); shown in DSNs and links. Empty: http://HOST:PORT.",
    ),
    Setting(
        name="secret_key",
        type=str,
        default="",
        help="Signs sessions. Empty: made at first start and kept in the data folder.",
        secret=True,
    ),
    Setting(
        name="scrub_key",
        type=str,
        default="",
        help="Key of the hash that replaces values kept as handling keys. Empty: made at first start.",
        secret=True,
    ),
    Setting(
        name="scrub_japan",
        type=bool,
        default=False,
        help="Also scrub Japanese phone numbers, postal codes and My Numbers.",
    ),
    Setting(name="scrub_email", type=bool, default=False, help="Also scrub e-mail addresses."),
    Setting(
        name="scrub_keep",
        type=str,
        default="",
        help="Comma-separated field names that are never scrubbed by key (handling keys).",
    ),
    Setting(
        name="scrub_hash",
        type=str,
        default="",
        help="Comma-separated field names whose value is replaced by a keyed hash: equal values stay equal.",
    ),
    Setting(
        name="log_group_pattern",
        type=str,
        default="/ecs/{environment}/{service}",
        help="Where environment and service stand in a log group's name.",
    ),
    Setting(
        name="quota_events",
        type=int,
        default=10_000,
        unit="events",
        help="Events a key may send within quota_window_seconds; 0: no limit.",
    ),
    Setting(name="quota_window_seconds", type=int, default=60, unit="seconds", help="Window of quota_events."),
    Setting(
        name="idle_flush_seconds",
        type=float,
        default=1.0,
        unit="seconds",
        help="A stream silent for this long has its open log entry closed.",
    ),
    Setting(
        name="max_spool_bytes",
        type=int,
        default=4 * 1024**3,
        unit="bytes",
        help="Beyond this the door answers 503 until digest has caught up.",
    ),
)


class SettingsError(ValueError):
    """All mistakes in the settings at once, one a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one process, read once at its start."""

    values: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


def load(environ: Mapping[str, str], *, read_file: Any = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read every setting from `environ`; raise SettingsError with all mistakes at once.

    A secret may be given by file: MUKIAU_SECRET_KEY_FILE names it. `overrides` (from the command line) win.
    """
    values: dict[str, Any] = {}
    mistakes: list[str] = []
    for setting in SETTINGS:
        raw = environ.get(setting.variable)
        if raw is None and setting.secret and (path := environ.get(setting.variable + "_FILE")):
            raw = (read_file or _read_text)(path).strip()
        try:
            values[setting.name] = setting.default if raw is None else _parse(setting.type, raw)
        except ValueError:
            mistakes.append(f"{setting.variable} is {raw!r}; it must be {_described(setting.type)}.")
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    values.update({name: value for name, value in (overrides or {}).items() if value is not None})
    return Settings(values=values)


def own_url(settings: Settings) -> str:
    """Return where people reach this server: the setting base_url, else the address it listens on."""
    if settings.base_url:
        return str(settings.base_url).rstrip("/")
    host = "localhost" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def _parse(kind: type, raw: str) -> Any:
    if kind is not bool:
        return kind(raw)
    if raw.lower() in _TRUE | _FALSE:
        return raw.lower() in _TRUE
    raise ValueError(raw)


def _described(kind: type) -> str:
    return {int: "a whole number", float: "a number", bool: "true or false"}.get(kind, "text")


def _read_text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")
