"""Whether a frame the client left open (`in_app` null) is the team's own code, by what its runtime's libraries look like."""

from collections.abc import Callable

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


def is_in_app(platform: str, frame: JSONObject) -> bool:
    """Decide by the frame's module or path; a frame that says neither is nobody's."""
    return _RULES.get(platform, _by_path)(frame)


def _path(frame: JSONObject) -> str:
    path = frame.get("abs_path") or frame.get("filename") or ""
    return path.replace("\\", "/") if isinstance(path, str) else ""


def _by_path(frame: JSONObject) -> bool:
    path = _path(frame)
    if not path:
        return bool(frame.get("module"))
    return not path.startswith(_FOREIGN_PATHS) and not any(part in path for part in _FOREIGN_PATHS if part[0] in "/<")


def _by_python_path(frame: JSONObject) -> bool:
    path = _path(frame)
    return bool(path) and not path.startswith(PYTHON_FOREIGN_STARTS) and not any(p in path for p in PYTHON_LIBRARIES)


def _by_jvm_module(frame: JSONObject) -> bool:
    module = frame.get("module") or ""
    return bool(module) and not module.startswith(JVM_LIBRARIES)


def _by_dotnet_module(frame: JSONObject) -> bool:
    module = frame.get("module") or frame.get("package") or ""
    return bool(module) and not module.startswith(_DOTNET_LIBRARIES)


_RULES: dict[str, Callable[[JSONObject], bool]] = {
    "python": _by_python_path,
    "java": _by_jvm_module,
    "kotlin": _by_jvm_module,
    "scala": _by_jvm_module,
    "groovy": _by_jvm_module,
    "csharp": _by_dotnet_module,
    "dotnet": _by_dotnet_module,
}
