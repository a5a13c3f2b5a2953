"""Whether a frame the client left open (`in_app` null) is the team's own code, by what its runtime's libraries look like."""

from collections.abc import Callable
from typing import NamedTuple

from mukiau.core.event import JSONObject
from mukiau.core.traces.libraries import JVM_LIBRARIES, PYTHON_FOREIGN_STARTS, PYTHON_LIBRARIES

_DOTNET_LIBRARIES = (
    "System.",
    "Microsoft.",
    "Newtonsoft.",
    "MySql.",
    "Npgsql.",
    "Polly.",
    "Serilog.",
    "NLog.",
    "Grpc.",
)
_FOREIGN_PATHS = (
    "/node_modules/", "node:", "internal/", "/vendor/", "/gems/", "/usr/local/go/", "/go/pkg/mod/", "/.cargo/registry/",
    "/rustc/", "/lib/ruby/", "/usr/lib/", "/usr/share/", "<internal:", "[internal", "native ",
)  # fmt: skip


class _Rule(NamedTuple):
    """What makes a frame of one platform foreign."""

    place_of: Callable[[JSONObject], str]
    """The text that tells it: a path, or the name of a class; empty when the frame has none."""
    starts: tuple[str, ...]
    parts: tuple[str, ...]


def is_in_app(platform: str, frame: JSONObject) -> bool:
    """Decide by the frame's module or path; a frame that says neither is nobody's."""
    rule = _RULES.get(platform, _BY_PATH)
    place = rule.place_of(frame)
    return bool(place) and not place.startswith(rule.starts) and not any(part in place for part in rule.parts)


def library_mark(platform: str, frame: JSONObject) -> str:
    """Return what in the frame's module or path says library: `/site-packages/`, `java.`; "" when nothing does."""
    rule = _RULES.get(platform, _BY_PATH)
    place = rule.place_of(frame)
    start = next((start for start in rule.starts if place.startswith(start)), "")
    return start or next((part for part in rule.parts if part in place), "")


def _path(frame: JSONObject) -> str:
    path = frame.get("abs_path") or frame.get("filename") or ""
    return path.replace("\\", "/") if isinstance(path, str) else ""


def _path_or_module(frame: JSONObject) -> str:
    return _path(frame) or _text(frame, "module")


def _module(frame: JSONObject) -> str:
    return _text(frame, "module")


def _module_or_package(frame: JSONObject) -> str:
    return _text(frame, "module") or _text(frame, "package")


def _text(frame: JSONObject, key: str) -> str:
    found = frame.get(key)
    return found if isinstance(found, str) else ""


_BY_PATH = _Rule(_path_or_module, _FOREIGN_PATHS, tuple(part for part in _FOREIGN_PATHS if part[0] in "/<"))
_BY_JVM_MODULE = _Rule(_module, JVM_LIBRARIES, ())
_BY_DOTNET_MODULE = _Rule(_module_or_package, _DOTNET_LIBRARIES, ())
_RULES = {
    "python": _Rule(_path, PYTHON_FOREIGN_STARTS, PYTHON_LIBRARIES),
    "java": _BY_JVM_MODULE,
    "kotlin": _BY_JVM_MODULE,
    "scala": _BY_JVM_MODULE,
    "groovy": _BY_JVM_MODULE,
    "csharp": _BY_DOTNET_MODULE,
    "dotnet": _BY_DOTNET_MODULE,
}
