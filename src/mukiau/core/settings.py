"""Settings as data: one line of a table for each, read from an environment that the caller gives."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
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
    choices: tuple[str, ...] = ()
    """All values it can have, where these are few."""
    check: Callable[[str], object] | None = None
    """Raises ValueError for a text that is none; `must` then says what it has to be."""
    must: str = ""

    @property
    def variable(self) -> str:
        return f"MUKIAU_{self.name.upper()}"


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


def read_values(
    environ: Mapping[str, str], table: Iterable[Setting], *, read_file: Callable[[str], str]
) -> dict[str, Any]:
    """Return the value of every setting; raise SettingsError with all mistakes at once.

    A secret may be given by file: MUKIAU_SECRET_KEY_FILE names it, and `read_file` returns what stands in it.
    """
    values: dict[str, Any] = {}
    mistakes: list[str] = []
    for setting in table:
        raw = environ.get(setting.variable)
        if raw is None and setting.secret and (path := environ.get(setting.variable + "_FILE")):
            raw = read_file(path).strip()
        try:
            values[setting.name] = setting.default if raw is None else _parse(setting, raw)
        except ValueError:
            given = "cannot be used" if setting.secret else f"is {raw!r}"
            mistakes.append(f"{setting.variable} {given}; it must be {_described(setting)}.")
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    return values


_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def _parse(setting: Setting, raw: str) -> Any:
    if setting.choices:
        return setting.choices[setting.choices.index(raw.strip().lower())]
    if setting.check is not None:
        setting.check(raw)
    if setting.type is not bool:
        return setting.type(raw)
    if raw.lower() in _TRUE | _FALSE:
        return raw.lower() in _TRUE
    raise ValueError(raw)


def _described(setting: Setting) -> str:
    if setting.choices:
        return "one of " + ", ".join(setting.choices)
    return setting.must or {int: "a whole number", float: "a number", bool: "true or false"}.get(setting.type, "text")
