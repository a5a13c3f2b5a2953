"""Names as they would be without what compilers, proxies and deploys add to them."""

import re
from functools import lru_cache

from mukiau.core.event import Frame

_GENERATED_CLASS = re.compile(
    r"\$\$(?:Lambda|FastClassBy|EnhancerBy|SpringCGLIB|FastClass|HibernateProxy|Proxy|jvstdad|_javassist)"
    r"|\$Proxy\d|GeneratedMethodAccessor|GeneratedConstructorAccessor|\$HibernateProxy\$|_\$\$_jvst|\$MockitoMock\$"
)
_HASH_TAIL = re.compile(r"::h[0-9a-f]{16}$|@@[A-Z]+_[0-9.]+$|\$\$[0-9a-f]{6,16}$|/0x[0-9a-f]{4,16}$|@[0-9a-f]{6,16}$")
_ANONYMOUS_INDEX = re.compile(r"\$\d{1,6}(?=$|[.$])")
_JVM_LAMBDA = re.compile(r"^lambda\$([A-Za-z0-9_$]{1,200}?)\$\d{1,6}$")
_GO_CLOSURE = re.compile(r"(?:\.(?:func|gowrap|deferwrap)?\d{1,6}){1,20}$|-fm$|-range\d{1,6}$")
_DOTNET_GENERATED = re.compile(r"<{1,2}([A-Za-z0-9_.$]{0,200})>[A-Za-z]{0,20}__?[A-Za-z0-9_|]{0,200}")
_RUBY_BLOCK = re.compile(r"^(?:block(?: \(\d{1,3} levels\))?|rescue|ensure) in ")
_ANONYMOUS = frozenset(
    {"", "?", "<anonymous>", "(anonymous)", "anonymous", "Object.<anonymous>", "{closure}", "<unknown>"}
)
_PATH_SEPARATORS = re.compile(r"[/\\]")
_DIGITS = re.compile(r"\d{1,40}")
_HASHED_FILE = re.compile(r"[.-][0-9a-f]{8,32}(?=\.)")
_FILE_ENDINGS = re.compile(r"\.(?:py|pyc|js|mjs|cjs|ts|tsx|jsx|rb|php|cs|go|rs|java|kt|ex|exs)$")


@lru_cache(maxsize=8192)
def type_name(name: str) -> str:
    """Return an exception type without generated parts: `Foo$1` → `Foo$<n>`, a proxy's hash is cut."""
    return _ANONYMOUS_INDEX.sub("$<n>", _HASH_TAIL.sub("", name.strip()))


def is_generated(frame: Frame) -> bool:
    """A frame that a proxy, a bytecode generator or a reflection stub put in between."""
    return _GENERATED_CLASS.search(frame.module) is not None or frame.filename in {"<generated>", "Unknown Source"}


@lru_cache(maxsize=16384)
def function_name(function: str) -> str:
    """Return a function's name without numbering of lambdas, closures and state machines; "" for an anonymous one.

    >>> [function_name(name) for name in ("lambda$total$12", "main.run.func1", "<Run>d__12.MoveNext", "block in save")]
    ['total', 'main.run', 'Run', 'save']
    """
    name = _HASH_TAIL.sub("", function.strip())
    if name in _ANONYMOUS:
        return ""
    if (jvm := _JVM_LAMBDA.match(name)) is not None:
        return jvm.group(1)
    if (dotnet := _DOTNET_GENERATED.search(name)) is not None:
        return dotnet.group(1)
    name = _RUBY_BLOCK.sub("", _GO_CLOSURE.sub("", name))
    name = name.partition("(")[0] or name
    return _ANONYMOUS_INDEX.sub("$<n>", name.removeprefix("async ").removeprefix("new "))


@lru_cache(maxsize=8192)
def logger_name(logger: str) -> str:
    """Return a logger's name without what numbers its instances: `ForkPoolWorker-7` → `ForkPoolWorker-<n>`."""
    return _DIGITS.sub("<n>", logger)


@lru_cache(maxsize=16384)
def place_name(module: str, filename: str) -> str:
    """Return where a function lives: its module, else the file's own name without folders, ending and build hash."""
    if module:
        return _ANONYMOUS_INDEX.sub("$<n>", _DOTNET_GENERATED.sub(r"\1", _HASH_TAIL.sub("", module)))
    base = _PATH_SEPARATORS.split(filename.strip())[-1]
    return _DIGITS.sub("<n>", _FILE_ENDINGS.sub("", _HASHED_FILE.sub("", base)))
