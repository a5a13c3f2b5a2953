"""The zip that Lambda runs: `core` and the forwarder, nothing else; every build of one version has the same bytes.

Lambda cannot write beside the code, so with sources every cold start would compile all of it again. The zip holds bytecode
of the Python that builds it, made in a process of its own (what else is loaded would show in it); a function that runs
another Python cannot load it, and needs the sources instead. Docstrings and columns are left out of the bytecode: they
would be a third of it.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path

import mukiau

ROOMS = ("core", "forwarder")
HANDLER = "mukiau.forwarder.handler.handler"
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
"""Of the function: the bytecode is for this Python."""
_TASK_FOLDER = "/var/task"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def build_zip(*, with_sources: bool = False) -> bytes:
    """Return the zip: bytecode for RUNTIME, or sources for any Python."""
    with tempfile.TemporaryDirectory(prefix="mukiau-forwarder-") as name:
        folder = Path(name)
        _copy_sources(folder / "mukiau")
        if not with_sources:
            _compile(folder)
        return _zipped(folder)


def hash_of(zipped: bytes) -> str:
    """Return what names a build: the first 12 hex digits of its hash."""
    return sha256(zipped).hexdigest()[:12]


def _copy_sources(target: Path) -> None:
    package = Path(mukiau.__file__).parent
    sources = [package / "__init__.py", *(path for room in ROOMS for path in (package / room).rglob("*.py"))]
    for source in sources:
        copy = target / source.relative_to(package)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)


def _compile(folder: Path) -> None:
    """Put bytecode in place of the sources."""
    python = [sys.executable, "-S", "-s", "-X", "no_debug_ranges", "-m", "compileall"]
    options = ["-q", "-b", "-o", "2", "--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", _TASK_FOLDER]
    subprocess.run([*python, *options, str(folder)], check=True, env={"PYTHONHASHSEED": "0"})
    for source in folder.rglob("*.py"):
        source.unlink()


def _zipped(folder: Path) -> bytes:
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _LONG_AGO)
                entry.external_attr = 0o644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
        file.seek(0)
        return file.read()
