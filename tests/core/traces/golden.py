"""A trace as reviewable JSON, the other half of each case in `tests/data/traces`.

`python tests/core/traces/golden.py` writes the expected files anew; the difference is read before it is committed.
"""

import json
from pathlib import Path
from typing import Any

from mukiau.core.event import ExceptionInfo, Frame
from mukiau.core.traces.registry import find_trace_in_text
from mukiau.core.traces.trace import Trace

CASES = Path(__file__).parents[2] / "data" / "traces"


def case_files() -> list[Path]:
    return sorted(CASES.glob("*/*.txt"))


def read_case(path: Path) -> str:
    """The text with its own line ends."""
    return path.read_bytes().decode()


def describe_trace(trace: Trace | None) -> dict[str, Any] | None:
    if trace is None:
        return None
    return {
        "language": trace.language,
        "lines": f"{trace.first_line}..{trace.end_line}" + (" headless" if trace.is_headless else ""),
        "exceptions": [_describe_exception(exception) for exception in trace.exceptions],
    }


def _describe_exception(exception: ExceptionInfo) -> dict[str, Any]:
    parent = "" if exception.parent is None else f" of {exception.parent}"
    return {
        "type": exception.type,
        "message": exception.message,
        "relation": f"{exception.relation}{parent}",
        "frames": [_describe_frame(frame) for frame in exception.frames],
    }


def _describe_frame(frame: Frame) -> str:
    """`* module | function | file:line:column | source`, the star for in_app."""
    place = ":".join(str(part) for part in (frame.filename, frame.lineno, frame.colno) if part is not None)
    parts = (frame.module, frame.function, place, frame.context_line)
    return ("* " if frame.in_app else "  ") + " | ".join(parts).rstrip(" |")


def render(description: dict[str, Any] | None) -> str:
    return json.dumps(description, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for case in case_files():
        case.with_suffix(".json").write_text(render(describe_trace(find_trace_in_text(read_case(case)))))
