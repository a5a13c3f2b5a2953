"""Explanations and comparisons as lines on a terminal."""

from collections.abc import Iterator

from mukiau.cli.terminal import block, one_line
from mukiau.core.grouping.compare import ComparedPart, Comparison
from mukiau.core.grouping.explanation import Part
from mukiau.core.grouping.kinship import Because, Home

COUNTS, COUNTS_NOT = "●", "○"
LEGEND = f"{COUNTS} counts  {COUNTS_NOT} does not count"
_NAME_CHARS = 24


def tree_lines(part: Part, *, depth: int = 0, counts: bool = True) -> Iterator[str]:
    """Yield a line for every part below this one."""
    for child in part.parts:
        child_counts = counts and child.contributes
        mark = " " if child.parts else COUNTS if child_counts else COUNTS_NOT
        name = "  " * depth + words(child.name)
        reason = f"  ({words(child.reason)})" if child.reason else ""
        value = block(child.value, indent=" " * (_NAME_CHARS + 4))
        yield f"  {mark} {name:{_NAME_CHARS}}{value}{one_line(reason)}".rstrip()
        yield from tree_lines(child, depth=depth + 1, counts=child_counts)


def comparison_lines(compared: Comparison, names: tuple[str, str]) -> Iterator[str]:
    """Yield why two events are one issue or two; `names` stand before their values."""
    if not compared.together:
        yield "Apart, because this counts and differs:"
        for part in compared.apart_by:
            yield from pair_lines(part, names)
    yield "Together, because this counts and is the same:" if compared.together else "This counts and is the same:"
    for part in compared.together_by:
        yield f"  {COUNTS} {_path(part):{_NAME_CHARS}}{block(part.first, indent=' ' * (_NAME_CHARS + 4)) or '-'}"
    if compared.different_anyway:
        yield "This differs and does not count:"
    for part in compared.different_anyway:
        yield from pair_lines(part, names)


def home_line(fingerprint_hash: str, home: Home) -> str:
    """Return the line that says why events with a fingerprint are part of another one's issue."""
    return f"{fingerprint_hash[:8]} is part of {str(home.known.issue)[:8]}: {_BECAUSE[home.because]}"


_BECAUSE = {
    Because.CUT_TRACE: "its trace is cut, and of the known failures this one alone begins like it",
    Because.LETTERS_OF_AN_ID: "it is the same but for an id that happens to have no digit",
}


def pair_lines(part: ComparedPart, names: tuple[str, str]) -> Iterator[str]:
    """Yield a part's values on both sides."""
    yield f"  {COUNTS if part.counts else COUNTS_NOT} {_path(part)}"
    width = max(map(len, names))
    for name, value in zip(names, (part.first, part.second), strict=True):
        yield f"      {name:{width}}  {block(value, indent=' ' * (8 + width)) or '-'}"


def words(name: str) -> str:
    """Return a part's name or reason as words; a rule's name stays as it is."""
    return name if name.startswith("rule:") else name.replace("_", " ")


def _path(part: ComparedPart) -> str:
    return one_line(" > ".join(words(name) for name in part.path if name not in {"exceptions", "log_call"}))
