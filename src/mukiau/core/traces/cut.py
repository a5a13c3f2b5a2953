"""Whether a trace's end is missing: its container died, a limit of the log cut it, a line too many was dropped.

Only what a runtime always prints tells: a Java cause says how many frames it shares with its enclosing trace, an inner
exception of .NET has an end mark, a PHP stack ends in `{main}`, a goroutine in `main.main` or in who created it. Of other
runtimes nobody can tell, and a trace whose end cannot be told counts as whole.
"""

import re
from collections.abc import Callable, Sequence

MAX_CHARS = 1_000_000
"""Read of a raw text, its end: larger blocks are not kept."""

_MARK = re.compile(
    r"(?:\.{3}|…)? ?[\[(<]?(?:\.{3}|…)? ?(?i:truncated)(?: \d{1,9}(?: \w{1,10}){0,2})?(?:\.{3}|…)?[\])>]?$"
)
"""What senders write where they cut; not `... 20 frames truncated`, which a whole Java trace ends with."""
_JVM_HEADER = re.compile(r"\s{0,40}(?:Caused by|Wrapped by|Suppressed): ")
_JVM_REST = re.compile(r"\s{0,40}\.\.\. (?:\d{1,6} )?(?:more|common frames? omitted|frames? |lines? )")
_JVM_CIRCULAR = "[CIRCULAR REFERENCE"
_JVM_FRAME = re.compile(r"\s{0,40}at [\w.$/<>@-]")
_JVM_LAST = re.compile(
    r"\s{0,40}at (?:[\w.@-]{0,100}/)?[\w.$]{0,300}(?:Thread\.run|\.main|\.__invoke|Thread\.runWith)\("
)
_DOTNET_INNER = re.compile(r" ---> (?!\(Inner)[A-Z][\w.`+]{2,200}(?::|$)")
_DOTNET_END = "--- End of inner exception stack trace ---"
_GO_BEGIN = re.compile(r"goroutine \d{1,12} \[")
_GO_LAST = re.compile(r"(?:main\.main\(|created by |runtime\.goexit)")


def is_cut(raw: str, language: str) -> bool:
    """Say whether the end of a log entry's trace is missing.

    >>> is_cut("E: a\\n\\tat a.B.c(B.java:1)\\nCaused by: F: b\\n\\tat a.B.d(B.java:2)", "java")
    True
    >>> is_cut("E: a\\n\\tat a.B.c(B.java:1)\\nCaused by: F: b\\n\\tat a.B.d(B.java:2)\\n\\t... 1 more", "java")
    False
    """
    lines = raw[-MAX_CHARS:].rstrip().splitlines()
    if not lines:
        return False
    if _MARK.search(lines[-1][-60:]) and not _JVM_REST.match(lines[-1]):
        return True
    told = _BY_LANGUAGE.get(language)
    return told is not None and told(lines)


def _is_jvm_cut(lines: Sequence[str]) -> bool:
    headers = [at for at, line in enumerate(lines) if _JVM_HEADER.match(line)]
    last = lines[headers[-1] :] if headers else lines
    frames = [line for line in last if _JVM_FRAME.match(line)]
    if any(map(_JVM_REST.match, last)) or _JVM_CIRCULAR in last[0] or (frames and _JVM_LAST.match(frames[-1])):
        return False
    is_recursion = frames[-2:-1] == frames[-1:]  # whose end the runtime itself leaves out
    return bool(headers) or (bool(frames) and lines[-1] == frames[-1] and not is_recursion)


def _is_dotnet_cut(lines: Sequence[str]) -> bool:
    inner = sum(len(_DOTNET_INNER.findall(line)) for line in lines)
    return inner > sum(_DOTNET_END in line for line in lines)


def _is_php_cut(lines: Sequence[str]) -> bool:
    starts = [at for at, line in enumerate(lines) if line.endswith(("[stacktrace]", "Stack trace:"))]
    if not starts:
        return False
    if '{"exception":"[object] (' in "\n".join(lines[: starts[0]]):
        return '"}' not in lines[-1]
    return not any("{main}" in line for line in lines[starts[-1] :])


def _is_go_cut(lines: Sequence[str]) -> bool:
    starts = [at for at, line in enumerate(lines) if _GO_BEGIN.match(line)]
    return bool(starts) and not any(_GO_LAST.match(line) for line in lines[starts[-1] :])


_BY_LANGUAGE: dict[str, Callable[[Sequence[str]], bool]] = {
    "java": _is_jvm_cut,
    "csharp": _is_dotnet_cut,
    "php": _is_php_cut,
    "go": _is_go_cut,
}
"""By the runtime, where all links of a chain but .NET's come outermost first."""

CAUSES_KNOWN = frozenset({"csharp"})
"""Runtimes that name the whole chain before the first frame: what is cut has no further causes."""
